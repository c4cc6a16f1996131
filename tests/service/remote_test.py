"""The command line with --server: the same answers, over one stream."""

import contextlib
import json
import pathlib
import signal
import subprocess
import time

from conftest import BIN, ROOT, certificates, outcome, privet, running_server


def test_a_server_answers_as_this_process_does(tmp_path):
    text = "\n".join(path.read_text() for path in sorted((ROOT / "docs/samples").glob("*.txt")))
    with running_server(tmp_path) as server:
        for arguments in (["detect", "--lines", "--json"], ["detect", "--json"], ["redact", "--lines"]):
            assert privet(*arguments, "--server", server.address, text=text) == privet(*arguments, text=text)
        assert "PHONE_NUMBER" in privet("info", "--server", server.address)
    privet("info", "--server", server.address, code=2)


def test_tls_files_that_do_not_serve_are_named_in_one_line(tmp_path):
    certificates(tmp_path)
    (tmp_path / "garbage.pem").write_text("no PEM at all\n")
    ca, certificate, key, garbage = (str(tmp_path / name) for name in ("ca.pem", "client.pem", "client.key", "garbage.pem"))
    together = "--tls-cert and --tls-key go together; give both or none"
    with running_server(tmp_path, "--tls-certificate-file", str(tmp_path / "server.pem"),
                        "--tls-key-file", str(tmp_path / "server.key")) as server:
        def said(*arguments):
            code, out, err = outcome("detect", "--server", f"localhost:{server.port}", *arguments, "--timeout", "5",
                                     text="电话13800138000".encode())
            assert (code, out) == (2, b"")
            [line] = err.decode().splitlines()
            return line.removeprefix("privet: ")

        assert said("--tls-ca", garbage) == f"--tls-ca: {garbage}: has no PEM certificate"
        assert said("--tls-ca", ca, "--tls-cert", garbage, "--tls-key", key) == f"--tls-cert: {garbage}: has no PEM certificate"
        assert said("--tls-ca", ca, "--tls-cert", certificate, "--tls-key", str(tmp_path / "server.key")).startswith("--tls-key: ")
        assert said("--tls-ca", ca, "--tls-cert", certificate) == together
        assert said("--tls-key", key) == together
        assert "certificate verify failed" in said("--tls-ca", certificate)
        privet("info", "--server", f"localhost:{server.port}", "--tls-ca", ca, "--tls-cert", certificate, "--tls-key", key)


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
            "stdin:2: text: is not UTF-8: the byte at offset 10 does not belong; convert the text first, such as with `iconv -f GB18030 -t UTF-8`",
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
