"""Runs that are opened again: which checkpoint, whose data, and what their calibration is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from nucleotides.errors import InputError, MismatchError, StoreError
from nucleotides.train.arguments import parse
from nucleotides.train.keep_calibration import CALIBRATION, read_calibration
from nucleotides.train.reopen import newest_best, reopen, run_folder
from nucleotides.train.run import train
from tests import toy


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on toy data."""
    folder = tmp_path_factory.mktemp("toy")
    lengths = {"chr1": 9000, "chr2": 3000, "chr3": 3000}
    stores = toy.stores(folder, {name: toy.sequence(n, n) for name, n in lengths.items()})
    arguments = [
        *("--model_class", "deepsea", "--model.channels", "[2,2,2]", "--model.hidden", "2"),
        *("--validation", "chr2", "--test", "chr3", "--sequence_length", "200", "--bin", "100"),
        *("--samples_per_epoch", "8", "--batch_size", "8", "--max_epochs", "1"),
        *("--accelerator", "cpu", "--leakage", "false", "--test_size", "5"),
    ]
    made = train(parse(arguments, {**stores, "logs": str(folder / "logs")}))
    assert made is not None
    return made.folder


def test_a_folder_stands_for_its_best_checkpoint(run: Path) -> None:
    best = run / "checkpoints" / "best.ckpt"
    by_folder, by_file = reopen(run), reopen(best)
    assert by_folder.path == by_file.path == best
    assert by_folder.folder == by_file.folder == run == run_folder(best) == run_folder(run)
    assert by_folder.checkpoint.tasks == by_folder.data.tasks
    assert by_folder.data.split.describe()["test"] == "chr3"
    assert (by_folder.data.bin, by_folder.data.test_size) == (100, 5)


def test_data_may_be_others(run: Path) -> None:
    changed = reopen(run, {"test": "chr2:0-1000", "validation": "", "test_size": None})
    assert changed.data.split.describe()["test"] == "chr2:0-1,000"
    assert changed.config["test"] == "chr2:0-1000"
    assert changed.data.held_out_positions("test", changed.data.test_size).centres.size == 10


def test_stores_that_are_gone_are_looked_for_elsewhere(run: Path, tmp_path: Path) -> None:
    config = reopen(run).config
    there = {name: config[name] for name in ("genome", "targets")}
    elsewhere = {name: str(tmp_path / name) for name in there}
    assert reopen(run, fallback=elsewhere).config["genome"] == there["genome"]
    moved = {**config, **elsewhere}
    with pytest.raises(StoreError, match=r"no .* at"):
        reopen(run, {"genome": moved["genome"]}, there)  # what was asked for has no fallback
    for name, path in there.items():
        shutil.copytree(path, elsewhere[name])
    hidden = Path(there["targets"]).rename(tmp_path / "hidden")
    try:
        assert reopen(run, fallback=elsewhere).config["targets"] == elsewhere["targets"]
    finally:
        hidden.rename(there["targets"])


def test_the_newest_best_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run `nucleotides train` first"):
        newest_best(tmp_path)
    for age, name in enumerate(("b", "c", "a")):
        path = tmp_path / name / "checkpoints" / "best.ckpt"
        path.parent.mkdir(parents=True)
        path.touch()
        os.utime(path, (1000 - age, 1000 - age))
    (tmp_path / "d" / "checkpoints").mkdir(parents=True)
    assert newest_best(tmp_path) == tmp_path / "b" / "checkpoints" / "best.ckpt"


def test_what_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no run with a best checkpoint.*nucleotides train"):
        reopen(tmp_path)
    with pytest.raises(InputError, match="no checkpoint at"):
        reopen(tmp_path / "none")


def test_the_calibration_of_a_run(run: Path, tmp_path: Path) -> None:
    tasks = reopen(run).checkpoint.tasks
    assert read_calibration(run, tasks) is not None
    assert read_calibration(tmp_path, tasks) is None
    toy.lines(["a", "b"], [2.0, 0.5], [-1.0, 3.0]).save(tmp_path / CALIBRATION)
    found = read_calibration(tmp_path, ["a", "b"])
    assert found is not None
    np.testing.assert_allclose(found.apply(np.ones((1, 2))), [[1.0, 3.5]])
    with pytest.raises(MismatchError):
        read_calibration(tmp_path, ["b", "a"])
