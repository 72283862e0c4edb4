"""The doctor, on a toy installation that is mended and broken one part at a time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from nucleotides.cli.main import make_app
from nucleotides.doctor import Check, State, examine, machine
from nucleotides.doctor.data import check_data, check_runs
from nucleotides.doctor.parts import group_by_extra, missing
from nucleotides.load_settings import load_settings
from nucleotides.settings import Settings

pytestmark = pytest.mark.usefixtures("empty_folder")


@pytest.fixture
def complete(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Everything that pre-processing makes, for two tasks."""
    monkeypatch.setenv("NUCLEOTIDES_TOP_DIR", str(empty_folder / "top"))
    settings = load_settings()
    for folder in (settings.GENOME_STORE, settings.TARGET_STORE):
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
    settings.GRCh38.write_text(">chr1\nACGT\n")
    write_genome_manifest(settings)
    settings.INTERVALS.write_text("chr1\t0\t4\n")
    (settings.TARGET_STORE / "tasks.tsv").write_text("task\tassay\na\tDNase\nb\tDNase\n")
    settings.DISTINCT_FEATURES.write_text("a\nb\n")
    settings.POSITIVE_WEIGHTS.write_text("task\tweight\na\t1.5\nb\t2\n")
    return settings


def write_genome_manifest(settings: Settings) -> None:
    stat = settings.GRCh38.stat()
    manifest = {
        "fasta": str(settings.GRCh38),
        "fasta_bytes": stat.st_size,
        "fasta_mtime_ns": stat.st_mtime_ns,
        "contigs": {"chr1": 4},
    }
    (settings.GENOME_STORE / "manifest.json").write_text(json.dumps(manifest))


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_nothing_there_is_no_failure() -> None:
    checks = check_data(load_settings())
    states = {name: check.state for name, check in by_name(checks).items() if name != "TOP_DIR"}
    assert set(states.values()) == {State.ABSENT}
    advice = {name: check.advice for name, check in by_name(checks).items() if name != "TOP_DIR"}
    assert "NUCLEOTIDES_GRCh38" in advice.pop("reference")
    assert all("pre-process" in text for text in advice.values())


def test_a_complete_installation(complete: Settings) -> None:
    checks = by_name(check_data(complete))
    assert {check.state for check in checks.values()} == {State.OK}
    assert checks["tasks"].found == "data/training/distinct_features.txt, 2"
    assert checks["genome store"].found == "data/genomes/GRCh38.store, 1 contigs"


def drop(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.parametrize(
    ("change", "name", "state", "found"),
    [
        (lambda s: s.DISTINCT_FEATURES.write_text("a\n"), "tasks", "error", "has 1, the target"),
        (lambda s: s.POSITIVE_WEIGHTS.write_text("a\t1\n"), "positive weights", "error", "has 1"),
        (lambda s: s.GRCh38.write_text(">chr1\nACGTA\n"), "genome store", "error", "has changed"),
        (lambda s: drop(s.GENOME_STORE / "manifest.json"), "genome store", "error", "no readable"),
        (lambda s: drop(s.TARGET_STORE / "tasks.tsv"), "target store", "error", "no readable"),
        (lambda s: (s.TARGET_STORE / "manifest.json").write_text("{"), "target store", "error", ""),
        (lambda s: drop(s.GRCh38), "reference", "absent", "no data/genomes"),
        (lambda s: drop(s.GRCh38), "genome store", "ok", "1 contigs"),
        (lambda s: drop(s.TARGET_STORE), "tasks", "ok", ", 2"),
        (lambda s: drop(s.INTERVALS), "intervals", "absent", "no data/training"),
    ],
)
def test_what_is_wrong_is_found(
    complete: Settings,
    change: Callable[[Settings], object],
    name: str,
    state: str,
    found: str,
) -> None:
    change(complete)
    check = by_name(check_data(complete))[name]
    assert check.state == state
    assert found in check.found


def test_last_runs(complete: Settings) -> None:
    assert check_runs(complete)[0].state is State.ABSENT
    for name, files in {"a": ["metrics.csv"], "b": ["checkpoints/last.ckpt"]}.items():
        for file in files:
            path = complete.LIGHTNING_LOGS / name / file
            path.parent.mkdir(parents=True)
            path.write_text("")
    states = {name: check.state for name, check in by_name(check_runs(complete)).items()}
    assert states == {"a": State.WARNING, "b": State.OK}


def test_a_device_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "devices", lambda: {"cuda:0": "a GPU", "cpu": "2 CPU cores"})
    assert by_name(machine._torch(None))["device"].found == "cuda:0 (chosen automatically)"
    assert by_name(machine._torch("cuda"))["device"].state is State.OK
    wrong = by_name(machine._torch("cuda:1"))["device"]
    assert wrong.state is State.ERROR
    assert "auto, cuda:0, cpu" in wrong.advice


def test_a_small_disk_is_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = shutil._ntuple_diskusage(10**9, 0, 10**9)  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    check = machine._disk(tmp_path / "not" / "there")
    assert check.state is State.WARNING
    assert check.found == f"1.0 GB free at {tmp_path}"


def test_parts_by_extra() -> None:
    listed = [
        Requirement("numpy>=2"),
        Requirement("pytest; extra == 'dev'"),
        Requirement("tomli; python_version < '3.11'"),
    ]
    groups = {extra: [r.name for r in found] for extra, found in group_by_extra(listed).items()}
    assert groups == {"": ["numpy"], "dev": ["pytest"]}


def test_missing_parts_are_named_with_what_was_found() -> None:
    problems = missing(
        [Requirement("numpy"), Requirement("no-such-package"), Requirement("rich>99")]
    )
    assert problems[0] == "no-such-package (not installed)"
    assert problems[1].endswith("(wanted >99)")
    assert len(problems) == 2


def test_what_cannot_be_looked_at_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(_: Settings) -> list[Check]:
        raise PermissionError("no entry")

    monkeypatch.setattr("nucleotides.doctor.check_data", unreadable)
    found = [check for check in examine(load_settings()) if check.group == "data"]
    assert found == [Check("data", "all", State.ERROR, "cannot look: no entry")]


@pytest.mark.parametrize(("device", "code"), [("cpu", 0), ("cuda:99", 1)])
def test_command(device: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUCLEOTIDES_DEVICE", device)
    table = CliRunner().invoke(make_app(), ["doctor"])
    assert table.exit_code == code
    assert max(map(len, table.stdout.splitlines())) <= 80
    result = CliRunner().invoke(make_app(), ["doctor", "--json"])
    report = json.loads(result.stdout)
    assert report["ok"] == (code == 0)
    assert result.exit_code == code
    assert {"machine", "settings", "data", "runs", "parts"} == {
        check["group"] for check in report["checks"]
    }
