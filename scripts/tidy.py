"""Runs clang-tidy over the project's sources: scripts/tidy.py [BUILD_FOLDER] [SOURCE...].

What passed is not looked at again, in any checkout of the same user, while the source, every header that it includes, its
compile command, .clang-tidy and clang-tidy itself stay the same. Build first: ninja then knows the headers.
"""

import concurrent.futures
import contextlib
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIDY = pathlib.Path(sys.executable).parent / "clang-tidy"
# An empty file for all that passed, named by its key; those that no run has asked for in this time are removed.
PASSED = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "privet-tidy"
KEPT_DAYS = 60
# This clang brings neither omp.h nor the sanitizers' headers, and neither matters to a check.
EXTRA = ["--quiet", "--extra-arg=-fno-openmp", "--extra-arg=-fno-sanitize=all"]


@functools.cache
def hash_of_file(path):
    return hashlib.sha256(path.read_bytes()).digest()


def headers_of_objects(build):
    """What each object file was made from, as the compiler told ninja."""
    listing = subprocess.run(["ninja", "-C", build, "-t", "deps"], check=True, capture_output=True, text=True).stdout
    headers = {}
    for block in listing.split("\n\n"):
        first, *names = block.splitlines() or [""]
        headers[first.split(":")[0]] = [build / name.strip() for name in names]
    return headers


def key_of(command, headers, settings):
    """Changes whenever the answer of clang-tidy may change; None when the headers are not known."""
    made_from = headers.get(re.search(r" -o (\S+)", command["command"])[1])
    if not made_from or not all(path.exists() for path in made_from):
        return None
    digest = hashlib.sha256(settings + command["command"].replace(str(ROOT), "").encode())
    for path in made_from:
        digest.update(hash_of_file(path))
    return digest.hexdigest()


def check(build, source):
    begin = time.monotonic()
    command = [TIDY, *EXTRA, f"-p={build}", source]
    run = subprocess.run(command, capture_output=True, text=True)
    return run.returncode == 0, run.stdout + (run.stderr if run.returncode else ""), time.monotonic() - begin


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release").resolve()
    ours = set(subprocess.run(["git", "ls-files", "*.cc"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split())
    wanted = {os.path.relpath(source, ROOT) for source in sys.argv[2:]} or ours
    version = subprocess.run([TIDY, "--version"], check=True, capture_output=True).stdout
    settings = version + " ".join(EXTRA).encode() + b"".join(path.read_bytes() for path in (ROOT / ".clang-tidy", ROOT / "tests/.clang-tidy"))
    headers = headers_of_objects(build)
    PASSED.mkdir(parents=True, exist_ok=True)
    for old in PASSED.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another checkout was quicker
            if time.time() - old.stat().st_mtime > KEPT_DAYS * 86400:
                old.unlink()

    commands = {}
    for command in json.loads((build / "compile_commands.json").read_text()):
        source = os.path.relpath(command["file"], ROOT)
        if source in ours & wanted:
            commands[source] = command
    keys = {source: key_of(command, headers, settings) for source, command in commands.items()}
    todo = []
    for source, key in sorted(keys.items()):
        if key and (PASSED / key).exists():
            (PASSED / key).touch()
        else:
            todo.append(source)
    if not todo:
        return 0
    print(f"tidy: {len(todo)} of {len(keys)} files", flush=True)
    failed, begin = 0, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        runs = {pool.submit(check, build, ROOT / source): source for source in todo}
        for done, run in enumerate(concurrent.futures.as_completed(runs), 1):
            source, (ok, output, seconds) = runs[run], run.result()
            hash_of_file.cache_clear()  # who edits while this runs has not had the new text looked at
            if ok and keys[source] and key_of(commands[source], headers, settings) == keys[source]:
                (PASSED / keys[source]).touch()
            if not ok:
                failed += 1
                print(output, flush=True)
            left = (time.monotonic() - begin) / done * (len(todo) - done)
            print(f"tidy [{done}/{len(todo)}] {source} {seconds:.1f} s, {left:.0f} s left", flush=True)
    print(f"tidy: {failed} files with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
