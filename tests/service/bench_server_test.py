"""The load generator measures, stops by itself, and puts no other machine under load."""

import json
import subprocess

from conftest import BIN, running_server


def bench(*arguments):
    return subprocess.run([BIN / "privet-bench-server", "--seconds", "2", "--bundle", "none", *arguments], capture_output=True, text=True, timeout=30)


def test_saturation_and_then_half_of_it(tmp_path):
    texts = tmp_path / "texts.txt"
    texts.write_text("请联系13800138000\nno data here\n")
    answer = bench("--json", "--texts", texts)
    assert answer.returncode == 0, answer.stderr
    measured = json.loads(answer.stdout)
    assert (measured["bundle"], measured["texts"], measured["mean_bytes"]) == ("rules", 2, 16)
    saturation, half = measured["loads"]
    assert abs(half["offered_per_second"] - saturation["requests_per_second"] / 2) < 1
    for load in measured["loads"]:
        latency = load["latency_ms"]
        assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["max"]
        assert load["requests_per_second"] > 10 and load["server_cpu_ms_per_request"] > 0
        # A server on a machine that does other work may be full for a moment and refuse a few.
        assert set(load["errors"]) <= {"RESOURCE_EXHAUSTED"}
        assert sum(load["errors"].values()) < 0.05 * 2 * load["requests_per_second"]


def test_a_running_server_at_a_given_rate_with_its_errors_by_code(tmp_path):
    with running_server(tmp_path, "--limits-max-text-bytes", "20", "--log-calls", "false") as server:
        texts = tmp_path / "texts.txt"
        texts.write_text("short\nlonger than twenty bytes\n")
        load = json.loads(bench("--json", "--address", server.address, "--rate", "100", "--texts", texts).stdout)["loads"][0]
        assert server.process.poll() is None
    # Every second call is refused; Poisson arrivals of 1.8 s, five standard deviations either way.
    assert 110 < sum(load["errors"].values()) + load["requests_per_second"] * 1.8 < 250
    assert list(load["errors"]) == ["INVALID_ARGUMENT"]


def test_other_machines_and_absent_servers_are_refused():
    answer = bench("--address", "192.0.2.1:8750")
    assert answer.returncode == 2 and "this machine only" in answer.stderr
    answer = bench("--server-program", "/nonexistent")
    assert answer.returncode == 2 and "did not start" in answer.stderr
