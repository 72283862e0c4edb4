"""Runs without a checkpoint go; those in progress, and what is none of ours, stay."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nucleotides.cli.main import make_app
from nucleotides.hold import alone_in
from nucleotides.train import run as running
from nucleotides.train.arguments import parse
from nucleotides.train.clean_runs import Fate, clean_runs
from nucleotides.train.run import train

CHILD = Path(__file__).parent / "killed.py"
SHORT = [
    *("--model_class", "deepsea", "--model.channels", "[8,8,8]", "--model.hidden", "8"),
    *("--validation", "chr20:5000000-6000000", "--test", "chr20:3000000-4000000"),
    *("--samples_per_epoch", "64", "--batch_size", "32", "--validation_size", "64"),
    *("--max_epochs", "1", "--accelerator", "cpu", "--leakage", "false"),
]


@pytest.fixture(scope="module")
def made(stores, tmp_path_factory):
    """A whole run, one that was killed at its first batch, and two folders of someone else's."""
    logs = tmp_path_factory.mktemp("logs")
    defaults = {**stores, "logs": str(logs)}
    train(parse([*SHORT, "--run_name", "whole"], defaults))
    paths = [word for key, path in defaults.items() for word in (f"--{key}", path)]
    child = [sys.executable, str(CHILD), "1", *SHORT, "--run_name", "group/killed", *paths]
    killed = subprocess.run(child, capture_output=True, text=True, timeout=300)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    (logs / "version_7").mkdir()
    (logs / "empty").mkdir()
    (logs / "notes").mkdir()
    (logs / "notes" / "config.yaml").write_text("title: not a run\n")
    (logs / "notes" / "thoughts.txt").write_text("keep me")
    return logs


@pytest.fixture
def logs(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "logs"))


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def cleaned(logs, *words):
    result = CliRunner().invoke(make_app(), ["clean-experiments", "--logs", str(logs), *words])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_what_has_no_checkpoint_goes_and_the_rest_stays(logs):
    before = files(logs)
    told = cleaned(logs, "--dry-run")
    assert files(logs) == before
    assert f"would be removed: {logs}/group/killed (" in told
    really = cleaned(logs)
    assert really == told.replace("would be removed", "removed")
    assert f"removed: {logs}/version_7 (0.0 kB)" in really
    assert really.splitlines()[-1].startswith("2 removed, ")
    assert really.endswith("; 1 kept\n")
    gone = {name for name in before if name.startswith(("group/killed", "version_7"))}
    assert files(logs) == sorted(set(before) - gone)
    assert cleaned(logs).startswith("0 removed")


def test_its_size_is_told(logs):
    (logs / "group" / "killed" / "large").write_bytes(bytes(3_000_000))
    assert "killed (3.0 MB)" in cleaned(logs)


def test_a_run_in_progress_is_left_alone_until_it_ends(logs):
    with alone_in(logs / "group" / "killed"), alone_in(logs / "version_7"):
        told = cleaned(logs)
        assert f"kept: {logs}/group/killed (is being written)" in told
        assert (logs / "group" / "killed" / "config.yaml").exists()
    assert "2 removed" in cleaned(logs)


def test_a_real_run_holds_its_folder(short_run, monkeypatch):
    arguments, defaults = short_run
    fates = []

    def look(*_):
        fates.extend(one.fate for one in clean_runs(Path(defaults["logs"])))
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "_fit", look)
    with pytest.raises(KeyboardInterrupt):
        train(parse(arguments, defaults))
    assert fates == [Fate.IN_PROGRESS]
    assert [one.fate for one in clean_runs(Path(defaults["logs"]))] == [Fate.REMOVED]
    assert list(Path(defaults["logs"]).iterdir()) == []


def test_killed_while_removing_it_goes_on_the_next_time(logs):
    script = """
import os, signal, sys, pathlib
from nucleotides.train import clean_runs
real = pathlib.Path.unlink
def unlink(self, **options):
    if self.name == "config.yaml":
        os.kill(os.getpid(), signal.SIGKILL)
    real(self, **options)
pathlib.Path.unlink = unlink
iterdir = pathlib.Path.iterdir
pathlib.Path.iterdir = lambda self: iter(sorted(iterdir(self)))  # config.yaml is not the last
list(clean_runs.clean_runs(pathlib.Path(sys.argv[1])))
"""
    done = subprocess.run([sys.executable, "-c", script, str(logs)], capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert [p.name for p in (logs / "group" / "killed").iterdir()] == ["config.yaml"]
    assert f"removed: {logs}/group/killed" in cleaned(logs)
    assert not (logs / "group" / "killed").exists()


def test_runs_within_runs(logs):
    """The outer one goes only if nothing that stays is in it; a dry run says the same."""
    outer = logs / "group"
    shutil.copy(logs / "whole" / "config.yaml", outer)
    assert {one.run.name: one.fate for one in clean_runs(logs, dry_run=True)} == {
        "killed": Fate.REMOVED,
        "group": Fate.REMOVED,
        "whole": Fate.HAS_CHECKPOINT,
        "version_7": Fate.REMOVED,
    }
    with alone_in(outer / "killed"):
        assert f"kept: {outer} (holds other runs)" in cleaned(logs)
    cleaned(logs)
    assert not outer.exists()


def test_links_are_not_followed(logs, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.move(logs / "group" / "killed", elsewhere)
    (logs / "linked").symlink_to(elsewhere)
    inside = shutil.copytree(elsewhere, logs / "inside")
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "data").write_text("x")
    (inside / "link").symlink_to(precious)
    cleaned(logs)
    assert (elsewhere / "config.yaml").exists()
    assert (precious / "data").exists()
    assert not inside.exists()


def test_no_logs_yet(tmp_path):
    assert cleaned(tmp_path / "none") == "0 removed, 0.0 kB; 0 kept\n"
    assert not (tmp_path / "none").exists()
