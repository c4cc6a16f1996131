"""What the tests of bundles share."""
import contextlib
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PRIVET_BIN", ROOT / "build/release/bin"))


def privet(*arguments, text: str = "") -> subprocess.CompletedProcess:
    return subprocess.run([BIN / "privet", *arguments], input=text, capture_output=True, text=True, timeout=60)


@contextlib.contextmanager
def serving(bundle, folder: pathlib.Path, *flags: str):
    """The address of a server that runs the bundle."""
    port_file = folder / "port"
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen([BIN / "privet-server", "--listen-port", "0", "--listen-port-file", port_file, "--metrics-port",
                                   "-1", "--models-bundle-dir", bundle, *flags], stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not (port_file.exists() and port_file.read_text().endswith("\n")):
            assert server.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.02)
        yield f"127.0.0.1:{port_file.read_text().strip()}"
    finally:
        server.terminate()
        assert server.wait(timeout=30) == 0
