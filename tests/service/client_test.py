"""A client in another language calls every method, and gets the right error for each bad input."""

import random
import shutil
import signal
import socket
import threading
import time
import urllib.request

import grpc
import pytest
from conftest import ROOT, certificates, running_server
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from privet.v1 import privet_pb2 as pb
from privet.v1 import privet_pb2_grpc

TEXT = "😀请联系13800138000，邮箱a\u0301bc@example.com"


def types_in(response):
    return [finding.type for finding in response.findings]


def test_detect_gives_right_ranges_in_every_unit(stub):
    text = "😀请联系13800138000"
    policy = {"include_quote": True, "include_evidence": True}
    [finding] = stub.Detect(pb.DetectRequest(text=text, policy=policy), timeout=5).findings
    assert finding.type == "PHONE_NUMBER" and finding.quote == "13800138000"
    points, utf8, utf16 = finding.range.codepoints, finding.range.bytes, finding.range.utf16
    assert text[points.begin:points.end] == "13800138000"
    assert text.encode()[utf8.begin:utf8.end] == b"13800138000"
    assert text.encode("utf-16-le")[2 * utf16.begin:2 * utf16.end].decode("utf-16-le") == "13800138000"
    assert finding.evidence[0].source == "cn_mobile" and finding.evidence[0].validator == "cn_mobile"
    assert "联系" in [hit.word for hit in finding.evidence[0].context]


def test_quotes_and_evidence_only_when_asked_for(stub):
    [finding] = stub.Detect(pb.DetectRequest(text="电话13800138000"), timeout=5).findings
    assert not finding.quote and not finding.evidence


def test_policy_reaches_the_pipeline(stub):
    def detect(text, **policy):
        return stub.Detect(pb.DetectRequest(text=text, policy=policy), timeout=5)

    both = "电话13800138000 邮箱a@example.com"
    assert types_in(detect(both)) == ["PHONE_NUMBER", "EMAIL_ADDRESS"]
    assert types_in(detect(both, types=["EMAIL_ADDRESS"])) == ["EMAIL_ADDRESS"]
    assert types_in(detect(both, min_score_by_type={"PHONE_NUMBER": 1.0})) == ["EMAIL_ADDRESS"]
    assert types_in(detect(both, allow=[{"exact": "a@example.com"}])) == ["PHONE_NUMBER"]
    assert types_in(detect("项目 Falcon", deny=[{"exact": "Falcon"}])) == ["OTHER_ID"]
    rule = {"name": "badge", "type": "USERNAME", "pattern": r"EMP-\d{5}", "score": 0.8}
    assert types_in(detect("工牌 EMP-20417", custom_rules=[rule])) == ["USERNAME"]
    cut = detect("a@example.com b@example.com c@example.com", max_findings=2)
    assert len(cut.findings) == 2 and cut.truncated


def test_batch_keeps_order_and_one_bad_text_fails_alone(stub):
    texts = ["电话13800138000", "x" * (1 << 20) + "y", "a@example.com", ""]
    results = stub.BatchDetect(pb.BatchDetectRequest(texts=texts), timeout=10).results
    assert [r.WhichOneof("outcome") for r in results] == ["response", "error", "response", "response"]
    assert types_in(results[0].response) == ["PHONE_NUMBER"] and types_in(results[2].response) == ["EMAIL_ADDRESS"]
    assert results[1].error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]


def test_stream_answers_every_text_under_the_first_messages_policy(stub):
    def messages():
        yield pb.StreamDetectRequest(id="0", text="a@example.com", policy={"types": ["PHONE_NUMBER"]})
        for i in range(1, 300):
            yield pb.StreamDetectRequest(id=str(i), text=f"电话1380013{8000 + i} a@example.com")

    answers = {answer.id: answer.result.response for answer in stub.StreamDetect(messages(), timeout=30)}
    assert len(answers) == 300
    assert types_in(answers["0"]) == []
    assert all(types_in(answers[str(i)]) == ["PHONE_NUMBER"] for i in range(1, 300))


def test_stream_reads_no_further_than_it_works(stub):
    """A client that does not read its answers is not read from either."""
    sent = 0
    stop = threading.Event()

    def messages():
        nonlocal sent
        for i in range(2000):
            if stop.is_set():
                return
            sent += 1
            yield pb.StreamDetectRequest(id=str(i), text="电话13800138000 " * 2000)

    call = stub.StreamDetect(messages(), timeout=30)
    time.sleep(2)
    taken = sent
    stop.set()
    call.cancel()
    assert 0 < taken < 500


