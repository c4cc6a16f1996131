#!/usr/bin/env python3
"""Makes tests/bundles/hf_golden with Transformers and PEFT themselves: a whole bundle, and what they say of some hard lines.

    python3 -m venv build/hf
    build/hf/bin/pip install torch==2.13.0 'transformers==5.24.*' 'peft==0.21.*' tokenizers pyyaml
    build/hf/bin/python tests/bundles/make_hf_golden.py

hf_golden/ is a bundle:
    base/         save_pretrained of a Qwen3ForTokenClassification in bf16, bidirectional ("is_causal": false)
    stage1/       a LoRA adapter on it (TOKEN_CLS, score in modules_to_save) with config.json
    stage2/       a LoRA adapter on its Qwen3Model, with config.json and head.safetensors, which make_bundle.py describes
    golden.json   {"made_with": versions, "labels": id2label of base and stage 1 in order, "classes": those of stage 2,
                   "lines": [LINE, ...]}, weights read as fp32, each LINE:
        text            the line
        ids             its tokens
        offsets         for each token [begin, end) in bytes of the text's UTF-8; a token that is a part of a character has
                        the whole character's, as Hugging Face's tokenizers say it
        base_logits     [token][label] of base/ alone
        base_labels     for each token the index of the largest
        stage1_logits   the same with stage 1's adapter
        stage1_labels
        spans           [begin, end) in tokens, and span_log_probs [span][class]: log-softmax of stage 2's span head
Numbers are rounded to 1e-6.
"""
import json
import pathlib
import shutil

import peft
import torch
import transformers
import yaml
from transformers import AutoTokenizer, PreTrainedTokenizerFast, Qwen3Config, Qwen3ForTokenClassification, Qwen3Model

from safetensors_file import write_safetensors

FOLDER = pathlib.Path(__file__).parent / "hf_golden"
TOKENIZER = pathlib.Path(__file__).parents[1] / "qwen3/small_tokenizer/tokenizer.json"
TYPES = ["PERSON", "ADDRESS"]
LABELS = ["O"] + [f"{tag}-{kind}" for kind in TYPES for tag in "BIES"]
CLASSES = ["O"] + TYPES
SPAN_HIDDEN, SPAN_WIDTHS = 12, 4
MODEL = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
             intermediate_size=48, vocab_size=1505, max_position_embeddings=512, rms_norm_eps=1e-6,
             rope_theta=1000000.0, tie_word_embeddings=False, is_causal=False)

# All invented. Emoji with joiners and variation selectors, combining marks that NFC composes or leaves, full width, rare
# Han characters outside the first plane, added tokens in running text, white space of all kinds.
LINES = [
    "王小明住在北京市海淀区成府路甲1号。",
    "请联系王小明，电话13800138000！",
    "Please write to Alice Smith, 12 Example Street.",
    "José García et Zoë, cafe\u0301 au lait.",
    "👨\u200d👩\u200d👧 一家人 👍🏽 住在 #️⃣3 号楼",
    "Vie\u0323\u0302t Nam: Tie\u0302\u0301ng",
    "１３８００１３８０００（ＡＢ）",
    "𠀀𠮷𰀀 是罕见字",
    "a\u0315\u0300\u05ae\u0062 e\u0301\u0301\u0301",
    "한국어 각 \u1112\u1161\u11ab",
    "王é小明 e\u0301王",
    "  \t前后都有空格 \u3000 ",
    "第一行\r\n第二行\n\n\n第三行",
    "He said: “它's—don't”…",
    "<|im_start|>user 王小明<|im_end|>",
    "<tool>s</tool> <|endoftext|>",
    "=-=-=-=-=-=-=-=-=-=-=-=-=-=",
    "ﬁ Ⅷ ㎏ ㍿ ½ ²",
    "x",
    "的的的的的的的的的的二二二二三",
    "\u200b零宽\u200d在\ufeff中间\u2060",
    "राजेश कुमार, ห้อง ๑๒",
]


def fresh(config: Qwen3Config) -> Qwen3ForTokenClassification:
    """Larger than Transformers draws them, so that every part matters."""
    model = Qwen3ForTokenClassification(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.uniform_(0.7, 1.3)
            elif "embed_tokens" in name:
                parameter.normal_()
            else:
                parameter.normal_(std=1.2 * parameter.shape[-1]**-0.5)
    return model


def adapter_on(model, task: str, targets: list[str], **keys):
    adapted = peft.get_peft_model(model, peft.LoraConfig(task_type=task, r=4, lora_alpha=8, target_modules=targets, **keys))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_" in name:
                parameter.normal_(std=0.25)
            elif parameter.requires_grad:
                parameter.normal_(std=0.3)
    return adapted


def save_adapter(adapted, config: Qwen3Config, labels: list[str], folder: pathlib.Path) -> None:
    adapted.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    path = folder / "adapter_config.json"
    content = json.loads(path.read_text())
    content["base_model_name_or_path"] = None  # the manifest names the base
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    config = type(config).from_dict(config.to_dict())
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: i for i, label in enumerate(labels)}
    config.save_pretrained(folder)


