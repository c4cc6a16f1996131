"""What whole bundles answer, in words that their models were told to know (make_bundle.py --plant)."""

import json

import pytest
from conftest import privet
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


def test_a_word_of_small_probability_is_found_at_high_recall_alone(tmp_path):
    bundle = write_bundle(tmp_path / "tiny", plant=["王小明=PERSON@0.3"])
    for point, found in (("high_recall", True), ("balanced", False), ("high_precision", False)):
        assert (("PERSON", "王小明") in detect(bundle, "--operating-point", point)) == found, point


@pytest.mark.parametrize("stage2", ["tagger", "span"])
def test_stage_2_drops_what_it_does_not_know(tmp_path, stage2):
    bundle = write_bundle(tmp_path / "tiny", plant=PLANT, stage2=stage2, stage2_plant=["北京市=LOCATION", "王小明=LOCATION@0.01"])
    assert ("PERSON", "王小明") not in detect(bundle, "--operating-point", "high_precision")
    assert ("LOCATION", "北京市") in detect(bundle, "--operating-point", "high_precision")
