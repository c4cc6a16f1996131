"""The command line as a user types it."""

import json
import os
import pty
import signal
import subprocess

import pytest
from conftest import BIN, ROOT, outcome, privet


def test_json_has_exactly_the_documented_shape():
    [line] = privet("detect", "--json", text="😀电话13800138000").splitlines()
    answer = json.loads(line)
    assert list(answer) == ["findings", "truncated"]
    [finding] = answer["findings"]
    assert finding["type"] == "PHONE_NUMBER" and 0.9 < finding["score"] <= 1
    assert finding["span"] == {"bytes": [10, 21], "codepoints": [3, 14], "utf16": [4, 15]}
    assert finding["evidence"][0]["source"] == "cn_mobile"
    assert finding["evidence"][0]["context"] == [{"word": "电话", "shift": 2.5}]


def test_json_names_the_file_where_there_are_several(tmp_path):
    files = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for file in files:
        file.write_text("a@example.com\n")
    answers = [json.loads(line) for line in privet("detect", "--json", *map(str, files)).splitlines()]
    assert [list(answer)[0] for answer in answers] == ["file", "file"] and [a["file"] for a in answers] == list(map(str, files))
    [_, last] = privet("detect", "--json", "--lines", *map(str, files)).splitlines()
    assert (json.loads(last)["file"], json.loads(last)["line"]) == (str(files[1]), 1)


def test_lines_are_texts_of_their_own_and_stay_in_order():
    lines = [f"电话1380013{8000 + i}" if i % 2 else "无" for i in range(1000)]
    answers = [json.loads(line) for line in privet("detect", "--lines", "--json", text="\n".join(lines)).splitlines()]
    assert [len(a["findings"]) for a in answers] == [i % 2 for i in range(1000)]


def test_jsonl_passes_other_fields_through_and_goes_on_after_a_bad_record():
    records = '{"id":7,"text":"a@example.com","tags":["x"]}\nnot json\n{"id":8}\n{"id":9,"text":"无"}\n'
    answers = [json.loads(line) for line in privet("detect", "--jsonl", text=records, code=2).splitlines()]
    assert answers[0]["id"] == 7 and answers[0]["tags"] == ["x"] and len(answers[0]["findings"]) == 1
    assert "error" in answers[1] and answers[2]["id"] == 8 and "--text-field" in answers[2]["error"]
    assert answers[3]["findings"] == []


def test_jsonl_writes_other_fields_as_they_were():
    fields = '"price":19.90,"id":123456789012345678901234567890,"z":-0,"big":1e400,"s":"\\u738b"'
    record = '{%s,"text":"a@example.com"}' % fields
    assert privet("redact", "--jsonl", text=record) == '{%s,"text":"*************"}\n' % fields
    assert privet("detect", "--jsonl", text=record).startswith(record[:-1] + ',"findings":[{"type":"EMAIL_ADDRESS"')


def test_redact_leaves_nothing_of_a_text_that_a_record_has_twice():
    records = '{"text":"电话13800138000","te\\u0078t":"a@example.com","n":1}\n'
    assert privet("redact", "--jsonl", text=records) == '{"text":"*************","n":1}\n'
    assert privet("redact", "--jsonl", "--max-findings", "1", code=2, text=records.replace("a@", "b@example.com a@")).startswith('{"n":1,"error"')


def test_jsonl_refuses_a_record_that_nests_too_deep_and_goes_on():
    def nested(levels):
        return '{"text":"电话13800138000","a":%s%s}' % ("[" * levels, "]" * levels)

    records = "\n".join([nested(200_000), nested(63), nested(64)])
    for command, expected in (("detect", "findings"), ("redact", "text")):
        answers = [json.loads(line) for line in privet(command, "--jsonl", text=records, code=2).splitlines()]
        assert [expected in answer for answer in answers] == [False, True, False]
        assert answers[0] == answers[2] == {"error": "JSON nests deeper than 64 levels"}


def test_invalid_utf8_is_an_error_with_the_offset_and_without_the_text():
    result = subprocess.run([BIN / "privet", "detect", "--lines", "--json"], input=b"ok\nsecret\xff\n", capture_output=True)
    assert result.returncode == 2
    assert b"stdin:2" in result.stderr and b"offset 6" in result.stderr and b"secret" not in result.stderr


def test_utf16_is_named_and_a_folder_is_for_scan(tmp_path):
    assert b"iconv -f UTF-16 -t UTF-8" in outcome("detect", text="电话".encode("utf-16"))[2]
    for command in ("detect", "redact"):
        code, out, err = outcome(command, str(tmp_path), text=b"")
        assert (code, out) == (2, b"") and err.decode().strip() == f"privet: {tmp_path}: is a folder, not a file; `privet scan` reads folders"


