"""Dockerfile, compose.yaml and manifests name what is there: files, paths, ports, settings."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from nucleotides.cli.commands import COMMANDS
from nucleotides.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
KUBERNETES = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
# Of the user that the container runs as, and of libraries.
OTHERS = {"PATH", "HOME", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "NUMBA_CACHE_DIR"}
OTHERS |= {"MPLCONFIGDIR", "OMP_NUM_THREADS"}
CREDENTIALS = {"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def instructions(text: str) -> list[tuple[str, str]]:
    """Instructions of a Dockerfile, in order, continued lines joined."""
    whole = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    lines = re.sub(r"\\\n\s*", "", whole).splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines if line)]


STEPS = instructions(DOCKERFILE)
LAST = STEPS[max(at for at, (name, _) in enumerate(STEPS) if name == "FROM") :]
FINAL = dict(LAST)
VARIABLES = dict(
    word.split("=", 1) for name, rest in LAST if name == "ENV" for word in shlex.split(rest)
)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def unknown(names: set[str]) -> set[str]:
    """Variables that are no setting, nor known to anything else."""
    settings = {PREFIX + name for name in Settings.model_fields}
    return names - settings - OTHERS - CREDENTIALS


COMPOSE = read(DEPLOY / "compose.yaml")
OURS = {name: one for name, one in COMPOSE["services"].items() if not name.startswith("store")}
POD = read(DEPLOY / "kubernetes/deployment.yaml")["spec"]["template"]["spec"]
SERVER = POD["containers"][0]


@pytest.fixture(scope="module")
def paths() -> set[str]:
    from nucleotides.api.config import Config
    from nucleotides.api.main import create_app

    return set(create_app(Config(models={}, genome=None, predictions=None)).openapi()["paths"])


def test_every_stage_begins_with_one_pinned_image() -> None:
    name, base = STEPS[0]
    assert name == "ARG"
    assert re.fullmatch(r"PYTHON_IMAGE=python:3\.11\.\d+-slim-bookworm", base)
    assert {rest.split()[0] for name, rest in STEPS if name == "FROM"} == {"${PYTHON_IMAGE}"}


def test_what_it_copies_is_there_and_goes_to_the_builder() -> None:
    copied = [rest.split()[:-1] for name, rest in STEPS if name == "COPY" and "--from" not in rest]
    given = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    names = {one for words in copied for one in words}
    assert {one for one in names if not (ROOT / one).exists()} == set()
    assert {line[1:] for line in given if line.startswith("!")} == names


def test_versions_are_the_tested_ones_and_no_development_extra_is_in() -> None:
    installed = [rest for name, rest in STEPS if name == "RUN" and "pip install" in rest]
    assert all("constraints.txt" in one for one in installed)
    extras = re.search(r"\.\[([a-z,]+)\]", installed[-1])
    assert extras is not None
    assert extras[1] == "serve,cloud"


def test_it_runs_as_a_numbered_user_who_is_not_root() -> None:
    user, _, group = FINAL["USER"].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert POD["securityContext"]["runAsUser"] == int(user)
    assert POD["securityContext"]["fsGroup"] == int(group)


def test_the_health_check_asks_a_path_that_there_is(paths: set[str]) -> None:
    kind, program, flag, code = json_after_cmd(FINAL["HEALTHCHECK"])
    asked = re.search(r"\}(/\w+)'", code)
    assert (kind, program, flag) == ("CMD", "python3", "-c")
    assert asked is not None
    assert asked[1] in paths
    compile(code, "HEALTHCHECK", "exec")


def json_after_cmd(text: str) -> list[str]:
    words: list[str] = json.loads(text[text.index("[") :])
    return ["CMD", *words]


def test_all_that_is_written_is_in_a_volume() -> None:
    volumes = json.loads(FINAL["VOLUME"])
    folders = {name: value for name, value in VARIABLES.items() if value.startswith("/")}
    within = {n for n, v in folders.items() if any(f"{v}/".startswith(f"{x}/") for x in volumes)}
    assert set(folders) - within == {"PATH"}
    assert {"NUCLEOTIDES_JOBS_DIR", "NUCLEOTIDES_CACHE_DIR", "HOME", "NUMBA_CACHE_DIR"} <= within
    mounted = {one["mountPath"] for one in SERVER["volumeMounts"]}
    assert mounted == {*volumes, "/tmp"}
    composed = {one.partition(":")[2] for one in OURS["server"]["volumes"]}
    assert composed == set(volumes)


def test_ports_are_the_one_that_it_listens_on() -> None:
    port = Settings.model_fields["PORT"].default
    service = read(DEPLOY / "kubernetes/service.yaml")["spec"]["ports"][0]
    assert FINAL["EXPOSE"] == VARIABLES["NUCLEOTIDES_PORT"] == str(port)
    assert [one["containerPort"] for one in SERVER["ports"]] == [port]
    assert service["targetPort"] == SERVER["ports"][0]["name"]
    assert [one.split(":")[-1] for one in OURS["server"]["ports"]] == [str(port)]


def test_variables_are_settings() -> None:
    assert unknown(set(VARIABLES)) == set()
    for service in OURS.values():
        assert unknown(set(service["environment"])) == set()
    made = read(DEPLOY / "kubernetes/kustomization.yaml")["configMapGenerator"]
    assert unknown({one.partition("=")[0] for one in made[0]["literals"]}) == set()
    assert unknown({"NUCLEOTIDES_JOB_DIR"}) == {"NUCLEOTIDES_JOB_DIR"}


def test_settings_of_both_deployments_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    literals = read(DEPLOY / "kubernetes/kustomization.yaml")["configMapGenerator"][0]["literals"]
    of_pods = dict(one.split("=", 1) for one in literals)
    for environment in (OURS["server"]["environment"], of_pods):
        for name in [one for one in os.environ if one.startswith(PREFIX)]:
            monkeypatch.delenv(name)
        for name, value in (VARIABLES | environment).items():
            monkeypatch.setenv(name, "" if str(value).startswith("${") else str(value))
        settings = Settings(_env_file=None)  # type: ignore[call-arg]
        assert str(settings.INFERENCE_MODEL) == f"{environment['NUCLEOTIDES_DEPLOY_PATH']}/model"


def test_commands_are_commands() -> None:
    assert json.loads(FINAL["ENTRYPOINT"]) == ["nucleotides"]
    assert json.loads(FINAL["CMD"])[0] in COMMANDS
    assert OURS["upload"]["command"][0] in COMMANDS


def test_the_upload_leaves_no_volume_without_a_name() -> None:
    """Every volume of the image is mounted, or Docker makes a new one at every run."""
    upload = OURS["upload"]
    mounts = [one.split(":")[0] for one in upload["tmpfs"]]
    mounts += [one.split(":")[-1] for one in upload["volumes"]]
    assert set(json.loads(FINAL["VOLUME"])) <= set(mounts)


def test_the_port_of_another_store_is_the_one_let_out() -> None:
    """Both stand in comments, for who has such a store."""
    given = (DEPLOY / "kubernetes/kustomization.yaml").read_text(encoding="utf-8")
    let_out = (DEPLOY / "kubernetes/network.yaml").read_text(encoding="utf-8")
    endpoint = re.search(r"# - NUCLEOTIDES_DEPLOY_ENDPOINT=http://\S+:(\d+)", given)
    port = re.search(r"# - \{port: (\d+), protocol: TCP\}", let_out)
    assert endpoint
    assert port
    assert endpoint[1] == port[1]


def test_the_store_is_nobody_who_could_do_harm() -> None:
    store = COMPOSE["services"]["store"]
    assert int(store["user"].partition(":")[0]) > 0
    for service in (store, COMPOSE["services"]["store-folder"]):
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("service", sorted(OURS))
def test_services_cannot_write_to_the_root_nor_gain_privileges(service: str) -> None:
    assert OURS[service]["read_only"] is True
    assert OURS[service]["cap_drop"] == ["ALL"]
    assert OURS[service]["security_opt"] == ["no-new-privileges:true"]
    assert OURS[service]["tmpfs"][0].startswith("/tmp:")


def test_the_store_is_pinned_and_is_the_one_that_the_others_ask() -> None:
    store = COMPOSE["services"]["store"]
    assert re.fullmatch(r"[\w./-]+:v[\d.]+", store["image"])
    for service in OURS.values():
        assert service["environment"]["NUCLEOTIDES_DEPLOY_ENDPOINT"].startswith("http://store:")
    owner = COMPOSE["services"]["store-folder"]
    assert owner["image"] == store["image"]
    assert owner["volumes"] == store["volumes"]
    assert owner["entrypoint"][2] == store["user"]
    assert owner["network_mode"] == "none"
    assert store["depends_on"]["store-folder"]["condition"] == "service_completed_successfully"
    assert OURS["upload"]["depends_on"]["store"]["condition"] == "service_healthy"
    assert OURS["server"]["depends_on"]["upload"]["condition"] == "service_completed_successfully"


def test_a_pod_cannot_write_to_the_root_nor_gain_privileges() -> None:
    context = SERVER["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["automountServiceAccountToken"] is False


def test_probes_ask_paths_that_there_are(paths: set[str]) -> None:
    probes = {name: SERVER[name]["httpGet"] for name in SERVER if name.endswith("Probe")}
    assert set(probes) == {"startupProbe", "readinessProbe", "livenessProbe"}
    assert {probe["path"] for probe in probes.values()} == {"/ready", "/health"}
    assert {probe["path"] for probe in probes.values()} <= paths
    assert {probe["port"] for probe in probes.values()} == {SERVER["ports"][0]["name"]}


def test_manifests_belong_together() -> None:
    known = {path.name: read(path) for path in KUBERNETES}
    kustomization = known.pop("kustomization.yaml")
    labels = kustomization["labels"][0]["pairs"]
    assert sorted(kustomization["resources"]) == sorted(known)
    assert known["service.yaml"]["spec"]["selector"] == labels
    assert known["deployment.yaml"]["spec"]["selector"]["matchLabels"] == labels
    scaled = known["autoscaler.yaml"]["spec"]["scaleTargetRef"]
    assert scaled["name"] == known["deployment.yaml"]["metadata"]["name"]
    # References are to what the kustomization makes, and to a secret that nobody commits.
    made = {one["name"] for one in kustomization["configMapGenerator"]}
    assert SERVER["envFrom"][0]["configMapRef"]["name"] in made
    # Were it optional, a misspelt one would give a server without keys.
    assert SERVER["envFrom"][1] == {"secretRef": {"name": "nucleotides"}}
    assert [one["kind"] for one in known.values() if one["kind"] == "Secret"] == []
    assert known["disruption.yaml"]["spec"]["selector"]["matchLabels"] == labels
    network = known["network.yaml"]["spec"]
    assert network["podSelector"]["matchLabels"] == labels
    assert network["policyTypes"] == ["Ingress", "Egress"]
    assert network["ingress"] == [
        {"ports": [{"port": SERVER["ports"][0]["name"], "protocol": "TCP"}]}
    ]


def test_a_pod_has_the_disk_that_its_volumes_may_fill() -> None:
    volumes = [int(one["emptyDir"]["sizeLimit"].removesuffix("Gi")) for one in POD["volumes"]]
    resources = SERVER["resources"]
    asked, most = (
        int(resources[name]["ephemeral-storage"].removesuffix("Gi"))
        for name in ("requests", "limits")
    )
    assert max(volumes) <= most
    assert sum(volumes) <= most
    assert 0 < asked <= most


def test_no_probe_has_the_one_second_of_the_default() -> None:
    probes = [SERVER[name] for name in SERVER if name.endswith("Probe")]
    assert all(probe["timeoutSeconds"] > 1 for probe in probes)