def test_stream_refuses_a_late_policy(stub):
    messages = [pb.StreamDetectRequest(id="1", text="x"), pb.StreamDetectRequest(id="2", text="x", policy={"max_findings": 1})]
    with pytest.raises(grpc.RpcError) as error:
        list(stub.StreamDetect(iter(messages), timeout=10))
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_redact_treatments(stub):
    text = "电话13800138000，再打138-0013-8000，邮箱a@example.com"

    def redact(**treatments):
        redactions = {name: pb.Redaction(**value) for name, value in treatments.items()}
        return stub.Redact(pb.RedactRequest(text=text, redactions=redactions), timeout=5)

    masked = redact(PHONE_NUMBER={"treatment": pb.TREATMENT_MASK, "keep_first": 3, "keep_last": 4})
    assert "138****8000" in masked.text and "13800138000" not in masked.text
    replaced = redact(PHONE_NUMBER={"treatment": pb.TREATMENT_REPLACE})
    assert replaced.text.count("<PHONE_NUMBER_1>") == 2
    for replacement in replaced.replacements:
        assert replaced.text[replacement.output.codepoints.begin:replacement.output.codepoints.end] != ""
    hashed = redact(PHONE_NUMBER={"treatment": pb.TREATMENT_HASH})
    assert hashed.text.count("<PHONE_NUMBER:") == 2
    assert redact(PHONE_NUMBER={"treatment": pb.TREATMENT_REMOVE}).text.startswith("电话，再打，")
    kept = redact(PHONE_NUMBER={"treatment": pb.TREATMENT_KEEP}, EMAIL_ADDRESS={"treatment": pb.TREATMENT_KEEP})
    assert kept.text == text and not kept.replacements


def test_info_lists_types_limits_and_operating_points(stub, server):
    info = stub.Info(pb.InfoRequest(), timeout=5)
    types = {t.id: t for t in info.types}
    assert types["PHONE_NUMBER"].available and not types["ORGANIZATION"].available
    assert types["PHONE_NUMBER"].name_zh and types["PHONE_NUMBER"].description_en
    assert [p.name for p in info.operating_points] == ["high_recall", "balanced", "high_precision"]
    for limit in pb.Limits.DESCRIPTOR.fields:
        assert getattr(info.limits, limit.name) > 0, limit.name
    assert info.bundle.name == "rules" and info.hash_available
    [listening] = [line for line in server.log() if line["event"] == "listening"]
    assert listening["bundle"] == info.bundle.name


def test_info_is_answered_when_the_server_is_full(tmp_path):
    with running_server(tmp_path, "--admission-max-in-flight", "1") as full, grpc.insecure_channel(full.address) as channel:
        stub = privet_pb2_grpc.PrivetStub(channel)
        end = threading.Event()

        def messages():
            yield pb.StreamDetectRequest(id="1", text="x")
            end.wait(30)

        answers = stub.StreamDetect(messages(), timeout=30)
        assert next(answers).id == "1"
        with pytest.raises(grpc.RpcError) as error:
            stub.Detect(pb.DetectRequest(text="x"), timeout=5)
        assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert stub.Info(pb.InfoRequest(), timeout=5).version
        end.set()


BAD_POLICIES = [
    ("policy.types[0]", {"types": ["PHONE"]}),
    ("policy.operating_point", {"operating_point": "paranoid"}),
    ("policy.min_score", {"min_score": 1.5}),
    ("policy.custom_rules[0].pattern", {"custom_rules": [{"name": "x", "pattern": "a(b"}]}),
    ("policy.custom_rules[0].type", {"custom_rules": [{"name": "x", "pattern": "ab", "type": "NOPE"}]}),
    ("policy.allow[0].pattern", {"allow": [{"pattern": "[z"}]}),
    ("policy.custom_rules", {"custom_rules": [{"name": f"r{i}", "pattern": "ab"} for i in range(33)]}),
]


def violation_of(error):
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    status = status_pb2.Status.FromString(details)
    bad_request = error_details_pb2.BadRequest()
    assert status.details[0].Unpack(bad_request)
    return bad_request.field_violations[0]


@pytest.mark.parametrize("field, policy", BAD_POLICIES)
def test_a_bad_policy_names_its_field(stub, field, policy):
    with pytest.raises(grpc.RpcError) as error:
        stub.Detect(pb.DetectRequest(text="13800138000", policy=policy), timeout=5)
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert violation_of(error.value).field == field
    assert "13800138000" not in error.value.details()


