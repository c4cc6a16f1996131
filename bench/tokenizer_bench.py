#!/usr/bin/env python3
"""The tokenizer against Hugging Face `tokenizers`: the same lines, one thread each, CPU time, turn and turn about in one run.

    pip install tokenizers==0.23.3
    python bench/tokenizer_bench.py                 # a table with the ratio; --json prints one object
    python bench/tokenizer_bench.py --shared DIR --binary build/release/bin/privet-bench-tokenizer

Both give ids and offsets of every line (`encode_batch`). That both give as many tokens is checked.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "qwen3"))
from make_tokenizer_goldens import full  # noqa: E402

MOST_BYTES = 2_000_000
CORPORA = {
    "statutes, zh": "laws_prc_zh/text_sample.txt",
    "chat, zh": "kdconv_zh/text.txt",
    "encyclopedia, zh": "zhwiki_sample_zh/text.txt",
    "manuals, zh": "tidb_docs_zh/text.txt",
    "prose, en": "nltk_masc_en/text.txt",
    "government, en": "digitalgov_en/text.txt",
}


def measure_peer(tokenizer, lines, runs):
    """Tokens of all lines, and the CPU seconds of each run after one to warm up."""
    seconds = []
    for _ in range(runs + 1):
        begin = time.process_time()
        encodings = tokenizer.encode_batch(lines, add_special_tokens=False)
        seconds.append(time.process_time() - begin)
        tokens = sum(len(encoding.ids) for encoding in encodings)
        del encodings
    return tokens, seconds[1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=pathlib.Path, default=pathlib.Path("../shared"))
    parser.add_argument("--binary", default="build/release/bin/privet-bench-tokenizer")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    results = []
    with tempfile.TemporaryDirectory() as folder:
        for variant in ("plain", "han_first"):
            peer = full(arguments.shared, variant, added=False)
            peer.save(os.path.join(folder, "tokenizer.json"))
            for corpus, name in CORPORA.items():
                text = (arguments.shared / "data" / "text" / name).read_bytes()[:MOST_BYTES]
                lines = text[:text.rfind(b"\n")].decode().split("\n")
                lines_file = os.path.join(folder, "lines.txt")
                pathlib.Path(lines_file).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
                tokens, seconds = measure_peer(peer, lines, arguments.runs)
                ran = subprocess.run(
                    [arguments.binary, "--tokenizer", folder, "--runs", str(arguments.runs), "--json", lines_file],
                    check=True, capture_output=True, text=True)
                ours = json.loads(ran.stdout)["results"][0]
                if ours["tokens"] != tokens:
                    sys.exit(f"{corpus}, {variant}: {ours['tokens']} tokens, but `tokenizers` gives {tokens}")
                rate = ours["bytes"] / 1e6 / statistics.median(seconds)
                results.append({"corpus": corpus, "variant": variant, "bytes": ours["bytes"], "tokens": tokens,
                                "mb_per_s": ours["mb_per_s"], "mb_per_s_min": ours["mb_per_s_min"],
                                "mb_per_s_max": ours["mb_per_s_max"], "tokenizers_mb_per_s": rate,
                                "ratio": ours["mb_per_s"] / rate})
    if arguments.json:
        print(json.dumps({"benchmark": "tokenizer", "results": results}))
        return
    print(f"{'corpus':<18} {'variant':<10} {'MB':>6} {'MB/s':>7} {'(min..max)':>14} {'tokenizers':>11} {'ratio':>7}")
    for r in results:
        print(f"{r['corpus']:<18} {r['variant']:<10} {r['bytes'] / 1e6:>6.2f} {r['mb_per_s']:>7.1f} "
              f"{r['mb_per_s_min']:>6.1f}..{r['mb_per_s_max']:>6.1f} {r['tokenizers_mb_per_s']:>11.2f} {r['ratio']:>6.1f}x")


if __name__ == "__main__":
    main()
