"""`trainer data` from a user's annotation to corrected parts: what it writes, and that the terminal shows no text."""

import json
import os
import pathlib
import random
import resource
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PRIVET_BIN", ROOT / "build/release/bin"))


def trainer(*arguments, folder, code=0):
    answer = subprocess.run([str(BIN / "trainer"), *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=60)
    assert answer.returncode == code, answer.stdout + answer.stderr
    return answer.stdout + answer.stderr


def data(*arguments, folder, code=0):
    return trainer("data", *arguments, folder=folder, code=code)


def write(path, records):
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def names(count):
    """Texts like no other, each with a name; every tenth is not marked, though models are sure of it."""
    draw = random.Random(1)
    for i in range(count):
        name = f"Nadu{chr(97 + i % 26)}{chr(97 + i // 26)}"
        text = f"{name} {''.join(draw.choices('bdfgklmnprstvz aeiou', k=60))}"
        yield {"text": text, "label": [[0, len(name), "PER"]] if i % 10 else [], "sender": f"s{i % 25}",
               "proposals": [[0, len(name), "PERSON", 0.98]]}


def test_a_label_of_the_map_that_nothing_has_is_said(tmp_path):
    write(tmp_path / "raw.jsonl", [{"text": "Ann at Acme", "spans": [[0, 3, "PER"], [7, 11, "ORG"]]}])
    (tmp_path / "map.yaml").write_text("labels: {per: ignore, ORG: ORGANIZATION}\n")
    shown = data("convert", "raw.jsonl", "--labels", "map.yaml", "--out", "all.jsonl", folder=tmp_path)
    assert "map.yaml: label 'per' is no entity's in these files" in shown and "'ORG'" not in shown


def test_a_report_that_cannot_be_written_is_an_error(tmp_path):
    write(tmp_path / "all.jsonl", [{"text": "Ann", "spans": [[0, 3, "PERSON"]]}])
    for command in (["data", "inspect", "--json", "all.jsonl"], ["data", "convert", "all.jsonl", "--out", "out.jsonl"], ["config"], ["--help"]):
        with open("/dev/full", "w") as full:
            answer = subprocess.run([str(BIN / "trainer"), *command], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
        assert (answer.returncode, answer.stderr) == (2, "trainer: stdout: cannot be written; what was written is not whole\n"), command


def test_from_annotation_to_corrected_parts(tmp_path):
    write(tmp_path / "mine.json", names(300))
    shown = data("convert", "mine.json", "--from", "doccano", "--out", "all.jsonl", folder=tmp_path)
    assert "300 records (270 with entities) as doccano 300" in shown
    assert "labels read as types, by what they mean elsewhere (--labels says otherwise): PER as PERSON 270" in shown

    inspected = data("inspect", "all.jsonl", "--json", folder=tmp_path)
    facts = json.loads(inspected)
    assert (facts["records"], facts["without_entities"]) == (300, 30)
    shown += inspected + data("inspect", "all.jsonl", folder=tmp_path)
    assert "Nadu" in data("inspect", "all.jsonl", "--values", folder=tmp_path)

    shown += data("audit", "all.jsonl", "--out", "suspects.jsonl", "--top", 25, folder=tmp_path)
    assert "25 suspects (the first of 30)" in shown
    suspects = read(tmp_path / "suspects.jsonl")
    assert {suspect["kind"] for suspect in suspects} == {"missed"}
    assert all((suspect["line"] - 1) % 10 == 0 and suspect["value"].startswith("Nadu") for suspect in suspects)

    write(tmp_path / "reviewed.jsonl", [suspect | {"accept": i < 20} for i, suspect in enumerate(suspects)])
    shown += data("audit", "all.jsonl", "--apply", "reviewed.jsonl", "--out", "better.jsonl", folder=tmp_path)
    assert "300 records, 20 changed; 20 suggestions applied, 5 declined, 0 not decided" in shown
    better = read(tmp_path / "better.jsonl")
    assert sum(len(record["spans"]) for record in better) == 290
    assert all(set(record) == {"text", "spans", "proposals", "sender"} for record in better)

    shown += data("split", "better.jsonl", "--out", "parts", "--group", "sender", folder=tmp_path)
    parts = [read(tmp_path / "parts" / f"{part}.jsonl") for part in ("train", "dev", "calibration")]
    assert sum(map(len, parts)) == 300 and all(parts)
    senders = [{record["sender"] for record in part} for part in parts]
    assert not (senders[0] & senders[1] or senders[0] & senders[2] or senders[1] & senders[2])
    assert "Nadu" not in shown


def test_what_cannot_be_done_leaves_no_file_and_says_why(tmp_path):
    (tmp_path / "broken.json").write_text('[{"text": "Ann", "spans": []}, {"text"')
    assert "broken.json: begins like a JSON array, but ends at byte 38, before" in data("convert", "broken.json", "--out", "all.jsonl", folder=tmp_path, code=2)
    assert "nowhere.jsonl: cannot be read" in data("audit", "nowhere.jsonl", "--out", "all.jsonl", folder=tmp_path, code=2)
    write(tmp_path / "other.jsonl", [{"text": "Ann", "entities": [{"start": 0, "end": 3, "label": "PER"}]}] * 3)
    refused = data("inspect", "other.jsonl", folder=tmp_path, code=2)
    assert "other.jsonl: none of its 3 lines is a record" in refused and "`trainer data convert` reads other shapes" in refused
    (tmp_path / "other.jsonl").unlink()
    write(tmp_path / "one.jsonl", [{"text": "Ann", "spans": []}])
    assert "no record has a field 'sender'" in data("split", "one.jsonl", "--out", ".", "--group", "sender", folder=tmp_path, code=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.json", "one.jsonl"]


def test_labels_that_are_text_reach_no_terminal(tmp_path):
    write(tmp_path / "swapped.jsonl", [{"text": "Anna Seekrit", "spans": [[0, 4, label]]} for label in ("Anna Seekrit 13800138000", "Seekrit", "HERO")])
    shown = data("inspect", "swapped.jsonl", folder=tmp_path, code=2)
    shown += data("convert", "swapped.jsonl", "--out", "all.jsonl", folder=tmp_path, code=2)
    assert "      HERO: unsure" in shown and "2 more unknown labels are not shown" in shown
    assert "Seekrit" not in shown + (tmp_path / "all.jsonl.unusable").read_text()


def test_convert_suspects_offsets_that_cut_words(tmp_path):
    text = "Then Jane Doe met Ann Lee in Oslo"
    write(tmp_path / "right.jsonl", [{"text": text, "spans": [[5, 13, "PER"], [18, 25, "PER"], [29, 33, "LOC"]]}] * 3)
    write(tmp_path / "shifted.jsonl", [{"text": text, "spans": [[6, 14, "PER"], [19, 26, "PER"], [28, 32, "LOC"]]}] * 3)
    assert "inside a word" not in data("convert", "right.jsonl", "--out", "a.jsonl", folder=tmp_path)
    assert "9 marks begin or end inside a word" in data("convert", "shifted.jsonl", "--out", "b.jsonl", folder=tmp_path)


def test_inspect_gives_no_advice_on_what_it_could_not_read(tmp_path):
    write(tmp_path / "raw.jsonl", [{"text": f"text {i}", "spans": []} for i in range(8)])
    assert "most texts have no entity" in data("inspect", "raw.jsonl", folder=tmp_path)
    with (tmp_path / "raw.jsonl").open("a") as file:
        file.write(json.dumps({"text": "Ann", "spans": [[0, 3, "HERO"]]}) + "\n")
    assert "most texts have no entity" not in data("inspect", "raw.jsonl", folder=tmp_path)
    shown = data("inspect", "raw.jsonl", "--json", folder=tmp_path)  # and before it which line
    assert json.loads(shown[:shown.rindex("}") + 1])["unusable"] == 1


def test_split_names_the_parts_of_an_earlier_split(tmp_path):
    write(tmp_path / "all.jsonl", [{"text": f"text {chr(97 + i) * 40}", "spans": []} for i in range(20)])
    first = data("split", "all.jsonl", "--out", "parts", folder=tmp_path)
    assert "not of this split" not in first
    second = data("split", "all.jsonl", "--out", "parts", "--parts", "train=1,test=1", folder=tmp_path)
    assert "not of this split: calibration.jsonl, dev.jsonl" in second


def test_split_says_which_lines_are_in_no_part_and_which_parts_are_empty(tmp_path):
    (tmp_path / "all.jsonl").write_text('{"text": "Ann", "spans": []}\n{"text": "Ann", "spans": [[0, 3, "HERO"]]}\n' + "{\n" * 3)
    shown = data("split", "all.jsonl", "--out", "parts", folder=tmp_path, code=2)
    assert "4 lines are in no part; --allow-unusable" in shown
    assert "dev.jsonl: is empty" in shown and "calibration.jsonl: is empty" in shown and "train.jsonl: is empty" not in shown
    assert len(read(tmp_path / "parts/train.jsonl")) == 1
    data("split", "all.jsonl", "--out", "parts", "--allow-unusable", folder=tmp_path)


def test_types_that_a_source_covers_are_one_list_before_the_file(tmp_path):
    write(tmp_path / "mine.jsonl", names(2))
    data("convert", "--covers", "PERSON,LOCATION", "mine.jsonl", "--out", "all.jsonl", folder=tmp_path)
    assert all(record["covers"] == ["PERSON", "LOCATION"] for record in read(tmp_path / "all.jsonl"))


def test_a_folder_in_place_of_a_file_is_refused_by_its_name(tmp_path):
    write(tmp_path / "one.jsonl", [{"text": "Ann", "spans": []}])
    (tmp_path / "d").mkdir()
    for command in ("data inspect d", "data split d --out parts", "data audit d --out x", "data audit one.jsonl --apply d --out x",
                    "data convert d --out x", "data convert one.jsonl --labels d --out x", "data synthesize --swap d --out x",
                    "evaluate --rules-only --data d", "--stage 1 --config d"):
        assert trainer(*command.split(), folder=tmp_path, code=2) == "trainer: d: is a folder, not a file\n", command


def test_what_nobody_caught_ends_in_one_line(tmp_path):
    shown = trainer("export", "--stage1", "x" * 300, "--out", "bundle", folder=tmp_path, code=2)
    assert shown.startswith("trainer: ") and "File name too long" in shown and shown.count("\n") == 1


def test_no_file_that_is_read_is_written(tmp_path):
    write(tmp_path / "mine.jsonl", [{"text": "Ann", "spans": []}] * 3)
    for folder, names in {"parts": ["train.jsonl"], "snippets": ["one.txt"], "small": ["tokenizer.json"]}.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_text('{"text": "Ann", "spans": []}\n')
    def files():
        return {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    before = files()
    for command in ("data audit mine.jsonl --out mine.jsonl", "data audit mine.jsonl --apply parts/train.jsonl --out parts/train.jsonl",
                    "data convert mine.jsonl --out ./mine.jsonl", "data convert mine.jsonl --labels snippets/one.txt --out snippets/one.txt",
                    "data split parts/train.jsonl --out parts", "data synthesize --swap mine.jsonl --out mine.jsonl",
                    "data synthesize --templates snippets --out snippets/one.txt",
                    "vocabulary --tokenizer small --texts mine.jsonl --out small"):
        assert "would be overwritten" in trainer(*command.split(), folder=tmp_path, code=2), command
    assert files() == before


def test_parts_have_names_of_their_own_in_one_folder(tmp_path):
    write(tmp_path / "one.jsonl", [{"text": "Ann", "spans": []}])
    assert "'train' stands there twice" in data("split", "one.jsonl", "--out", "parts", "--parts", "train=0.5,train=0.5",
                                                folder=tmp_path, code=2)
    assert "must hold no '/'" in data("split", "one.jsonl", "--out", "parts", "--parts", "../one=1", folder=tmp_path, code=2)
    assert [path.name for path in tmp_path.iterdir()] == ["one.jsonl"]


def test_records_that_cannot_be_used_are_listed_beside_the_others(tmp_path):
    write(tmp_path / "mine.jsonl", [{"text": "Ann", "spans": []}, {"text": "Bob", "spans": [[0, 9, "PERSON"]]}])
    shown = data("convert", "mine.jsonl", "--out", "all.jsonl", folder=tmp_path, code=2)
    assert "unusable: 1, listed in all.jsonl.unusable" in shown
    assert (tmp_path / "all.jsonl.unusable").read_text().startswith("mine.jsonl:2: offsets [0, 9)")
    write(tmp_path / "mine.jsonl", [{"text": "Ann", "spans": []}])
    data("convert", "mine.jsonl", "--out", "all.jsonl", folder=tmp_path)
    assert not (tmp_path / "all.jsonl.unusable").exists()


def test_a_full_disk_is_said_and_holds_no_half_of_a_file(tmp_path):
    (tmp_path / "snippets.txt").write_text("call {PER} at {MOBILE}\n")
    def fill(*_):  # as a disk that takes no more than this
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    answer = subprocess.run([str(BIN / "trainer"), "data", "synthesize", "--templates", "snippets.txt", "--count", "1000000000", "--out",
                             "s.jsonl"], cwd=tmp_path, capture_output=True, text=True, timeout=60, preexec_fn=fill,
                            restore_signals=False)  # of which SIGXFSZ would end it
    assert (answer.returncode, answer.stderr) == (2, "trainer: s.jsonl: cannot be written: File too large\n")
    assert [path.name for path in tmp_path.iterdir()] == ["snippets.txt"]


def test_a_signal_leaves_no_half_of_a_file_and_is_said(tmp_path):
    (tmp_path / "snippets.txt").write_text("call {PER} at {MOBILE}\n")
    process = subprocess.Popen([str(BIN / "trainer"), "data", "synthesize", "--templates", "snippets.txt", "--count", "1000000000", "--out",
                                "s.jsonl"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "s.jsonl.partial").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM
    assert errors == f"trainer: stopped by a signal; not written: {tmp_path.resolve()}/s.jsonl\n"
    assert [path.name for path in tmp_path.iterdir()] == ["snippets.txt"]


def test_why_a_folder_cannot_be_made_is_said(tmp_path):
    write(tmp_path / "one.jsonl", [{"text": "Ann", "spans": []}])
    (tmp_path / "file").write_text("")
    for command in ("data split one.jsonl --out file/parts", "vocabulary --tokenizer t --texts one.jsonl --out file/parts",
                    "propose --bundle b --data one.jsonl --out file/parts/x.jsonl"):
        assert trainer(*command.split(), folder=tmp_path, code=2) == "trainer: file/parts: cannot be made: Not a directory\n", command


def test_an_audit_of_nothing_is_an_error(tmp_path):
    write(tmp_path / "raw.jsonl", [{"text": "Ann", "entities": []}] * 3)
    shown = data("audit", "raw.jsonl", "--out", "suspects.jsonl", folder=tmp_path, code=2)
    assert "raw.jsonl: none of its 3 lines is a record" in shown and shown.count("\n") == 1
    write(tmp_path / "one.jsonl", [{"text": "Ann", "spans": []}])
    shown = data("audit", "one.jsonl", "--apply", "raw.jsonl", "--out", "better.jsonl", folder=tmp_path, code=2)
    assert "raw.jsonl: none of its 3 lines is a suspect" in shown
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.jsonl", "raw.jsonl"]


def test_counts_and_seeds_are_no_less_than_nothing_and_fit(tmp_path):
    (tmp_path / "snippets.txt").write_text("call {PER} at {MOBILE}\n")
    write(tmp_path / "one.jsonl", [{"text": "Ann", "spans": []}])
    for value in ("-1", "99999999999999999999999"):
        for command in ("data synthesize --templates snippets.txt --out x --count", "data synthesize --templates snippets.txt --out x --seed",
                        "data synthesize --templates snippets.txt --out x --epoch", "data split one.jsonl --out x --seed",
                        "data audit one.jsonl --out x --top", "label --bundle b --texts one.jsonl --out x --most",
                        "vocabulary --tokenizer t --texts one.jsonl --out x --size",
                        "vocabulary --tokenizer t --texts one.jsonl --out x --least-count",
                        "propose --config c.yaml --out x --steps"):
            assert f"{value} not in range" in trainer(*command.split(), value, folder=tmp_path, code=2), command
    assert not (tmp_path / "x").exists()
