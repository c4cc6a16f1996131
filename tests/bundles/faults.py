"""Breaks a good bundle of make_bundle.py in one place. Each function takes the bundle's folder, whose stage 1 is a whole
model in one file; what else it needs is in its name or first line."""
import contextlib
import json
import pathlib

import torch
import yaml

from safetensors_file import read_safetensors, write_safetensors


@contextlib.contextmanager
def edited_json(path: pathlib.Path):
    content = json.loads(path.read_text())
    yield content
    path.write_text(json.dumps(content, ensure_ascii=False))


@contextlib.contextmanager
def edited_manifest(bundle: pathlib.Path):
    content = yaml.safe_load((bundle / "bundle.yaml").read_text())
    yield content
    (bundle / "bundle.yaml").write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))


@contextlib.contextmanager
def edited_tensors(path: pathlib.Path):
    tensors = read_safetensors(path)
    yield tensors
    write_safetensors(path, tensors)


# Weights.

def missing_tensor(bundle):
    with edited_tensors(bundle / "stage1/model.safetensors") as tensors:
        del tensors["model.layers.1.mlp.up_proj.weight"]


def tensor_of_another_shape(bundle):
    with edited_tensors(bundle / "stage1/model.safetensors") as tensors:
        tensors["model.layers.0.self_attn.q_norm.weight"] = torch.ones(8)


def missing_score(bundle):
    """As after training a plain encoder."""
    with edited_tensors(bundle / "stage1/model.safetensors") as tensors:
        del tensors["score.weight"], tensors["score.bias"]


def score_with_fewer_rows_than_labels(bundle):
    with edited_tensors(bundle / "stage1/model.safetensors") as tensors:
        tensors["score.weight"] = tensors["score.weight"][:-1]
        tensors["score.bias"] = tensors["score.bias"][:-1]


def weight_that_is_not_a_number(bundle):
    with edited_tensors(bundle / "stage1/model.safetensors") as tensors:
        tensors["score.weight"][0, 0] = float("nan")


def truncated_weights(bundle):
    """As after a download that broke off."""
    path = bundle / "stage1/model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def empty_weights(bundle):
    (bundle / "stage1/model.safetensors").write_bytes(b"")


def pointer_in_place_of_weights(bundle):
    """As after cloning without Git LFS."""
    (bundle / "stage1/model.safetensors").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + 64 * "0" + "\nsize 603392\n")


def missing_shard(bundle):
    """Of a bundle with shards."""
    sorted((bundle / "stage1").glob("model-*.safetensors"))[-1].unlink()


# config.json.

def damaged_config(bundle):
    path = bundle / "stage1/config.json"
    path.write_text(path.read_text()[:-10])


def labels_that_are_no_tags(bundle):
    with edited_json(bundle / "stage1/config.json") as config:
        config["id2label"] = {index: f"LABEL_{index}" for index in config["id2label"]}


def label_of_an_unknown_type(bundle):
    with edited_json(bundle / "stage1/config.json") as config:
        config["id2label"] = {i: label.replace("PERSON", "PER") for i, label in config["id2label"].items()}


def no_labels(bundle):
    with edited_json(bundle / "stage1/config.json") as config:
        del config["id2label"], config["label2id"]


def fewer_positions_than_a_window(bundle):
    with edited_json(bundle / "stage1/config.json") as config:
        config["max_position_embeddings"] = 128


def another_architecture(bundle):
    with edited_json(bundle / "stage1/config.json") as config:
        config["architectures"] = ["BertForTokenClassification"]


# The tokenizer.

def tokenizer_with_more_ids_than_embeddings(bundle):
    with edited_json(bundle / "stage1/tokenizer.json") as tokenizer:
        last = dict(tokenizer["added_tokens"][-1])
        tokenizer["added_tokens"].append(last | {"id": 5000, "content": "<later>"})


def damaged_tokenizer(bundle):
    path = bundle / "stage1/tokenizer.json"
    path.write_bytes(path.read_bytes()[:1000])


# The manifest.

def type_without_labels(bundle):
    with edited_manifest(bundle) as manifest:
        manifest["types"].append("USERNAME")


# Stage 2.

def missing_tensor_of_the_span_head(bundle):
    with edited_tensors(bundle / "stage2/head.safetensors") as tensors:
        del tensors["width.weight"]


def span_head_of_another_width(bundle):
    with edited_tensors(bundle / "stage2/head.safetensors") as tensors:
        tensors["inside.weight"] = tensors["inside.weight"][:, :-1]


def span_head_with_fewer_classes_than_labels(bundle):
    with edited_tensors(bundle / "stage2/head.safetensors") as tensors:
        tensors["type.weight"], tensors["type.bias"] = tensors["type.weight"][:-1], tensors["type.bias"][:-1]


def span_head_without_none(bundle):
    with edited_json(bundle / "stage2/config.json") as config:
        config["id2label"] = {str(i): label for i, label in enumerate(list(config["id2label"].values())[1:])}


def span_head_with_tags(bundle):
    """A tagger's labels in the span head's place."""
    with edited_json(bundle / "stage2/config.json") as config:
        config["id2label"] = {i: label if label == "O" else f"B-{label}" for i, label in config["id2label"].items()}


# Adapters: stage 2 is one, on base/.

def adapter_of_a_deeper_base(bundle):
    with edited_tensors(bundle / "stage2/adapter_model.safetensors") as tensors:
        for name in [name for name in tensors if ".layers.1." in name]:
            tensors[name.replace(".layers.1.", ".layers.7.")] = tensors.pop(name)


def adapter_of_a_wider_base(bundle):
    with edited_tensors(bundle / "stage2/adapter_model.safetensors") as tensors:
        for name, tensor in tensors.items():
            if name.endswith("lora_A.weight"):
                tensors[name] = torch.cat([tensor, tensor], dim=1)


def adapter_without_its_second_half(bundle):
    with edited_tensors(bundle / "stage2/adapter_model.safetensors") as tensors:
        del tensors["base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight"]


def adapter_of_another_method(bundle):
    with edited_json(bundle / "stage2/adapter_config.json") as config:
        config["peft_type"] = "IA3"
