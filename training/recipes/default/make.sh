#!/usr/bin/env bash
# Makes the default bundle from an empty folder: make.sh DATA WORK. DATA holds the corpora (README.md says which), WORK gets everything
# that is made, the bundle in WORK/bundle. TOKENIZER names a folder with the tokenizer of Qwen3. Every step that is done is kept: the
# same command goes on where one was stopped, training runs from their last checkpoint on.
# START=BUNDLE: no vocabulary and no base are made, each stage goes on from that of the bundle, for 9,000 steps at two thirds of the rate.
# AVERAGE="BUNDLE...": the weights become the mean of what was trained and those of these bundles, which it came from.
set -euo pipefail
if [[ $# -ne 2 ]]; then
  sed -n '2,6s/^# //p' "$0" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
export TRAINER=${TRAINER:-$here/../../../build/release/bin/trainer}
data=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")

"$here/data.sh" "$data" "$work"
if [[ -z ${START:-} ]]; then
  cp "$here/base.yaml" "$work/"
  [[ -e $work/base/last ]] || "$TRAINER" adapt --config "$work/base.yaml"
fi
for stage in 1 2; do
  cp "$here/stage$stage.yaml" "$work/"
  start=()
  [[ -z ${START:-} ]] || start=(--set "base.folder=$(realpath "$START")/stage$stage" --set optimizer.learning_rate=1.3e-3 --set steps=9000 --set base.add_layers=0)
  [[ -e $work/stage$stage/last ]] || "$TRAINER" --stage "$stage" --config "$work/stage$stage.yaml" "${start[@]}"
done
cd "$work"
if [[ ! -e bundle/bundle.yaml ]]; then
  rm -rf uncalibrated
  "$TRAINER" export --stage1 stage1 --stage2 stage2 --name default --version 9 --max-tokens 256 --overlap-tokens 32 --bf16 --out uncalibrated \
    --card "languages=Chinese, simplified and traditional; English" \
    --card "model=two Qwen3 taggers of 256 dimensions, of 6 and 4 layers, with 8.9 and 7.4 million parameters, on a base that learned to fill gaps in raw text" \
    --card "data=snippets, documents and prose written for Privet (CC0); sentences annotated for Privet, and raw text for the base, from Wikipedia (CC BY-SA 3.0, CC BY-SA 4.0), Tatoeba (CC BY 2.0 FR), MASC, Digital.gov, speeches of American presidents, dialogues of CrossWOZ, KdConv (Apache-2.0) and SGD (CC BY-SA 4.0), documentation of TiDB (CC BY-SA 3.0) and Dynamics 365 (CC BY 4.0), HowToCook, Chinese statutes and texts of Chinese courts; UNER Chinese GSDSIMP (CC BY-SA 4.0); WNUT-17 and the Broad Twitter Corpus (CC BY 4.0); lines marked by LAC 2.1.2 (Apache-2.0)" \
    --card "licence=CC BY-SA 4.0" \
    --card "limits=docs/quality.md; English is weaker than Chinese, short organisation names are missed most"
  read -ra average <<<"${AVERAGE:-}"
  ((${#average[@]} == 0)) || python3 "$here/average_weights.py" uncalibrated "${average[@]}"
  "$TRAINER" calibrate --bundle uncalibrated --data {annotated,documents,written}_choose_{zh,en}.jsonl --alpha 0.12 --margin 0.015 --tau 0.002 --precision-aim 0.965 \
    --out bundle
fi
"$here/quality.sh" "$work"
