"""The contract's google.api.http annotations, as a gateway reads them: every unary method over HTTP and JSON.

The gateway here is a minimal one, made from nothing but the descriptor set that docs/operations.md says how to make."""

import contextlib
import http.server
import json
import pathlib
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request

import google.api
import grpc
import pytest
import yaml
from conftest import ROOT, running_server
from google.api import annotations_pb2  # noqa: F401  lets the pool know the option
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.rpc import code_pb2, status_pb2

GUIDE = (ROOT / "docs/operations.md").read_text()
GOOGLE_PROTOS = pathlib.Path(list(google.api.__path__)[0]).parents[1]
# https://cloud.google.com/apis/design/errors has the table that gateways share.
HTTP_STATUS = {code_pb2.INVALID_ARGUMENT: 400, code_pb2.FAILED_PRECONDITION: 400, code_pb2.RESOURCE_EXHAUSTED: 429,
               code_pb2.CANCELLED: 499, code_pb2.UNAVAILABLE: 503, code_pb2.DEADLINE_EXCEEDED: 504}


@pytest.fixture(scope="module")
def descriptor_set(tmp_path_factory):
    """Made by the command of the guide."""
    command = re.search(r"^protoc .*?[^\\]$", GUIDE, re.MULTILINE | re.DOTALL)[0]
    out = tmp_path_factory.mktemp("descriptors") / "privet.pb"
    command = command.replace("GOOGLEAPIS", str(GOOGLE_PROTOS)).replace("=privet.pb", f"={out}")
    subprocess.run(["bash", "-c", command], cwd=ROOT, check=True)
    return descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())


class Gateway:
    """Routes, messages and JSON of one descriptor set; one channel behind it."""

    def __init__(self, files, channel):
        self.pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            self.pool.Add(file)
        self.channel, self.routes = channel, {}
        self.service = self.pool.FindServiceByName("privet.v1.Privet")
        http_option = self.pool.FindExtensionByName("google.api.http")
        for method in self.service.methods:
            options = message_factory.GetMessageClass(self.pool.FindMessageTypeByName("google.protobuf.MethodOptions")) \
                .FromString(method.GetOptions().SerializeToString())
            for extension, rule in options.ListFields():
                assert extension.full_name == http_option.full_name
                verb = rule.WhichOneof("pattern")
                self.routes[verb.upper(), getattr(rule, verb)] = (method, rule.body)

    def answer(self, verb, path, body):
        """The HTTP status and JSON of one request."""
        if (verb, path) not in self.routes:
            return 404, {"code": code_pb2.NOT_FOUND}
        method, whole_body = self.routes[verb, path]
        request = message_factory.GetMessageClass(method.input_type)()
        try:
            if whole_body == "*":
                json_format.Parse(body, request, descriptor_pool=self.pool)
        except (json_format.ParseError, UnicodeDecodeError):
            return 400, {"code": code_pb2.INVALID_ARGUMENT}
        call = self.channel.unary_unary(f"/{self.service.full_name}/{method.name}")
        try:
            response = message_factory.GetMessageClass(method.output_type).FromString(call(request.SerializeToString(), timeout=10))
        except grpc.RpcError as error:
            details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
            status = status_pb2.Status.FromString(details) if details else \
                status_pb2.Status(code=error.code().value[0], message=error.details())
            return HTTP_STATUS[status.code], json_format.MessageToDict(status, descriptor_pool=self.pool)
        return 200, json_format.MessageToDict(response, descriptor_pool=self.pool)


