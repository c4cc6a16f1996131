"""The deployment files agree with the programs, and the image's set of files starts.

There may be no container engine here, so the last stage is put together in a bare folder from what the Dockerfile names:
the packages' shared libraries and the copied files, nothing else."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest
import yaml
from conftest import BIN, ROOT

DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
LAST_STAGE = DOCKERFILE[DOCKERFILE.rindex("\nFROM "):]


def known_metrics():
    table = subprocess.run([BIN / "privet-server", "--describe-metrics"], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"`(privet_\w+)`", table))


def metrics_in(name):
    used = set(re.findall(r"\bprivet_[a-z_]+", (ROOT / "deploy" / name).read_text()))
    return {re.sub(r"_(bucket|sum|count)$", "", metric) for metric in used}


def test_the_dashboard_shows_every_metric():
    assert metrics_in("grafana/privet.json") == known_metrics()
    panels = json.loads((ROOT / "deploy/grafana/privet.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len({(p["gridPos"]["x"], p["gridPos"]["y"]) for p in panels}) == len(panels)


@pytest.mark.parametrize("name", ["alerts.yml", "kubernetes/autoscaler.yaml"])
def test_alerts_and_autoscaler_use_metrics_that_exist(name):
    assert metrics_in(name) and metrics_in(name) <= known_metrics()


def test_prometheus_reads_the_alerts_and_the_guide_explains_each():
    prometheus = yaml.safe_load((ROOT / "deploy/prometheus.yml").read_text())
    mounts = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]["prometheus"]["volumes"]
    guide = (ROOT / "docs/operations.md").read_text()
    rules = []
    for name in prometheus["rule_files"]:
        assert f"./{name}:/etc/prometheus/{name}:ro" in mounts
        for group in yaml.safe_load((ROOT / "deploy" / name).read_text())["groups"]:
            rules += group["rules"]
    assert len(rules) >= 5
    jobs = {job["job_name"] for job in prometheus["scrape_configs"]}
    for rule in rules:
        assert f"`{rule['alert']}`" in guide, rule["alert"]
        assert rule["annotations"]["summary"] and rule["labels"]["severity"]
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert set(re.findall(r'job="(\w+)"', rule["expr"])) <= jobs


def test_manifests_parse_and_kustomization_names_them_all():
    folder = ROOT / "deploy/kubernetes"
    resources = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    assert sorted(resources) == sorted(p.name for p in folder.glob("*.yaml") if p.name != "kustomization.yaml")
    for path in [*folder.glob("*.yaml"), ROOT / "deploy/compose.yaml", ROOT / "deploy/prometheus.yml", ROOT / "deploy/alerts.yml"]:
        assert yaml.safe_load(path.read_text()), path


def test_configurations_are_accepted(tmp_path):
    config_map = yaml.safe_load((ROOT / "deploy/kubernetes/configmap.yaml").read_text())
    (tmp_path / "k8s.yaml").write_text(config_map["data"]["server.yaml"])
    for path in (ROOT / "deploy/server.yaml", tmp_path / "k8s.yaml"):
        subprocess.run([BIN / "privet-server", "--check-config", path], check=True, capture_output=True)


def test_the_memory_limits_hold_what_admission_lets_in():
    """The formula of docs/operations.md, "Memory"."""
    mib = 1 << 20
    config_map = yaml.safe_load((ROOT / "deploy/kubernetes/configmap.yaml").read_text())["data"]["server.yaml"]
    [pod] = yaml.safe_load((ROOT / "deploy/kubernetes/deployment.yaml").read_text())["spec"]["template"]["spec"]["containers"]
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]["privet"]
    for config, limit in [(config_map, pod["resources"]["limits"]["memory"]),
                          ((ROOT / "deploy/server.yaml").read_text(), compose["deploy"]["resources"]["limits"]["memory"])]:
        memory = int(re.fullmatch(r"(\d+)Gi?", limit)[1]) * 1024 * mib
        assert 300 * mib + 40 * yaml.safe_load(config)["admission"]["max_in_flight_bytes"] <= memory


def test_the_pod_starts_the_image_with_the_mounted_configuration():
    """The pod's arguments stand behind the image's own, and a flag that comes twice is an error."""
    [container] = yaml.safe_load((ROOT / "deploy/kubernetes/deployment.yaml").read_text())["spec"]["template"]["spec"]["containers"]
    program, *arguments = json.loads(re.search(r"^ENTRYPOINT (.*)$", LAST_STAGE, re.MULTILINE)[1]) + container.get("args", [])
    assert program.endswith("/privet-server") and not container.get("command")
    subprocess.run([BIN / "privet-server", *arguments, "--describe-metrics"], check=True, capture_output=True)
    config = pathlib.PurePath(arguments[arguments.index("--config") + 1])
    assert config.parent.as_posix() == container["volumeMounts"][0]["mountPath"]
    assert config.name in yaml.safe_load((ROOT / "deploy/kubernetes/configmap.yaml").read_text())["data"]


def test_a_drain_fits_into_the_time_that_a_stop_may_take():
    pod = yaml.safe_load((ROOT / "deploy/kubernetes/deployment.yaml").read_text())["spec"]["template"]["spec"]
    config = yaml.safe_load(yaml.safe_load((ROOT / "deploy/kubernetes/configmap.yaml").read_text())["data"]["server.yaml"])
    wait = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert wait + config["shutdown"]["drain_seconds"] < pod["terminationGracePeriodSeconds"]
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]["privet"]
    image_config = yaml.safe_load((ROOT / "deploy/server.yaml").read_text())
    assert image_config["shutdown"]["drain_seconds"] < int(compose["stop_grace_period"].rstrip("s"))


def test_probes_and_ports_are_those_of_the_server():
    [container] = yaml.safe_load((ROOT / "deploy/kubernetes/deployment.yaml").read_text())["spec"]["template"]["spec"]["containers"]
    config = yaml.safe_load(yaml.safe_load((ROOT / "deploy/kubernetes/configmap.yaml").read_text())["data"]["server.yaml"])
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"grpc": config["listen"]["port"], "metrics": config["metrics"]["port"]}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["grpc"]["port"] == ports["grpc"]
        assert container[probe]["grpc"].get("service", "") in ("", "privet.v1.Privet")


def test_the_image_runs_as_another_user_and_checks_its_health():
    assert re.search(r"^USER \d+$", LAST_STAGE, re.MULTILINE)
    assert "HEALTHCHECK" in LAST_STAGE and "setup.sh --runtime" in LAST_STAGE


@pytest.mark.skipif(os.geteuid() != 0, reason="chroot needs root")
def test_the_copied_set_of_files_starts(tmp_path):
    root = tmp_path / "root"
    copied = [line for line in LAST_STAGE.splitlines() if line.startswith("COPY")]
    for line in copied:
        *sources, target = [word for word in line.split()[1:] if not word.startswith("--")]
        if target.startswith("/tmp"):
            continue
        if sources == ["/opt/privet/"]:
            assert "cmake --install build/release --prefix /opt/privet" in DOCKERFILE
            subprocess.run(["cmake", "--install", BIN.parent, "--prefix", root / target.lstrip("/")], check=True, capture_output=True)
            continue
        for source in sources:
            name = pathlib.Path(source).name
            file = ROOT / source
            place = root / (target.lstrip("/") + (name if target.endswith("/") else ""))
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
    # The runtime packages' libraries, and what these need of the base image.
    for program in ("privet", "privet-server", "libprivet_models.so"):
        for library in re.findall(r"(/\S+) \(0x", subprocess.run(["ldd", BIN / program], check=True, capture_output=True, text=True).stdout):
            if "/torch/lib/" in library:
                continue  # installed above
            place = root / library.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, place)
    (root / "tmp").mkdir()
    shutil.copytree(ROOT / "tests/bundles/hf_golden", root / "bundle")
    found = subprocess.run(["chroot", root, "/usr/local/bin/privet", "detect", "--bundle", "/bundle", "--json"],
                           input="王小明住在北京市海淀区。".encode(), capture_output=True)
    assert found.returncode == 0, found.stderr.decode()
    assert b"model:stage1" in found.stdout
    port_file = root / "tmp/port"
    server = subprocess.Popen(["chroot", root, "/usr/local/bin/privet-server", "--config", "/etc/privet/server.yaml", "--listen-port", "0",
                               "--listen-port-file", "/tmp/port", "--metrics-port", "0"], stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 20
        while not (port_file.exists() and port_file.read_text().strip()):
            assert server.poll() is None, server.stderr.read().decode()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        address = f"127.0.0.1:{port_file.read_text().strip()}"
        health = subprocess.run(["chroot", root, "/usr/local/bin/privet", "info", "--server", address], capture_output=True)
        assert health.returncode == 0, health.stderr.decode()
    finally:
        server.terminate()
        assert server.wait(timeout=30) == 0


def test_every_library_comes_with_a_runtime_package():
    """What the binaries link is what setup.sh --runtime installs, or comes with it."""
    setup = (ROOT / "scripts/setup.sh").read_text()
    runtime = re.search(r"runtime=\((.*?)\)", setup, re.DOTALL)[1].split()
    seen, todo = set(), list(runtime)
    while todo:
        package = todo.pop()
        if package in seen:
            continue
        seen.add(package)
        listing = subprocess.run(["dpkg-query", "-W", "-f=${Depends}", package], capture_output=True, text=True).stdout
        todo += [re.split(r"[ (:|]", part.strip())[0] for part in listing.split(",") if part.strip()]
    libraries = re.findall(r"(/\S+) \(0x", subprocess.run(["ldd", BIN / "privet-server"], check=True, capture_output=True, text=True).stdout)
    for library in libraries:
        real = os.path.realpath(library)
        owner = subprocess.run(f"dpkg -S {real} || dpkg -S {real.replace('/usr/lib', '/lib', 1)}", shell=True, capture_output=True, text=True).stdout
        name = owner.split(":")[0]
        assert name in seen or name in ("libc6", "libstdc++6", "libgcc-s1"), f"{library} is of {name}, which no runtime package needs"
