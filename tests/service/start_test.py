"""A server that cannot start says why in one line, and its exit code is 2."""

import shutil
import socket
import subprocess

import pytest
from conftest import BIN, ROOT, certificates, running_server


def refusal(*arguments, folder=BIN):
    """The one line in which a privet-server of these arguments says why it does not start."""
    result = subprocess.run([folder / "privet-server", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert result.returncode == 2, result.stderr
    [line] = result.stderr.splitlines()
    assert line.startswith("privet-server: ")
    return line


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pem")
    certificates(folder)
    (folder / "garbage.pem").write_text("no PEM at all\n")
    subprocess.run(["openssl", "pkey", "-in", "server.key", "-aes128", "-passout", "pass:secret", "-out", "locked.key"], cwd=folder,
                   check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "-1", "-out", "old.pem"],
                   cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("arguments", [["--frobnicate"], ["--listen-port", "abc"], ["--listen-port", "70000"], ["--config", "/nonexistent"]])
def test_every_refusal_has_the_same_exit_code(arguments):
    assert refusal(*arguments)


def test_help_and_version_are_no_refusals():
    for flag in ("--help", "--version", "--describe-metrics"):
        subprocess.run([BIN / "privet-server", flag], check=True, capture_output=True)


def test_what_cannot_be_printed_is_an_error(tmp_path):
    (tmp_path / "server.yaml").write_text("models: {bundle_dir: none}\n")
    for arguments in (["--describe-configuration"], ["--describe-metrics"], ["--check-config", tmp_path / "server.yaml"]):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([BIN / "privet-server", *arguments], stdout=full, stderr=subprocess.PIPE, text=True)
        assert (result.returncode, result.stderr) == (2, "privet-server: stdout: cannot be written\n")


@pytest.mark.parametrize("yaml, named", [
    ("models: {bundle_dir: /nonexistent/bundle}", "/nonexistent/bundle"),
    ("rules: {packs_dir: /nonexistent/packs}", "/nonexistent/packs"),
    ("redaction: {hash_key_file: /nonexistent/hash.key}", "/nonexistent/hash.key"),
    ("tls: {certificate_file: PEM/server.pem, key_file: /nonexistent/server.key}", "/nonexistent/server.key"),
    ("tls: {certificate_file: PEM/server.pem, key_file: PEM/server.key, client_ca_file: PEM/garbage.pem}", "garbage.pem"),
    ("tls: {certificate_file: PEM/old.pem, key_file: PEM/server.key}", "old.pem: certificate 1 ran out on "),
    ("tls: {certificate_file: PEM/server.pem, key_file: PEM/server.key, client_ca_file: PEM/old.pem}", "tls.client_ca_file: "),
])
def test_a_check_looks_at_the_files_that_are_named(tmp_path, pem, yaml, named):
    (tmp_path / "server.yaml").write_text(yaml.replace("PEM", str(pem)))
    assert named in refusal("--check-config", tmp_path / "server.yaml")


def test_a_check_accepts_files_that_are_whole(tmp_path, pem):
    (tmp_path / "hash.key").write_bytes(b"x" * 16)
    (tmp_path / "server.yaml").write_text(
        f"tls: {{certificate_file: {pem}/server.pem, key_file: {pem}/server.key, client_ca_file: {pem}/ca.pem}}\n"
        f"redaction: {{hash_key_file: {tmp_path}/hash.key}}\nmodels: {{bundle_dir: none}}\n")
    subprocess.run([BIN / "privet-server", "--check-config", tmp_path / "server.yaml"], check=True, capture_output=True)


WITH_MODELS = pytest.mark.skipif(not (BIN / "libprivet_models.so").exists(), reason="built without models")


@WITH_MODELS
def test_rules_alone_are_served_only_where_they_are_asked_for(tmp_path):
    """Not for want of the bundle, nor of the library, nor of a name."""
    shutil.copy(BIN / "privet-server", tmp_path)
    free = ["--listen-port", "0", "--metrics-port", "-1"]
    assert "bundle 'default': does not lie with the program in " + str(tmp_path) in refusal(*free, folder=tmp_path)
    assert ("models.bundle_dir: there is no folder 'defualt'; did you mean default?"
            in refusal(*free, "--models-bundle-dir", "defualt", folder=tmp_path))
    assert "bundle: has no name" in refusal(*free, "--models-bundle-dir", "", folder=tmp_path)
    shutil.copytree(ROOT / "tests/bundles/hf_golden", tmp_path / "golden")
    assert "models need libprivet_models.so" in refusal(*free, "--models-bundle-dir", tmp_path / "golden", folder=tmp_path)


def test_a_folder_is_no_file(tmp_path, pem):
    free = ["--models-bundle-dir", "none", "--listen-port", "0", "--metrics-port", "-1"]
    said = f"{tmp_path}: is a folder, not a file"
    assert said in refusal(*free, "--config", tmp_path)
    assert said in refusal(*free, "--tls-certificate-file", tmp_path, "--tls-key-file", pem / "server.key")
    assert said in refusal(*free, "--redaction-hash-key-file", tmp_path)
    (tmp_path / "bundle.yaml").mkdir()
    assert "a bundle is a folder with this file in it" in refusal(*free[2:], "--models-bundle-dir", tmp_path)


@pytest.mark.parametrize("certificate, key, reason", [
    ("garbage.pem", "server.key", "garbage.pem: has no PEM certificate"),
    ("none.pem", "server.key", "tls.certificate_file: "),
    ("server.pem", "none.pem", "tls.key_file: "),
    ("server.pem", "garbage.pem", "garbage.pem: has no PEM private key"),
    ("server.pem", "locked.key", "locked.key: has no PEM private key without a passphrase"),
    ("server.pem", "client.key", "client.key: is not the key of the first certificate"),
])
def test_certificates_that_do_not_serve_are_named(pem, certificate, key, reason):
    assert reason in refusal("--models-bundle-dir", "none", "--listen-port", "0", "--metrics-port", "-1",
                             "--tls-certificate-file", pem / certificate, "--tls-key-file", pem / key)


def test_a_server_warns_of_a_certificate_that_ran_out(tmp_path, pem):
    with running_server(tmp_path, "--tls-certificate-file", str(pem / "old.pem"), "--tls-key-file", str(pem / "server.key")) as server:
        [warning] = [line for line in server.log() if line["event"] == "certificate"]
    assert warning["level"] == "warning"
    assert warning["reason"].startswith(f"tls.certificate_file: {pem}/old.pem: certificate 1 ran out on ")


def test_a_port_file_that_cannot_be_written_is_refused_with_the_reason_alone(tmp_path):
    path = tmp_path / "none" / "port"
    assert refusal("--models-bundle-dir", "none", "--listen-port", "0", "--metrics-port", "-1", "--listen-port-file", path) == (
        f"privet-server: listen.port_file: {path}: cannot be written: No such file or directory")


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield str(taken.getsockname()[1])


@pytest.mark.parametrize("address, port, reason", [
    ("127.0.0.1", None, "Address already in use"),
    ("192.0.2.1", "0", "Cannot assign requested address"),
    ("999.1.1.1", "0", "Name or service not known"),
])
def test_a_place_to_listen_that_is_none_is_refused_with_the_reason(taken_port, address, port, reason):
    port = port or taken_port
    line = refusal("--models-bundle-dir", "none", "--listen-address", address, "--listen-port", port, "--metrics-port", "-1")
    assert line == f"privet-server: cannot listen on {address}:{port}: {reason}; choose others with --listen-address and --listen-port"
