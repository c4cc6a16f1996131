#!/usr/bin/env bash
# Makes the default bundle from an empty folder: make.sh DATA WORK. DATA holds the corpora (README.md says which), WORK gets everything
# that is made, the bundle in WORK/bundle. TOKENIZER names a folder with the tokenizer of Qwen3. Every step that is done is kept: the
# same command goes on where one was stopped, training runs from their last checkpoint on.
set -euo pipefail
if [[ $# -ne 2 ]]; then
  sed -n '2,4s/^# //p' "$0" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
export TRAINER=${TRAINER:-$here/../../../build/release/bin/trainer}
data=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")

"$here/data.sh" "$data" "$work"
for stage in 1 2; do
  cp "$here/stage$stage.yaml" "$work/"
  [[ -e $work/stage$stage/last ]] || "$TRAINER" --stage "$stage" --config "$work/stage$stage.yaml"
done
cd "$work"
if [[ ! -e bundle/bundle.yaml ]]; then
  rm -rf uncalibrated
  "$TRAINER" export --stage1 stage1 --stage2 stage2 --name default --max-tokens 256 --overlap-tokens 32 --out uncalibrated
  "$TRAINER" calibrate --bundle uncalibrated --data {annotated,documents}_choose_{zh,en}.jsonl --out bundle
fi
"$here/quality.sh" "$work"
