#!/usr/bin/env python3
"""Writes rules/tables/*.inc, the tables that the validators of rules/validators/ look values up in, and core/simplified_han.inc.

The tables are committed; run this only to bring them up to newer sources:

    scripts/make_tables.py [--gazetteers DIR] [--suffixes FILE]

DIR holds divisions, phone segments, area codes and bank prefixes (default: ../shared/data/gazetteers beside the
repository); FILE is the public suffix list of Debian's package `publicsuffix`. Each table names its sources. `uconv` of
Debian's package `icu-devtools` must be there.
"""

import argparse
import csv
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINE_WIDTH = 110


def source_of(gazetteers, folder, pattern):
    """The line of a SOURCE.txt that says where a file came from."""
    for line in (gazetteers / folder / "SOURCE.txt").read_text(encoding="utf-8").splitlines():
        if re.search(pattern, line) and "@" in line:
            return line.strip()
    raise SystemExit(f"{gazetteers / folder / 'SOURCE.txt'}: no line names the source of {pattern}")


def wrapped(words, indent="// "):
    lines, line = [], indent.rstrip()
    for word in words:
        if len(line) + 1 + len(word) > LINE_WIDTH:
            lines.append(line)
            line = indent.rstrip()
        line = f"{line} {word}" if line else word
    return lines + [line]


def write_table(name, what, source, entries, folder="rules/tables"):
    lines = wrapped(f"{what} Written by scripts/make_tables.py; do not edit.".split())
    lines += wrapped(f"Source: {source}".split())
    lines += ["// clang-format off"] + wrapped(entries, indent="") + ["// clang-format on"]
    path = ROOT / folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {len(entries)} entries")


def divisions(gazetteers):
    timeline = json.loads((gazetteers / "gb2260" / "address_code_timeline.json").read_text(encoding="utf-8"))
    entries = []
    for code in sorted(timeline):
        years = sorted((int(begin or 0), int(end or 9999)) for _, begin, end in timeline[code])
        merged = []
        for begin, end in years:
            if merged and begin <= merged[-1][1] + 1:  # renamed, not abolished
                merged[-1][1] = max(end, merged[-1][1])
            else:
                merged.append([begin, end])
        entries += [f"{{{code},{begin},{end}}}," for begin, end in merged]
    write_table(
        "cn_divisions.inc",
        "GB/T 2260 codes with the first and the last year in which each was in use (0: from the start; 9999: still).",
        source_of(gazetteers, "gb2260", "addressCode"),
        entries,
    )


def mobile_segments(gazetteers):
    segments = set()
    for line in (gazetteers / "contact" / "cn_mobile_segments.tsv").read_text(encoding="utf-8").splitlines():
        _, _, _, prefix, ranges = line.split(" ")
        for part in filter(None, ranges.split(",")):
            begin, _, end = part.partition("-")
            segments.update(range(int(prefix + begin), int(prefix + (end or begin)) + 1))
    ranges = []
    for segment in sorted(segments):
        if ranges and ranges[-1][1] == segment - 1:
            ranges[-1][1] = segment
        else:
            ranges.append([segment, segment])
    write_table(
        "cn_mobile_segments.inc",
        "The first seven digits of mobile numbers in mainland China that are given out, as closed ranges.",
        source_of(gazetteers, "contact", "cn_mobile_segments"),
        [f"{{{begin},{end}}}," for begin, end in ranges],
    )


def area_codes(gazetteers):
    lines = (gazetteers / "contact" / "cn_landline_area_codes.tsv").read_text(encoding="utf-8").splitlines()
    codes = sorted({int(line.split(" ")[0]) for line in lines if line.strip()})
    write_table(
        "cn_area_codes.inc",
        "Area codes of mainland China without the leading 0.",
        source_of(gazetteers, "contact", "cn_landline_area_codes"),
        [f"{code}," for code in codes],
    )


def bank_bins(gazetteers):
    with open(gazetteers / "bank" / "bank_bin.csv", encoding="utf-8") as file:
        rows = sorted({(row["bin"], int(row["length"])) for row in csv.DictReader(file)})
    write_table(
        "bank_bins.inc",
        "Card prefixes of banks in mainland China: the prefix, how many digits it has, and the card number's length.",
        source_of(gazetteers, "bank", "bin.csv"),
        [f"{{{int(prefix)},{len(prefix)},{length}}}," for prefix, length in rows],
    )


def top_level_domains(gazetteers, suffixes):
    names = set()
    for line in (gazetteers / "contact" / "tlds.txt").read_text(encoding="utf-8").splitlines():
        names.add(line.strip().rpartition(".")[2])
    listed = suffixes.read_text(encoding="utf-8").partition("===END ICANN DOMAINS===")[0]
    for line in listed.splitlines():
        if line.strip() and not line.startswith("//"):
            names.add(line.strip().rpartition(".")[2])
    both = {name for name in names if name} | {name.encode("idna").decode() for name in names if not name.isascii()}
    write_table(
        "tlds.inc",
        "Top-level domains in lower case; internationalised ones in Unicode and in their xn-- form.",
        source_of(gazetteers, "contact", "tlds.txt")
        + "; and the last labels of the ICANN section of publicsuffix.org's list, version 20230209 (MPL-2.0)",
        [f'"{name}",' for name in sorted(both, key=lambda name: name.encode())],
    )


def simplified_han():
    han = [chr(c) for c in range(0x3400, 0xA000)]
    run = subprocess.run(["uconv", "-f", "utf-8", "-t", "utf-8", "-x", "Hant-Hans"], input="\n".join(han).encode(),
                         capture_output=True, check=True)
    pairs = [(a, b) for a, b in zip(han, run.stdout.decode().split("\n"), strict=True)
             if a != b and len(b) == 1 and 0x3400 <= ord(b) < 0xA000]
    version = re.search(r"ICU [\d.]+", subprocess.run(["uconv", "--version"], capture_output=True, text=True).stdout)
    write_table(
        "simplified_han.inc",
        "Traditional Chinese characters and what each is in simplified ones.",
        f"the transliterator Hant-Hans of {version.group()} (Unicode licence)",
        [f"{{0x{ord(a):X},0x{ord(b):X}}}," for a, b in pairs],
        folder="core",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gazetteers", type=pathlib.Path, default=ROOT.parent / "shared" / "data" / "gazetteers")
    parser.add_argument("--suffixes", type=pathlib.Path,
                        default=pathlib.Path("/usr/share/publicsuffix/public_suffix_list.dat"))
    arguments = parser.parse_args()
    divisions(arguments.gazetteers)
    mobile_segments(arguments.gazetteers)
    area_codes(arguments.gazetteers)
    bank_bins(arguments.gazetteers)
    top_level_domains(arguments.gazetteers, arguments.suffixes)
    simplified_han()


if __name__ == "__main__":
    main()
