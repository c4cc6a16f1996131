#!/usr/bin/env bash
# Judges the bundle of WORK on text that nothing was chosen on: quality.sh WORK. Figures go to WORK/quality/*.json, tables of all of them
# (those of docs/quality.md) to WORK/quality/tables.md, and the learning curve to WORK/quality/learning_curve.svg.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
trainer=${TRAINER:-$root/build/release/bin/trainer}
cd "$1"
mkdir -p quality

judge() {  # judge NAME SET FLAG...
  local name=$1 set=$2
  shift 2
  "$trainer" evaluate --data "$set.jsonl" --json "quality/$name.json" "$@" >/dev/null
}

for set in annotated_report_zh annotated_report_en documents_report_zh documents_report_en templates_report_zh templates_report_en \
           prose_report_zh prose_report_en papers_report_zh papers_report_en posts_report_en \
           uner_zh_report uner_en_report wnut17_report; do
  for point in high_recall balanced high_precision; do
    judge "$set.$point" "$set" --bundle bundle --operating-point "$point"
  done
done
for set in annotated_report_zh annotated_report_en documents_report_zh documents_report_en; do
  judge "$set.uncalibrated" "$set" --bundle uncalibrated
  for precision in fp32 int8 bf16; do judge "$set.$precision" "$set" --bundle bundle --precision "$precision"; done
done
# What must stay silent: texts without anything to find.
for language in zh en; do
  grep -h '"spans":\[\]' {annotated,documents}_report_"$language".jsonl >"silent_$language.jsonl"
  # Prose, papers and, in English, posts.
  grep -h '"spans":\[\]' p*_report_"$language".jsonl >"silent_held_out_$language.jsonl"
  for set in "silent_$language" "silent_held_out_$language"; do
    for point in high_recall balanced high_precision; do
      judge "$set.$point" "$set" --bundle bundle --operating-point "$point"
    done
  done
done
python3 "$here/quality_tables.py" .
