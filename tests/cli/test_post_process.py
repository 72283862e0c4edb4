"""`nucleotides post-process`: its answers, exit codes, and where it leaves the two tables."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from nucleotides.cli.main import make_app
from nucleotides.train.arguments import parse
from nucleotides.train.run import train
from tests import toy
from tests.cli.test_main import HEAVY, WATCHED_RUN

pytestmark = pytest.mark.usefixtures("empty_folder")
QUICK = ("--background", "8", "--no-leakage", "--device", "cpu")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of two tasks on toy data, which lie in its grandparent."""
    folder = tmp_path_factory.mktemp("toy")
    lengths = {"chr1": 9000, "chr2": 3000, "chr3": 3000}
    contigs = {name: toy.sequence(n, n) for name, n in lengths.items()}
    stores = toy.stores(folder, contigs, n_tasks=2)
    arguments = [
        *("--model_class", "deepsea", "--model.channels", "[2,2,2]", "--model.hidden", "2"),
        *("--validation", "chr2", "--test", "chr3", "--sequence_length", "200", "--bin", "100"),
        *("--samples_per_epoch", "8", "--batch_size", "8", "--max_epochs", "1"),
        *("--accelerator", "cpu", "--leakage", "false"),
    ]
    made = train(parse(arguments, {**stores, "logs": str(folder / "logs")}))
    assert made is not None
    return made.folder


@pytest.fixture
def settle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Path], Path]:
    """Point the settings at a target store; returns where the two tables belong."""

    def settled(targets: Path) -> Path:
        places = {
            "TARGET_STORE": targets,
            "MEAN_PREDICTIONS": tmp_path / "served" / "means.tsv",
            "DISTINCT_FEATURES_UMAP": tmp_path / "served" / "map.tsv",
        }
        for name, path in places.items():
            monkeypatch.setenv(f"NUCLEOTIDES_{name}", str(path))
        return tmp_path / "served"

    return settled


def invoke(*arguments: str | Path) -> Any:
    return CliRunner().invoke(make_app(), ["post-process", *map(str, arguments)])


def test_the_run_of_the_settings_store(run: Path, settle: Callable[[Path], Path]) -> None:
    served = settle(run.parent.parent / "targets" / ".." / "targets")
    result = invoke(run, "--out", "out", *QUICK, "--licence", "CC0")
    assert result.exit_code == 0, result.output
    assert "map of the tasks" in result.stdout
    assert "report: out/report.html" in result.stdout
    assert "model: out/model" in result.stdout
    assert "CC0" in Path("out/model_card.md").read_text()
    assert [path.name for path in served.iterdir()] == ["means.tsv"]
    means = pd.read_csv(served / "means.tsv", sep="\t")
    assert means["task"].tolist() == ["t0", "t1"]


def test_a_run_of_another_store_replaces_nothing(
    run: Path, settle: Callable[[Path], Path], tmp_path: Path
) -> None:
    targets = run.parent.parent / "targets"
    served = settle(shutil.copytree(targets, tmp_path / "other"))
    assert invoke(run, "--out", "out", *QUICK).exit_code == 0
    assert Path("out/mean_predictions.tsv").exists()
    assert not served.exists()


def test_targets_of_other_tasks_are_told_and_replace_nothing(
    run: Path, settle: Callable[[Path], Path], tmp_path: Path
) -> None:
    other = shutil.copytree(run.parent.parent / "targets", tmp_path / "other")
    tasks = other / "tasks.tsv"
    tasks.write_text(tasks.read_text().replace("t1", "renamed"))
    served = settle(other)
    result = invoke(run, "--out", "out", "--targets", other, *QUICK)
    assert result.exit_code == 0, result.output
    line = next(line for line in result.stdout.splitlines() if "the model has 2 tasks" in line)
    assert line.startswith("without scores, ")  # one cause, one line
    assert Path("out/report.html").exists()
    assert not served.exists()


def test_nothing_to_post_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUCLEOTIDES_LIGHTNING_LOGS", str(tmp_path / "logs"))
    (tmp_path / "empty").mkdir()
    for arguments, says in {
        (): "run `nucleotides train` first",
        ("empty",): "no run with a best checkpoint",
        ("none.ckpt",): "no checkpoint at none.ckpt",
    }.items():
        result = invoke(*arguments)
        assert says in result.stderr.replace("\n", " ")
        assert result.exit_code == 2
    assert {path.name for path in tmp_path.iterdir()} == {"empty"}


@pytest.mark.parametrize("word", ["--background", "--map-bins", "--seed"])
def test_numbers_that_cannot_be(word: str) -> None:
    assert invoke(word, "-1").exit_code == 2


def test_help_comes_without_heavy_imports() -> None:
    script = WATCHED_RUN.format(arguments=["post-process", "--help"], heavy=HEAVY)
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "HEAVY=[]" in result.stderr
    assert "--compare" in result.stdout
