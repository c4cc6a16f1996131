#!/usr/bin/env python3
"""From texts to labelled spans beside peers, same weights and same texts: Transformers (fp32 in eager mode, batches padded and
sorted by length), ONNX Runtime (fp32 and dynamic int8), and Privet behind its server, rules and gRPC included.

    python3 -m venv build/peers
    build/peers/bin/pip install torch==2.13.0 transformers peft onnx onnxruntime onnxscript pyyaml
    build/peers/bin/python tests/bundles/make_bundle.py --out /tmp/10M --hidden 384 --head-dim 64 --layers 6 \\
        --plant 王小明=PERSON --plant 'Alice Smith=PERSON'
    build/peers/bin/python bench/pipeline_peers.py --bundle /tmp/10M --ours build/release/bin/privet-bench-server

The model is the bundle's stage 1; what else a bundle has is not asked of the peers, so compare bundles of one stage. With one
thread for the model, rates are texts a CPU second of all threads of the process that works, else texts a second. Peers read
all texts at once and sort them by length; Privet gets them one by one, 32 calls at a time.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

import torch
import yaml
from encoder_peers import exported, onnx_session
from transformers import AutoTokenizer, Qwen3ForTokenClassification

SEQUENCES_A_BATCH = 16
SAMPLES = [
    "请联系王小明，电话13800138000，或发邮件到wang@example.com。",
    "会议改到下周三下午三点，地点不变，请提前十分钟到场。",
    "Please call Alice Smith at +1 202-555-0143 before Friday.",
    "收货地址：北京市海淀区成府路甲1号3号楼502室，邮编100084。",
    "The build failed again on the second stage; see the log for details.",
    "张经理说预算可以再谈，但是交付日期不能再推了，合同下周一前要寄回公司盖章，逾期自动作废。",
    "Thanks for the quick reply.",
    "好的",
]


class Tagger(torch.nn.Module):
    """Logits with a mask that hides padding only; one that ONNX can export."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        hidden_padding = (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        return self.model(ids, attention_mask={"full_attention": hidden_padding}, use_cache=False).logits


def load(bundle: pathlib.Path):
    """Stage 1 in fp32, an adapter merged, and its tokenizer."""
    stage = yaml.safe_load((bundle / "bundle.yaml").read_text())["stage1"]
    folder = bundle / stage["folder"]
    labels = json.loads((folder / "config.json").read_text())["id2label"]
    source = bundle / stage["base"] if "base" in stage else folder
    model = Qwen3ForTokenClassification.from_pretrained(
        source, id2label={int(i): label for i, label in labels.items()}, dtype=torch.float32, attn_implementation="eager")
    if "base" in stage:
        from peft import PeftModel
        model = PeftModel.from_pretrained(model, folder).merge_and_unload()
    with_tokenizer = folder if (folder / "tokenizer.json").exists() else source
    return Tagger(model).eval(), AutoTokenizer.from_pretrained(with_tokenizer), [labels[str(i)] for i in range(len(labels))]


def spans(labels: list[str], offsets) -> list[tuple[int, int, str]]:
    """Of BIOES or BIO labels as they come, [begin, end) in characters."""
    found, open_type, begin = [], None, 0
    for index, (label, (start, end)) in enumerate(zip(labels, offsets)):
        tag, _, kind = label.partition("-")
        if open_type is not None and (tag not in "IE" or kind != open_type):
            found.append((begin, offsets[index - 1][1], open_type))
            open_type = None
        if tag in "BS" or (tag in "IE" and open_type is None):
            open_type, begin = kind, start
        if tag in "ES":
            found.append((begin, end, kind))
            open_type = None
    if open_type is not None:
        found.append((begin, offsets[-1][1], open_type))
    return found


