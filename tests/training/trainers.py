"""Starts trainers as torchrun does and reads what they learned. Needs nothing but Python."""

import array
import json
import os
import pathlib
import socket
import struct
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRAINER = pathlib.Path(os.environ.get("PRIVET_BIN", ROOT / "build/release/bin")) / "trainer"
NAMES = ["Ann", "Bob", "Cy Dow", "Eve", "Flo Gray", "Hal", "Ida", "Jo King"]
CONFIG = f"""\
steps: 12
base: {{tokenizer: {ROOT}/tests/qwen3/small_tokenizer, hidden_size: 64, layers: 2, heads: 4, kv_heads: 2, head_dim: 16,
       intermediate_size: 96}}
method: {{kind: full}}
data: {{train: [train.jsonl], dev: [train.jsonl], max_tokens: 64, overlap_tokens: 8, mask_share: 0.1}}
batch: {{tokens: 96, accumulate: 4}}
optimizer: {{learning_rate: 0.001, epsilon: 1.0e-4}}
evaluate: {{every: 6}}
checkpoint: {{every: 0}}
compute: {{device: cpu}}
"""


def write_run(folder: pathlib.Path) -> None:
    """A run of a second: 32 invented sentences, in which a person is what stands behind "from" or before "calls"."""
    lines = []
    for i in range(32):
        name, number = NAMES[i % 8], 100 + i
        text = f"{name} calls {number}" if i % 2 else f"a letter {number} from {name}"
        begin = text.index(name)
        lines.append(json.dumps({"text": text, "spans": [[begin, begin + len(name), "PERSON"]]}) + "\n")
    (folder / "train.jsonl").write_text("".join(lines))
    (folder / "run.yaml").write_text(CONFIG)


_started: list[subprocess.Popen] = []


def kill_started() -> None:
    """What a failed test leaves behind would train on for days."""
    for process in _started:
        if process.poll() is None:
            process.kill()
            process.communicate()
    _started.clear()


def start(folder: pathlib.Path, count: int, *settings: str, of_rank: dict[int, list[str]] = {},
          verb: tuple[str, ...] = ("--stage", "1"), configs: tuple[str, ...] = ("run.yaml",)) -> list[subprocess.Popen]:
    """`count` trainers, with the environment that torchrun would give them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = []
    for rank in range(count):
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        if count > 1:
            environment |= {"RANK": str(rank), "WORLD_SIZE": str(count), "LOCAL_RANK": str(rank), "LOCAL_WORLD_SIZE": str(count),
                            "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        command = [str(TRAINER), *verb, "--config", configs[rank % len(configs)]]
        for setting in ["compute.threads=1", *settings, *of_rank.get(rank, [])]:
            command += ["--set", setting]
        processes.append(subprocess.Popen(command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
                                          stderr=subprocess.PIPE))
    _started.extend(processes)
    return processes


def finish(processes: list[subprocess.Popen], codes: list[int]) -> list[tuple[str, str]]:
    answers = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == codes, answers
    return answers


def weights(folder: pathlib.Path) -> dict[str, array.array]:
    content = (folder / "model.safetensors").read_bytes()
    size, = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + size])
    return {name: array.array("f", content[8 + size + tensor["data_offsets"][0]:8 + size + tensor["data_offsets"][1]])
            for name, tensor in header.items() if name != "__metadata__"}


def difference(one: pathlib.Path, other: pathlib.Path) -> float:
    a, b = weights(one), weights(other)
    assert a.keys() == b.keys()
    return max(abs(x - y) for name in a for x, y in zip(a[name], b[name], strict=True))


def losses(output: pathlib.Path) -> dict[int, float]:
    lines = [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
    return {line["step"]: line["loss"] for line in lines if "loss" in line}
