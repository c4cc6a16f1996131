"""Holds a server at four times what it admits, for twenty seconds: answers stay right, latency and memory bounded."""

import threading
import time

import grpc
from conftest import running_server
from privet.v1 import privet_pb2 as pb
from privet.v1 import privet_pb2_grpc

SECONDS = 20
MAX_IN_FLIGHT = 8
CALLERS = 4 * MAX_IN_FLIGHT
TEXT = "请联系13800138000或a@example.com，服务器192.0.2.1。\n" * 400
FINDINGS = 3 * 400


def test_four_times_capacity(tmp_path):
    with running_server(tmp_path, "--admission-max-in-flight", str(MAX_IN_FLIGHT), "--log-calls", "false") as server:
        latencies, wrong, rejected_without_hint = [], [], []
        counts = {"ok": 0, "rejected": 0}
        lock = threading.Lock()
        end = time.monotonic() + SECONDS
        rss_when_warm = []

        def caller():
            # A channel each, so that callers do not share one connection's window.
            options = [("grpc.use_local_subchannel_pool", 1)]
            with grpc.insecure_channel(server.address, options=options) as channel:
                detect = privet_pb2_grpc.PrivetStub(channel).Detect
                while time.monotonic() < end:
                    begin = time.monotonic()
                    try:
                        found = len(detect(pb.DetectRequest(text=TEXT), timeout=10).findings)
                        with lock:
                            counts["ok"] += 1
                            latencies.append(time.monotonic() - begin)
                            if found != FINDINGS:
                                wrong.append(found)
                    except grpc.RpcError as error:
                        with lock:
                            if error.code() != grpc.StatusCode.RESOURCE_EXHAUSTED:
                                wrong.append(str(error.code()))
                            counts["rejected"] += 1
                            if "grpc-status-details-bin" not in dict(error.trailing_metadata()):
                                rejected_without_hint.append(error)
                        time.sleep(0.01)

        threads = [threading.Thread(target=caller) for _ in range(CALLERS)]
        for thread in threads:
            thread.start()
        time.sleep(SECONDS / 3)
        rss_when_warm.append(server.resident_kib())
        for thread in threads:
            thread.join()
        rss_at_end = server.resident_kib()

        latencies.sort()
        p99 = latencies[int(len(latencies) * 0.99)]
        rate = counts["ok"] / SECONDS
        print(f"\n{counts['ok']} answered ({rate:.0f}/s), {counts['rejected']} rejected, p50 {latencies[len(latencies) // 2] * 1e3:.0f} ms, "
              f"p99 {p99 * 1e3:.0f} ms, memory {rss_when_warm[0]} -> {rss_at_end} KiB")
        assert not wrong
        assert not rejected_without_hint
        assert counts["ok"] > 100 and counts["rejected"] > 100
        # An admitted call waits for at most the others that were admitted; the rest is this client's own share of the cores.
        assert p99 < 2
        assert rss_at_end < rss_when_warm[0] * 1.2 + 16 * 1024
        assert server.process.poll() is None
