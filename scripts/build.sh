#!/usr/bin/env bash
# Configures and builds: scripts/build.sh PRESET [TARGET...]. Shows progress; silent when nothing is to be done.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
folder=build/$preset
log=$folder/build.log
mkdir -p "$folder"
launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1  # what one checkout compiled, another need not
if ! cmake --preset "$preset" "${launcher[@]}" >"$log" 2>&1; then
  cat "$log" >&2
  echo "build: cmake failed" >&2
  exit 1
fi
if ninja -C "$folder" -n "$@" | grep -q "no work to do"; then exit 0; fi
if [[ -t 1 ]]; then
  NINJA_STATUS="build $preset [%f/%t] " ninja -C "$folder" "$@"
else
  echo "build $preset: started"
  if ! ninja -C "$folder" "$@" >"$log" 2>&1; then
    grep -E -A 12 'error|FAILED|undefined' "$log" | head -n 60 >&2 || tail -n 40 "$log" >&2
    echo "build $preset: failed; the whole output is in $log" >&2
    exit 1
  fi
  echo "build $preset: done"
fi