def detect(texts: list[str], tokenizer, labels: list[str], logits_of) -> list[list[tuple[int, int, str]]]:
    """All of it, from texts to spans; `logits_of(ids, mask)` is the peer's forward."""
    encoded = tokenizer(texts, return_offsets_mapping=True, add_special_tokens=False)
    ids, offsets = encoded["input_ids"], encoded["offset_mapping"]
    order = sorted((i for i in range(len(texts)) if ids[i]), key=lambda i: len(ids[i]))
    answers = [[] for _ in texts]
    for at in range(0, len(order), SEQUENCES_A_BATCH):
        part = order[at:at + SEQUENCES_A_BATCH]
        longest = len(ids[part[-1]])
        batch = torch.tensor([ids[i] + [0] * (longest - len(ids[i])) for i in part])
        mask = torch.tensor([[1] * len(ids[i]) + [0] * (longest - len(ids[i])) for i in part])
        best = logits_of(batch, mask).argmax(-1).tolist()
        for row, i in zip(best, part):
            answers[i] = spans([labels[label] for label in row[:len(ids[i])]], offsets[i])
    return answers


def best_rate(runs: int, texts: int, work, clock) -> float:
    work()
    seconds = []
    for _ in range(runs):
        begin = clock()
        work()
        seconds.append(clock() - begin)
    return texts / min(seconds)


def peer_rates(peer: tuple, files: dict[str, str], given, texts: list[str], threads: int, clock) -> dict[str, float]:
    torch.set_num_threads(threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true" if threads > 1 else "false"
    model, tokenizer, labels = peer
    rates = {}

    def measure(name: str, logits_of) -> list:
        rates[name] = best_rate(given.runs, len(texts), lambda: detect(texts, tokenizer, labels, logits_of), clock)
        return detect(texts, tokenizer, labels, logits_of)

    with torch.inference_mode():
        expected = measure("Transformers fp32", model)
    for name, file in files.items():
        session = onnx_session(file, threads)
        answers = measure(f"ONNX Runtime {name}", lambda ids, mask: torch.from_numpy(
            session.run(None, {"ids": ids.numpy(), "mask": mask.numpy()})[0]))
        if name == "fp32" and answers != expected:
            raise SystemExit("ONNX Runtime finds other spans in fp32 than Transformers")
    return rates


def our_rates(given, texts_file: str, one_thread: bool) -> dict[str, float]:
    rates = {}
    for precision in ("fp32", "int8"):
        flags = [f"--models-precision={precision}", "--models-device=cpu"]
        if one_thread:
            flags += ["--models-compute-threads=1"]
        command = [given.ours, "--json", "--seconds", str(given.seconds), "--bundle", str(given.bundle), "--texts", texts_file]
        command += [word for flag in flags for word in ("--server-flag", flag)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}")
        load = json.loads(done.stdout)["loads"][0]
        rates[f"Privet {precision}"] = 1e3 / load["server_cpu_ms_per_request"] if one_thread else load["requests_per_second"]
    return rates


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bundle", required=True, type=pathlib.Path)
    arguments.add_argument("--ours", help="the program privet-bench-server; peers alone without it")
    arguments.add_argument("--texts", type=pathlib.Path, help="file with a text a line in place of invented samples")
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--seconds", type=float, default=10, help="of load for each of Privet's numbers")
    given = arguments.parse_args()
    texts = [line for line in given.texts.read_text().splitlines() if line] if given.texts else SAMPLES * 8
    with tempfile.TemporaryDirectory() as folder:
        texts_file = pathlib.Path(folder) / "texts.txt"
        texts_file.write_text("\n".join(texts) + "\n")
        peer = load(given.bundle)
        example = (torch.ones(2, 9, dtype=torch.long), torch.ones(2, 9, dtype=torch.long))
        with torch.no_grad():
            files = exported(peer[0], example, folder)
        for threads in sorted({1, os.cpu_count()}):
            one = threads == 1
            rates = peer_rates(peer, files, given, texts, threads, time.process_time if one else time.perf_counter)
            if given.ours:
                rates |= our_rates(given, str(texts_file), one)
            print(f"{'one thread for the model, texts a CPU second' if one else f'{threads} threads, texts a second'}, {len(texts)} texts")
            for name, rate in rates.items():
                print(f"  {name:20} {rate:9.1f}  {rate / rates['Transformers fp32']:5.2f} x Transformers")


if __name__ == "__main__":
    main()
