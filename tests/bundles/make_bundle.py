#!/usr/bin/env python3
"""Writes a model bundle so small that a test can make it anew: random weights, or weights that know the words of --plant.

    .venv/bin/python tests/bundles/make_bundle.py --out /tmp/tiny --stage2 tagger \\
        --plant 王小明=PERSON --plant 'Alice Smith=PERSON@0.3' --plant 北京市=LOCATION

A planted model's layers add nothing to the residual stream, so that what reaches the head is a token's embedding alone, and
the tokens of a planted word have embeddings that only they share. The head gives such a word the probability behind the @
(0.999 without one) and leaves the rest outside. --stage2-plant is what stage 2 knows instead, nothing for 'none'. A word is of
Han characters, or of Latin words with spaces between; the tokenizer is the one of tests/qwen3/small_tokenizer, in which then
each Han character stands alone and each character or Latin word of a planted word is one token. No token can have two labels.

The span head in stage2/head.safetensors, all F32, over the hidden states h of a span's tokens [b, e):
    score = type.weight @ gelu(begin.weight @ h[b] + end.weight @ h[e-1] + inside.weight @ mean(h[b:e])
                               + width.weight[min(e-b-1, W-1)] + hidden.bias) + type.bias
a softmax over which gives the classes of stage2/config.json's id2label: O, then the types.
"""
import argparse
import json
import pathlib
import shutil

import torch
import yaml

from planted_words import Tokenizer, Word
from safetensors_file import write_safetensors

OUTSIDE_LOGIT = 8.0  # of O in a planted model, where all other labels have 0
SPAN_HIDDEN, SPAN_WIDTHS = 24, 16
LORA_RANK, LORA_ALPHA, LORA_TARGETS = 4, 8, ("self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj")


