"""The command line as a user types it."""

import contextlib
import json
import os
import pathlib
import pty
import signal
import subprocess
import tempfile
import time

import pytest
from conftest import BIN, ROOT, running_server


def privet(*arguments, text="", code=0):
    result = subprocess.run([BIN / "privet", *arguments], input=text.encode(), capture_output=True, timeout=60)
    assert result.returncode == code, result.stderr.decode()
    return result.stdout.decode()


def test_json_has_exactly_the_documented_shape():
    [line] = privet("detect", "--json", text="😀电话13800138000").splitlines()
    answer = json.loads(line)
    assert list(answer) == ["findings", "truncated"]
    [finding] = answer["findings"]
    assert finding["type"] == "PHONE_NUMBER" and 0.9 < finding["score"] <= 1
    assert finding["span"] == {"bytes": [10, 21], "codepoints": [3, 14], "utf16": [4, 15]}
    assert finding["evidence"][0]["source"] == "cn_mobile"
    assert finding["evidence"][0]["context"] == [{"word": "电话", "shift": 2.5}]


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


def test_scan_counts_by_file_and_its_exit_code_follows_fail_on(tmp_path):
    (tmp_path / "a.txt").write_text("电话13800138000\n")
    (tmp_path / "b.csv").write_text('name,phone\n甲,13800138000\n"乙, x",55550123\n')
    (tmp_path / "c.jsonl").write_text('{"mail":"a@example.com","n":3}\n')
    (tmp_path / "d.bin").write_bytes(b"\0\1\2" * 100 + b"13800138000")
    (tmp_path / "loop").symlink_to(tmp_path)
    answer = json.loads(privet("scan", "--json", "--locations", str(tmp_path)))
    by_name = {os.path.basename(f["path"]): f for f in answer["files"]}
    assert by_name["a.txt"]["findings"] == {"PHONE_NUMBER": 1}
    assert by_name["b.csv"]["locations"][0]["line"] == 2 and by_name["b.csv"]["locations"][0]["column"] == "phone"
    assert by_name["c.jsonl"]["locations"] == [{**by_name["c.jsonl"]["locations"][0], "column": "mail", "line": 1}]
    assert answer["skipped_binary_files"] == 1
    privet("scan", str(tmp_path))
    privet("scan", "--fail-on", "any", str(tmp_path), code=1)
    privet("scan", "--fail-on", "IBAN", str(tmp_path))
    privet("scan", "--fail-on", "any", "--include", "*.bin", str(tmp_path))