def test_text_that_is_not_utf8_names_the_offset(channel):
    detect = channel.unary_unary("/privet.v1.Privet/Detect")
    with pytest.raises(grpc.RpcError) as error:
        detect(b"\x0a\x06abcd\xff\xfe", timeout=5)
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    violation = violation_of(error.value)
    assert violation.field == "text" and "byte 4" in violation.description


def test_bytes_that_are_no_message_are_refused(channel):
    with pytest.raises(grpc.RpcError) as error:
        channel.unary_unary("/privet.v1.Privet/Detect")(b"\x0a\xff\xff\xff\xff\xff\xff", timeout=5)
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_text_over_the_limit_is_refused_with_its_size(stub):
    with pytest.raises(grpc.RpcError) as error:
        stub.Detect(pb.DetectRequest(text="x" * ((1 << 20) + 1)), timeout=5)
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert violation_of(error.value).field == "text" and "1048576" in error.value.details()


def test_a_message_over_the_limit_is_refused_for_good(channel):
    """By gRPC, before the server sees the call: no delay to retry after, as retrying would not help."""
    with pytest.raises(grpc.RpcError) as error:
        channel.unary_unary("/privet.v1.Privet/Detect")(b"x" * ((8 << 20) + 1), timeout=5)
    assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and "larger than max" in error.value.details()
    assert "grpc-status-details-bin" not in dict(error.value.trailing_metadata())


def test_hash_without_a_key_is_refused(tmp_path):
    with running_server(tmp_path) as keyless, grpc.insecure_channel(keyless.address) as channel:
        request = pb.RedactRequest(text="x", default_redaction={"treatment": pb.TREATMENT_HASH})
        with pytest.raises(grpc.RpcError) as error:
            privet_pb2_grpc.PrivetStub(channel).Redact(request, timeout=5)
        assert error.value.code() == grpc.StatusCode.FAILED_PRECONDITION


def test_an_expired_deadline_stops_the_work(stub, server):
    # Some 4 MB of dense text: far more work than a quarter of a second, once it has arrived.
    slow = pb.BatchDetectRequest(texts=["13800138000 a@example.com 192.0.2.1 " * 6000] * 18)
    with pytest.raises(grpc.RpcError) as error:
        stub.BatchDetect(slow, timeout=0.25)
    assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    # The client's own clock may end the call first; then the server sees it cancelled.
    stopped = ("DEADLINE_EXCEEDED", "CANCELLED")
    deadline = time.monotonic() + 10
    while not any(line.get("method") == "BatchDetect" and line["code"] in stopped for line in server.log()):
        assert time.monotonic() < deadline, "the server worked on"
        time.sleep(0.05)


def test_work_that_takes_too_long_is_given_up_whatever_the_client_waits(tmp_path):
    draw = random.Random(1)
    text = "".join(draw.choice("ab") for _ in range(500_000))
    # Each needs more states than an automaton may keep.
    slow = {"custom_rules": [{"name": f"r{i}", "type": "OTHER_ID", "pattern": f"[ab]*a[ab]{{400}}{'c' * (i + 1)}"} for i in range(32)]}
    with running_server(tmp_path, "--admission-max-work-seconds", "1") as server, grpc.insecure_channel(server.address) as channel:
        stub = privet_pb2_grpc.PrivetStub(channel)
        assert stub.Info(pb.InfoRequest(), timeout=5).limits.max_work_seconds == 1
        begin = time.monotonic()
        with pytest.raises(grpc.RpcError) as error:
            stub.Detect(pb.DetectRequest(text=text, policy=slow), timeout=120)
        assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert "admission.max_work_seconds" in error.value.details()
        with pytest.raises(grpc.RpcError) as error:
            list(stub.StreamDetect(iter([pb.StreamDetectRequest(id="1", text=text, policy=slow)]), timeout=120))
        assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert "admission.max_work_seconds" in error.value.details()
        assert time.monotonic() - begin < 60
        assert stub.Detect(pb.DetectRequest(text="a@example.com"), timeout=5).findings


def test_health_and_reflection(channel):
    health = health_pb2_grpc.HealthStub(channel)
    for service in ("", "privet.v1.Privet"):
        answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    reflection = reflection_pb2_grpc.ServerReflectionStub(channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    [answer] = reflection.ServerReflectionInfo(iter([request]), timeout=5)
    assert "privet.v1.Privet" in [s.name for s in answer.list_services_response.service]


def test_metrics_count_and_hold_no_text(stub, server):
    stub.Detect(pb.DetectRequest(text="电话13800138000"), timeout=5)
    with urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=5) as page:
        metrics = page.read().decode()
    assert 'privet_requests_total{code="OK",method="Detect"}' in metrics
    assert 'privet_findings_total{type="PHONE_NUMBER"}' in metrics
    # So that the first failure is an increase.
    assert 'privet_requests_total{code="INTERNAL",method="Detect"} 0' in metrics
    assert "13800138000" not in metrics


