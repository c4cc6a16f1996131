"""What the tests of the programs share: the client's generated code, and servers that are started and stopped."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import grpc
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PRIVET_BIN", ROOT / "build/release/bin"))
WORK = pathlib.Path(os.environ.get("PRIVET_WORK", "/tmp/privet-tests"))


def _generate_client() -> None:
    """Python code of the contract, made from the same .proto as the server's."""
    import google.api
    from grpc_tools import protoc

    out = WORK / "generated"
    out.mkdir(parents=True, exist_ok=True)
    google_protos = pathlib.Path(list(google.api.__path__)[0]).parents[1]
    code = protoc.main(["protoc", f"-I{ROOT / 'proto'}", f"-I{google_protos}", f"--python_out={out}",
                        f"--grpc_python_out={out}", str(ROOT / "proto/privet/v1/privet.proto")])
    assert code == 0
    sys.path.insert(0, str(out))


_generate_client()


# Rules alone, whatever bundle comes with the programs: tests/bundles and tests/quality are about models.
os.environ["PRIVET_BUNDLE"] = "none"


class Server:
    """A running privet-server on free ports of the loopback interface, with rules alone."""

    def __init__(self, folder: pathlib.Path, *arguments: str):
        folder.mkdir(parents=True, exist_ok=True)
        self.port_file = folder / f"port-{time.monotonic_ns()}"
        self.log_file = folder / f"log-{time.monotonic_ns()}"
        with open(self.log_file, "wb") as log:
            free_port = [] if "--listen-port" in arguments else ["--listen-port", "0"]
            self.process = subprocess.Popen(
                [BIN / "privet-server", *free_port, "--listen-port-file", self.port_file, "--metrics-port", "0",
                 "--models-bundle-dir", "none", *arguments],
                stderr=log)
        deadline = time.monotonic() + 20
        while not (self.port_file.exists() and self.port_file.read_text().strip()):
            assert self.process.poll() is None, self.log_file.read_text()
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.02)
        self.port = int(self.port_file.read_text())
        self.address = f"127.0.0.1:{self.port}"

    def log(self) -> list[dict]:
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]

    @property
    def metrics_port(self) -> int:
        return next(line["metrics_port"] for line in self.log() if line["event"] == "listening")

    def resident_kib(self) -> int:
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


def certificates(folder: pathlib.Path):
    """A certificate authority, a server's certificate for localhost and a client's."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "1",
            "-subj", "/CN=test authority")
    for name in ("server", "client"):
        (folder / f"{name}.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1",
                "-extfile", f"{name}.ext", "-out", f"{name}.pem")


@contextlib.contextmanager
def running_server(folder: pathlib.Path, *arguments: str):
    server = Server(folder, *arguments)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    key = folder / "hash.key"
    key.write_bytes(b"a key of the tests, 32 bytes long")
    with running_server(folder, "--redaction-hash-key-file", str(key)) as running:
        yield running


@pytest.fixture(scope="module")
def channel(server):
    with grpc.insecure_channel(server.address) as open_channel:
        yield open_channel


@pytest.fixture(scope="module")
def stub(channel):
    from privet.v1 import privet_pb2_grpc

    return privet_pb2_grpc.PrivetStub(channel)


def privet(*arguments, text="", code=0):
    result = subprocess.run([BIN / "privet", *arguments], input=text.encode(), capture_output=True, timeout=60)
    assert result.returncode == code, result.stderr.decode()
    return result.stdout.decode()


def outcome(*arguments, text):
    result = subprocess.run([BIN / "privet", *arguments], input=text, capture_output=True, timeout=60)
    return result.returncode, result.stdout, result.stderr
