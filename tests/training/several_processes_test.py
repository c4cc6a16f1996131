"""Several processes train as one does, end together, and go on where another number of them stopped."""

import json
import pathlib
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest
from trainers import CONFIG, difference, finish, kill_started, losses, start, write_run


@pytest.fixture
def folder(tmp_path) -> Iterator[pathlib.Path]:
    write_run(tmp_path)
    yield tmp_path
    kill_started()


def wait_for_steps(output: pathlib.Path, processes: list[subprocess.Popen]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (output / "log.jsonl").exists() and (output / "log.jsonl").stat().st_size > 0:
            return
        assert all(process.poll() is None for process in processes), [process.communicate() for process in processes]
        time.sleep(0.05)
    raise AssertionError("no step in a minute")


def test_two_learn_what_one_learns(folder):
    finish(start(folder, 1, "output=one"), [0])
    (said, _), (quiet, quiet_errors) = finish(start(folder, 2, "output=two"), [0, 0])
    assert "12 steps" in said and (quiet, quiet_errors) == ("", ""), "the first speaks for both"
    one, two = losses(folder / "one"), losses(folder / "two")
    assert one.keys() == two.keys() == set(range(1, 13)), "each step is logged once"
    assert max(abs(one[step] - two[step]) for step in one) < 1e-5
    assert one[12] < 0.9 * one[1], "they learn"
    assert difference(folder / "one/last", folder / "two/last") < 1e-5


def test_two_draw_the_same_records_in_each_pass(folder):
    (folder / "snippets.txt").write_text("{PER_EN} calls {MOBILE}\na letter from {PER_EN}\n{PER_EN} pays\n")
    (folder / "run.yaml").write_text(CONFIG.replace(
        "train: [train.jsonl]", "train: [{path: train.jsonl, swap: true}, {templates: snippets.txt}]"))
    finish(start(folder, 1, "output=one"), [0])
    finish(start(folder, 2, "output=two"), [0, 0])
    one, two = losses(folder / "one"), losses(folder / "two")
    assert one.keys() == two.keys() == set(range(1, 13))
    assert max(abs(one[step] - two[step]) for step in one) < 1e-5
    assert difference(folder / "one/last", folder / "two/last") < 1e-5

    (folder / "other.txt").write_text("{PER_EN} calls {MOBILE}\na letter from {PER_EN}\n{PER_EN} paid\n")
    (folder / "other.yaml").write_text((folder / "run.yaml").read_text().replace("snippets.txt", "other.txt"))
    _, (_, errors) = finish(start(folder, 2, "output=three", configs=("run.yaml", "other.yaml")), [2, 2])
    assert "other data than process 0" in errors


def test_two_adapt_as_one_does(folder):
    texts = [json.loads(line)["text"] for line in (folder / "train.jsonl").read_text().splitlines()]
    (folder / "text.txt").write_text("".join(text + "\n" for text in texts))
    (folder / "other.txt").write_text("".join(text.upper() + "\n" for text in texts))
    (folder / "adapt.yaml").write_text(CONFIG.replace("train.jsonl", "text.txt").replace(", mask_share: 0.1", ""))
    adapt = {"verb": ("adapt",), "configs": ("adapt.yaml",)}
    finish(start(folder, 1, "output=one", **adapt), [0])
    (said, _), (quiet, quiet_errors) = finish(start(folder, 2, "output=two", **adapt), [0, 0])
    assert "12 steps" in said and (quiet, quiet_errors) == ("", "")
    one, two = losses(folder / "one"), losses(folder / "two")
    assert one.keys() == two.keys() == set(range(1, 13))
    assert max(abs(one[step] - two[step]) for step in one) < 1e-5
    assert difference(folder / "one/last", folder / "two/last") < 1e-5

    _, (_, errors) = finish(start(folder, 2, "output=three", of_rank={1: ["data.train=other.txt"]}, **adapt), [2, 2])
    assert "other data than process 0" in errors


def test_what_two_began_one_finishes(folder):
    finish(start(folder, 1, "output=one", "optimizer.ema=0.5"), [0])
    two = start(folder, 2, "output=parted", "optimizer.ema=0.5", "checkpoint.every=5", "evaluate.every=0")
    finish(two, [0, 0])
    # Goes on from the checkpoint of step 5, as if it had been stopped there.
    for later in (folder / "parted/checkpoints").iterdir():
        if not later.name.endswith("05"):
            for file in later.iterdir():
                file.unlink()
            later.rmdir()
    finish(start(folder, 1, "output=parted", "optimizer.ema=0.5", "checkpoint.every=5", "evaluate.every=0"), [0])
    assert difference(folder / "one/last", folder / "parted/last") < 1e-5


def test_a_signal_to_one_stops_both_after_the_same_step(folder):
    processes = start(folder, 2, "output=stopped", "steps=1000000", "evaluate.every=0")
    wait_for_steps(folder / "stopped", processes)
    processes[1].send_signal(signal.SIGTERM)
    (_, said), (_, quiet) = finish(processes, [3, 3])
    assert "the same command goes on from there" in said and quiet == ""
    assert len(list((folder / "stopped/checkpoints").iterdir())) == 1


@pytest.mark.parametrize("killed", [0, 1])
def test_one_that_is_killed_ends_the_other(folder, killed):
    processes = start(folder, 2, "output=killed", "steps=1000000", "evaluate.every=0")
    wait_for_steps(folder / "killed", processes)
    begin = time.monotonic()
    processes[killed].kill()
    finish([processes[killed]], [-signal.SIGKILL])
    (_, errors), = finish([processes[1 - killed]], [2])
    assert time.monotonic() - begin < 10
    last = errors.splitlines()[-1]
    assert last.startswith(f"trainer: process {1 - killed} of 2: lost another process"), errors
    assert "frame #" not in errors


def test_one_that_fails_tells_the_others(folder):
    (_, first), (_, second) = finish(
        start(folder, 2, "output=failed", of_rank={1: ["data.train=nowhere.jsonl"]}), [2, 2])
    assert "process 1 of 2: " in second and "nowhere.jsonl: cannot be read" in second
    assert "process 0 of 2: stopped because of process 1: " in first and "nowhere.jsonl" in first
    (_, first), (_, second) = finish(start(folder, 2, "output=other", of_rank={1: ["seed=7"]}), [2, 2])
    assert "another configuration or other data than process 0" in first
    assert "another configuration or other data than process 0" in second


def test_a_step_that_cannot_be_shared_is_refused(folder):
    for _, errors in finish(start(folder, 2, "output=refused", "batch.accumulate=1"), [2, 2]):
        assert errors.startswith("trainer: batch.accumulate: "), errors
        assert len(errors.splitlines()) == 1
