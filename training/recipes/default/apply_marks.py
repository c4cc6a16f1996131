#!/usr/bin/env python3
"""apply_marks.py TEXTS MARKS >RECORDS: puts the marks of a table on the sentences that they were made for.

TEXTS is the folder of corpora of running text; a line of MARKS has, between tabs, the corpus, the number of the line in its text.txt, where
the sentence begins and ends in that line (code points), its CRC-32 as eight hex digits, and the marks as "begin-end:TYPE", counted from
the sentence's beginning. A sentence whose checksum differs ends the program: then the corpus is another edition.
"""
import json
import sys
import zlib
from pathlib import Path


def main(texts: str, marks: str) -> None:
    corpora: dict[str, list[str]] = {}
    for number, row in enumerate(Path(marks).read_text(encoding="utf-8").splitlines(), 1):
        if row.startswith("#"):
            continue
        corpus, line, begin, end, checksum, spans = row.split("\t")
        if corpus not in corpora:
            corpora[corpus] = (Path(texts) / corpus / "text.txt").read_text(encoding="utf-8").split("\n")
        lines = corpora[corpus]
        sentence = lines[int(line) - 1][int(begin) : int(end)] if int(line) <= len(lines) else ""
        if f"{zlib.crc32(sentence.encode()):08x}" != checksum:
            sys.exit(f"{marks}:{number}: {corpus}/text.txt has another sentence in line {line}; take the edition that README.md names")
        places = [span.partition(":") for span in spans.split()]
        print(json.dumps({"text": sentence, "spans": [[*map(int, place.split("-")), kind] for place, _, kind in places]}, ensure_ascii=False))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
