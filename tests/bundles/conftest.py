"""What the tests of bundles share."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PRIVET_BIN", ROOT / "build/release/bin"))


def privet(*arguments, text: str = "") -> subprocess.CompletedProcess:
    return subprocess.run([BIN / "privet", *arguments], input=text, capture_output=True, text=True, timeout=60)
