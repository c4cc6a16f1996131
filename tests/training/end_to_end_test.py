"""From snippets to a served bundle: synthesise, train both stages, export, calibrate, detect."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PRIVET_BIN", ROOT / "build/release/bin"))
SNIPPETS = """\
联系人：{PER}，电话{MOBILE}。
寄件人{PER}，收件人{PER}。
今天的会议由{PER}主持，共{NUM}人参加。
订单{ORDER}已经发货，共{AMT}。
Please call {PER_EN} before {TIME}.
Signed: {PER_EN}, on {DATE}.
The order {ORDER} was shipped on {DATE}.
"""
CONFIG = """\
output: {output}
seed: {seed}
steps: {steps}
base: {{tokenizer: {root}/tests/qwen3/small_tokenizer, hidden_size: 64, layers: 2, heads: 4, kv_heads: 2, head_dim: 16,
        intermediate_size: 128}}
method: {{kind: full}}
data: {{types: [PERSON], train: [parts/train.jsonl], dev: [parts/dev.jsonl], max_tokens: 128, overlap_tokens: 16}}
batch: {{tokens: 2048}}
optimizer: {{learning_rate: 0.01}}
evaluate: {{every: 0}}
checkpoint: {{every: 0}}
"""


def run(*arguments, code=0, cwd=None, text=None) -> subprocess.CompletedProcess:
    answer = subprocess.run([str(a) for a in arguments], cwd=cwd, input=text, capture_output=True, text=True, timeout=200)
    assert answer.returncode == code, answer.stdout + answer.stderr
    return answer


def write_config(folder: pathlib.Path, name: str, seed: int, steps: int = 150) -> pathlib.Path:
    config = folder / f"{name}.yaml"
    config.write_text(CONFIG.format(output=name, seed=seed, steps=steps, root=ROOT))
    return config


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("training")
    (folder / "snippets.txt").write_text(SNIPPETS)
    (folder / "parts").mkdir()
    for seed, (part, count) in enumerate({"train": 1500, "dev": 200, "calibration": 300}.items()):
        run(BIN / "trainer", "data", "synthesize", "--templates", "snippets.txt", "--count", count, "--seed", seed,
            "--out", f"parts/{part}.jsonl", cwd=folder)
    return folder


def test_a_bundle_is_made_and_finds_names(folder):
    for name, seed in (("one", 1), ("two", 2)):
        answer = run(BIN / "trainer", "--stage", seed, "--config", write_config(folder, name, seed), cwd=ROOT)
        assert "the model is in" in answer.stdout
    run(BIN / "trainer", "export", "--stage1", folder / "one", "--stage2", folder / "two", "--out", folder / "bundle", "--name",
        "names", "--card", "data=invented", "--max-tokens", 128, "--overlap-tokens", 16, "--bf16")
    weights = "model.safetensors"
    assert (folder / "bundle/stage1" / weights).stat().st_size < 0.6 * (folder / "one/best" / weights).stat().st_size
    calibrated = run(BIN / "trainer", "calibrate", "--bundle", folder / "bundle", "--data", folder / "parts/calibration.jsonl",
                     "--alpha", 0.2)
    manifest = (folder / "bundle/bundle.yaml").read_text()
    assert "weights:" in manifest and "alpha: 0.2" in manifest, calibrated.stdout

    report = folder / "report.json"
    run(BIN / "trainer", "evaluate", "--bundle", folder / "bundle", "--data", folder / "parts/dev.jsonl", "--json", report)
    assert json.loads(report.read_text())["exact"]["by_type"]["PERSON"]["f1"] > 0.7

    # Names of the lists in places that were learned.
    texts = [json.loads(line) for line in (folder / "parts/dev.jsonl").read_text().splitlines()]
    texts = [text for text in texts if any(kind == "PERSON" for _, _, kind in text["spans"])][:20]
    lines = "".join(text["text"] + "\n" for text in texts)
    answers = run(BIN / "privet", "detect", "--bundle", folder / "bundle", "--lines", "--json", text=lines).stdout.splitlines()
    found = 0
    for text, answer in zip(texts, answers, strict=True):
        spans = [[*finding["span"]["codepoints"], finding["type"]] for finding in json.loads(answer)["findings"]]
        found += all(span in spans for span in text["spans"] if span[2] == "PERSON")
    assert found >= 12, f"the names of {found} of 20 texts"


def test_stage_2_learns_from_what_models_of_stage_1_proposed(folder):
    config = write_config(folder, "one", 1)
    proposed = run(BIN / "trainer", "propose", "--config", config, "--set", f"output={folder}/folds", "--folds", 2, "--steps", 60,
                   "--out", folder / "parts/proposals.jsonl")
    assert f"{{path: {folder}/parts/proposals.jsonl, weight: 1}}" in proposed.stdout
    assert f"{{path: {folder}/parts/proposals.dev.jsonl}}" in proposed.stdout
    before = [json.loads(line) for line in (folder / "parts/train.jsonl").read_text().splitlines()]
    after = [json.loads(line) for line in (folder / "parts/proposals.jsonl").read_text().splitlines()]
    assert [(r["text"], r["spans"]) for r in before] == [(r["text"], r["spans"]) for r in after]
    proposals = [p for r in after for p in r["proposals"]]
    assert all(begin < end and 0.02 <= probability <= 1 for begin, end, _, probability in proposals)
    found = sum(span in [p[:3] for p in r["proposals"]] for r in after for span in r["spans"] if span[2] == "PERSON")
    assert found > 0.7 * sum(span[2] == "PERSON" for r in after for span in r["spans"])

    if not (folder / "one/best").exists():
        run(BIN / "trainer", "--stage", 1, "--config", config)
    text = config.read_text().replace("parts/train", "parts/proposals").replace("parts/dev", "parts/proposals.dev")
    for head in ("tagger", "span"):
        stage2 = folder / f"{head}.yaml"
        stage2.write_text(text.replace("output: one", f"output: {head}").replace("seed: 1", "seed: 2")
                          + f"head: {{kind: {head}{', size: 32' if head == 'span' else ''}}}\n")
        run(BIN / "trainer", "--stage", 2, "--config", stage2)
        bundle = folder / f"{head}-bundle"
        run(BIN / "trainer", "export", "--stage1", folder / "one", "--stage2", folder / head, "--out", bundle)
        assert f"head: {head}\n" in (bundle / "bundle.yaml").read_text()
        run(BIN / "trainer", "calibrate", "--bundle", bundle, "--data", folder / "parts/calibration.jsonl", "--alpha", 0.2)
        report = folder / f"{head}.json"
        run(BIN / "trainer", "evaluate", "--bundle", bundle, "--data", folder / "parts/dev.jsonl", "--json", report)
        assert json.loads(report.read_text())["exact"]["by_type"]["PERSON"]["f1"] > 0.7, head

    # A bundle proposes in what it has not learned from: its stage 1, whatever stage 2 would say.
    unseen = folder / "parts/calibration.jsonl"
    said = run(BIN / "trainer", "propose", "--bundle", bundle, "--data", unseen, "--out", folder / "unseen.jsonl").stdout
    records = [json.loads(line) for line in (folder / "unseen.jsonl").read_text().splitlines()]
    assert [r["text"] for r in records] == [json.loads(line)["text"] for line in unseen.read_text().splitlines()]
    assert f"{len(records)} records, {sum(len(r['proposals']) for r in records)} proposals" in said

    refused = run(BIN / "trainer", "export", "--stage1", folder / "span", "--out", folder / "b", code=2)
    assert "has a span head, which cannot propose" in refused.stderr
    refused = run(BIN / "trainer", "--stage", 2, "--config", folder / "span.yaml", "--set", f"base.folder={folder}/one", code=2)
    assert "was trained to find entities" in refused.stderr


def test_an_export_is_a_bundle_or_nothing(folder):
    config = write_config(folder, "short", 3, steps=1)
    run(BIN / "trainer", "--stage", 1, "--config", config)
    bundle = folder / "short-bundle"

    def export(*arguments, code=0):
        return run(BIN / "trainer", "export", "--stage1", folder / "short", "--out", bundle, *arguments, code=code)

    for arguments, reason in {
        ("--name", "a: b"): "name: must be 1 to 64 letters",
        ("--max-tokens", 8192): "short/best/config.json: max_position_embeddings: is 4096, less than a window's 8192 tokens",
        ("--overlap-tokens", 64): "overlap_tokens: must be at most a quarter",
        ("--stage2", folder / "nothing"): "config.json: is missing",
    }.items():
        refused = export(*arguments, code=2).stderr
        assert reason in refused and len(refused.splitlines()) == 1, refused
        assert not bundle.exists(), reason
    # Copied, and only then found to be no model: what was written is taken away.
    shutil.copytree(folder / "short", folder / "no-tokenizer")
    (folder / "no-tokenizer/best/tokenizer.json").unlink()
    assert "has no tokenizer.json" in export("--stage2", folder / "no-tokenizer", code=2).stderr
    assert not bundle.exists() and not (folder / "short-bundle.partial").exists()
    # A run that was stopped before its first evaluation.
    shutil.rmtree(folder / "no-tokenizer/best")
    assert "has judged no model yet" in export("--stage2", folder / "no-tokenizer", code=2).stderr

    assert "windows of 128 tokens that share 16" in export("--stage2", folder / "short/last").stdout
    run(BIN / "privet", "detect", "--bundle", bundle, text="Please call Ann Lee before noon.")
    assert "short-bundle: is there already" in export(code=2).stderr

    # More text for it: its stage 2 goes on as a stage 2, its stage 1 does not.
    goes_on = ["--config", config, "--set", f"output={folder}/more", "--set"]
    refused = run(BIN / "trainer", "--stage", 2, *goes_on, f"base.folder={bundle}/stage1", code=2)
    assert "or the stage 2 of a bundle" in refused.stderr
    run(BIN / "trainer", "--stage", 2, *goes_on, f"base.folder={bundle}/stage2")


def test_an_adapter_is_merged_and_a_vocabulary_cut(folder):
    """Each bundle says of the dev texts, all of whose tokens remain, what the adapter on its base says."""
    if not (folder / "one/best").exists():
        run(BIN / "trainer", "--stage", 1, "--config", write_config(folder, "one", 1))
    shutil.copytree(folder / "one/best", folder / "adapted-base")
    lora = folder / "lora.yaml"
    lora.write_text("""\
