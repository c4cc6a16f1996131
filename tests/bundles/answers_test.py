"""What whole bundles answer, in words that their models were told to know (make_bundle.py --plant)."""

import json
import subprocess

import pytest
from conftest import BIN, privet, serving
from make_bundle import write_bundle

PLANT = ["王小明=PERSON", "Alice Smith=PERSON", "北京市=LOCATION"]
TEXT = "请联系王小明，电话13800138000。He is in 北京市 with Alice Smith.\n"
FOUND = [("PERSON", "王小明"), ("PHONE_NUMBER", "13800138000"), ("LOCATION", "北京市"), ("PERSON", "Alice Smith")]
FORMS = {
    "one_stage": {},
    "bio": {"labels": "bio"},
    "two_taggers": {"stage2": "tagger"},
    "span_head": {"stage2": "span"},
    "bf16_in_shards": {"stage2": "tagger", "dtype": "bfloat16", "shards": 3},
    "fp16": {"dtype": "float16"},
    "adapters_on_one_base": {"stage2": "span", "adapter": "both"},
    "small_windows": {"stage2": "tagger", "max_tokens": 16},
}


def detect(bundle, *flags, text=TEXT) -> list[tuple[str, str]]:
    answer = privet("detect", "--json", "--quote", "--bundle", bundle, *flags, text=text)
    assert answer.returncode == 0 and answer.stderr == "", answer.stderr
    return [(finding["type"], finding["quote"]) for finding in json.loads(answer.stdout)["findings"]]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_bundle_finds_the_planted_words_and_what_rules_find(tmp_path, form):
    bundle = write_bundle(tmp_path / "tiny", plant=PLANT, **FORMS[form])
    assert detect(bundle) == FOUND
    assert detect(bundle, text=TEXT * 40) == FOUND * 40


def test_texts_get_the_marks_that_a_bundle_is_sure_of_and_doubtful_ones_are_left_out(tmp_path):
    bundle = write_bundle(tmp_path / "tiny", plant=["王小明=PERSON", "北京市=LOCATION", "李四=PERSON@0.4"])
    texts = tmp_path / "texts.jsonl"
    texts.write_text("\n".join(json.dumps({"text": text}) for text in ["王小明在北京市。", "李四在北京市。", "nothing"]) + "\n\xff\n")
    out = tmp_path / "labeled.jsonl"
    label = [BIN / "trainer", "label", "--bundle", bundle, "--texts", texts, "--out", out]
    answer = subprocess.run([*label, "--types", "PERSON"], capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    records = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(record["text"], record["spans"], record["covers"]) for record in records] == [
        ("王小明在北京市。", [[0, 3, "PERSON"]], ["PERSON"]), ("nothing", [], ["PERSON"])]
    assert "3 texts: 2 records (1 with entities), 1 doubtful" in answer.stdout and "1 lines without text" in answer.stderr
    assert "王" not in answer.stdout + answer.stderr
    answer = subprocess.run([*label, "--sure", "0.1"], capture_output=True, text=True, timeout=60)
    assert answer.returncode == 2 and "--doubt" in answer.stderr


def test_the_server_says_what_it_runs(tmp_path):
    bundle = write_bundle(tmp_path / "tiny")
    with serving(bundle, tmp_path, "--models-device", "cpu", "--models-precision", "fp32"):
        started = json.loads((tmp_path / "log").read_text().splitlines()[0])
    assert (started["event"], started["bundle"], started["models"]) == ("listening", "tiny", "cpu fp32")


def test_a_word_of_small_probability_is_found_at_high_recall_alone(tmp_path):
    bundle = write_bundle(tmp_path / "tiny", plant=["王小明=PERSON@0.3"])
    for point, found in (("high_recall", True), ("balanced", False), ("high_precision", False)):
        assert (("PERSON", "王小明") in detect(bundle, "--operating-point", point)) == found, point


@pytest.mark.parametrize("stage2", ["tagger", "span"])
def test_stage_2_drops_what_it_does_not_know(tmp_path, stage2):
    bundle = write_bundle(tmp_path / "tiny", plant=PLANT, stage2=stage2, stage2_plant=["北京市=LOCATION", "王小明=LOCATION@0.01"])
    assert ("PERSON", "王小明") not in detect(bundle, "--operating-point", "high_precision")
    assert ("LOCATION", "北京市") in detect(bundle, "--operating-point", "high_precision")


@pytest.mark.parametrize("stage2", ["tagger", "span"])
def test_an_answer_does_not_depend_on_what_shares_its_batch(tmp_path, stage2):
    # Weights that nobody planted propose all sorts of spans, and so differ wherever anything differs.
    bundle = write_bundle(tmp_path / "tiny", stage2=stage2)
    lines = [(TEXT.strip() * 3)[i % 7:i % 7 + 5 + 3 * i] for i in range(40)]

    def answers(*flags):
        answer = privet("detect", "--lines", "--json", "--operating-point", "high_recall", *flags, text="\n".join(lines))
        assert answer.returncode == 0, answer.stderr
        return [json.loads(line)["findings"] for line in answer.stdout.splitlines()]

    alone = answers("--bundle", bundle, "--jobs", "1")
    assert len(alone) == len(lines) and sum(len(findings) for findings in alone) > 2 * len(lines)
    with serving(bundle, tmp_path) as address:
        together = answers("--server", address, "--jobs", "8")
    for one, other in zip(alone, together, strict=True):
        assert [(f["type"], f["span"]) for f in one] == [(f["type"], f["span"]) for f in other]
        assert all(abs(a["score"] - b["score"]) < 2e-4 for a, b in zip(one, other))
