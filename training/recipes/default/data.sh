#!/usr/bin/env bash
# Prepares the records of the default bundle: data.sh DATA OUT. DATA is the folder of corpora (README.md lists what it holds), OUT gets
# a file for each source. A file that is there is kept, so an interrupted run goes on.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
trainer=${TRAINER:-$root/build/release/bin/trainer}
data=$1
out=$2
mkdir -p "$out"

# The annotation guidelines mark every type but DATE_TIME.
all=$(sed -n 's/^PRIVET_ENTITY_TYPE(\([A-Z_]*\),.*/\1/p' "$root/core/taxonomy.def" | grep -vx DATE_TIME | paste -sd,)

convert() {  # convert SOURCE NAME [TYPES]: TYPES are those whose absence means absence
  [[ -e $out/$2.jsonl ]] && return
  "$trainer" data convert "$1" --unit codepoints --labels "$here/labels.yaml" ${3:+--covers "$3"} --out "$out/$2.jsonl"
}
synthesize() {  # synthesize NAME COUNT SEED ARGUMENT...
  local name=$1 count=$2 seed=$3
  shift 3
  [[ -e $out/$name.jsonl ]] && return
  "$trainer" data synthesize "$@" --count "$count" --seed "$seed" --out "$out/$name.jsonl"
}

for language in zh en; do
  convert "$data/annotated/train_$language.jsonl" "annotated_$language" "$all"
  # The development sets in two halves: `choose` for every choice, thresholds included; `report` for the figures that are published.
  for set in annotated documents; do
    awk 'NR % 2 == 1' "$data/$set/dev_$language.jsonl" >"$out/dev.jsonl" && convert "$out/dev.jsonl" "${set}_choose_$language" "$all"
    awk 'NR % 2 == 0' "$data/$set/dev_$language.jsonl" >"$out/dev.jsonl" && convert "$out/dev.jsonl" "${set}_report_$language" "$all"
  done
done
rm -f "$out/dev.jsonl"

# More real sentences, marked for this bundle: the table has the marks, the corpora the sentences.
for language in zh en; do
  [[ -e $out/real_$language.jsonl ]] && continue
  python3 "$here/apply_marks.py" "$data/text" "$here/marks/$language.tsv" >"$out/marks.jsonl"
  convert "$out/marks.jsonl" "marked_$language" "$all"
  cat "$out/annotated_$language.jsonl" "$out/marked_$language.jsonl" >"$out/real_$language.jsonl"
done
rm -f "$out/marks.jsonl"
convert "$data/open/uner_zh/train.jsonl" uner_zh PERSON,ORGANIZATION,LOCATION
convert "$data/open/uner_zh/dev.jsonl" uner_zh_report PERSON,ORGANIZATION,LOCATION
convert "$data/open/uner_en/dev.jsonl" uner_en_report PERSON,ORGANIZATION,LOCATION
convert "$data/open/wnut17/train.jsonl" wnut17 PERSON,LOCATION
convert "$data/open/wnut17/dev.jsonl" wnut17_report PERSON,LOCATION
# Its tweets have names in place of accounts, and the sign before them marked: without these.
grep -v @ "$data/open/btc/train.jsonl" >"$out/btc_clean" && convert "$out/btc_clean" btc PERSON,ORGANIZATION,LOCATION
rm -f "$out/btc_clean"
convert "$data/silver/zh_lac.jsonl" silver_zh PERSON,ORGANIZATION,LOCATION

# Every twentieth snippet is held out: fillings of one that was trained on prove little.
mkdir -p "$out/templates" "$out/templates_report"
for file in "$root"/training/templates/*.txt; do
  awk 'NR % 20 != 7' "$file" >"$out/templates/${file##*/}"
  awk 'NR % 20 == 7' "$file" >"$out/templates_report/${file##*/}"
done
synthesize templates_zh 160000 11 --templates "$out"/templates/zh_*.txt
synthesize templates_en 130000 12 --templates "$out"/templates/en_*.txt
synthesize technical 30000 31 --templates "$out"/templates/technical.txt
synthesize documents_zh 16000 13 --documents "$data/documents/train_zh.txt"
synthesize documents_en 6000 14 --documents "$data/documents/train_en.txt"
synthesize written_zh 15000 41 --documents "$root/training/documents/zh.txt"
synthesize written_en 21500 42 --documents "$root/training/documents/en.txt"
for language in zh en; do  # sentences that name real bodies and places: as they are, and swapped in training
  synthesize "prose_$language" 0 43 --documents "$root/training/documents/${language}_prose.txt" --swap-share 0
done
for language in zh en; do  # more text for thresholds: of the development sets' documents there are too few
  synthesize "written_choose_$language" 0 45 --types "$all" --documents "$here/choose/${language}_documents.txt" --swap-share 0
done
for file in "$here"/held_out/*.txt; do  # zh_prose.txt: prose_report_zh
  name=$(basename "$file" .txt)
  synthesize "${name#*_}_report_${name%%_*}" 0 44 --types "$all" --documents "$file" --swap-share 0
done
synthesize templates_report_zh 0 21 --types "$all" --templates "$out"/templates_report/zh_*.txt
synthesize technical_report 0 23 --types "$all" --templates "$out"/templates_report/technical.txt
synthesize templates_report_en 0 22 --types "$all" --templates "$out"/templates_report/en_*.txt

if [[ -z ${START:-} && ! -e $out/vocabulary/tokenizer.json ]]; then
  "$trainer" vocabulary --tokenizer "${TOKENIZER:?set TOKENIZER to a folder with the tokenizer of Qwen3}" --size 16384 --out "$out/vocabulary" \
    --texts "$out"/{annotated,templates,documents}_{zh,en}.jsonl "$out"/{technical,uner_zh,wnut17,btc,silver_zh}.jsonl "$data"/text/*_en/*.txt "$data"/text/zhwiki_sample_zh/*.txt
fi

# Raw text for the base, without the lines that hold a sentence of the development sets; of four corpora every 200th line tells
# how well hidden tokens are named.
if [[ -z ${START:-} && ! -e $out/raw_dev.txt ]]; then
  mkdir -p "$out/text"
  jq -r .text "$data"/annotated/dev_{zh,en}.jsonl >"$out/text/held_out"
  for file in "$data"/text/*/text.txt; do
    name=$(basename "$(dirname "$file")")
    [[ -e ${file%.txt}_sample.txt ]] && file=${file%.txt}_sample.txt  # of statutes a part will do
    LC_ALL=C grep -vFf "$out/text/held_out" "$file" >"$out/text/$name.txt"
  done
  for name in nltk_masc_en sgd_dialogues_en zhwiki_sample_zh kdconv_zh; do
    awk -v rest="$out/text/rest" 'NR % 200 == 7 && n < 150 { n++; print; next } { print >rest }' "$out/text/$name.txt" >>"$out/text/dev"
    mv "$out/text/rest" "$out/text/$name.txt"
  done
  mv "$out/text/dev" "$out/raw_dev.txt"
fi