output: lora
steps: 20
base: {folder: adapted-base}
method: {kind: lora}
adapter: {rank: 4}
data: {types: [PERSON], train: [parts/train.jsonl], dev: [parts/dev.jsonl], max_tokens: 128, overlap_tokens: 16}
batch: {tokens: 2048}
optimizer: {learning_rate: 0.003}
""")
    run(BIN / "trainer", "--stage", 1, "--config", lora)
    run(BIN / "trainer", "vocabulary", "--tokenizer", folder / "lora/best", "--texts", folder / "parts/dev.jsonl", "--keep-han-merges",
        "--least-count", 1, "--out", folder / "few")

    def export(out, *arguments, code=0):
        return run(BIN / "trainer", "export", "--stage1", folder / "lora", "--stage2", folder / "lora", "--out", folder / out,
                   *arguments, code=code)

    for arguments in (["--bf16"], ["--vocabulary", folder / "few"]):
        assert f"{arguments[0]}: {folder}/lora/best: is an adapter" in export("refused", *arguments, code=2).stderr
    export("adapter")
    export("merged", "--merged")
    export("rounded", "--merged", "--bf16")
    export("cut", "--merged", "--vocabulary", folder / "few")
    (folder / "adapted-base").rename(folder / "adapted-base-elsewhere")
    assert "lora/best/adapter_config.json: base_model_name_or_path: " in export("refused", "--merged", code=2).stderr
    assert not (folder / "refused").exists()

    def findings(bundle):
        answers = run(BIN / "privet", "detect", "--bundle", folder / bundle, "--lines", "--json", text=lines).stdout
        return [[(f["type"], f["span"]["bytes"], f["score"]) for f in json.loads(line)["findings"]] for line in answers.splitlines()]

    texts = [json.loads(line)["text"] for line in (folder / "parts/dev.jsonl").read_text().splitlines()]
    lines = "".join(text.replace("\n", " ") + "\n" for text in texts[:60])
    merged = findings("merged")
    assert findings("cut") == merged
    (folder / "adapted-base-elsewhere").rename(folder / "adapted-base")
    assert findings("adapter") == merged and sum(map(len, merged)) > 20

    def stage(bundle):
        return {path.name: path.stat().st_size for path in (folder / bundle / "stage1").iterdir()}

    assert sorted(stage("merged")) == ["config.json", "model.safetensors", "tokenizer.json"]
    assert stage("rounded")["model.safetensors"] < 0.6 * stage("merged")["model.safetensors"]
    size = json.loads((folder / "cut/stage1/config.json").read_text())["vocab_size"]
    assert size == len(json.loads((folder / "few/tokenizer.json").read_text())["model"]["vocab"]) + 2 < 1505
    assert stage("cut")["model.safetensors"] == stage("merged")["model.safetensors"] - (1505 - size) * 64 * 4

    # What was merged and cut is a base, and a base can be cut before it learns.
    refused = run(BIN / "trainer", "--stage", 1, "--config", lora, "--set", f"base.folder={folder}/lora/best", "--set",
                  f"output={folder}/refused", code=2)
    assert "merge it into that with `trainer export --merged`" in refused.stderr
    run(BIN / "trainer", "--stage", 1, "--config", lora, "--set", f"base.folder={folder}/cut/stage1", "--set", f"output={folder}/on-cut",
        "--set", "steps=2")
    run(BIN / "trainer", "vocabulary", "--tokenizer", folder / "adapted-base", "--texts", folder / "parts/dev.jsonl", "--size", 400,
        "--keep-han-merges", "--out", folder / "fewer", "--model-out", folder / "small-base")
    run(BIN / "trainer", "--stage", 1, "--config", lora, "--set", f"base.folder={folder}/small-base", "--set", f"output={folder}/on-small",
        "--set", "steps=2")


def test_a_signal_stops_proposing_and_the_same_command_goes_on(folder):
    config = write_config(folder, "stopped_folds", 5, steps=100000)
    command = [BIN / "trainer", "propose", "--config", config, "--folds", "2", "--out", folder / "stopped.jsonl"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    log = folder / "stopped_folds/fold1/log.jsonl"
    deadline = time.monotonic() + 60
    while not (log.exists() and log.stat().st_size > 0) and time.monotonic() < deadline:
        time.sleep(0.1)
        assert process.poll() is None, process.stderr.read()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 3, errors
    assert "stopped; the same command goes on from there" in errors
    assert len(list((folder / "stopped_folds/fold1/checkpoints").iterdir())) == 1
    assert not (folder / "stopped.jsonl").exists()


def test_raw_text_makes_a_base_for_runs_that_draw_their_own_records(folder):
    texts = [json.loads(line)["text"] for line in (folder / "parts/train.jsonl").read_text().splitlines()]
    (folder / "text.txt").write_text("".join(text.replace("\n", " ") + "\n" for text in texts))
    config = folder / "adapt.yaml"
    config.write_text(f"""\
