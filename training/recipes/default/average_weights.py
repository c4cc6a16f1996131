"""Puts the mean of several bundles' weights into the first: average_weights.py BUNDLE BUNDLE...

All are bundles of models of one size in bf16, each trained on from the one before: such weights lie in one valley of the
loss, and their mean is better than any of them (Wortsman et al. 2022, arXiv 2203.05482). Exact but for one rounding to
the nearest, ties to even. BUNDLE/stage1 and stage2 have a model.safetensors each, whose tensors may lie in any order.
"""

import array
import json
import pathlib
import struct
import sys


def read(file):
    """The header's entries by name, where their bytes begin, and the bytes."""
    content = file.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    return header, 8 + length, content


def floats(entry, begin, content):
    """bf16 is the upper half of a float."""
    first, end = entry["data_offsets"]
    halves = array.array("H", content[begin + first : begin + end])
    wide = array.array("I", [half << 16 for half in halves])
    return array.array("f", wide.tobytes())


def bf16(values):
    wide = array.array("I", array.array("f", values).tobytes())
    return array.array("H", [(bits + 0x7FFF + ((bits >> 16) & 1)) >> 16 for bits in wide]).tobytes()


def average(files):
    models = [read(file) for file in files]
    header, begin, content = models[0]
    result = bytearray(content)
    for name, entry in header.items():
        for other, _, _ in models:
            if other.get(name, {}).get("shape") != entry["shape"] or other[name]["dtype"] != "BF16":
                sys.exit(f"average_weights: {name}: is not of one shape and BF16 in all of {', '.join(map(str, files))}")
        columns = [floats(other[name], place, data) for other, place, data in models]
        first, end = entry["data_offsets"]
        result[begin + first : begin + end] = bf16([sum(values) / len(files) for values in zip(*columns)])
    return result


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: average_weights.py BUNDLE BUNDLE...")
    assert sys.byteorder == "little"
    for stage in ("stage1", "stage2"):
        files = [pathlib.Path(bundle, stage, "model.safetensors") for bundle in sys.argv[1:]]
        files[0].write_bytes(average(files))


if __name__ == "__main__":
    main()