def test_policy_flags():
    text = "电话13800138000 a@example.com"
    types = lambda *flags: [f["type"] for f in json.loads(privet("detect", "--json", *flags, text=text))["findings"]]  # noqa: E731
    assert types() == ["PHONE_NUMBER", "EMAIL_ADDRESS"]
    assert types("--types", "EMAIL_ADDRESS") == ["EMAIL_ADDRESS"]
    assert types("--min-score", "PHONE_NUMBER=1") == ["EMAIL_ADDRESS"]
    assert types("--allow", "a@example.com") == ["PHONE_NUMBER"]
    assert types("--deny", "电话") == ["OTHER_ID", "PHONE_NUMBER", "EMAIL_ADDRESS"]
    assert types("--max-findings", "1") == ["PHONE_NUMBER"]


def test_custom_rules_from_a_file(tmp_path):
    rules = tmp_path / "rules.yaml"
    rules.write_text("- {name: badge, type: USERNAME, pattern: 'EMP-\\d{5}'}\n")
    answer = json.loads(privet("detect", "--json", "--custom-rules", str(rules), text="EMP-20417"))
    assert [f["type"] for f in answer["findings"]] == ["USERNAME"]


def test_a_mistyped_bundle_is_answered_with_the_name_that_was_meant(monkeypatch):
    assert outcome("detect", "--bundle", "defualt", text=b"x") == (
        2, b"", b"privet: --bundle: there is no folder 'defualt'; did you mean default?\n")
    monkeypatch.setenv("PRIVET_BUNDLE", "nnone")
    assert outcome("detect", text=b"x") == (2, b"", b"privet: PRIVET_BUNDLE: there is no folder 'nnone'; did you mean none?\n")


def test_errors_name_the_flag_and_exit_with_2():
    for arguments in (["detect", "--types", "PHONE"], ["detect", "--min-score", "high"], ["detect", "/no/such/file"],
                      ["redact", "--treatment", "PHONE_NUMBER=blur"], ["scan", "--fail-on", "NOPE", "."], ["nonsense"]):
        privet(*arguments, code=2)


def test_redact():
    text = "电话13800138000，邮箱a@example.com"
    assert privet("redact", "--treatment", "PHONE_NUMBER=mask:3,4", "--treatment", "EMAIL_ADDRESS=remove",
                  text=text) == "电话138****8000，邮箱"
    assert "<PHONE_NUMBER_1>" in privet("redact", "--default-treatment", "replace", text=text)
    record = json.loads(privet("redact", "--jsonl", "--report", text='{"id":1,"text":"电话13800138000"}'))
    assert record["id"] == 1 and record["text"] == "电话***********"
    assert record["replacements"][0]["input"]["codepoints"] == [2, 13]


def test_redact_passes_nothing_of_a_record_whose_text_it_does_not_find():
    records = '{"message":"电话13800138000"}\n{"text":13800138000}\n{"text":"无","id":1}\n'
    code, out, err = outcome("redact", "--jsonl", text=records.encode())
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 2 and [list(answer) for answer in answers] == [["error"], ["error"], ["text", "id"]] and b"13800138000" not in out
    assert b"only mask takes" in outcome("redact", "--treatment", "PERSON=replace:X", text=b"")[2]
    assert b"did you mean PHONE_NUMBER" in outcome("redact", "--treatment", "PHONE=mask", text=b"")[2]


