"""The documentation says what the programs say."""

import re
import subprocess
import sys

import pytest
from conftest import BIN, ROOT


def test_generated_tables_are_fresh():
    subprocess.run([sys.executable, ROOT / "scripts/update_docs.py", "--check", "--bin", BIN], check=True)


def test_the_rule_of_the_guide_works(tmp_path):
    guide = (ROOT / "docs/rules.md").read_text()
    pack = re.search(r"```yaml\n(pack: staff.*?)```", guide, re.DOTALL)[1]
    (tmp_path / "staff.yaml").write_text(pack)
    subprocess.run([BIN / "privet", "rules", "test", "--packs", tmp_path], check=True)


@pytest.mark.parametrize("path", sorted(p.relative_to(ROOT).as_posix() for p in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]))
def test_links_lead_somewhere(path):
    text = (ROOT / path).read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / path).parent / target).exists(), target
