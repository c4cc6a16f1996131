"""Words that a planted model knows, and the small tokenizer taught to read each of their characters as one token."""
import dataclasses
import json
import math
import pathlib

TOKENIZER = pathlib.Path(__file__).resolve().parents[1] / "qwen3/small_tokenizer/tokenizer.json"


@dataclasses.dataclass
class Word:
    """A planted word; `places` are its tokens, each the ids that may stand there (a Latin word with or without a space)."""
    text: str
    type: str
    probability: float
    places: list[list[int]] = dataclasses.field(default_factory=list)

    @staticmethod
    def parse(argument: str) -> "Word":
        text, _, rest = argument.partition("=")
        kind, _, probability = rest.partition("@")
        if not text or not kind:
            raise ValueError(f"--plant {argument}: write WORD=TYPE or WORD=TYPE@PROBABILITY")
        return Word(text, kind, float(probability or 0.999))

    @property
    def log_odds(self) -> float:
        return math.log(self.probability / (1 - self.probability))


def byte_alphabet() -> list[str]:
    """The character that a byte-level vocabulary writes for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return [chr(256 + others.index(b)) if b in others else chr(b) for b in range(256)]


class Tokenizer:
    """The small tokenizer, which learns whole pre-tokens."""

    def __init__(self):
        self.json = json.loads(TOKENIZER.read_text())
        model = self.json["model"]
        self.vocab, self.merges = model["vocab"], model["merges"]
        self.ranks = {tuple(m.split(" ") if isinstance(m, str) else m): i for i, m in enumerate(self.merges)}
        self.alphabet = byte_alphabet()
        self.size = 1 + max([*self.vocab.values(), *(token["id"] for token in self.json["added_tokens"])])

    def learn(self, word: Word) -> None:
        """Fills word.places."""
        self._isolate_han()
        for index, part in enumerate(word.text.split(" ")):
            if all("一" <= c <= "鿿" for c in part):
                word.places += [[self._whole(c)] for c in part]
            elif part.isascii() and part.isalpha():
                word.places.append([self._whole(" " + part)] + ([self._whole(part)] if index == 0 else []))
            else:
                raise ValueError(f"--plant {word.text}: only Han characters, or Latin letters with spaces between")

    def _isolate_han(self) -> None:
        steps = self.json["pre_tokenizer"]["pretokenizers"]
        split = {"type": "Split", "pattern": {"Regex": "[\\u4E00-\\u9FFF]"}, "behavior": "Isolated", "invert": False}
        if steps[0] != split:
            steps.insert(0, split)

    def _whole(self, pre_token: str) -> int:
        """The id of a pre-token, of which merges at the end of the list make one token."""
        while len(parts := self._encode(pre_token)) > 1:
            pair = (parts[0], parts[1])
            self.ranks[pair] = len(self.merges)
            self.merges.append(" ".join(pair) if isinstance(self.merges[0], str) else list(pair))
            if "".join(pair) not in self.vocab:
                self.vocab["".join(pair)] = self.size
                self.size += 1
        return self.vocab[parts[0]]

    def _encode(self, pre_token: str) -> list[str]:
        parts = [self.alphabet[byte] for byte in pre_token.encode()]
        while len(parts) > 1:
            rank, at = min((self.ranks.get(pair, math.inf), i) for i, pair in enumerate(zip(parts, parts[1:])))
            if rank == math.inf:
                break
            parts[at:at + 2] = [parts[at] + parts[at + 1]]
        return parts
