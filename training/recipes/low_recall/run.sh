#!/usr/bin/env bash
# High precision, low recall, and what each remedy brings: run.sh WORK OUT. WORK is the folder of ../default/make.sh, of which the base, records
# and development sets are used; every run goes to a folder of OUT, and a table of all to the terminal. Runs that are there are kept.
set -euo pipefail
if [[ $# -ne 2 ]]; then
  sed -n '2,3s/^# //p' "$0" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
trainer=${TRAINER:-$here/../../../build/release/bin/trainer}
work=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")

# A user's file: real sentences, of which three quarters hold nothing.
if [[ ! -e $out/user.jsonl ]]; then
  { cat "$work"/annotated_{zh,en}.jsonl; grep -h '"spans": *\[\]' "$work"/marked_{zh,en}.jsonl; } >"$out/user.jsonl"
fi
cp "$here/run.yaml" "$out/"
ln -sfn "$work" "$out/work"

train() {  # train STAGE NAME KEY=VALUE...
  local stage=$1 name=$2
  shift 2
  [[ -e $name/last ]] || "$trainer" --stage "$stage" --config "${config:-run.yaml}" --set output="$name" "$@" >"$name.log" 2>&1
}
judge() {  # judge NAME EVALUATE-FLAGS EXPORT-FLAGS...: with thresholds of the choosing half, on the reported half
  local name=$1 flags=$2
  shift 2
  [[ -e $name.bundle ]] || "$trainer" export "$@" --name "$name" --max-tokens 256 --overlap-tokens 32 --out "$name.bundle" >/dev/null
  [[ -e $name.calibrated ]] ||
    "$trainer" calibrate --bundle "$name.bundle" --data work/annotated_choose_{zh,en}.jsonl --alpha 0.2 --out "$name.calibrated" >"$name.calibrate.log" 2>&1
  # shellcheck disable=SC2086  # flags are several words or none
  "$trainer" evaluate --bundle "$name.calibrated" $flags --data work/annotated_report_{zh,en}.jsonl --json "$name.json" >/dev/null
  jq -r --arg name "$name" '[$name, (.exact.micro | .precision, .recall, .f1), .overlap.micro.recall] | map(if type == "number" then . * 1000 | round / 10 else . end) | @tsv' "$name.json"
}
run() {  # run NAME KEY=VALUE...
  train 1 "$@"
  judge "$1" --stage1-only --stage1 "$1"
}

cd "$out"
printf 'run\tP\tR\tF1\toverlap R\n'
run plain
run thinned data.empty_share=0.3
run weighted data.empty_share=0.3 objective.entity_weight=2
run rank32 data.empty_share=0.3 adapter.rank=32 adapter.alpha=64
run whole data.empty_share=0.3 method.kind=full
train 2 second data.empty_share=0.3 method.kind=full seed=8
judge both "" --stage1 whole --stage2 second
# Names that the file does not have: half of the tokens stay the user's.
sed 's#train: \[user.jsonl\]#train: [{path: user.jsonl, weight: 6}, {path: user.jsonl, swap: true, weight: 2}, {path: work/documents_zh.jsonl}, {path: work/documents_en.jsonl}, {path: work/written_zh.jsonl}, {path: work/written_en.jsonl}]#' \
  run.yaml >more.yaml
config=more.yaml run more data.empty_share=0.3 method.kind=full