def test_a_file_may_stand_behind_a_flag_that_may_repeat(tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("电话13800138000，邮箱a@example.com")
    for flags in (["--types", "PHONE_NUMBER,URL"], ["--min-score", "EMAIL_ADDRESS=1"], ["--allow", "a@example.com"],
                  ["--allow-pattern", "a@.*"], ["--deny", "13800138000", "--allow", "a@example.com"]):
        [finding] = json.loads(privet("detect", "--bundle", "none", "--json", *flags, letter))["findings"]
        assert finding["span"]["codepoints"] == [2, 13], flags
    assert privet("redact", "--bundle", "none", "--treatment", "PHONE_NUMBER=remove", "--treatment", "EMAIL_ADDRESS=keep", letter) == \
        "电话，邮箱a@example.com"


def test_what_cannot_be_redacted_whole_is_not_written():
    many = "".join(f"电话1380013{i:04}\n" for i in range(5))
    result = subprocess.run([BIN / "privet", "redact", "--max-findings", "3"], input=many.encode(), capture_output=True, timeout=60)
    assert result.returncode == 2 and result.stdout == b""
    assert "some of it would stay readable; redact it in parts (--lines)" in result.stderr.decode()
    record = json.loads(privet("redact", "--max-findings", "3", "--jsonl", text=json.dumps({"id": 1, "text": many}), code=2))
    assert record["id"] == 1 and "text" not in record and "stay readable" in record["error"]
    assert "1380013" not in privet("redact", "--lines", "--max-findings", "3", text=many)


def test_redact_keeps_the_ends_of_lines():
    lines = b"mail jane@example.com\r\nnothing\r\nmail joe@example.com\n"
    result = subprocess.run([BIN / "privet", "redact", "--bundle", "none", "--lines", "--default-treatment", "replace"], input=lines,
                            capture_output=True, timeout=60)
    assert result.stdout == b"mail <EMAIL_ADDRESS_1>\r\nnothing\r\nmail <EMAIL_ADDRESS_1>\n"


def test_what_cannot_be_written_is_an_error():
    """Or what follows in a pipeline takes half a text for all of it."""
    for arguments in (["redact"], ["detect", "--json"], ["scan", "."], ["rules", "list"], ["--version"]):
        with open("/dev/full", "w") as full:
            result = subprocess.run([BIN / "privet", *arguments], input=b"ok\n", stdout=full, stderr=subprocess.PIPE, timeout=60,
                                    cwd=ROOT / "docs/samples")
        assert (result.returncode, result.stderr) == (2, b"privet: stdout: cannot be written; what was written is not whole\n")


def test_a_reader_that_has_enough_is_no_error():
    command = f"set -o pipefail; yes 电话13800138000 | {BIN}/privet detect --lines --json | head -n 1"
    result = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60)
    assert result.returncode == 128 + signal.SIGPIPE and len(result.stdout.splitlines()) == 1 and result.stderr == b""


def test_stdin_that_cannot_be_read_is_an_error():
    for arguments in (["redact"], ["detect", "--lines"]):
        folder = os.open(ROOT, os.O_RDONLY)
        result = subprocess.run([BIN / "privet", *arguments], stdin=folder, capture_output=True, timeout=60)
        os.close(folder)
        assert (result.returncode, result.stderr) == (2, b"privet: stdin: cannot be read\n")


def test_a_text_that_is_too_long_to_hold_is_an_error(tmp_path):
    long = "x" * (65 << 20)
    for arguments in (["detect", "--lines", "--json"], ["redact", "--lines"], ["detect", "--json"]):
        code, out, err = outcome(*arguments, text=f"{long}\n电话13800138000\n".encode())
        assert code == 2 and b"has more than 64 MiB" in err and len(out) < 1000
        assert "--lines" not in arguments or b"PHONE_NUMBER" in out or b"***" in out
    for command in ("detect", "redact"):
        code, out, err = outcome(command, "--jsonl", text=('{"text":"%s"}\n{"text":"无"}' % long).encode())
        assert code == 2 and [list(json.loads(line))[0] for line in out.splitlines()] == ["error", "text"]


def test_rules_test_explain_and_validate(tmp_path):
    assert privet("rules", "test").strip().endswith(" 0 failed")
    explained = privet("rules", "explain", "订单号13800138000")
    assert "cn_mobile" in explained and "'订单号' -3.5" in explained
    broken = tmp_path / "broken.yaml"
    broken.write_text("pack: x\nrules:\n  - id: a\n    type: QQ\n    patterns: ['(']\n    score: 0.5\n"
                      "    gate: {digits: 5}\n    examples: {match: ['1']}\n")
    result = subprocess.run([BIN / "privet", "rules", "validate", broken], capture_output=True)
    assert result.returncode == 2 and b"broken.yaml:5: rule 'a'" in result.stderr
    assert "cn_uscc" in privet("rules", "validators") and "cn_mobile" in privet("rules", "list")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell, tmp_path):
    script = privet("completion", shell)
    assert "detect" in script and "--treatment" in script
    if shell == "bash":
        (tmp_path / "c.bash").write_text(script)
        subprocess.run(["bash", "-n", tmp_path / "c.bash"], check=True)


def test_colour_on_a_terminal_only():
    assert "\033[" not in privet("detect", text="电话13800138000")
    controller, terminal = pty.openpty()
    process = subprocess.Popen([BIN / "privet", "detect"], stdin=subprocess.PIPE, stdout=terminal,
                               env={k: v for k, v in os.environ.items() if k != "NO_COLOR"})
    process.communicate("电话13800138000".encode(), timeout=30)
    assert b"\033[" in os.read(controller, 4096)


