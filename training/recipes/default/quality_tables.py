"""Tables in Markdown and a learning curve of what quality.sh measured: quality_tables.py WORK. Needs Python's standard library alone."""

import json
import pathlib
import sys

WORK = pathlib.Path(sys.argv[1])
SETS = {"annotated_report_zh": "annotated sentences, zh", "annotated_report_en": "annotated sentences, en",
        "documents_report_zh": "documents, zh", "documents_report_en": "documents, en",
        "templates_report_zh": "snippets held out, zh", "templates_report_en": "snippets held out, en",
        "prose_report_zh": "prose held out, zh", "prose_report_en": "prose held out, en",
        "papers_report_zh": "papers held out, zh", "papers_report_en": "papers held out, en", "posts_report_en": "posts held out, en",
        "uner_zh_report": "UNER zh GSDSIMP dev", "uner_en_report": "UNER en EWT dev", "wnut17_report": "WNUT-17 dev"}
OURS = list(SETS)[:4]
HELD_OUT = ["prose_report_zh", "prose_report_en", "papers_report_zh", "papers_report_en"]
POINTS = ["high_recall", "balanced", "high_precision"]
TYPES = ["PERSON", "ORGANIZATION", "LOCATION", "ADDRESS", "DATE_OF_BIRTH", "USERNAME", "PHONE_NUMBER", "EMAIL_ADDRESS", "OTHER_ID"]


def load(name: str) -> dict:
    return json.loads((WORK / f"quality/{name}.json").read_text())


def percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}"


def prf(ratios: dict) -> list[str]:
    return [percent(ratios[key]) for key in ("precision", "recall", "f1")]


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def points() -> str:
    rows = []
    for name, title in SETS.items():
        for point in POINTS:
            report = load(f"{name}.{point}")
            exact, overlap = report["exact"]["micro"], report["overlap"]["micro"]
            rows.append([title if point == POINTS[0] else "", point, *prf(exact), *prf(overlap)])
    return table(["text", "operating point", "exact P", "R", "F1", "overlap P", "R", "F1"], rows)


def types() -> str:
    rows = []
    for name, title in SETS.items():
        report = load(f"{name}.balanced")
        for kind in TYPES:
            exact = report["exact"]["by_type"].get(kind)
            if exact is None or exact["entities"] < 5:
                continue
            overlap = report["overlap"]["by_type"][kind]
            rows.append([title, f"`{kind}`", str(exact["entities"]), *prf(exact), percent(overlap["recall"]), percent(overlap["f1"])])
    return table(["text", "type", "entities", "exact P", "R", "F1", "overlap R", "F1"], rows)


def reach() -> str:
    rows = []
    for kind in ("PERSON", "ADDRESS"):
        total = {"entities": 0, "found": 0, "any": 0}
        for name in OURS:
            report = load(f"{name}.high_recall")
            if (same := report["overlap"]["by_type"].get(kind)) is None:
                continue
            whatever = report["any_type"]["by_type"][kind]
            rows.append([SETS[name], f"`{kind}`", str(same["entities"]), percent(same["recall"]), percent(whatever["recall"])])
            for key, count in (("entities", same["entities"]), ("found", same["found"]), ("any", whatever["found"])):
                total[key] += count
        rows.append(["all four", f"`{kind}`", str(total["entities"]), *(percent(total[key] / total["entities"]) for key in ("found", "any"))])
    return table(["text", "type", "entities", "a finding of its type overlaps it", "a finding of any type does"], rows)


def parts() -> str:
    rows = []
    for name in OURS + HELD_OUT:
        for part in load(f"{name}.balanced")["parts"].values():
            if part:
                rows.append([SETS[name], part["name"], *prf(part["exact"]["micro"]), percent(part["overlap"]["micro"]["f1"])])
    return table(["text", "parts, each at its best score", "exact P", "R", "F1", "overlap F1"], rows)


def variants() -> str:
    rows = []
    for name in OURS:
        rows.append([SETS[name], *(percent(load(f"{name}.{kind}")["exact"]["micro"]["f1"])
                                   for kind in ("uncalibrated", "balanced", "fp32", "bf16", "int8"))])
    return table(["text", "before calibration", "after", "in fp32", "in bf16", "in int8"], rows)


def silence() -> str:
    rows = []
    for name, title in (("zh", "sentences and documents, zh"), ("en", "sentences and documents, en"),
                        ("held_out_zh", "held out, zh"), ("held_out_en", "held out, en")):
        for point in POINTS:
            report = load(f"silent_{name}.{point}")
            findings = report["exact"]["micro"]["findings"]
            rows.append([title, point, str(report["texts"]), str(findings), f"{100 * findings / report['texts']:.1f}"])
    return table(["texts without anything to find", "operating point", "texts", "findings", "a hundred texts"], rows)


def learning_curve() -> str:
    """F1 on the development halves that choices were made on, by tokens read, of both stages; nothing where no run is at hand."""
    curves = {}
    for stage in ("stage1", "stage2"):
        if not (WORK / stage / "log.jsonl").exists():
            continue
        lines = [json.loads(line) for line in (WORK / stage / "log.jsonl").read_text().splitlines() if '"dev"' in line]
        if not lines:  # too short a run to have been judged on its way
            continue
        curves[stage] = sorted({line["step"]: line["dev"]["f1"] for line in lines}.items())
    if not curves:  # a bundle that was only calibrated here
        return ""
    width, height, left, top = 640, 320, 50, 20
    last = max(step for curve in curves.values() for step, _ in curve)
    low = 0.4
    x = lambda step: left + step / last * (width - left - 20)  # noqa: E731
    y = lambda f1: top + (1 - (f1 - low) / (0.9 - low)) * (height - top - 40)  # noqa: E731
    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="white"/>']
    for tenth in range(4, 10):
        svg.append(f'<line x1="{left}" x2="{width - 20}" y1="{y(tenth / 10):.1f}" y2="{y(tenth / 10):.1f}" stroke="#ddd"/>'
                   f'<text x="{left - 8}" y="{y(tenth / 10) + 4:.1f}" text-anchor="end">{tenth * 10}</text>')
    for (stage, curve), color in zip(curves.items(), ("#1565c0", "#c62828")):
        svg.append(f'<polyline fill="none" stroke="{color}" stroke-width="2" points="'
                   + " ".join(f"{x(step):.1f},{y(f1):.1f}" for step, f1 in curve) + '"/>')
        step, f1 = curve[-1]
        svg.append(f'<text x="{x(step) - 4:.1f}" y="{y(f1) - 6 if stage == "stage1" else y(f1) + 16:.1f}" text-anchor="end" '
                   f'fill="{color}">{stage}, {100 * f1:.1f}</text>')
    for step in range(0, last + 1, 2000):
        svg.append(f'<text x="{x(step):.1f}" y="{height - 22}" text-anchor="middle">{step}</text>')
    svg.append(f'<text x="{width / 2}" y="{height - 6}" text-anchor="middle">steps of 2,048 tokens</text></svg>')
    return "\n".join(svg) + "\n"


def main() -> None:
    pages = {"Operating points": points, "By type, at balanced": types, "What high_recall reaches": reach,
             "What each part is worth": parts,
             "Calibration and precision: exact F1 at balanced": variants, "Silence": silence}
    (WORK / "quality/tables.md").write_text("\n".join(f"## {title}\n\n{make()}" for title, make in pages.items()))
    if curve := learning_curve():
        (WORK / "quality/learning_curve.svg").write_text(curve)


main()