def test_scan_fails_where_it_may_not_look():
    """As somebody whom permissions bind, in a folder that pytest's own do not hide."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "open.txt").write_text("无\n")
        for closed, mode in (("unlisted", 0o300), ("unentered", 0o600)):
            (root / closed).mkdir()
            (root / closed / "a.txt").write_text("电话13800138000\n")
            (root / closed).chmod(mode)
        root.chmod(0o755)
        nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        result = subprocess.run([BIN / "privet", "scan", "--json", "--fail-on", "any", root], capture_output=True, timeout=60, **nobody)
        for closed in ("unlisted", "unentered"):
            (root / closed).chmod(0o700)
    assert result.returncode == 2 and json.loads(result.stdout)["failed_files"] == 2
    assert [line.endswith("Permission denied") for line in result.stderr.decode().splitlines()] == [True, True]


def test_scan_says_which_links_it_does_not_follow(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside/a.txt").write_text("电话13800138000\n")
    (tmp_path / "tree/folder").symlink_to(tmp_path / "beside")
    (tmp_path / "tree/b.txt").symlink_to(tmp_path / "beside/a.txt")
    (tmp_path / "tree/nowhere").symlink_to(tmp_path / "none")
    code, out, err = outcome("scan", "--json", str(tmp_path / "tree"), text=b"")
    assert code == 0 and json.loads(out)["skipped_linked_folders"] == 1 and json.loads(out)["totals"] == {"PHONE_NUMBER": 1}
    assert err.decode() == f"privet: {tmp_path}/tree/folder: a link to a folder, not followed; name it to scan it\n"


@pytest.mark.parametrize("encoding, mark", [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")])
def test_scan_reads_utf_16_with_its_mark(tmp_path, encoding, mark):
    """Code units and surrogate pairs lie over the end of a block of any length."""
    texts = {"a.txt": "x" + "😀" * 50_000 + "\n电话13800138000\n", "b.csv": "name;phone\r\n甲;13800138000\r\n",
             "c.jsonl": '{"phone":"13800138000"}\n', "d.txt": "电话13800138000"}
    for name, text in texts.items():
        (tmp_path / name).write_bytes(mark + text.encode(encoding))
    (tmp_path / "d.txt").write_bytes(mark + texts["d.txt"].encode(encoding) + b"\xd8")
    answer = json.loads(privet("scan", "--json", "--locations", str(tmp_path)))
    assert [[(found["type"], found["line"], found.get("column")) for found in file["locations"]] for file in answer["files"]] == [
        [("PHONE_NUMBER", 2, None)], [("PHONE_NUMBER", 2, "phone")], [("PHONE_NUMBER", 1, "phone")], [("PHONE_NUMBER", 1, None)]]


def places_in(file, content):
    file.write_text(content, newline="")
    [answer] = json.loads(privet("scan", "--json", "--locations", str(file)))["files"]
    return [(found["line"], found["column"]) for found in answer["locations"] if found["score"] > 0.95]


def test_a_quote_opens_a_cell_of_csv_only_where_the_cell_begins(tmp_path):
    """Scores over 0.95 say that each number was read beside the name of its column."""
    file = tmp_path / "a.csv"
    phones = "Alice,13800138000\nBob,13800138001\n"
    assert places_in(file, 'name,phone\n5" pipe,1\n' + phones) == [(3, "phone"), (4, "phone")]
    assert places_in(file, 'name,phone\n"5"" pipe, new",1\n' + phones) == [(3, "phone"), (4, "phone")]
    assert places_in(file, 'name,phone\n"5"" pipe,\r\nnew","13800138000"\r\n') == [(3, "phone")]
    assert places_in(file, '\ufeff"full\nname;";phone\r\n' + phones.replace(",", ";")) == [(3, "phone"), (4, "phone")]


def test_a_quote_that_never_closes_takes_no_more_than_the_lines_of_its_first_mebibyte(tmp_path):
    filling = ("x" * 999 + "\n") * 1100
    assert places_in(tmp_path / "a.csv", 'name,phone\n"Alice,1\n' + filling + "Bob,13800138001") == [(1103, "phone")]


def test_scan_cuts_values_of_any_length(tmp_path):
    """No miss at the end of a value that is longer than a text may be, and no code point is cut."""
    filling = "填充 " * 200_000
    csv = f'name,note,phone\n甲,"{filling}电话13800138000",13800138001\n'
    assert places_in(tmp_path / "a.csv", csv) == [(2, "note"), (2, "phone")]
    fields = json.dumps({"a": {"note": filling + "电话13800138000"}, "phone": "13800138001"}, ensure_ascii=False)
    assert places_in(tmp_path / "b.jsonl", "{}\n" + fields) == [(2, "a.note"), (2, "phone")]


def test_scan_takes_a_line_that_is_too_long_for_json_as_text(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text('{"a":"%s 电话13800138000"}\n{"phone":"13800138001"}\n' % ("x" * (17 << 20)))
    [answer] = json.loads(privet("scan", "--json", "--locations", str(file)))["files"]
    assert [(found["line"], found.get("column")) for found in answer["locations"]] == [(1, None), (2, "phone")]


def test_scan_keeps_the_beginning_of_a_long_name_only(tmp_path):
    """Or a short file would be much text: the name stands before each of its values."""
    name = "名" * 10_000
    places = [(1, "名" * 85)] * 3
    assert places_in(tmp_path / "a.jsonl", json.dumps({name: ["电话13800138000"] * 3})) == places
    deep = {"n" * 10_000: {str(i): "电话13800138000" for i in range(3)}}
    assert places_in(tmp_path / "b.jsonl", json.dumps(deep)) == [(1, "n" * 256)] * 3
    assert places_in(tmp_path / "c.csv", f"{name}\n电话13800138000\n") == [(2, "名" * 85)]


def test_a_text_that_is_too_long_to_hold_is_an_error(tmp_path):
    long = "x" * (65 << 20)
    for arguments in (["detect", "--lines", "--json"], ["redact", "--lines"], ["detect", "--json"]):
        code, out, err = outcome(*arguments, text=f"{long}\n电话13800138000\n".encode())
        assert code == 2 and b"has more than 64 MiB" in err and len(out) < 1000
        assert "--lines" not in arguments or b"PHONE_NUMBER" in out or b"***" in out
    for command in ("detect", "redact"):
        code, out, err = outcome(command, "--jsonl", text=('{"text":"%s"}\n{"text":"无"}' % long).encode())
        assert code == 2 and [list(json.loads(line))[0] for line in out.splitlines()] == ["error", "text"]


def test_scan_looks_at_json_that_nests_too_deep_as_text(tmp_path):
    deep = "[" * 30_000 + '"电话13800138000"' + "]" * 30_000
    (tmp_path / "a.jsonl").write_text(deep + '\n{"mail":"a@example.com"}\n')
    [file] = json.loads(privet("scan", "--json", "--locations", str(tmp_path)))["files"]
    assert [(f["type"], f["line"], f.get("column")) for f in file["locations"]] == [
        ("PHONE_NUMBER", 1, None), ("EMAIL_ADDRESS", 2, "mail")]


def test_scan_of_a_huge_line_is_bounded(tmp_path):
    big = tmp_path / "big.txt"
    big.write_text("电话13800138000 填充" * 200_000)
    assert json.loads(privet("scan", "--json", str(big)))["totals"] == {"PHONE_NUMBER": 200_000}


def test_scan_counts_each_value_once_wherever_a_text_is_cut(tmp_path):
    """A private key of 3 KiB over many lines, moved over the cut by its own length and more."""
    key = "-----BEGIN RSA PRIVATE KEY-----\n" + ("Zm9vYmFy" * 8 + "\n") * 48 + "-----END RSA PRIVATE KEY-----\n"
    for i, before in enumerate(range(56_000, 66_000, 500)):
        (tmp_path / f"{i:02}.txt").write_text("填充 " * (before // 7) + "\n" + key + "end\n电话13800138000\n" + "填充\n" * 10_000)
    for file in json.loads(privet("scan", "--json", "--locations", str(tmp_path)))["files"]:
        assert [(found["type"], found["line"]) for found in file["locations"]] == [("SECRET", 2), ("PHONE_NUMBER", 53)]


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


def test_a_server_answers_as_this_process_does(tmp_path):
    text = "\n".join(path.read_text() for path in sorted((ROOT / "docs/samples").glob("*.txt")))
    with running_server(tmp_path) as server:
        for arguments in (["detect", "--lines", "--json"], ["detect", "--json"], ["redact", "--lines"]):
            assert privet(*arguments, "--server", server.address, text=text) == privet(*arguments, text=text)
        assert "PHONE_NUMBER" in privet("info", "--server", server.address)
    privet("info", "--server", server.address, code=2)


def test_a_server_s_limits_hold_for_the_policy(tmp_path):
    denied = [word for i in range(3) for word in ("--deny", f"EMP-{i}" + "x" * 1500)]
    with running_server(tmp_path, "--limits-max-entry-bytes", "2000") as server:
        answer = privet("detect", "--json", *denied, "--server", server.address, text="EMP-1" + "x" * 1500)
        assert [f["type"] for f in json.loads(answer)["findings"]] == ["OTHER_ID"]
    with running_server(tmp_path, "--limits-max-entry-bytes", "2000", "--limits-max-list-entries", "2") as server:
        code, out, err = outcome("detect", "--json", *denied, "--server", server.address, text=b"")
        assert (code, out) == (2, b"") and b"deny: has 3 entries, at most 2 are allowed" in err


def test_a_bundle_in_the_environment_is_for_this_process_only(tmp_path, monkeypatch):
    with running_server(tmp_path) as server:
        monkeypatch.setenv("PRIVET_BUNDLE", str(tmp_path / "no-bundle"))
        assert "PHONE_NUMBER" in privet("detect", "--json", "--server", server.address, text="电话13800138000")
        privet("detect", "--json", "--server", server.address, "--bundle", "none", code=2)
    privet("detect", "--json", code=2)
    assert "PHONE_NUMBER" in privet("detect", "--json", "--bundle", "none", text="电话13800138000")


def calls_of(server):
    return [(line["method"], line["code"]) for line in server.log() if line["event"] == "call"]


def outcome(*arguments, text):
    result = subprocess.run([BIN / "privet", *arguments], input=text, capture_output=True, timeout=60)
    return result.returncode, result.stdout, result.stderr


def test_lines_go_over_one_stream_and_come_back_in_order(tmp_path):
    """Long texts take longer than the short ones behind them, and overtake nothing."""
    lines = ["填充" * (5000 if i % 50 == 0 else i % 7) + f"电话1380013{8000 + i % 1000}" for i in range(2000)]
    text = "\n".join(lines).encode()
    records = "\n".join(json.dumps({"n": i, "text": line}) for i, line in enumerate(lines)).encode()
    with running_server(tmp_path) as server:
        for arguments, sent in ((["detect", "--lines", "--json"], text), (["detect", "--jsonl"], records)):
            assert outcome(*arguments, "--server", server.address, text=sent) == outcome(*arguments, text=sent)
        assert calls_of(server) == 2 * [("Info", "OK"), ("StreamDetect", "OK")]


def test_scan_goes_over_one_stream(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for i in range(30):
        (folder / f"{i}.csv").write_text("name,phone\n" + "甲,13800138000\n" * i)
    (folder / "bad.txt").write_bytes(b"13800138000 \xff\n")
    (folder / "big.txt").write_text("电话13800138000 填充\n" * 100_000)
    with running_server(tmp_path) as server:
        local, remote = (outcome("scan", "--json", "--locations", *where, str(folder), text=b"")
                         for where in ([], ["--server", server.address]))
        assert calls_of(server) == [("Info", "OK"), ("StreamDetect", "OK")]
    found, expected = json.loads(remote[1]), json.loads(local[1])
    del found["seconds"], expected["seconds"]
    assert found == expected and found["totals"]["PHONE_NUMBER"] > 100_000
    assert (remote[0], remote[2]) == (local[0], local[2]) and b"bad.txt: line 1: text: is not UTF-8" in remote[2]


def test_a_text_that_fails_leaves_the_stream_alone(tmp_path):
    lines = b"a@example.com\n\xe7\x94\xb5 secret\xff\n" + b"x" * 3000 + b"\nb@example.com\n"
    with running_server(tmp_path, "--limits-max-text-bytes", "2000") as server:
        code, out, err = outcome("detect", "--lines", "--json", "--server", server.address, text=lines)
        assert calls_of(server) == [("Info", "OK"), ("StreamDetect", "OK")]
        assert code == 2 and [len(json.loads(line).get("findings", "")) for line in out.splitlines()] == [1, 0, 0, 1]
        assert [line.decode().split(": ", 1)[1] for line in err.splitlines()] == [
            "stdin:2: text: is not UTF-8: the byte at offset 10 does not belong; send UTF-8",
            "stdin:3: text: has 3000 bytes, at most 2000 are allowed; split it at line ends"]
        redact = outcome("redact", "--lines", "--server", server.address, text=b"ok\n\xff\n")
        assert redact[:2] == (2, b"ok\n\n") and b"offset 0" in redact[2]


def test_a_text_that_no_message_of_the_stream_holds_has_a_call_of_its_own(tmp_path):
    limits = ["--limits-max-text-bytes", "1500", "--limits-max-batch-bytes", "1500", "--admission-max-message-bytes", "1500"]
    lines = b"a@example.com\n" + b"x" * 1400 + b"\nb@example.com\n"
    with running_server(tmp_path, *limits) as server:
        code, out, err = outcome("detect", "--lines", "--json", "--deny", "d" * 500, "--server", server.address, text=lines)
    assert code == 2 and [len(json.loads(line).get("findings", "")) for line in out.splitlines()] == [1, 0, 1]
    [error] = err.decode().splitlines()
    assert error.startswith("privet: stdin:2: ") and "larger than max" in error


@contextlib.contextmanager
def talking_to(server, *arguments):
    process = subprocess.Popen([BIN / "privet", "detect", "--lines", "--json", "--server", server.address, *arguments],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_result_is_written_as_soon_as_it_is_there(tmp_path):
    with running_server(tmp_path) as server, talking_to(server) as privet_process:
        for _ in range(3):
            privet_process.stdin.write("电话13800138000\n".encode())
            assert b"PHONE_NUMBER" in privet_process.stdout.readline()


def test_texts_in_hand_when_a_server_stops_fail_and_later_ones_meet_the_next(tmp_path):
    with running_server(tmp_path, "--shutdown-drain-seconds", "0") as server:
        with talking_to(server) as process:
            process.stdin.write(b"a@example.com\n")
            assert b"EMAIL_ADDRESS" in process.stdout.readline()
            server.stop()
            process.stdin.write(b"b@example.com\n")
            assert b"error" in process.stdout.readline()
            with running_server(tmp_path, "--listen-port", str(server.port)):
                deadline = time.monotonic() + 30
                answer = b""
                while b"EMAIL_ADDRESS" not in answer:  # gRPC waits before it connects again
                    assert time.monotonic() < deadline, answer
                    process.stdin.write(b"c@example.com\n")
                    answer = process.stdout.readline()
                    time.sleep(0.1)
                process.stdin.close()
                assert process.wait(timeout=30) == 2


def stop(process):
    """Holds the process, and comes back when it no longer runs: on a busy machine the signal takes a while."""
    process.send_signal(signal.SIGSTOP)
    for _ in range(600):
        tasks = pathlib.Path(f"/proc/{process.pid}/task").iterdir()
        if all(task.joinpath("stat").read_text().rpartition(")")[2].split()[0] in "tT" for task in tasks):
            return
        time.sleep(0.05)
    raise AssertionError("the process does not stop")


def test_a_server_that_hangs_is_given_up_after_the_timeout(tmp_path):
    with running_server(tmp_path) as server, talking_to(server, "--timeout", "5") as process:
        process.stdin.write(b"a@example.com\n")
        assert b"EMAIL_ADDRESS" in process.stdout.readline()
        stop(server.process)
        try:
            process.stdin.write(b"b@example.com\n")
            process.stdin.close()
            assert b"has not answered for 5s" in process.stderr.readline()
            assert process.wait(timeout=30) == 2
        finally:
            server.process.send_signal(signal.SIGCONT)


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
    assert {"PERSON", "ADDRESS", "PHONE_NUMBER"} <= available and "USERNAME" not in available

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