# A manifest and files that are there but empty: enough to be described, not to be loaded.
MANIFEST = """\
name: zh-en-small
version: "2026.1"
types: [PERSON, ADDRESS]
stage1: {folder: stage1}
stage2: {folder: stage2, base: ../base, head: tagger}
operating_points:
  high_recall: {description: finds more, tau: 0.01, min_score: 0.2}
  balanced: {tau: {default: 0.05, ADDRESS: 0.02}, min_score: 0.5, min_score_without_han: {default: 0.6, PERSON: 0.7}}
calibration: {documents: 1200, alpha: 0.05, operating_point: high_recall}
card: {data: invented letters, licence: Apache-2.0}
"""


@pytest.fixture
def bundle(tmp_path):
    folder = tmp_path / "bundle"
    model = ["config.json", "tokenizer.json", "model.safetensors"]
    for place, names in ((folder / "stage1", model), (tmp_path / "base", model),
                         (folder / "stage2", ["adapter_config.json", "adapter_model.safetensors"])):
        place.mkdir(parents=True)
        for name in names:
            (place / name).touch()
    (folder / "bundle.yaml").write_text(MANIFEST)
    return folder


def test_info_describes_a_bundle(bundle):
    answer = json.loads(privet("info", "--json", "--bundle", bundle))
    models = answer["models"]
    assert answer["bundle"] == models["name"] == "zh-en-small" and models["version"] == "2026.1"
    assert models["types"] == ["PERSON", "ADDRESS"]
    assert [(s["name"], s["head"]) for s in models["stages"]] == [("stage1", "tagger"), ("stage2", "tagger")]
    assert os.path.samefile(models["stages"][1]["base"], bundle / "../base")
    assert models["calibration"] == {"documents": 1200, "alpha": 0.05, "operating_point": "high_recall"}
    assert models["card"] == {"data": "invented letters", "licence": "Apache-2.0"}
    assert [p["name"] for p in answer["operating_points"]] == ["high_recall", "balanced"]
    assert answer["operating_points"][1]["tau_by_type"] == {"ADDRESS": 0.02}
    assert answer["operating_points"][1]["min_score_without_han"] == 0.6
    assert answer["operating_points"][1]["min_score_without_han_by_type"] == {"PERSON": 0.7}
    available = {t["id"] for t in answer["types"] if t["available"]}
    assert {"PERSON", "ADDRESS", "PHONE_NUMBER"} <= available and "ORGANIZATION" not in available

    text = privet("info", "--bundle", bundle)
    for words in ("zh-en-small 2026.1", "an adapter on", "at high_recall the expected share of missed entities",
                  "0.05; ADDRESS 0.02", "0.6; PERSON 0.7", "Apache-2.0"):
        assert words in text
    assert json.loads(privet("info", "--json"))["models"] is None


@pytest.mark.parametrize("arguments, error", [
    (["info"], ":3: bundle: types: 'PERSN' is not an entity type; did you mean PERSON?"),
    (["detect"], ":3: bundle: types: 'PERSN' is not an entity type; did you mean PERSON?"),
    (["info", "--server", "127.0.0.1:1"], "--bundle: a server has its own; leave out one of --bundle and --server"),
])
def test_a_faulty_bundle_is_one_line_on_stderr(bundle, arguments, error):
    (bundle / "bundle.yaml").write_text(MANIFEST.replace("PERSON", "PERSN"))
    result = subprocess.run([BIN / "privet", *arguments, "--bundle", bundle], input=b"", capture_output=True)
    [line] = result.stderr.decode().splitlines()
    assert result.returncode == 2 and result.stdout == b"" and line.endswith(error)


def test_a_missing_file_of_a_bundle_is_named(bundle):
    (bundle / "stage2/adapter_model.safetensors").unlink()
    result = subprocess.run([BIN / "privet", "info", "--bundle", bundle], capture_output=True)
    assert result.returncode == 2
    assert result.stderr.decode().endswith("bundle.yaml:5: stage2: '%s' has no adapter_model.safetensors\n"
                                           % (bundle / "stage2"))


def test_a_bundle_that_cannot_be_loaded_stops_the_work(bundle, tmp_path):
    """Never rules alone in silence."""
    privet("detect", "--json", "--bundle", bundle, text="电话13800138000", code=2)
    result = subprocess.run([BIN / "privet-server", "--listen-port", "0", "--metrics-port", "-1", "--models-bundle-dir",
                             bundle], capture_output=True, timeout=60)
    assert result.returncode == 2 and result.stderr