def write_json(path: pathlib.Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_checkpoint(folder: pathlib.Path, tensors: dict[str, torch.Tensor], given: argparse.Namespace) -> None:
    tensors = {name: tensor.to(getattr(torch, given.dtype)) for name, tensor in tensors.items()}
    if given.shards == 1:
        write_safetensors(folder / "model.safetensors", tensors)
        return
    file_of = {}
    for index in range(given.shards):
        file = f"model-{index + 1:05}-of-{given.shards:05}.safetensors"
        shard = {name: tensors[name] for name in list(tensors)[index::given.shards]}
        write_safetensors(folder / file, shard)
        file_of |= dict.fromkeys(shard, file)
    write_json(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": file_of})


def labels_of(types: list[str], scheme: str) -> list[str]:
    return ["O"] + [f"{tag}-{kind}" for kind in types for tag in ("BIES" if scheme == "bioes" else "BI")]


class Weights:
    """Draws the tensors of one bundle."""

    def __init__(self, given: argparse.Namespace, planted_ids: list[int], vocab_size: int):
        self.given, self.vocab_size = given, vocab_size
        self.generator = torch.Generator().manual_seed(given.seed)
        # Each planted token has a dimension of its own.
        self.dimension = {token: i for i, token in enumerate(planted_ids)}
        if len(planted_ids) > given.hidden - 8:
            raise ValueError(f"{len(planted_ids)} planted tokens need --hidden {len(planted_ids) + 8} or more")

    def normal(self, *shape: int, scale: float = 1.0) -> torch.Tensor:
        return torch.randn(shape, generator=self.generator) * scale

    def config(self, labels: list[str] | None, architecture: str) -> dict:
        hidden, head_dim = self.given.hidden, self.given.head_dim
        heads = max(1, hidden // head_dim)
        config = {"architectures": [architecture], "model_type": "qwen3", "hidden_size": hidden,
                  "num_hidden_layers": self.given.layers, "num_attention_heads": heads,
                  "num_key_value_heads": heads // 2 if heads % 2 == 0 else heads, "head_dim": head_dim,
                  "intermediate_size": 2 * hidden, "vocab_size": self.vocab_size, "max_position_embeddings": 4096,
                  "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "tie_word_embeddings": labels is None,
                  "hidden_act": "silu", "attention_bias": False, "is_causal": False, "dtype": self.given.dtype}
        if labels is not None:
            config["id2label"] = {str(i): label for i, label in enumerate(labels)}
            config["label2id"] = {label: i for i, label in enumerate(labels)}
        return config

    def linears(self) -> dict[str, tuple[int, int]]:
        """[out, in] of a layer's linear modules."""
        c = self.config(None, "")
        hidden, inner = c["hidden_size"], c["intermediate_size"]
        queries, keys = c["num_attention_heads"] * c["head_dim"], c["num_key_value_heads"] * c["head_dim"]
        return {"self_attn.q_proj": (queries, hidden), "self_attn.k_proj": (keys, hidden),
                "self_attn.v_proj": (keys, hidden), "self_attn.o_proj": (hidden, queries),
                "mlp.gate_proj": (inner, hidden), "mlp.up_proj": (inner, hidden), "mlp.down_proj": (hidden, inner)}

    def encoder(self, prefix: str) -> dict[str, torch.Tensor]:
        hidden, planted = self.given.hidden, len(self.dimension)
        embeddings = self.normal(self.vocab_size, hidden)
        embeddings[:, :planted] = 0
        for token, dimension in self.dimension.items():
            embeddings[token] = torch.eye(hidden)[dimension]
        tensors = {"embed_tokens.weight": embeddings}
        for layer in range(self.given.layers):
            for name, (rows, columns) in self.linears().items():
                silent = planted and name in ("self_attn.o_proj", "mlp.down_proj")
                weight = torch.zeros(rows, columns) if silent else self.normal(rows, columns, scale=columns**-0.5)
                tensors[f"layers.{layer}.{name}.weight"] = weight
            for name, size in (("input_layernorm", hidden), ("post_attention_layernorm", hidden),
                               ("self_attn.q_norm", self.given.head_dim),
                               ("self_attn.k_norm", self.given.head_dim)):
                tensors[f"layers.{layer}.{name}.weight"] = 1 + self.normal(size, scale=0.1)
        tensors["norm.weight"] = torch.ones(hidden) if planted else 1 + self.normal(hidden, scale=0.1)
        return {prefix + name: tensor for name, tensor in tensors.items()}

    def score(self, labels: list[str], words: list[Word]) -> dict[str, torch.Tensor]:
        hidden = self.given.hidden
        if not self.dimension:
            return {"score.weight": self.normal(len(labels), hidden, scale=2 * hidden**-0.5),
                    "score.bias": self.normal(len(labels), scale=0.1)}
        weight, bias = torch.zeros(len(labels), hidden), torch.zeros(len(labels))
        bias[labels.index("O")] = OUTSIDE_LOGIT
        label_of_token = {}
        for word in words:
            last = len(word.places) - 1
            # So that the word has its probability beside O throughout: each token brings its share of the log-odds.
            logit = OUTSIDE_LOGIT + word.log_odds / len(word.places)
            for place, tokens in enumerate(word.places):
                if "S-" + word.type in labels:
                    tag = "S" if last == 0 else "B" if place == 0 else "E" if place == last else "I"
                else:
                    tag = "B" if place == 0 else "I"
                label = f"{tag}-{word.type}"
                for token in tokens:
                    if label_of_token.setdefault(token, label) != label:
                        raise ValueError(f"--plant {word.text}: a token of it has another label in another word")
                    # The final norm scales a lone 1 to the root of the width.
                    weight[labels.index(label), self.dimension[token]] = logit * hidden**-0.5
        return {"score.weight": weight, "score.bias": bias}

    def span_head(self, types: list[str], words: list[Word]) -> dict[str, torch.Tensor]:
        hidden, d = self.given.hidden, max(SPAN_HIDDEN, len(words))
        shapes = {"begin.weight": (d, hidden), "end.weight": (d, hidden), "inside.weight": (d, hidden),
                  "width.weight": (SPAN_WIDTHS, d), "hidden.bias": (d,), "type.weight": (len(types) + 1, d),
                  "type.bias": (len(types) + 1,)}
        if not self.dimension:
            return {name: self.normal(*shape, scale=shape[-1]**-0.5) for name, shape in shapes.items()}
        # A unit for each word, which is at 5 where both its ends are right, and at no more than -5 elsewhere.
        head = {name: torch.zeros(shape) for name, shape in shapes.items()}
        head["hidden.bias"][:] = -15
        head["type.bias"][0] = OUTSIDE_LOGIT
        for unit, word in enumerate(words):
            for name, tokens in (("begin.weight", word.places[0]), ("end.weight", word.places[-1])):
                for token in tokens:
                    head[name][unit, self.dimension[token]] = 10 * hidden**-0.5
            head["type.weight"][1 + types.index(word.type), unit] = (OUTSIDE_LOGIT + word.log_odds) / 5
        return head

    def lora(self) -> dict[str, torch.Tensor]:
        tensors = {}
        for layer in range(self.given.layers):
            for name in LORA_TARGETS:
                rows, columns = self.linears()[name]
                module = f"base_model.model.model.layers.{layer}.{name}"
                tensors[f"{module}.lora_A.weight"] = self.normal(LORA_RANK, columns, scale=columns**-0.5)
                tensors[f"{module}.lora_B.weight"] = self.normal(rows, LORA_RANK, scale=0.2)
        return tensors


def write_stage(folder: pathlib.Path, weights: Weights, tokenizer: Tokenizer, words: list[Word], span: bool,
                adapter: bool) -> None:
    given = weights.given
    folder.mkdir()
    labels = ["O", *given.types] if span else labels_of(given.types, given.labels)
    write_json(folder / "config.json", weights.config(labels, "Qwen3Model" if span else "Qwen3ForTokenClassification"))
    if adapter:
        write_json(folder / "adapter_config.json", {
            "peft_type": "LORA", "task_type": "TOKEN_CLS", "base_model_name_or_path": None, "r": LORA_RANK,
            "lora_alpha": LORA_ALPHA, "lora_dropout": 0.0, "bias": "none", "fan_in_fan_out": False,
            "init_lora_weights": True, "use_rslora": False, "use_dora": False, "inference_mode": True,
            "target_modules": sorted(name.split(".")[1] for name in LORA_TARGETS),
            "modules_to_save": None if span else ["score"]})
        head = {} if span else {"base_model.model." + k: v for k, v in weights.score(labels, words).items()}
        write_safetensors(folder / "adapter_model.safetensors", weights.lora() | head)
    else:
        tensors = weights.encoder("") if span else weights.encoder("model.") | weights.score(labels, words)
        write_checkpoint(folder, tensors, given)
        write_json(folder / "tokenizer.json", tokenizer.json)
    if span:
        write_safetensors(folder / "head.safetensors", weights.span_head(given.types, words))


def manifest(given: argparse.Namespace) -> dict:
    def stage(name: str) -> dict:
        return {"folder": name} | ({"base": "base"} if given.adapter in (name, "both") else {})
    bundle = {"name": given.name, "version": "1", "types": given.types, "stage1": stage("stage1")}
    if given.stage2 != "none":
        bundle["stage2"] = stage("stage2") | {"head": given.stage2}
    return bundle | {
        "windows": {"max_tokens": given.max_tokens, "overlap_tokens": given.max_tokens // 8},
        "operating_points": {
            "high_recall": {"description": "reports what could be an entity", "tau": 0.01, "min_score": 0.2},
            "balanced": {"description": "the default", "tau": 0.05, "min_score": 0.5},
            "high_precision": {"description": "reports only what is all but certain", "tau": 0.1, "min_score": 0.9}},
        "card": {"data": "none: its weights were drawn, not trained"}}


def write_bundle(out, **options) -> pathlib.Path:
    """The same with the command line's options as keywords; `plant` and `stage2_plant` are lists. Replaces `out`."""
    given = arguments().parse_args(["--out", str(out)])
    unknown = options.keys() - vars(given).keys()
    if unknown:
        raise TypeError(f"no such options: {unknown}")
    vars(given).update(options)
    out = pathlib.Path(out)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)

    words = [Word.parse(argument) for argument in given.plant]
    stage2_words = words
    if given.stage2_plant:
        stage2_words = [Word.parse(argument) for argument in given.stage2_plant if argument != "none"]
    tokenizer, planted_ids = Tokenizer(), []
    for word in {id(word): word for word in words + stage2_words}.values():
        if word.type not in given.types:
            raise ValueError(f"--plant {word.text}: {word.type} is not among --types")
        tokenizer.learn(word)
        planted_ids += [token for place in word.places for token in place if token not in planted_ids]
    weights = Weights(given, planted_ids, -(-tokenizer.size // 64) * 64)

    (out / "bundle.yaml").write_text(yaml.safe_dump(manifest(given), sort_keys=False, allow_unicode=True))
    write_stage(out / "stage1", weights, tokenizer, words, False, given.adapter in ("stage1", "both"))
    if given.stage2 != "none":
        write_stage(out / "stage2", weights, tokenizer, stage2_words, given.stage2 == "span",
                    given.adapter in ("stage2", "both"))
    if given.adapter != "none":
        (out / "base").mkdir()
        write_json(out / "base/config.json", weights.config(None, "Qwen3ForCausalLM"))
        write_checkpoint(out / "base", weights.encoder("model."), given)
        write_json(out / "base/tokenizer.json", tokenizer.json)
    return out


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="folder to write; one that is there is replaced")
    parser.add_argument("--name", default="tiny")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--types", type=lambda s: s.split(","), default=["PERSON", "ADDRESS", "ORGANIZATION", "LOCATION"],
                        help="PERSON,ADDRESS,...")
    parser.add_argument("--labels", choices=["bioes", "bio"], default="bioes")
    parser.add_argument("--stage2", choices=["none", "tagger", "span"], default="none")
    parser.add_argument("--hidden", type=int, default=64, help="a multiple of the head's width")
    parser.add_argument("--head-dim", type=int, default=16)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--dtype", choices=["float32", "bfloat16", "float16"], default="float32")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--adapter", choices=["none", "stage1", "stage2", "both"], default="none",
                        help="stages that are PEFT adapters on the folder base/, a plain Qwen3 without a head")
    parser.add_argument("--plant", action="append", default=[], metavar="WORD=TYPE[@PROBABILITY]")
    parser.add_argument("--stage2-plant", action="append", default=[], metavar="WORD=TYPE[@PROBABILITY]|none")
    parser.add_argument("--max-tokens", type=int, default=512, help="of a window")
    return parser


if __name__ == "__main__":
    options = vars(arguments().parse_args())
    write_bundle(options.pop("out"), **options)
