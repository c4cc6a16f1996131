"""`trainer evaluate` and `trainer calibrate` on a whole bundle that knows some words by heart."""

import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PRIVET_BIN", ROOT / "build/release/bin"))
sys.path.insert(0, str(ROOT / "tests/bundles"))
from make_bundle import write_bundle  # noqa: E402

# Both stages know the names, one of them faintly. 华阳 is a word that stage 1 alone takes for a name.
STAGE1 = ["王小明=PERSON@0.9", "李雷=PERSON@0.3", "北京市=LOCATION@0.9", "华阳=PERSON@0.7"]
STAGE2 = ["王小明=PERSON@0.95", "李雷=PERSON@0.4", "北京市=LOCATION@0.9", "华阳=PERSON@0.02"]
WORDS = {"王小明": "PERSON", "李雷": "PERSON", "北京市": "LOCATION", "华阳": None}


def trainer(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run([BIN / "trainer", *arguments], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "OMP_WAIT_POLICY": "passive"})  # waiting threads must not slow a busy machine


def write_records(path: pathlib.Path, count: int, seed: int, extra=()) -> pathlib.Path:
    draw = random.Random(seed)
    lines = list(extra)
    for _ in range(count):
        text, spans = "", []
        for word in draw.choices(list(WORDS), k=draw.randint(1, 5)):
            text += draw.choice(["今天见到", "电话里说起", "then we met "])
            if WORDS[word]:
                spans.append([len(text), len(text) + len(word), WORDS[word]])
            text += word + "。"
        lines.append(json.dumps({"text": text, "spans": spans}, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_bundle(tmp_path_factory.mktemp("bundle") / "tiny", stage2="tagger", plant=STAGE1, stage2_plant=STAGE2)


def evaluate(bundle, data, tmp_path, *flags):
    out = tmp_path / "report.json"
    answer = trainer("evaluate", "--bundle", bundle, "--data", data, "--json", out, *flags)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout, json.loads(out.read_text())


def test_evaluate_counts_what_the_bundle_finds_and_says_why_the_rest_is_missed(bundle, tmp_path):
    data = write_records(tmp_path / "data.jsonl", 60, 1)
    text = data.read_text()
    known, faint, place = (text.count(word) for word in ("王小明", "李雷", "北京市"))
    shown, report = evaluate(bundle, data, tmp_path, "--train", write_records(tmp_path / "train.jsonl", 5, 2))
    person = report["exact"]["by_type"]["PERSON"]
    assert (person["entities"], person["found"], person["findings"]) == (known + faint, known, known)
    assert report["exact"]["by_type"]["LOCATION"]["recall"] == 1 and report["exact"]["by_type"]["LOCATION"]["found"] == place
    assert report["misses"]["total"] == report["misses"]["threshold"] == faint
    assert report["parts"]["fused"]["exact"]["micro"]["f1"] == 1  # between 李雷 and 华阳 there is a threshold
    assert report["parts"]["stage1"]["exact"]["micro"]["f1"] < 1
    assert report["recall_by_seen"]["seen"]["entities"] > 0
    assert "below the least score" in shown and "fusion is not fitted" in shown


def test_evaluate_tells_a_bundle_from_another_and_from_its_parts(bundle, tmp_path):
    data = write_records(tmp_path / "data.jsonl", 20, 3)
    deaf = write_bundle(tmp_path / "deaf", plant=["北京市=LOCATION"])
    shown, report = evaluate(bundle, data, tmp_path, "--against", deaf)
    assert "the difference in micro F1 is more than chance" in shown
    assert 0 < report["f1_difference"][0] <= report["f1_difference"][1]
    assert report["against"]["exact"]["by_type"]["PERSON"]["found"] == 0
    assert report["against"]["misses"]["no_candidate"] > 0
    assert "Against bundle tiny" in shown
    assert evaluate(bundle, data, tmp_path, "--stage1-only")[1]["exact"]["micro"]["findings"] > report["exact"]["micro"]["findings"]
    assert evaluate(bundle, data, tmp_path, "--rules-only")[1]["exact"]["micro"]["found"] == 0


def test_the_page_holds_texts_only_when_asked(bundle, tmp_path):
    data = write_records(tmp_path / "data.jsonl", 10, 4)
    for flags, holds in ((), False), (("--texts",), True):
        evaluate(bundle, data, tmp_path, "--html", tmp_path / "page.html", *flags)
        page = (tmp_path / "page.html").read_text()
        assert ("李雷" in page) == holds and "<svg" in page and "<script" not in page


def test_lines_that_are_no_records_are_named_and_faults_are_one_line(bundle, tmp_path):
    data = write_records(tmp_path / "data.jsonl", 3, 5, extra=["{", '{"text": "王小明", "spans": [[0, 9, "PERSON"]]}'])
    shown, report = evaluate(bundle, data, tmp_path)
    assert len(report["unusable"]) == 2 and "data.jsonl:1" in report["unusable"][0]
    assert shown.startswith("2 of 5 lines are no records and count nowhere; they stand at the end\n")
    assert "王小明" not in shown
    for flags, reason in ((("--bundle", bundle, "--operating-point", "best"), "there are high_recall, balanced"),
                          ((), "--bundle DIR is needed"), (("--bundle", tmp_path / "none"), "none")):
        answer = trainer("evaluate", "--data", data, *flags)
        assert answer.returncode == 2 and reason in answer.stderr and answer.stderr.count("\n") == 1, answer.stderr


def test_data_of_another_taxonomy_is_no_report(bundle, tmp_path):
    data = tmp_path / "data.jsonl"
    foreign = ['{"text": "王小明", "spans": [[0, 3, "HERO"]]}'] * 30
    data.write_text("\n".join(foreign + ['{"text": "nothing", "spans": []}']) + "\n")
    answer = trainer("evaluate", "--bundle", bundle, "--data", data)
    assert answer.returncode == 2 and answer.stdout == "" and answer.stderr.count("\n") == 1
    assert "30 of 31 lines are no records, and the others have no entity" in answer.stderr
    write_records(data, 3, 5, extra=foreign)
    shown, report = evaluate(bundle, data, tmp_path)
    assert shown.startswith("30 of 33 lines are no records and count nowhere; the first of them stand at the end\n")
    assert shown.count("is not an entity type") == 20 and len(report["unusable"]) == 30
    # Texts without any entity are data as well: what is found there is wrong, and nothing is compared.
    data.write_text('{"text": "今天见到华阳。", "spans": []}\n' * 3)
    shown, report = evaluate(bundle, data, tmp_path, "--against", bundle)
    assert "no text has an entity, so there is no recall and no F1 to compare" in shown and "chance" not in shown
    assert "told apart" not in shown and report["f1_difference"] is None


def test_a_file_whose_name_is_no_utf8_and_a_label_that_is_text_end_no_run_and_show_nothing(tmp_path):
    data = os.fsencode(write_records(tmp_path / "data.jsonl", 3, 1, extra=['{"text": "李雷", "spans": [[0, 2, "' + 39 * "a" + '李雷"]]}']))
    named = os.fsencode(tmp_path) + b"/\xcd\xf5.jsonl"
    os.rename(data, named)
    answer = subprocess.run([BIN / "trainer", "evaluate", "--rules-only", "--data", named, "--json", tmp_path / "report.json"],
                            capture_output=True, timeout=120)
    assert answer.returncode == 0, answer.stderr
    (unusable,) = json.loads((tmp_path / "report.json").read_text())["unusable"]
    assert "\ufffd.jsonl:1: label number 1" in unusable
    assert b"aaa" not in answer.stdout + answer.stderr


def test_calibrate_finds_the_threshold_between_the_faint_name_and_the_wrong_word(bundle, tmp_path):
    data = write_records(tmp_path / "data.jsonl", 400, 6)
    out = tmp_path / "calibrated"
    answer = trainer("calibrate", "--bundle", bundle, "--data", data, "--alpha", "0.1", "--out", out)
    assert answer.returncode == 0, answer.stderr
    assert "is at most 0.1" in answer.stdout
    manifest = (out / "bundle.yaml").read_text()
    assert "split: \"data.jsonl" in manifest or "split: data.jsonl" in manifest
    assert "seed: 1" in manifest and "alpha: 0.1" in manifest
    assert (out / "bundle.yaml.previous").read_text() == (bundle / "bundle.yaml").read_text()
    info = subprocess.run([BIN / "privet", "info", "--json", "--bundle", out], capture_output=True, text=True, timeout=60)
    assert json.loads(info.stdout)["models"]["calibration"]["alpha"] == 0.1
    fresh = write_records(tmp_path / "fresh.jsonl", 100, 7)
    before, after = (evaluate(b, fresh, tmp_path)[1] for b in (bundle, out))
    assert before["exact"]["micro"]["recall"] < 0.8 < after["exact"]["micro"]["recall"]
    assert after["exact"]["micro"]["f1"] == 1
    high_recall = evaluate(out, fresh, tmp_path, "--operating-point", "high_recall")[1]
    assert high_recall["missed_share"] <= 0.1 and high_recall["bound"].startswith("at most 0.1 at high_recall")
    ece = "expected_calibration_error"
    assert after["reliability"][ece] < before["reliability"][ece]
    assert "tau: 0.005" in manifest
    # In place, and once more: the blocks are replaced, not repeated, and tau may rise again.
    answer = trainer("calibrate", "--bundle", out, "--data", data, "--alpha", "0.1", "--seed", "2", "--tau", "0.03")
    assert answer.returncode == 0, answer.stderr
    assert (out / "bundle.yaml").read_text().count("calibration:") == 1
    assert "seed: 2" in (out / "bundle.yaml").read_text()
    assert "tau: 0.03" in (out / "bundle.yaml").read_text() and "tau: 0.005" not in (out / "bundle.yaml").read_text()


def test_a_copy_is_whole_or_not_there(bundle, tmp_path):
    data = write_records(tmp_path / "data.jsonl", 400, 6)
    out = tmp_path / "calibrated"
    command = ["calibrate", "--bundle", bundle, "--data", data, "--alpha", "0.1", "--out", out]
    def fill(*_):  # as a disk that takes no more than this
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    answer = subprocess.run([BIN / "trainer", *command], capture_output=True, text=True, timeout=120, preexec_fn=fill,
                            restore_signals=False, env={**os.environ, "OMP_WAIT_POLICY": "passive"})
    assert answer.returncode == 2 and answer.stderr.endswith(": cannot be written: File too large\n"), answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["data.jsonl"]
    (tmp_path / "calibrated.partial").mkdir()  # left by one that was killed
    (tmp_path / "calibrated.partial/half").write_text("half")
    answer = trainer(*command[:-1], str(out) + "/")
    assert answer.returncode == 0, answer.stderr
    assert not (out / "half").exists() and not (tmp_path / "calibrated.partial").exists()
    # No copy is made in what it is made of.
    shutil.copytree(bundle, tmp_path / "copy.partial")
    assert "would be removed" in refused("calibrate", "--bundle", tmp_path / "copy.partial", "--data", data, "--out", tmp_path / "copy")


def test_calibrate_refuses_too_few_documents_and_leaves_the_bundle_alone(bundle, tmp_path):
    data = write_records(tmp_path / "data.jsonl", 12, 8)
    manifest = (bundle / "bundle.yaml").read_bytes()
    answer = trainer("calibrate", "--bundle", bundle, "--data", data)
    assert answer.returncode == 2 and "a bound of 0.05 needs 19" in answer.stderr
    assert (bundle / "bundle.yaml").read_bytes() == manifest


def refused(*arguments):
    """What a command says that has read no text: it shows nothing, and does not come to see that there is none."""
    answer = trainer(*arguments)
    assert answer.returncode == 2 and answer.stdout == "" and answer.stderr.count("\n") == 1, answer.stderr
    return answer.stderr


def test_what_can_be_known_is_said_before_any_text_is_read(bundle, tmp_path):
    none = tmp_path / "none.jsonl"
    none.write_text("no record\n")
    judged = ("--bundle", bundle, "--data", none)
    assert "is there already" in refused("calibrate", *judged, "--out", tmp_path)
    assert "lies in the bundle" in refused("calibrate", *judged, "--out", bundle / "calibrated")
    assert "No such file or directory" in refused("calibrate", *judged, "--out", tmp_path / "none" / "calibrated")
    assert "--margin" in refused("calibrate", *judged, "--margin", "0.3")
    assert "nowhere/bundle.yaml" in refused("evaluate", *judged, "--against", tmp_path / "nowhere")
    assert "x.json: cannot be written: No such file or directory" in refused("evaluate", *judged, "--json", tmp_path / "nowhere" / "x.json")
    assert "is a folder" in refused("evaluate", *judged, "--html", tmp_path)
    assert "would be written twice" in refused("evaluate", *judged, "--json", tmp_path / "x", "--html", tmp_path / "x")
    assert "would be overwritten" in refused("evaluate", *judged, "--json", none)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["none.jsonl"]


def test_a_copy_needs_its_base_where_the_manifest_says(tmp_path):
    golden, here = ROOT / "tests/bundles/hf_golden", tmp_path / "here"
    shutil.copytree(golden, here / "golden")
    (here / "golden/base").rename(here / "base")
    manifest = here / "golden/bundle.yaml"
    manifest.write_text(manifest.read_text().replace("base: base", "base: ../base"))
    (tmp_path / "none.jsonl").write_text("no record\n")
    judged = ("--bundle", here / "golden", "--data", tmp_path / "none.jsonl")
    assert "lies beside the bundle" in refused("calibrate", *judged, "--out", tmp_path / "calibrated")
    assert "holds no record" in refused("calibrate", *judged, "--out", here / "calibrated")
    assert "holds no record" in refused("calibrate", "--bundle", golden, "--data", tmp_path / "none.jsonl", "--out", tmp_path / "calibrated")


def test_label_marks_what_the_bundle_is_sure_of_and_leaves_the_files_that_it_cannot_use(bundle, tmp_path):
    texts, out = tmp_path / "in.txt", tmp_path / "out.jsonl"
    texts.write_text("今天见到王小明。\n电话里说起李雷。\n")
    labeled = ("label", "--bundle", bundle, "--texts", texts, "--out")
    assert "would be overwritten" in refused(*labeled, texts)
    assert "No such file or directory" in refused(*labeled, tmp_path / "none" / "out.jsonl")
    out.write_text("mine")
    assert "nofile.txt: cannot be read" in refused("label", "--bundle", bundle, "--texts", texts, tmp_path / "nofile.txt", "--out", out)
    assert out.read_text() == "mine" and texts.read_text().startswith("今天")
    answer = trainer(*labeled, out)
    assert answer.returncode == 0, answer.stderr
    assert "2 texts: 1 records (1 with entities), 1 doubtful" in answer.stdout
    assert json.loads(out.read_text())["spans"] == [[4, 7, "PERSON"]]
    answer = trainer(*labeled, out, "--types", "PERSON,LOCATION")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(out.read_text())["covers"] == ["PERSON", "LOCATION"]
    assert "--types: 'PERSN' is not an entity type; did you mean PERSON?" in refused(*labeled, out, "--types", "PERSN")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt", "out.jsonl"]


def test_a_signal_stops_proposing_by_a_bundle_and_the_same_command_goes_on(bundle, tmp_path):
    data = write_records(tmp_path / "data.jsonl", 20000, 9)
    whole, out, unfinished = (tmp_path / name for name in ("whole.jsonl", "out.jsonl", "out.jsonl.unfinished"))
    command = ["propose", "--bundle", bundle, "--data", data, "--out"]
    assert trainer(*command, whole).returncode == 0
    process = subprocess.Popen([BIN / "trainer", *command, out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not (unfinished.exists() and unfinished.stat().st_size > 10000):
        time.sleep(0.002)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 3 and not out.exists(), errors
    done = unfinished.read_bytes().count(b"\n") - 1
    assert 0 < done < 20000 and errors.endswith(f"stopped after {done} of 20000 texts; the same command goes on from there\n")
    again = trainer(*command, out)
    assert again.returncode == 0 and again.stderr.startswith(f"going on after {done} of 20000 texts\n"), again.stderr
    assert out.read_bytes() == whole.read_bytes() and not unfinished.exists()