output: adapted
steps: 40
base: {{tokenizer: {ROOT}/tests/qwen3/small_tokenizer, hidden_size: 64, layers: 2, heads: 4, kv_heads: 2, head_dim: 16,
        intermediate_size: 128}}
data: {{train: [text.txt, parts/dev.jsonl], max_tokens: 128, overlap_tokens: 16}}
batch: {{tokens: 2048}}
optimizer: {{learning_rate: 0.003}}
""")
    answer = run(BIN / "trainer", "adapt", "--config", config)
    assert "best on held-out text" in answer.stdout
    log = [json.loads(line) for line in (folder / "adapted/log.jsonl").read_text().splitlines()]
    dev = [line["dev"] for line in log if "dev" in line][-1]
    assert dev["loss"] < dev["loss_by_frequency"], dev

    tagger = folder / "fresh.yaml"
    tagger.write_text(f"""\
output: fresh
steps: 5
base: {{folder: adapted/best}}
method: {{kind: full}}
data:
  train: [{{templates: snippets.txt, weight: 2}}, {{path: parts/train.jsonl, swap: true}}]
  dev: [parts/dev.jsonl]
  max_tokens: 128
  overlap_tokens: 16
batch: {{tokens: 2048}}
""")
    assert "7 lines, drawn anew in each pass" in run(BIN / "trainer", "--stage", 1, "--config", tagger).stderr
    assert json.loads((folder / "fresh/best/config.json").read_text())["is_causal"] is False


def start_run(folder: pathlib.Path, name: str, **options) -> subprocess.Popen:
    """A run of hours that has taken a step."""
    config = write_config(folder, name, 5, steps=100000)
    process = subprocess.Popen([BIN / "trainer", "--stage", "1", "--config", config], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, **options)
    log = folder / name / "log.jsonl"
    deadline = time.monotonic() + 60
    while not (log.exists() and log.stat().st_size > 0) and time.monotonic() < deadline:
        time.sleep(0.1)
        assert process.poll() is None, process.stderr.read()
    return process


def test_a_closed_terminal_saves(folder):
    process = start_run(folder, "hung_up")
    for _ in range(2):  # the kernel's and the shell's
        process.send_signal(signal.SIGHUP)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 3, errors
    assert len(list((folder / "hung_up/checkpoints").iterdir())) == 1


def test_a_signal_that_is_ignored_stays_so(folder):
    process = start_run(folder, "nohup", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.send_signal(signal.SIGHUP)
    steps = (folder / "nohup/log.jsonl").stat().st_size
    time.sleep(1)
    assert process.poll() is None
    assert (folder / "nohup/log.jsonl").stat().st_size > steps
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 3, errors


def test_a_signal_saves_and_the_same_command_goes_on(folder):
    process = start_run(folder, "stopped")
    config = folder / "stopped.yaml"
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 3, errors
    assert "the same command goes on from there" in errors
    assert errors.count("\nstep 1/100000  loss ") == 1 and errors.count("\nstep ") == 1, "a sign of life now and then"
    done = len(list((folder / "stopped/checkpoints").iterdir()))
    assert done == 1
    step = json.loads(next((folder / "stopped/checkpoints").iterdir()).joinpath("progress.json").read_text())["step"]
    changed = run(BIN / "trainer", "--stage", 1, "--config", config, "--set", f"steps={step + 2}", code=2)
    assert "another configuration" in changed.stderr


def test_what_is_wrong_is_one_line(folder):
    config = write_config(folder, "wrong", 1)
    def error(*arguments):
        lines = run(BIN / "trainer", *arguments, code=2).stderr.strip().splitlines()
        assert len(lines) == 1, lines
        return lines[0]
    assert "--config FILE is needed" in error("--stage", 1)
    assert "--stage: must be there" in error("--config", config)
    assert "is not a key" in error("--stage", 1, "--config", config, "--set", "optimizer.lr=1")
    raw = folder / "raw.yaml"
    raw.write_text(config.read_text().replace("types: [PERSON], ", ""))
    assert "data.types: is set, and this run does not read it; it is for stages 1 and 2" in error("adapt", "--config", config)
    assert "mask.share: is set, and this run does not read it; it is for trainer adapt" in error("--stage", 1, "--config", config,
                                                                                                "--set", "mask.share=0.3")
    assert "text.none: cannot be read" in error("adapt", "--config", raw, "--set", "data.train=text.none")
    config.write_text("output: x\noptimiser: {}\n")
    assert "wrong.yaml" in error("--stage", 1, "--config", config)
    assert "--folds: must lie between 2 and 100" in error("propose", "--config", write_config(folder, "wrong", 1), "--folds", 1, "--out", "x")
    assert "head.kind: span is for --stage 2" in error("propose", "--config", config, "--set", "head.kind=span", "--out", "x")
    assert "--tau: must lie between" in error("propose", "--config", config, "--tau", 2, "--out", "x")
    assert "needs --config" in error("propose", "--out", "x")
    of_folds = run(BIN / "trainer", "propose", "--bundle", folder, "--data", folder / "parts/dev.jsonl", "--folds", 3, "--out", "x", code=2)
    assert "--bundle excludes --folds" in of_folds.stderr
    assert "bundle.yaml" in error("propose", "--bundle", folder / "nothing", "--data", folder / "parts/dev.jsonl", "--out", folder / "x.jsonl")
    assert "config.json: is missing" in error("export", "--stage1", folder / "nothing", "--out", folder / "b")
    assert "nowhere: there is no such folder" in error("--stage", 1, "--config", config, "--set", f"base.folder={folder}/nowhere",
                                                       "--set", "data.train=[none.jsonl]")
    bundle = folder / "bundle"
    if bundle.exists():
        (folder / "few.jsonl").write_text('{"text": "a", "spans": []}\n')
        assert "a bound of 0.05 needs 19" in error("calibrate", "--bundle", bundle, "--data", folder / "few.jsonl")