def test_log_lines_hold_no_text(stub, server):
    stub.Detect(pb.DetectRequest(text="秘密文字 13900139000"), timeout=5)
    log = server.log_file.read_text()
    assert "13900139000" not in log and "秘密" not in log
    assert any(line.get("method") == "Detect" and line["code"] == "OK" for line in server.log())


def test_what_grpc_complains_of_is_logged_without_the_callers_words(server):
    def header(name, value):
        return bytes([0, len(name)]) + name + bytes([len(value)]) + value

    headers = b"".join(header(*pair) for pair in [
        (b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/privet.v1.Privet/Detect"), (b":authority", b"localhost"),
        (b"te", b"trailers"), (b"content-type", b"application/13700137000"), (b"grpc-timeout", b"13700137000")])
    settings = b"\0\0\0\x04\0\0\0\0\0"
    call = len(headers).to_bytes(3, "big") + b"\x01\x05\0\0\0\x01" + headers  # HEADERS, the last of its stream
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + call)
        connection.recv(1)
    deadline = time.monotonic() + 10
    while not any(line["event"] == "grpc" for line in server.log()):
        assert time.monotonic() < deadline, "gRPC did not complain"
        time.sleep(0.05)
    assert "13700137000" not in server.log_file.read_text()


def test_log_lines_say_what_the_guide_says(stub, server):
    with pytest.raises(grpc.RpcError):
        stub.Detect(pb.DetectRequest(text="x", policy={"min_score_by_type": {"Alice": 1}}), timeout=5)
    line = [line for line in server.log() if line.get("code") == "INVALID_ARGUMENT"][-1]
    assert line["field"] == "policy.min_score_by_type"
    guide = (ROOT / "docs/operations.md").read_text()
    section = guide[guide.index("\n## Logs"):guide.index("\n## Health")]
    assert [key for key in line if f"`{key}`" not in section] == []


def test_reload_swaps_packs_under_traffic_and_keeps_old_ones_when_broken(tmp_path):
    packs = tmp_path / "packs"
    shutil.copytree(ROOT / "rules/packs", packs)
    extra = packs / "extra.yaml"
    rule = ("pack: extra\nrules:\n  - id: badge\n    type: USERNAME\n    patterns: ['EMP-\\d{5}']\n    score: 0.9\n"
            "    gate: {literals: [emp-]}\n    examples: {match: [EMP-12345]}\n")
    with running_server(tmp_path, "--rules-packs-dir", str(packs)) as server, \
            grpc.insecure_channel(server.address) as channel:
        stub = privet_pb2_grpc.PrivetStub(channel)
        failures, stop = [], threading.Event()

        def traffic():
            while not stop.is_set():
                try:
                    assert "PHONE_NUMBER" in types_in(stub.Detect(pb.DetectRequest(text="电话13800138000"), timeout=5))
                except Exception as error:  # noqa: BLE001  any failure fails the test
                    failures.append(error)

        threads = [threading.Thread(target=traffic) for _ in range(3)]
        for thread in threads:
            thread.start()

        def reload_and_wait(event):
            before = sum(line["event"] == event for line in server.log())
            server.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + 10
            while sum(line["event"] == event for line in server.log()) == before:
                assert time.monotonic() < deadline, f"no {event}"
                time.sleep(0.02)

        def finds_badge():
            return types_in(stub.Detect(pb.DetectRequest(text="EMP-20417"), timeout=5)) == ["USERNAME"]

        assert not finds_badge()
        extra.write_text(rule)
        reload_and_wait("reloaded")
        assert finds_badge()
        extra.write_text(rule.replace(r"EMP-\d{5}", "EMP-("))
        reload_and_wait("reload_failed")
        assert finds_badge()
        reason = next(line["reason"] for line in server.log() if line["event"] == "reload_failed")
        assert "extra.yaml:5: rule 'badge'" in reason
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures


def test_sigterm_finishes_what_was_begun(tmp_path):
    with running_server(tmp_path) as server, grpc.insecure_channel(server.address) as channel:
        stub = privet_pb2_grpc.PrivetStub(channel)
        work = pb.BatchDetectRequest(texts=["13800138000 a@example.com 192.0.2.1 " * 4000] * 20,
                                     policy={"max_findings": 10})
        call = stub.BatchDetect.future(work, timeout=60)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        assert len(call.result().results) == 20
        assert server.process.wait(timeout=30) == 0
        assert server.log()[-1]["cancelled"] == 0