@contextlib.contextmanager
def http_in_front_of(gateway):
    class Requests(http.server.BaseHTTPRequestHandler):
        def respond(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, answer = gateway.answer(self.command, self.path, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = respond

        def log_message(self, *arguments):
            pass

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()

    def ask(path, body=None):
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{listener.server_port}{path}", data)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    try:
        yield ask
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


@pytest.fixture(scope="module")
def gateway(descriptor_set, channel):
    return Gateway(descriptor_set, channel)


@pytest.fixture(scope="module")
def ask(gateway):
    with http_in_front_of(gateway) as asking:
        yield asking


def test_every_unary_method_has_a_path_and_the_stream_has_none(gateway):
    assert {method.name: (verb, path, body) for (verb, path), (method, body) in gateway.routes.items()} == {
        "Detect": ("POST", "/v1/detect", "*"), "BatchDetect": ("POST", "/v1/detect:batch", "*"),
        "Redact": ("POST", "/v1/redact", "*"), "Info": ("GET", "/v1/info", "")}
    assert {m.name for m in gateway.service.methods} - {m.name for m, _ in gateway.routes.values()} == {"StreamDetect"}


def test_detect(ask):
    status, answer = ask("/v1/detect", {"text": "😀请联系13800138000", "policy": {"includeQuote": True, "include_evidence": True}})
    [finding] = answer["findings"]
    assert status == 200 and finding["type"] == "PHONE_NUMBER" and finding["quote"] == "13800138000"
    # JSON writes 64-bit numbers as strings.
    assert finding["range"]["utf16"] == {"begin": "5", "end": "16"}
    assert finding["evidence"][0]["validatorResult"]
    assert ask("/v1/detect", {"text": "无"}) == (200, {})


def test_batch_detect_with_an_error_in_its_place(ask):
    status, answer = ask("/v1/detect:batch", {"texts": ["a@example.com", "x" * (1 << 20) + "y"]})
    first, second = answer["results"]
    assert status == 200 and first["response"]["findings"][0]["type"] == "EMAIL_ADDRESS"
    assert second["error"]["code"] == code_pb2.INVALID_ARGUMENT
    assert second["error"]["details"][0]["fieldViolations"][0]["field"] == "texts[1]"


def test_redact(ask):
    status, answer = ask("/v1/redact", {"text": "电话13800138000", "redactions": {"PHONE_NUMBER": {
        "treatment": "TREATMENT_MASK", "keepFirst": 3, "keepLast": 4}}})
    assert status == 200 and answer["text"] == "电话138****8000"
    assert answer["replacements"][0]["treatment"] == "TREATMENT_MASK"


def test_info(ask):
    status, answer = ask("/v1/info")
    assert status == 200 and answer["limits"]["maxTextBytes"] == "1048576" and answer["bundle"]["name"] == "rules"


def test_a_bad_field_is_400_and_named(ask):
    status, answer = ask("/v1/detect", {"text": "13800138000", "policy": {"types": ["PHONE"]}})
    [detail] = answer["details"]
    assert status == 400 and answer["code"] == code_pb2.INVALID_ARGUMENT
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert detail["fieldViolations"][0]["field"] == "policy.types[0]" and "13800138000" not in json.dumps(answer)


@pytest.mark.parametrize("body", [b"{", b'{"text": 7}', b'{"txt": ""}', b'{"text": "\xff"}'])
def test_a_body_that_is_no_request_is_400(ask, body):
    assert ask("/v1/detect", body)[0] == 400


def test_other_paths_and_verbs_are_404(ask):
    for path, body in (("/v1/detekt", {}), ("/v1/detect", None), ("/v1/info", {}), ("/v1/detect:stream", {})):
        assert ask(path, body)[0] == 404


def test_a_full_server_is_429_with_a_delay_and_a_stopped_one_503(descriptor_set, tmp_path):
    with running_server(tmp_path, "--admission-max-in-flight", "1") as server, \
            grpc.insecure_channel(server.address) as channel, \
            http_in_front_of(Gateway(descriptor_set, channel)) as ask:
        idle = threading.Event()
        occupy = lambda: channel.stream_stream("/privet.v1.Privet/StreamDetect")(iter(lambda: idle.wait() and None or None, None))  # noqa: E731
        stream = occupy()
        try:
            deadline = time.monotonic() + 10
            while (asked := ask("/v1/detect", {"text": "x"}))[0] != 429 and time.monotonic() < deadline:
                if not stream.is_active():
                    stream = occupy()  # it was refused, as it came while one of our own calls was answered
            status, answer = asked
            assert status == 429 and answer["details"][0]["retryDelay"] == "0.200s"
            assert ask("/v1/info")[0] == 200
        finally:
            idle.set()
            stream.cancel()
        deadline = time.monotonic() + 20  # the server may hear of the stream's end a little later
        while (refused := ask("/v1/redact", {"text": "x", "defaultRedaction": {"treatment": "TREATMENT_HASH"}})[1]["code"]) == \
                code_pb2.RESOURCE_EXHAUSTED and time.monotonic() < deadline:
            time.sleep(0.05)
        assert refused == code_pb2.FAILED_PRECONDITION
        server.stop()
        assert ask("/v1/info")[0] == 503


def test_the_envoy_example_fits_the_contract(descriptor_set):
    config = yaml.safe_load(re.search(r"```yaml\n(static_resources:.*?)```", GUIDE, re.DOTALL)[1])["static_resources"]
    [listener], [cluster] = config["listeners"], config["clusters"]
    [manager] = (f["typed_config"] for f in listener["filter_chains"][0]["filters"])
    transcoder, router = (f["typed_config"] for f in manager["http_filters"])
    assert transcoder["@type"].endswith("GrpcJsonTranscoder") and router["@type"].endswith("Router")
    assert transcoder["services"] == ["privet.v1.Privet"]
    # Without the details' types in the set, Envoy drops them from errors.
    assert "google/rpc/error_details.proto" in [file.name for file in descriptor_set.file]
    # The transcoder has turned the path into that of gRPC before the route is looked up.
    [route] = manager["route_config"]["virtual_hosts"][0]["routes"]
    assert route["match"]["prefix"] == "/privet.v1.Privet/" and route["route"]["cluster"] == cluster["name"]
    protocol = cluster["typed_extension_protocol_options"]["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]
    assert "http2_protocol_options" in protocol["explicit_http_config"]
    [endpoint] = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
    assert endpoint["endpoint"]["address"]["socket_address"]["port_value"] == 8750
