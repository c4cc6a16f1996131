#!/usr/bin/env bash
# Checks the models and our CUDA kernels on a machine with a GPU, which needs no network: configures and builds what
# needs no gRPC, runs the tests of the kernels and the goldens on the device, trains on two devices where there are as
# many, as one does, and prints a table of speeds.
#   scripts/gpu.sh                      on the GPU machine; the build is in build/gpu
#   scripts/gpu.sh --build-only         the same without running anything: needs no GPU
#   scripts/gpu.sh --fetch-packages     elsewhere, on Debian 12 with a network: puts the Debian packages that a GPU machine
#                                       may lack into .gpu-packages/ (about 33 MB), to be copied there with this folder
# The GPU machine needs a C++20 compiler, CMake, python3, ninja or make, a CUDA toolkit (nvcc on the PATH, in CUDACXX or
# /usr/local/cuda) and PyTorch's wheel for CUDA (that of python3, of .venv, or of Torch_DIR: the folder of its
# TorchConfig.cmake). The rest is in Debian's packages listed below, or in .gpu-packages/ where it is not installed.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(pkg-config libabsl-dev libre2-dev libicu-dev libyaml-cpp-dev nlohmann-json3-dev libcli11-dev libssl-dev
  libphonenumber-dev libprotobuf-dev libjemalloc-dev libgtest-dev libgmock-dev)
# Of these there is always one; others would fight with it.
base='^(libc6|libc6-dev|libc-dev-bin|linux-libc-dev|libgcc-.*|libstdc\+\+.*|gcc-.*|g\+\+-.*|cpp-.*|dpkg|tar|perl.*|python3.*|debconf.*|zlib1g.*|libcrypt.*|rpcsvc-proto|libtirpc.*|libnsl.*|install-info|libselinux.*|libpcre2.*|libacl.*|libbz2.*|liblzma.*|libzstd.*|libmd0|icu-devtools|googletest|lib[atl]san.*|libubsan.*|libitm.*|libquadmath.*|libgomp.*|libatomic.*|libkrb5.*|libk5crypto.*|libgssapi.*|libcom-err.*|libkeyutils.*|libboost.*)$'
folder=.gpu-packages
system=build/gpu-packages  # what they hold

fetch_packages() {
  local wanted
  mapfile -t wanted < <(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances "${packages[@]}" | grep '^[a-z0-9]' | grep -v ':' | sort -u | grep -vE "$base")
  mkdir -p "$folder"
  (cd "$folder" && for package in "${wanted[@]}"; do
    # A name that others provide has no file.
    apt-get download -q "$package" >/dev/null 2>&1 || echo "gpu: no package '$package', which some other one provides"
  done)
  echo "gpu: $(find "$folder" -name '*.deb' | wc -l) packages in $folder, $(du -sh "$folder" | cut -f1)"
}

build_only=false
case ${1:-} in
  "") ;;
  --build-only) build_only=true ;;
  --fetch-packages) fetch_packages; exit 0 ;;
  *) echo "usage: scripts/gpu.sh [--build-only|--fetch-packages]" >&2; exit 2 ;;
esac

nvcc=${CUDACXX:-$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)}
if ! "$nvcc" --version >/dev/null 2>&1; then
  echo "gpu: no nvcc: install a CUDA toolkit, or name its nvcc in CUDACXX" >&2
  exit 1
fi
torch=${Torch_DIR:-}
for python in .venv/bin/python python3; do
  [[ -n $torch ]] && break
  torch=$("$python" -c "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])" 2>/dev/null || true)
  torch=${torch:+$torch/share/cmake/Torch}
  [[ -n $torch && ! -e $torch/../../../lib/libtorch_cuda.so ]] && torch=  # one for CPUs alone
done
if [[ -z $torch ]]; then
  echo "gpu: no PyTorch for CUDA: install its wheel, or name the folder of its TorchConfig.cmake in Torch_DIR" >&2
  exit 1
fi

options=(-DCMAKE_BUILD_TYPE=Release -DPRIVET_CUDA=ON -DPRIVET_SERVER=OFF "-DTorch_DIR=$torch"
  "-DCMAKE_CUDA_COMPILER=$nvcc")
if compgen -G "$folder/*.deb" >/dev/null; then
  mkdir -p "$system"
  for package in "$folder"/*.deb; do dpkg-deb -x "$package" "$system"; done
  system=$PWD/$system
  libraries=$system/usr/lib/x86_64-linux-gnu
  options+=("-DCMAKE_PREFIX_PATH=$system/usr")
  export PKG_CONFIG_SYSROOT_DIR=$system PKG_CONFIG_PATH=$libraries/pkgconfig
  export LIBRARY_PATH=$libraries${LIBRARY_PATH:+:$LIBRARY_PATH} LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  command -v pkg-config >/dev/null || export PATH=$system/usr/bin:$PATH
else
  missing=()
  if command -v dpkg-query >/dev/null; then
    for package in "${packages[@]}"; do
      [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
  fi
  if ((${#missing[@]})); then
    echo "gpu: not installed: ${missing[*]}; install them, or see --fetch-packages" >&2
    exit 1
  fi
fi
# Only for the device that is there; without one for all of CMakeLists.txt.
capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d . || true)
[[ $capability =~ ^[0-9]+$ ]] && options+=("-DPRIVET_CUDA_ARCHITECTURES=$capability-real")
command -v ninja >/dev/null && options+=(-G Ninja)
command -v ccache >/dev/null && options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)

log=build/gpu.log
mkdir -p build
echo "gpu: building with $("$nvcc" --version | grep release), PyTorch in $torch; output in $log"
if ! { cmake -B build/gpu "${options[@]}" . && cmake --build build/gpu --parallel "${PRIVET_JOBS:-$(nproc)}" \
    --target qwen3_test optimizer_test processes_test trainer privet-bench-device; } >"$log" 2>&1; then
  grep -E -A 12 'error|FAILED|Error|undefined' "$log" | head -n 60 >&2 || tail -n 40 "$log" >&2
  echo "gpu: the build failed; the whole output is in $log" >&2
  exit 1
fi
$build_only && exit 0

if [[ ! $capability =~ ^[0-9]+$ ]]; then
  echo "gpu: built, but nvidia-smi knows no device: nothing to run" >&2
  exit 1
fi
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
build/gpu/bin/qwen3_test --gtest_brief=1
build/gpu/bin/optimizer_test --gtest_brief=1
# What needs two devices skips by name where there is one: NCCL wants one for each process.
build/gpu/bin/processes_test --gtest_brief=1
PRIVET_BIN=$PWD/build/gpu/bin PYTHONDONTWRITEBYTECODE=1 python3 tests/training/several_gpus_test.py
build/gpu/bin/privet-bench-device