def test_what_outlasts_the_drain_is_cancelled_and_counted(tmp_path):
    with running_server(tmp_path, "--shutdown-drain-seconds", "0") as server, grpc.insecure_channel(server.address) as channel:
        stub = privet_pb2_grpc.PrivetStub(channel)
        work = pb.BatchDetectRequest(texts=["13800138000 a@example.com 192.0.2.1 " * 4000] * 20)
        calls = [stub.BatchDetect.future(work, timeout=60) for _ in range(3)]
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        for call in calls:
            assert call.exception().code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
        assert server.process.wait(timeout=30) == 0
        stopped = server.log()[-1]
        assert (stopped["event"], stopped["level"], stopped["cancelled"]) == ("stopped", "warning", 3)


def test_who_watches_health_hears_of_the_end_and_does_not_delay_it(tmp_path):
    with running_server(tmp_path, "--shutdown-drain-seconds", "60") as server, grpc.insecure_channel(server.address) as channel:
        watched = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service="privet.v1.Privet"), timeout=30)
        assert next(watched).status == health_pb2.HealthCheckResponse.SERVING
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=20) == 0
        assert next(watched).status == health_pb2.HealthCheckResponse.NOT_SERVING
        with pytest.raises(grpc.RpcError) as error:
            next(watched)
        assert error.value.code() == grpc.StatusCode.UNAVAILABLE and error.value.details() == "the server ends"


def test_tls_and_mutual_tls(tmp_path):
    certificates(tmp_path)
    read = lambda name: (tmp_path / name).read_bytes()  # noqa: E731
    arguments = ["--tls-certificate-file", str(tmp_path / "server.pem"), "--tls-key-file", str(tmp_path / "server.key"),
                 "--tls-client-ca-file", str(tmp_path / "ca.pem")]
    with running_server(tmp_path, *arguments) as server:
        address = f"localhost:{server.port}"
        known = grpc.ssl_channel_credentials(read("ca.pem"), read("client.key"), read("client.pem"))
        with grpc.secure_channel(address, known) as channel:
            assert privet_pb2_grpc.PrivetStub(channel).Info(pb.InfoRequest(), timeout=5).version
        unknown = grpc.ssl_channel_credentials(read("ca.pem"))
        with grpc.secure_channel(address, unknown) as channel, pytest.raises(grpc.RpcError) as error:
            privet_pb2_grpc.PrivetStub(channel).Info(pb.InfoRequest(), timeout=5)
        assert error.value.code() == grpc.StatusCode.UNAVAILABLE


def test_the_log_says_why_a_tls_client_was_refused_in_words_of_the_guide(tmp_path):
    guide = (ROOT / "docs/operations.md").read_text()
    others = tmp_path / "others"
    others.mkdir()
    certificates(tmp_path)
    certificates(others)
    read = lambda path: path.read_bytes()  # noqa: E731
    arguments = ["--tls-certificate-file", str(tmp_path / "server.pem"), "--tls-key-file", str(tmp_path / "server.key"),
                 "--tls-client-ca-file", str(tmp_path / "ca.pem")]
    with running_server(tmp_path, *arguments) as server:
        def reasons():
            return [line["reason"] for line in server.log() if line["event"] == "grpc"]

        def refused(channel):
            with channel, pytest.raises(grpc.RpcError):
                privet_pb2_grpc.PrivetStub(channel).Info(pb.InfoRequest(), timeout=5)

        def http():
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
                connection.sendall(b"GET /13700137000 HTTP/1.1\r\n\r\n")
                connection.recv(1)

        address = f"localhost:{server.port}"
        ca = read(tmp_path / "ca.pem")
        clients = {
            "wrong version number": lambda: refused(grpc.insecure_channel(address)),
            "http request": http,
            "peer did not return a certificate": lambda: refused(grpc.secure_channel(address, grpc.ssl_channel_credentials(ca))),
            "certificate verify failed": lambda: refused(grpc.secure_channel(address, grpc.ssl_channel_credentials(
                ca, read(others / "client.key"), read(others / "client.pem")))),
        }
        for reason, client in clients.items():
            assert f"| `{reason}` |" in guide
            assert reason not in reasons()
            client()
            deadline = time.monotonic() + 10
            while reason not in reasons():
                assert time.monotonic() < deadline, reasons()
                time.sleep(0.05)
        assert "13700137000" not in server.log_file.read_text()
