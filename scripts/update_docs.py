#!/usr/bin/env python3
"""Keeps the generated tables of README.md and docs/ fresh.

    scripts/update_docs.py [--bin build/release/bin] [--check]

A table stands between two marks, and the first says which command prints it:

    <!-- generated: privet info --markdown types -->
    ...
    <!-- end generated -->

Without --check the files are rewritten; with it they are only compared, and the exit code is 1 when one is stale.
"""

import argparse
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- generated: (?P<command>.+?) -->\n)(?P<body>.*?)(<!-- end generated -->)", re.DOTALL)


def fresh(text: str, bin_folder: pathlib.Path) -> str:
    def replace(match: re.Match) -> str:
        program, *arguments = shlex.split(match["command"])
        # What the programs do by themselves, whatever bundle lies beside them.
        table = subprocess.run([bin_folder / program, *arguments], check=True, capture_output=True, text=True,
                               env=os.environ | {"PRIVET_BUNDLE": "none"}).stdout
        return f"{match[1]}{table.rstrip()}\n{match[4]}"

    return BLOCK.sub(replace, text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin", help="folder of the binaries")
    parser.add_argument("--check", action="store_true", help="change nothing, fail when a table is stale")
    options = parser.parse_args()

    stale, tables = [], 0
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        before = path.read_text(encoding="utf-8")
        tables += len(BLOCK.findall(before))
        after = fresh(before, options.bin)
        if after == before:
            continue
        stale.append(path.relative_to(ROOT))
        if not options.check:
            path.write_text(after, encoding="utf-8")
    if tables == 0:
        print("no generated table found: the marks are gone", file=sys.stderr)
        return 1
    if stale and options.check:
        print(f"stale: {', '.join(map(str, stale))}; run scripts/update_docs.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
