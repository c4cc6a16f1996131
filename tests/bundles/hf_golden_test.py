"""A server that runs the bundle which Transformers and PEFT wrote believes of spans what they say (make_hf_golden.py)."""

import json
import math

from conftest import ROOT, privet, serving

GOLDEN = json.loads((ROOT / "tests/bundles/hf_golden/golden.json").read_text())


def log_sum(values) -> float:
    largest = max(values)
    return largest + math.log(sum(math.exp(value - largest) for value in values))


def span_probabilities(logits) -> dict[tuple[int, int, str], float]:
    """The posterior of each span [begin, end) and type over all valid BIOES labellings, by summing over segmentations."""
    labels, n = {label: i for i, label in enumerate(GOLDEN["labels"])}, len(logits)

    def score(begin, end, kind):
        if end - begin == 1:
            return logits[begin][labels[f"S-{kind}"]]
        inside = sum(row[labels[f"I-{kind}"]] for row in logits[begin + 1:end - 1])
        return logits[begin][labels[f"B-{kind}"]] + inside + logits[end - 1][labels[f"E-{kind}"]]

    types = [kind for kind in GOLDEN["classes"] if kind != "O"]
    scores = {(b, e, kind): score(b, e, kind) for b in range(n) for e in range(b + 1, n + 1) for kind in types}
    before, behind = [0.0] * (n + 1), [0.0] * (n + 1)  # all segmentations of the tokens before, and from there on
    for e in range(1, n + 1):
        before[e] = log_sum([before[e - 1] + logits[e - 1][labels["O"]]]
                            + [before[b] + scores[b, e, kind] for b in range(e) for kind in types])
    for b in reversed(range(n)):
        behind[b] = log_sum([behind[b + 1] + logits[b][labels["O"]]]
                            + [behind[e] + scores[b, e, kind] for e in range(b + 1, n + 1) for kind in types])
    return {(b, e, kind): math.exp(before[b] + value + behind[e] - before[n]) for (b, e, kind), value in scores.items()}


SEPARATORS = ",;|，；、｜\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
PARTNERS = dict(zip("([{<（［｛【《「『“", ")]}>）］｝】》」』”")) | {quote: quote for quote in "\"'`"}
PARTNERS |= {close: opening for opening, close in PARTNERS.items()}


def mention_in(text) -> tuple[int, int]:
    """Where the mention of a token range lies: without white space, separators and brackets whose partner is missing."""
    begin, end = 0, len(text)

    def beside(at, rest):
        c = text[at]
        return c.isspace() or c in SEPARATORS or (c in PARTNERS and PARTNERS[c] not in rest)

    while begin < end and (text[begin] == "=" or beside(begin, text[begin + 1:end])):
        begin += 1
    while begin < end and beside(end - 1, text[begin:end - 1]):
        end -= 1
    return begin, end


def ranges_by_bytes(line) -> dict[tuple[int, int], tuple[int, int]]:
    """Token ranges by the bytes of their mentions, where no two ranges have the same."""
    raw, offsets = line["text"].encode(), line["offsets"]
    ranges, ambiguous = {}, set()
    for b in range(len(offsets)):
        for e in range(b + 1, len(offsets) + 1):
            text = raw[offsets[b][0]:offsets[e - 1][1]].decode()
            begin, end = mention_in(text)
            key = (offsets[b][0] + len(text[:begin].encode()), offsets[b][0] + len(text[:end].encode()))
            ambiguous |= {key} & ranges.keys()
            ranges[key] = (b, e)
    return {key: tokens for key, tokens in ranges.items() if key not in ambiguous}


def test_both_stages_say_what_transformers_and_peft_say(tmp_path):
    compared = {"model:stage1": 0, "model:stage2": 0}
    with serving(ROOT / "tests/bundles/hf_golden", tmp_path, "--models-precision", "fp32") as address:
        for line in GOLDEN["lines"]:
            answer = privet("detect", "--json", "--server", address, "--min-score", "0", text=line["text"])
            assert answer.returncode == 0, answer.stderr
            stage1, ranges = span_probabilities(line["stage1_logits"]), ranges_by_bytes(line)
            stage2 = {tuple(span): row for span, row in zip(line["spans"], line["span_log_probs"], strict=True)}
            for finding in json.loads(answer.stdout)["findings"]:
                tokens = ranges.get(tuple(finding["span"]["bytes"]))
                for evidence in finding["evidence"]:
                    if tokens is None:
                        continue
                    if evidence["source"] == "model:stage1":
                        expected = stage1[*tokens, finding["type"]]
                    elif evidence["source"] == "model:stage2" and tokens in stage2:
                        expected = math.exp(stage2[tokens][GOLDEN["classes"].index(finding["type"])])
                    else:
                        continue
                    assert abs(evidence["score"] - expected) < 1e-4, (line["text"], finding["span"])  # it has four decimals
                    compared[evidence["source"]] += 1
    assert compared["model:stage1"] > 30 and compared["model:stage2"] > 5, compared
