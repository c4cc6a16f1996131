#!/usr/bin/env python3
"""A LoRA step of the trainer beside Transformers and PEFT in one run: the same random base, the same texts, rank 16 on all
linear modules, fp32 and AdamW, on the CPU. The peer pads its batches, as its users run it (random order) and sorted by length.

    python3 -m venv build/peers
    build/peers/bin/pip install torch==2.13.0 transformers peft
    build/peers/bin/python bench/training_peers.py --trainer build/release/bin/trainer
"""
import argparse
import json
import pathlib
import random
import subprocess
import tempfile
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForTokenClassification

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHAPES = {
    "10M": dict(hidden_size=384, num_hidden_layers=6, num_attention_heads=6, num_key_value_heads=6, head_dim=64,
                intermediate_size=1024),
    "0.6B/4": dict(hidden_size=1024, num_hidden_layers=7, num_attention_heads=16, num_key_value_heads=8, head_dim=128,
                   intermediate_size=3072),
}
LENGTHS = [12, 18, 25, 33, 42, 54, 70, 95, 140, 250]
LABELS = ["O", "B-PERSON", "I-PERSON", "E-PERSON", "S-PERSON"]
BATCH_TOKENS = 2048


def write_texts(path: pathlib.Path, count: int) -> None:
    draw = random.Random(1)
    with path.open("w") as out:
        for i in range(count):
            # Each digit is a token, and so is each space.
            text = "".join(draw.choice("0123456789 ") for _ in range(LENGTHS[i % len(LENGTHS)]))
            out.write(json.dumps({"text": text, "spans": [[2, 5, "PERSON"]]}) + "\n")


def peer_rate(base: pathlib.Path, texts: list[str], steps: int, by_length: bool) -> float:
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(base / "tokenizer.json"))
    encoded = [tokenizer(text)["input_ids"] for text in texts]
    model = Qwen3ForTokenClassification.from_pretrained(base, num_labels=len(LABELS), attn_implementation="sdpa")
    modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    model = get_peft_model(model, LoraConfig(task_type="TOKEN_CLS", r=16, lora_alpha=32, target_modules=modules))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
    size = BATCH_TOKENS * len(encoded) // sum(map(len, encoded))  # as many tokens a step, padding aside
    order = list(range(len(encoded)))
    random.Random(2).shuffle(order)
    if by_length:
        order.sort(key=lambda i: len(encoded[i]))
        batches = [order[i:i + size] for i in range(0, len(order), size)]
        random.Random(3).shuffle(batches)
        # Batches of long texts hold as many tokens as others.
        batches = [batch[:max(1, BATCH_TOKENS // len(encoded[batch[-1]]))] for batch in batches]
    else:
        batches = [order[i:i + size] for i in range(0, len(order), size)]
    tokens, begin = 0, 0.0
    for step, batch in enumerate(batches[:steps + 1]):
        if step == 1:
            begin = time.perf_counter()  # the first step warms up
        longest = max(len(encoded[i]) for i in batch)
        ids = torch.tensor([encoded[i] + [0] * (longest - len(encoded[i])) for i in batch])
        mask = torch.tensor([[1] * len(encoded[i]) + [0] * (longest - len(encoded[i])) for i in batch])
        labels = torch.where(mask.bool(), torch.zeros_like(ids), torch.full_like(ids, -100))
        model(input_ids=ids, attention_mask=mask, labels=labels).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        tokens += sum(len(encoded[i]) for i in batch) if step else 0
    return tokens / (time.perf_counter() - begin)


def our_rate(trainer: str, base: pathlib.Path, data: pathlib.Path, steps: int, precision: str, folder: pathlib.Path) -> float:
    config = folder / "run.yaml"
    config.write_text(f"""output: run
steps: {steps}
base: {{folder: {base}, attention: causal}}
adapter: {{rank: 16, alpha: 32}}
data: {{train: [{data}], max_tokens: 512}}
batch: {{tokens: {BATCH_TOKENS}}}
evaluate: {{every: 0}}
checkpoint: {{every: 0}}
compute: {{precision: {precision}}}
""")
    subprocess.run([trainer, "--stage", "1", "--config", config, "--restart"], check=True, capture_output=True)
    rates = [json.loads(line).get("tokens_per_second") for line in (folder / "run/log.jsonl").read_text().splitlines()]
    rates = [rate for rate in rates[-steps:] if rate][1:]
    return len(rates) / sum(1 / rate for rate in rates)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--trainer", default="build/release/bin/trainer")
    arguments.add_argument("--model", choices=SHAPES, default="10M")
    arguments.add_argument("--steps", type=int, default=12)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        base = folder / "base"
        torch.manual_seed(0)
        config = Qwen3Config(**SHAPES[given.model], vocab_size=1505, rope_theta=1000000.0, num_labels=len(LABELS))
        Qwen3ForTokenClassification(config).save_pretrained(base)
        (base / "tokenizer.json").write_bytes((ROOT / "tests/qwen3/small_tokenizer/tokenizer.json").read_bytes())
        data = folder / "texts.jsonl"
        write_texts(data, 2000)
        texts = [json.loads(line)["text"] for line in data.read_text().splitlines()]
        rates = {"Transformers and PEFT, random order": peer_rate(base, texts, given.steps, False),
                 "the same, sorted by length": peer_rate(base, texts, given.steps, True)}
        for precision in ("fp32", "bf16"):
            rates[f"trainer, {precision}"] = our_rate(given.trainer, base, data, given.steps, precision, folder)
    print(f"{given.model}, LoRA of rank 16 on all linear modules, {BATCH_TOKENS} tokens a step, {torch.get_num_threads()} threads")
    first, second = list(rates.values())[:2]
    for name, rate in rates.items():
        print(f"  {name:38} {rate:8.0f} tokens/s  {rate / first:5.2f} x random  {rate / second:5.2f} x sorted")


if __name__ == "__main__":
    main()
