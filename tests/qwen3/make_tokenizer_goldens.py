#!/usr/bin/env python3
"""Writes the goldens of the tokenizer tests with Hugging Face `tokenizers`, which they are to equal in ids and offsets.

    pip install tokenizers==0.23.3
    python tests/qwen3/make_tokenizer_goldens.py --shared ../shared
    python tests/qwen3/make_tokenizer_goldens.py --show 17      # what hard line 17 should give, for a failing test

Reads hard_lines.json (written by hand) and writes beside it
    small_tokenizer/tokenizer.json   a vocabulary of 1,500 tokens, trained on the hard lines
    hard_lines.golden                a line each: its hashes by small and by the full vocabulary, three variants each
    text_lines.golden                20,000 lines of SHARED/data/text: "# file", then number and hashes by the full vocabulary
The variants are: Qwen's pattern alone; Han characters isolated before it; Han characters isolated behind it.
"""
import argparse
import json
import pathlib
import random

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).resolve().parent
QWEN = (r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"""
        r"""|\s+(?!\S)|\s+""")
HAN = r"[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\x{20000}-\x{323AF}]"
# The last two show that the longest wins.
ADDED = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool>", "<tool>s"]
TEXT_LINES = 20000
SMALL_VOCABULARY = 1500


def split_as(tokenizer, variant):
    """Sets the normaliser and the pre-tokenizer: variant is plain, han_first or han_last."""
    words = pre_tokenizers.Split(Regex(QWEN), "isolated")
    han = pre_tokenizers.Split(Regex(HAN), "isolated")
    steps = {"plain": [words], "han_first": [han, words], "han_last": [words, han]}[variant]
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        steps + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return tokenizer


def add_tokens(tokenizer):
    tokenizer.add_tokens([AddedToken(content, normalized=False, special=content.startswith("<|")) for content in ADDED])
    return tokenizer


def full(shared, variant, added):
    folder = shared / "qwen_tokenizer"
    tokenizer = Tokenizer(models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt")))
    return split_as(add_tokens(tokenizer) if added else tokenizer, variant)


def train_small(lines):
    tokenizer = split_as(Tokenizer(models.BPE()), "plain")
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=SMALL_VOCABULARY, min_frequency=1, show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(lines * 2, trainer)
    return add_tokens(tokenizer)


def tokens_of(tokenizer, text):
    """Triples of id, begin and end, in bytes of the text's UTF-8."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    at = [0]
    for character in text:
        at.append(at[-1] + len(character.encode()))
    return [(token, at[begin], at[end]) for token, (begin, end) in zip(encoding.ids, encoding.offsets)]


def hash_of(tokens):
    """FNV-1a, 32 bits, over every number as four bytes, the lowest first."""
    value = 0x811C9DC5
    for token in tokens:
        for number in token:
            for byte in number.to_bytes(4, "little"):
                value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return f"{value:08x}"


def sample_lines(shared):
    """As many lines of every source, and the rest of a short one's share from the others: {file: sorted line numbers}."""
    root = shared / "data" / "text"
    files = {}
    for path in sorted(root.glob("*/*.txt")):
        if path.name.startswith("SOURCE") or (path.parent / "text_sample.txt").exists() and path.name == "text.txt":
            continue
        lines = path.read_bytes().split(b"\n")
        files[path.relative_to(root).as_posix()] = [i for i, line in enumerate(lines) if line]
    rng = random.Random(4)
    chosen, left = {}, TEXT_LINES
    for done, (name, numbers) in enumerate(sorted(files.items(), key=lambda item: len(item[1]))):
        share = min(len(numbers), left // (len(files) - done))
        chosen[name] = sorted(rng.sample(numbers, share))
        left -= share
    return {name: chosen[name] for name in sorted(chosen)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=pathlib.Path, default=pathlib.Path("../shared"))
    parser.add_argument("--show", type=int, metavar="LINE")
    arguments = parser.parse_args()
    lines = json.loads((HERE / "hard_lines.json").read_text(encoding="utf-8"))
    small_file = HERE / "small_tokenizer" / "tokenizer.json"
    if arguments.show is not None:
        text = lines[arguments.show]
        print(ascii(text))
        for variant in ("plain", "han_first", "han_last"):
            print(variant, tokens_of(split_as(Tokenizer.from_file(str(small_file)), variant), text))
        return

    small_file.parent.mkdir(exist_ok=True)
    train_small(lines).save(str(small_file), pretty=False)
    variants = ("plain", "han_first", "han_last")
    tokenizers = [split_as(Tokenizer.from_file(str(small_file)), variant) for variant in variants]
    tokenizers += [full(arguments.shared, variant, added=True) for variant in variants]
    with open(HERE / "hard_lines.golden", "w", encoding="utf-8") as out:
        for line in lines:
            out.write(" ".join(hash_of(tokens_of(tokenizer, line)) for tokenizer in tokenizers) + "\n")

    tokenizers = [full(arguments.shared, variant, added=False) for variant in variants]
    with open(HERE / "text_lines.golden", "w", encoding="utf-8") as out:
        for name, numbers in sample_lines(arguments.shared).items():
            out.write(f"# {name}\n")
            content = (arguments.shared / "data" / "text" / name).read_bytes().split(b"\n")
            for number in numbers:
                text = content[number].decode()
                out.write(f"{number} " + " ".join(hash_of(tokens_of(t, text)) for t in tokenizers) + "\n")


if __name__ == "__main__":
    main()
