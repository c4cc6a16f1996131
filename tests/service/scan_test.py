"""`privet scan`: which files it reads, how, and what it counts in them."""

import json
import os
import pathlib
import subprocess
import tempfile

import pytest
from conftest import BIN, outcome, privet


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


def test_scan_fails_where_it_could_not_count_all(tmp_path):
    (tmp_path / "a.txt").write_text("13800138000 13800138001 13800138002\n")
    code, out, err = outcome("scan", "--json", "--max-findings", "2", str(tmp_path), text=b"")
    assert code == 2 and json.loads(out)["totals"] == {"PHONE_NUMBER": 2} and json.loads(out)["failed_files"] == 1
    assert err.decode() == f"privet: {tmp_path}/a.txt: from line 1 on there is more than was counted; raise --max-findings\n"


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


def test_scan_goes_on_behind_a_line_that_ends_as_it_gets_too_long_for_json(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text('{"a":"%s"}\n{"phone":"13800138001"}\n' % ("x" * (16 << 20)))
    [answer] = json.loads(privet("scan", "--json", "--locations", str(file)))["files"]
    assert [(found["line"], found.get("column")) for found in answer["locations"]] == [(2, "phone")]


def test_scan_keeps_the_beginning_of_a_long_name_only(tmp_path):
    """Or a short file would be much text: the name stands before each of its values."""
    name = "名" * 10_000
    places = [(1, "名" * 85)] * 3
    assert places_in(tmp_path / "a.jsonl", json.dumps({name: ["电话13800138000"] * 3})) == places
    deep = {"n" * 10_000: {str(i): "电话13800138000" for i in range(3)}}
    assert places_in(tmp_path / "b.jsonl", json.dumps(deep)) == [(1, "n" * 256)] * 3
    assert places_in(tmp_path / "c.csv", f"{name}\n电话13800138000\n") == [(2, "名" * 85)]


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
