"""A bundle that is broken in one place stops the program with one line that says where, and is never served by rules alone."""

import faults
import pytest
from conftest import privet
from make_bundle import write_bundle

TEXT = "请联系王小明，电话13800138000。"
SPAN_HEAD = {"stage2": "span"}
ADAPTER = {"stage2": "tagger", "adapter": "stage2"}
CASES = [
    (faults.missing_tensor, {}, "stage1/model.safetensors: tensor 'layers.1.mlp.up_proj.weight': missing"),
    (faults.tensor_of_another_shape, {}, "q_norm.weight': has shape [8], but config.json asks for [16]"),
    (faults.missing_score, {}, "tensor 'score.weight': missing"),
    (faults.score_with_fewer_rows_than_labels, {}, "tensor 'score.weight': has shape [16, 64], but config.json asks for [17, 64]"),
    (faults.weight_that_is_not_a_number, {}, "the scores of token 0 are not numbers"),
    (faults.truncated_weights, {}, "stage1/model.safetensors: tensor 'score.bias': ends at byte"),
    (faults.empty_weights, {}, "stage1/model.safetensors:"),
    (faults.pointer_in_place_of_weights, {}, "stage1/model.safetensors:"),
    (faults.missing_shard, {"shards": 2}, "model-00002-of-00002.safetensors: No such file or directory"),
    (faults.damaged_config, {}, "stage1/config.json:"),
    (faults.labels_that_are_no_tags, {}, "stage1/config.json: id2label[0] 'LABEL_0': is neither BIO nor BIOES"),
    (faults.label_of_an_unknown_type, {}, "stage1/config.json: id2label[1] 'B-PER': is of no entity type"),
    (faults.no_labels, {}, "stage1/config.json: id2label"),
    (faults.fewer_positions_than_a_window, {}, "windows: max_tokens: is 512, but the model's config.json: max_position_embeddings: is 128"),
    (faults.another_architecture, {}, "'BertForTokenClassification' is none of"),
    (faults.tokenizer_with_more_ids_than_embeddings, {}, "tokenizer has 5001 ids, but"),
    (faults.damaged_tokenizer, {}, "stage1/tokenizer.json:"),
    (faults.type_without_labels, {}, "types: USERNAME has no label"),
    (faults.missing_tensor_of_the_span_head, SPAN_HEAD, "stage2/head.safetensors: tensor 'width.weight': missing"),
    (faults.span_head_of_another_width, SPAN_HEAD, "tensor 'inside.weight': has shape [24, 63], but [24, 64] is needed"),
    (faults.span_head_with_fewer_classes_than_labels, SPAN_HEAD, "tensor 'type.weight': has shape [4, 24], but [5, 24] is needed"),
    (faults.span_head_without_none, SPAN_HEAD, "stage2/config.json: id2label: must have O"),
    (faults.span_head_with_tags, SPAN_HEAD, "stage2/config.json: id2label[1]: a span head's classes are O and ids of entity types"),
    (faults.adapter_of_a_deeper_base, ADAPTER, "'layers.7.mlp.up_proj.weight', which the base model does not have"),
    (faults.adapter_of_a_wider_base, ADAPTER, "has shape [4, 128], which does not fit a weight of"),
    (faults.adapter_without_its_second_half, ADAPTER, "stage2/adapter_model.safetensors: tensor"),
    (faults.adapter_of_another_method, ADAPTER, "stage2/adapter_config.json: peft_type: 'IA3'"),
]


@pytest.mark.parametrize("fault, options, reason", CASES, ids=[fault.__name__ for fault, *_ in CASES])
def test_one_line_says_what_is_wrong_and_where(tmp_path, fault, options, reason):
    bundle = write_bundle(tmp_path / "tiny", layers=2, **options)
    fault(bundle)
    answer = privet("detect", "--bundle", bundle, text=TEXT)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert len(answer.stderr.splitlines()) == 1, answer.stderr
    assert reason in answer.stderr
    assert "王" not in answer.stderr and "1380" not in answer.stderr


def test_the_bundles_that_are_broken_here_are_whole_before(tmp_path):
    for options in ({}, SPAN_HEAD, ADAPTER, {"shards": 2}):
        answer = privet("detect", "--bundle", write_bundle(tmp_path / "tiny", **options), text=TEXT)
        assert answer.returncode == 0, answer.stderr


def test_every_fault_is_tried():
    written = {f for name, f in vars(faults).items() if callable(f) and getattr(f, "__module__", "") == "faults"}
    helpers = {faults.edited_json, faults.edited_manifest, faults.edited_tensors}
    assert written - helpers == {fault for fault, *_ in CASES}
