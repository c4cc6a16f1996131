"""The tiny bundles of the tests are bundles: the program reads of them what was asked for."""

import json

import pytest
from conftest import ROOT, privet
from make_bundle import write_bundle
from safetensors_file import read_safetensors

KINDS = {
    "one_stage": {},
    "two_taggers": {"stage2": "tagger", "types": ["PERSON"], "labels": "bio"},
    "span_head": {"stage2": "span", "max_tokens": 64},
    "shards_of_bf16": {"stage2": "tagger", "shards": 3, "dtype": "bfloat16", "layers": 1, "hidden": 32},
    "adapters": {"stage2": "span", "adapter": "both", "dtype": "float16"},
    "one_adapter": {"stage2": "tagger", "adapter": "stage2"},
    "planted": {"stage2": "span", "plant": ["王小明=PERSON", "Alice Smith=PERSON@0.3", "北京市=LOCATION"]},
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_program_reads_what_was_asked_for(tmp_path, kind):
    options = KINDS[kind]
    folder = write_bundle(tmp_path / "tiny", **options)
    answer = privet("info", "--json", "--bundle", folder)
    assert answer.returncode == 0, answer.stderr
    models = json.loads(answer.stdout)["models"]
    assert models["name"] == "tiny"
    assert models["types"] == options.get("types", ["PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"])
    assert models["windows"]["max_tokens"] == options.get("max_tokens", 512)
    heads = ["tagger"] + ([options["stage2"]] if "stage2" in options else [])
    assert [stage["head"] for stage in models["stages"]] == heads
    adapted = {"none": [], "both": ["stage1", "stage2"]}.get(options.get("adapter", "none"), [options.get("adapter")])
    assert [stage["name"] for stage in models["stages"] if "base" in stage] == adapted


def test_the_bundle_that_transformers_and_peft_wrote_is_one_too():
    answer = privet("info", "--json", "--bundle", ROOT / "tests/bundles/hf_golden")
    assert answer.returncode == 0, answer.stderr
    assert [(s["name"], s["head"]) for s in json.loads(answer.stdout)["models"]["stages"]] == [("stage1", "tagger"), ("stage2", "span")]


def test_a_seed_gives_the_same_bytes_again_and_another_seed_others(tmp_path):
    def content(seed):
        folder = write_bundle(tmp_path / "tiny", seed=seed, stage2="span")
        return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    first = content(1)
    assert content(1) == first
    assert content(2)["model.safetensors"] != first["model.safetensors"]


def test_each_character_of_a_planted_word_is_a_token_of_its_own_and_no_other_has_its_dimension(tmp_path):
    folder = write_bundle(tmp_path / "tiny", plant=["王小明=PERSON", "Alice Smith=PERSON"])
    vocab = json.loads((folder / "stage1/tokenizer.json").read_text())["model"]["vocab"]
    places = {**{vocab[t]: "BIE"[i] for i, t in enumerate(("çİĭ", "å°ı", "æĺİ"))},  # 王 小 明, byte by byte
              vocab["Alice"]: "B", vocab["ĠAlice"]: "B", vocab["ĠSmith"]: "E"}
    tensors = read_safetensors(folder / "stage1/model.safetensors")
    embeddings, score = tensors["model.embed_tokens.weight"], tensors["score.weight"]
    labels = json.loads((folder / "stage1/config.json").read_text())["id2label"]
    for token, tag in places.items():
        dimension = embeddings[token].argmax().item()
        assert embeddings[:, dimension].nonzero().tolist() == [[token]]
        assert labels[str(score[:, dimension].argmax().item())] == f"{tag}-PERSON"


@pytest.mark.parametrize("plant, reason", [
    (["王小明=PERSON", "王=LOCATION"], "has another label in another word"),
    (["王小明=QQ"], "QQ is not among --types"),
    (["3号楼=ADDRESS"], "only Han characters, or Latin letters"),
    (["王小明"], "write WORD=TYPE"),
])
def test_what_cannot_be_planted_is_refused(tmp_path, plant, reason):
    with pytest.raises(ValueError, match=reason):
        write_bundle(tmp_path / "tiny", plant=plant)
