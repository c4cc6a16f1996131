#!/usr/bin/env bash
# Builds everything and runs every test; exits non-zero on any failure. Needs no GPU and no network but for setup.
set -euo pipefail
cd "$(dirname "$0")/.."
started=$SECONDS

scripts/setup.sh
mapfile -t sources < <(git ls-files '*.h' '*.cc' '*.cu')
clang-format-14 --dry-run -Werror "${sources[@]}"
shellcheck scripts/*.sh .ci/run
scripts/build.sh release
if [[ ! -x build/release/bin/qwen3_test ]]; then
  echo "test: libtorch was not found, so the models were not built; see build/release/build.log" >&2
  exit 1
fi
scripts/build.sh fuzz fuzzers
scripts/build.sh tsan reload_under_load_test forward_queue_test

jobs=$(nproc)
(cd build/release && ctest --output-on-failure --no-tests=error -j "$jobs")
(cd build/tsan && ctest --output-on-failure --no-tests=error -R '^(reload_under_load|forward_queue)_test$')
(cd build/fuzz && ctest --output-on-failure --no-tests=error -R '^fuzz_' -j "$jobs")
# Last, as it takes longest and says least.
.venv/bin/python scripts/tidy.py build/release
.venv/bin/python scripts/tidy.py build/fuzz tests/fuzz/*.cc
echo "test: everything passed in $((SECONDS - started)) s"
