#!/usr/bin/env python3
"""Makes tests/qwen3/goldens with Transformers and PEFT: what the encoder and the adapters are held against.

    python tests/qwen3/make_goldens.py      # needs torch, transformers, peft, safetensors, numpy

Weights are not stored: a formula that formula_weights.h also knows gives them, so that even layers of the true sizes
need no file. The result of each case is a few rows of the last hidden states, or logits.
"""
import json
import pathlib
import shutil

import numpy as np
import peft
import torch
import transformers
from transformers import Qwen3Config, Qwen3ForTokenClassification, Qwen3Model

GOLDENS = pathlib.Path(__file__).parent / "goldens"
MAX_COLUMNS = 32


def uniform(name: str, count: int) -> np.ndarray:
    """Numbers in [-1, 1) from a name: FNV-1a of the name seeds SplitMix64, of which the top 24 bits count."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1)


def weight(name: str, shape) -> torch.Tensor:
    """By the parameter's kind: norms near 1, embeddings in [-1, 1), matrices with rows of norm about 1."""
    name = name.removeprefix("model.")
    values = uniform(name, int(np.prod(shape)))
    if "norm" in name:
        values = np.float32(1) + np.float32(0.25) * values
    elif "embed_tokens" not in name:
        values = values * np.sqrt(np.float32(3) / np.float32(shape[-1]))
    return torch.from_numpy(values.reshape(tuple(shape)))


def fill(model) -> None:
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(weight(name, parameter.shape))


def sequence(index: int, length: int, vocab: int) -> list[int]:
    return [int((value + 1) * vocab / 2) for value in uniform(f"sequence {index}", length).astype(np.float64)]


def masks(length: int) -> dict[str, torch.Tensor]:
    causal = torch.full((length, length), torch.finfo(torch.float32).min).triu(1)
    return {"full_attention": causal[None, None], "bidirectional": torch.zeros_like(causal)[None, None]}


def config_of(keys: dict) -> Qwen3Config:
    config = Qwen3Config(**{k: v for k, v in keys.items() if k not in ("is_causal", "bidirectional_layers")})
    config._attn_implementation = "eager"
    return config


def set_attention(config: Qwen3Config, keys: dict) -> None:
    begin, end = keys.get("bidirectional_layers", [0, 0 if keys.get("is_causal", True) else config.num_hidden_layers])
    config.layer_types = ["bidirectional" if begin <= i < end else "full_attention" for i in range(config.num_hidden_layers)]


TINY = dict(hidden_size=48, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, head_dim=16,
            intermediate_size=80, vocab_size=100, max_position_embeddings=512, rms_norm_eps=1e-6, rope_theta=1000000.0,
            tie_word_embeddings=True)
LARGE = dict(num_attention_heads=16, num_key_value_heads=8, head_dim=128, vocab_size=300, max_position_embeddings=40960,
             rms_norm_eps=1e-6, rope_theta=1000000.0, tie_word_embeddings=True)
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}
CASES = {
    "causal": (TINY, [1, 7, 33, 20]),
    "untied": ({**TINY, "tie_word_embeddings": False}, [9]),
    "bidirectional": ({**TINY, "is_causal": False}, [5, 40, 1]),
    "middle_bidirectional": ({**TINY, "bidirectional_layers": [1, 2]}, [12, 31]),
    "one_kv_head": ({**TINY, "num_attention_heads": 6, "num_key_value_heads": 1}, [17, 3]),
    "linear_rope": ({**TINY, "rope_scaling": {"rope_type": "linear", "factor": 2.5}}, [150]),
    "yarn_rope": ({**TINY, "rope_scaling": YARN}, [150, 10]),
    "yarn_rope_new_form": (
        {**{k: v for k, v in TINY.items() if k != "rope_theta"},
         "rope_parameters": {**YARN, "rope_theta": 50000.0, "beta_fast": 16.0, "attention_factor": 1.1}}, [80]),
    "size_0.6b": ({**LARGE, "hidden_size": 1024, "num_hidden_layers": 2, "intermediate_size": 3072}, [24, 5]),
    "size_1.7b": ({**LARGE, "hidden_size": 2048, "num_hidden_layers": 1, "intermediate_size": 6144,
                   "is_causal": False}, [11, 18]),
}


