"""The documentation says what the programs say."""

import json
import re
import subprocess
import sys

import pytest
from conftest import BIN, ROOT, running_server


def test_generated_tables_are_fresh():
    subprocess.run([sys.executable, ROOT / "scripts/update_docs.py", "--check", "--bin", BIN], check=True)


def test_the_call_of_the_readme_works(tmp_path, capsys):
    code = re.search(r"```python\n(import grpc.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    with running_server(tmp_path) as server:
        exec(code.replace("127.0.0.1:8750", server.address), {})
    assert capsys.readouterr().out.split()[:3] == ["PHONE_NUMBER", "3", "14"]


def test_the_rule_of_the_guide_works(tmp_path):
    guide = (ROOT / "docs/rules.md").read_text()
    pack = re.search(r"```yaml\n(pack: staff.*?)```", guide, re.DOTALL)[1]
    (tmp_path / "staff.yaml").write_text(pack)
    subprocess.run([BIN / "privet", "rules", "test", "--packs", tmp_path], check=True)


def test_the_manifest_of_the_guide_is_whole_and_every_key_explained(tmp_path):
    guide = (ROOT / "docs/bundles.md").read_text()
    manifest = re.search(r"```yaml\n(name: .*?)```", guide, re.DOTALL)[1]
    bundle = tmp_path / "bundles/zh-en-small"
    model = ["config.json", "tokenizer.json", "model.safetensors"]
    for folder, names in ((bundle / "stage1", model), (tmp_path / "models/Qwen3-0.6B", model),
                          (bundle / "stage2", ["adapter_config.json", "adapter_model.safetensors"])):
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).touch()
    (bundle / "bundle.yaml").write_text(manifest)
    answer = json.loads(subprocess.run([BIN / "privet", "info", "--json", "--bundle", bundle], check=True,
                                       capture_output=True).stdout)
    assert [point["name"] for point in answer["operating_points"]] == ["high_recall", "balanced", "high_precision"]

    table = guide[guide.index("| key |"):]
    free = set(answer["models"]["card"]) | {point["name"] for point in answer["operating_points"]}
    keys = set(re.findall(r"(\w+):", manifest)) - free - {t["id"] for t in answer["types"]}
    fusion = {"stage1", "stage2", "alone", "rule", "rule_present", "rule_alone"}  # FusionFeature's own names
    for key in keys - fusion:
        assert f"`{key}`" in table, key


@pytest.mark.parametrize("path", sorted(p.relative_to(ROOT).as_posix() for p in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]))
def test_links_lead_somewhere(path):
    text = (ROOT / path).read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / path).parent / target).exists(), target