def span_head() -> dict[str, torch.Tensor]:
    hidden, d, classes = MODEL["hidden_size"], SPAN_HIDDEN, len(CLASSES)
    shapes = {"begin.weight": (d, hidden), "end.weight": (d, hidden), "inside.weight": (d, hidden),
              "width.weight": (SPAN_WIDTHS, d), "hidden.bias": (d,), "type.weight": (classes, d), "type.bias": (classes,)}
    return {name: torch.randn(shape) * shape[-1]**-0.5 for name, shape in shapes.items()}


def span_log_probs(head: dict[str, torch.Tensor], h: torch.Tensor, begin: int, end: int) -> torch.Tensor:
    inner = (head["begin.weight"] @ h[begin] + head["end.weight"] @ h[end - 1] + head["inside.weight"] @ h[begin:end].mean(0)
             + head["width.weight"][min(end - begin, SPAN_WIDTHS) - 1] + head["hidden.bias"])
    return (head["type.weight"] @ torch.nn.functional.gelu(inner) + head["type.bias"]).log_softmax(-1)


def spans_of(tokens: int) -> list[list[int]]:
    wanted = [[0, 1], [tokens // 2, tokens // 2 + 2], [tokens // 3, tokens // 3 + 6], [0, tokens]]
    return [span for span in wanted if span[1] <= tokens]


def rounded(values: torch.Tensor):
    return [[round(v, 6) for v in row] for row in values.tolist()]


def byte_offsets(text: str, offsets) -> list[list[int]]:
    return [[len(text[:begin].encode()), len(text[:end].encode())] for begin, end in offsets]


def write_golden(base, stage1, stage2, head) -> None:
    tokenizer = AutoTokenizer.from_pretrained(FOLDER / "base")
    lines = []
    for text in LINES:
        encoded = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
        ids = torch.tensor([encoded["input_ids"]])
        with torch.no_grad():
            base_logits, stage1_logits = base(ids, use_cache=False).logits[0], stage1(ids, use_cache=False).logits[0]
            hidden = stage2(ids, use_cache=False).last_hidden_state[0]
        spans = spans_of(len(ids[0]))
        lines.append({"text": text, "ids": ids[0].tolist(), "offsets": byte_offsets(text, encoded["offset_mapping"]),
                      "base_logits": rounded(base_logits), "base_labels": base_logits.argmax(-1).tolist(),
                      "stage1_logits": rounded(stage1_logits), "stage1_labels": stage1_logits.argmax(-1).tolist(),
                      "spans": spans,
                      "span_log_probs": rounded(torch.stack([span_log_probs(head, hidden, *span) for span in spans]))})
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}"
    content = {"made_with": versions, "labels": LABELS, "classes": CLASSES}
    body = ",\n".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
    (FOLDER / "golden.json").write_text(json.dumps(content)[:-1] + ', "lines": [\n' + body + "\n]}\n")


def main() -> None:
    torch.manual_seed(5)
    shutil.rmtree(FOLDER, ignore_errors=True)
    config = Qwen3Config(**MODEL, id2label=dict(enumerate(LABELS)), label2id={label: i for i, label in enumerate(LABELS)})
    fresh(config).to(torch.bfloat16).save_pretrained(FOLDER / "base")
    PreTrainedTokenizerFast(tokenizer_file=str(TOKENIZER)).save_pretrained(FOLDER / "base")

    def base(kind):
        return kind.from_pretrained(FOLDER / "base", dtype=torch.float32, attn_implementation="eager").eval()
    stage1 = adapter_on(base(Qwen3ForTokenClassification), "TOKEN_CLS", ["q_proj", "v_proj", "down_proj"])
    save_adapter(stage1, config, LABELS, FOLDER / "stage1")
    stage2 = adapter_on(base(Qwen3Model), "FEATURE_EXTRACTION", ["q_proj", "k_proj", "o_proj", "up_proj"], use_rslora=True)
    save_adapter(stage2, config, CLASSES, FOLDER / "stage2")
    head = span_head()
    write_safetensors(FOLDER / "stage2/head.safetensors", head)
    (FOLDER / "bundle.yaml").write_text(yaml.safe_dump({
        "name": "hf-golden", "version": "1", "types": TYPES, "stage1": {"folder": "stage1", "base": "base"},
        "stage2": {"folder": "stage2", "base": "base", "head": "span"},
        "operating_points": {"balanced": {"tau": 0.05, "min_score": 0.5}}}, sort_keys=False))
    # As whoever opens the folders anew.
    write_golden(base(Qwen3ForTokenClassification),
                 peft.PeftModel.from_pretrained(base(Qwen3ForTokenClassification), FOLDER / "stage1").eval(),
                 peft.PeftModel.from_pretrained(base(Qwen3Model), FOLDER / "stage2").eval(), head)


if __name__ == "__main__":
    main()