def rounded(values: torch.Tensor) -> list:
    return [float(f"{v:.8g}") for v in values.flatten().tolist()]


def encoder_goldens() -> None:
    cases = []
    for name, (keys, lengths) in CASES.items():
        config = config_of(keys)
        model = Qwen3Model(config).eval()
        fill(model)
        set_attention(model.config, keys)
        rows = []
        for index, length in enumerate(lengths):
            ids = torch.tensor([sequence(index, length, config.vocab_size)])
            with torch.no_grad():
                hidden = model(ids, attention_mask=masks(length), use_cache=False).last_hidden_state[0]
            columns = torch.arange(0, config.hidden_size, max(1, config.hidden_size // MAX_COLUMNS))[:MAX_COLUMNS]
            for token in sorted({0, length // 2, length - 1}):
                rows.append({"sequence": index, "token": token, "values": rounded(hidden[token, columns])})
        cases.append({"name": name, "config": {"model_type": "qwen3", "architectures": ["Qwen3Model"], **keys},
                      "lengths": lengths, "column_step": max(1, config.hidden_size // MAX_COLUMNS), "rows": rows})
    write("encoder.json", {"made_with": versions(), "cases": cases})


ADAPTERS = {
    "lora": dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"]),
    "rslora_all_linear": dict(r=3, lora_alpha=6, use_rslora=True, target_modules="all-linear", exclude_modules=["score"]),
    "dora_patterns": dict(
        r=4, lora_alpha=4, use_dora=True, target_modules=r".*\.(k_proj|o_proj|gate_proj|up_proj)",
        rank_pattern={"layers.1.self_attn.k_proj": 2, r"layers\.\d.mlp.up_proj": 5, "up_proj": 3},
        alpha_pattern={"gate_proj": 12, "model.layers.0.self_attn.o_proj": 1}),
    "modules_to_save": dict(r=2, lora_alpha=2, target_modules=["q_proj"], modules_to_save=["score", "embed_tokens"]),
}
ADAPTED = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, head_dim=16,
               intermediate_size=40, vocab_size=50, max_position_embeddings=512, rms_norm_eps=1e-6,
               rope_theta=1000000.0, tie_word_embeddings=False)


def adapter_goldens() -> None:
    folder = GOLDENS / "adapters"
    shutil.rmtree(folder, ignore_errors=True)
    cases = []
    for name, lora in ADAPTERS.items():
        model = Qwen3ForTokenClassification(Qwen3Config(**ADAPTED, num_labels=5, attn_implementation="eager")).eval()
        fill(model)
        adapted = peft.get_peft_model(model, peft.LoraConfig(task_type="TOKEN_CLS", **lora))
        with torch.no_grad():
            for parameter_name, parameter in adapted.named_parameters():
                if parameter.requires_grad:
                    noise = torch.from_numpy(uniform(parameter_name, parameter.numel()).reshape(parameter.shape))
                    parameter.add_(noise * 0.3)
        adapted.save_pretrained(folder / name)
        (folder / name / "README.md").unlink()
        merged = adapted.merge_and_unload()
        ids = sequence(0, 13, ADAPTED["vocab_size"])
        with torch.no_grad():
            logits = merged(torch.tensor([ids]), attention_mask=masks(len(ids)), use_cache=False).logits[0]
        cases.append({"name": name, "length": len(ids), "logits": rounded(logits)})
    write("adapters.json", {"made_with": versions(), "cases": cases, "config": {
        "model_type": "qwen3", "architectures": ["Qwen3ForTokenClassification"],
        "id2label": {str(i): f"L{i}" for i in range(5)}, **ADAPTED}})


def versions() -> str:
    return f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}"


def write(file: str, content: dict) -> None:
    GOLDENS.mkdir(exist_ok=True)
    (GOLDENS / file).write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    torch.manual_seed(1)
    encoder_goldens()
    adapter_goldens()
