#!/usr/bin/env bash
# Installs what Privet needs on Debian 12, and only what is missing. Silent when nothing is to be done.
#   scripts/setup.sh              everything: to run, to build and to test
#   scripts/setup.sh --build      to run and to build the programs, without libtorch: they run rules, and refuse bundles
#   scripts/setup.sh --models     the same with libtorch
#   scripts/setup.sh --runtime    only the libraries that the binaries need (the last stage of deploy/Dockerfile)
# Needs root, or a user with sudo. Python packages go into .venv; pip's own settings (PIP_*) are honoured.
# libtorch comes as the torch wheel of scripts/requirements-torch.txt, which may be built with CUDA and large. Without a
# GPU, point pip at PyTorch's index of CPU wheels (PIP_EXTRA_INDEX_URL; pytorch.org names it).
# Where Torch_DIR names an installed libtorch (the folder of its TorchConfig.cmake), that is used and nothing is fetched.
set -euo pipefail
cd "$(dirname "$0")/.."

runtime=(libgrpc++1.51 libprotobuf32 libre2-9 libabsl20220623 libprometheus-cpp-pull1.0 libphonenumber8 libicu72
  libyaml-cpp0.7 libssl3 libjemalloc2)
build=(g++ cmake ninja-build pkg-config libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libre2-dev
  libabsl-dev prometheus-cpp-dev libphonenumber-dev libicu-dev libyaml-cpp-dev nlohmann-json3-dev libcli11-dev libssl-dev
  libjemalloc-dev python3 python3-venv)
test=(libgtest-dev libgmock-dev clang-14 libclang-rt-14-dev clang-format-14 shellcheck openssl git)

level=${1:---test}
case $level in
  --runtime) wanted=("${runtime[@]}") ;;
  --build | --models) wanted=("${runtime[@]}" "${build[@]}") ;;
  --test) wanted=("${runtime[@]}" "${build[@]}" "${test[@]}") ;;
  *) echo "usage: scripts/setup.sh [--runtime|--build|--models|--test]" >&2; exit 2 ;;
esac

as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else echo "setup: needs root or sudo to install packages: $*" >&2; return 1
  fi
}

missing=()
for package in "${wanted[@]}"; do
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
if ((${#missing[@]})); then
  echo "setup: installing ${#missing[@]} Debian packages"
  log=$(mktemp)
  if ! { as_root apt-get update -q && DEBIAN_FRONTEND=noninteractive \
      as_root apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "setup: apt-get failed; its output is in $log" >&2
    exit 1
  fi
  rm -f "$log"
fi
[[ $level == --runtime ]] && exit 0

# The project's own Python environment: google/api protos for the build, libtorch, a gRPC client for the tests.
install_python_packages() {
  local requirements=$1 stamp=$2
  cmp -s "$requirements" "$stamp" && return 0
  echo "setup: installing Python packages of $requirements into .venv"
  [[ -x .venv/bin/pip ]] || /usr/bin/python3 -m venv .venv
  .venv/bin/pip install -q --disable-pip-version-check -r "$requirements"
  cp "$requirements" "$stamp"
}
install_python_packages scripts/requirements.txt .venv/.installed
[[ $level == --build || -n ${Torch_DIR:-} ]] || install_python_packages scripts/requirements-torch.txt .venv/.installed-torch
