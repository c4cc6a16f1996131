#!/usr/bin/env python3
"""The encoder beside its peers in one run: Transformers in eager mode (fp32, batches padded and sorted by length) and ONNX
Runtime (fp32 and dynamic int8), on one thread, on the shapes and lengths of encoder_bench.cc.

    python3 -m venv build/peers
    build/peers/bin/pip install torch==2.13.0 transformers onnx onnxruntime onnxscript
    build/peers/bin/python bench/encoder_peers.py --ours build/release/bin/privet-bench-encoder
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import time

import torch
from transformers import Qwen3Config, Qwen3Model

SHAPES = {
    "10M": (dict(hidden_size=384, num_hidden_layers=6, num_attention_heads=6, num_key_value_heads=6, head_dim=64,
                 intermediate_size=1024), 3),
    "0.6B": (dict(hidden_size=1024, num_hidden_layers=28, num_attention_heads=16, num_key_value_heads=8, head_dim=128,
                  intermediate_size=3072), 1),
}
LENGTHS = [12, 18, 25, 33, 42, 54, 70, 95, 140, 250]
VOCABULARY = 4096
SEQUENCES_A_BATCH = 4


def padded_batches(rounds: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Ids and masks, [sequences, longest], the sequences sorted by length so that little is padding."""
    generator = torch.Generator().manual_seed(2)
    lengths = sorted(LENGTHS * rounds)
    batches = []
    for begin in range(0, len(lengths), SEQUENCES_A_BATCH):
        part = lengths[begin:begin + SEQUENCES_A_BATCH]
        mask = torch.tensor([[1] * n + [0] * (part[-1] - n) for n in part])
        batches.append((torch.randint(VOCABULARY, mask.shape, generator=generator) * mask, mask))
    return batches


def best_seconds(runs: int, work) -> float:
    """CPU seconds, as encoder_bench counts them on one thread."""
    work()
    best = float("inf")
    for _ in range(runs):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return best


class Bidirectional(torch.nn.Module):
    """Qwen3Model with a mask that hides padding only; one that ONNX can export."""

    def __init__(self, model: Qwen3Model):
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        hidden_padding = (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        return self.model(ids, attention_mask={"full_attention": hidden_padding}, use_cache=False).last_hidden_state


def exported(model: torch.nn.Module, example, folder: str) -> dict[str, str]:
    """Files of the model in ONNX, by precision; `example` is the ids and mask of a batch."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    files = {name: str(pathlib.Path(folder) / f"{name}.onnx") for name in ("fp32", "int8")}
    dynamic = {0: torch.export.Dim("sequences", min=1), 1: torch.export.Dim("tokens", min=2)}
    torch.onnx.export(model, example, files["fp32"], input_names=["ids", "mask"], dynamo=True, verbose=False,
                      dynamic_shapes={"ids": dynamic, "mask": dynamic})
    quantize_dynamic(files["fp32"], files["int8"], weight_type=QuantType.QInt8, use_external_data_format=True)
    return files


def onnx_session(file: str, threads: int):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def onnx_rates(model: Bidirectional, batches, tokens: int, runs: int) -> dict[str, float]:
    feeds = [{"ids": ids.numpy(), "mask": mask.numpy()} for ids, mask in batches]
    rates = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, file in exported(model, batches[1], folder).items():
            session = onnx_session(file, 1)
            rates[f"ONNX Runtime {name}"] = tokens / best_seconds(runs, lambda: [session.run(None, f) for f in feeds])
    return rates


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--ours", required=True, help="the program privet-bench-encoder")
    arguments.add_argument("--model", choices=SHAPES, default="10M")
    arguments.add_argument("--runs", type=int, default=3)
    given = arguments.parse_args()

    torch.set_num_threads(1)
    keys, rounds = SHAPES[given.model]
    config = Qwen3Config(**keys, vocab_size=VOCABULARY, rope_theta=1000000.0, attn_implementation="eager")
    model = Bidirectional(Qwen3Model(config)).eval()
    batches = padded_batches(rounds)
    tokens = sum(LENGTHS) * rounds
    with torch.inference_mode():
        rates = {"Transformers fp32": tokens / best_seconds(given.runs, lambda: [model(*b) for b in batches])}
    with torch.no_grad():
        rates |= onnx_rates(model, batches, tokens, given.runs)
    ours = json.loads(subprocess.run([given.ours, "--json", "--threads", "1", "--model", given.model, "--runs",
                                      str(given.runs)], check=True, capture_output=True).stdout)
    for row in ours["models"][0]["rates"]:
        rates[f"Privet {row['precision']}"] = row["tokens_per_second"]
    print(f"{given.model}, one thread, {tokens} tokens, int8 of Privet by {ours['int8_kernel']}")
    for name, rate in rates.items():
        print(f"  {name:20} {rate:9.0f} tokens/s  {rate / rates['Transformers fp32']:5.2f} x Transformers")


if __name__ == "__main__":
    main()
