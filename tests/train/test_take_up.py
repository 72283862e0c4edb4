"""`--ckpt_path auto`: one command, given again until it is done, ends with the same weights."""

import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch

from nucleotides.errors import InputError
from nucleotides.train import run as running
from nucleotides.train.arguments import parse
from nucleotides.train.run import train

CHILD = Path(__file__).parent / "killed.py"


@pytest.fixture
def asked(short_run):
    arguments, defaults = short_run
    words = [*arguments, "--leakage", "false", "--run_name", "group/one", "--ckpt_path", "auto"]
    return words, defaults


def weights(folder):
    return torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]


def test_killed_before_the_first_checkpoint_and_after_it_then_left_alone(asked, capsys):
    words, defaults = asked
    folder = Path(defaults["logs"]) / "group" / "one"
    paths = [word for key, path in defaults.items() for word in (f"--{key}", path)]
    for batch, checkpoints in ((3, 0), (9, 1)):
        child = [sys.executable, str(CHILD), str(batch), *words, *paths]
        killed = subprocess.run(child, capture_output=True, text=True, timeout=300)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert len(list(folder.glob("checkpoints/last.ckpt"))) == checkpoints
        (folder / "checkpoints").mkdir(exist_ok=True)  # as one that was half-written leaves it
        (folder / "checkpoints" / ".last.ckpt.1.part").touch()
    run = train(parse(words, defaults))
    assert run.folder == folder
    whole = train(parse([*words, "--run_name", "whole"], defaults))
    torch.testing.assert_close(weights(folder), weights(whole.folder), rtol=0, atol=0)
    pd.testing.assert_frame_equal(run.validation.table, whole.validation.table)
    assert pd.read_csv(folder / "metrics.csv")["epoch"].tolist() == [1, 2]
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    capsys.readouterr()
    assert train(parse(words, defaults)) is None
    assert "is finished: 2 epochs are done" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_killed_before_it_was_scored_it_is_scored(asked, monkeypatch):
    words, defaults = asked
    monkeypatch.setattr(running, "_finish", lambda *_: None)
    train(parse(words, defaults))
    monkeypatch.undo()
    folder = Path(defaults["logs"]) / "group" / "one"
    assert not (folder / "validation.json").exists()
    run = train(parse(words, defaults))
    assert run.best == folder / "checkpoints" / "best.ckpt"
    assert (folder / "validation.json").exists()
    assert (folder / "calibration.safetensors").exists()


def test_more_epochs_make_the_scores_of_before_stale(asked, monkeypatch):
    words, defaults = asked
    run = train(parse(words, defaults))
    monkeypatch.setattr(running, "_finish", lambda *_: None)
    train(parse([*words, "--max_epochs", "3"], defaults))
    assert not (run.folder / "validation.json").exists()


def test_it_needs_a_name(asked):
    words, defaults = asked
    with pytest.raises(InputError, match="give --run_name"):
        train(parse([*words[:-4], "--ckpt_path", "auto"], defaults))


def test_without_it_a_run_that_was_begun_is_not_overwritten(asked):
    words, defaults = asked
    (Path(defaults["logs"]) / "group" / "one" / "checkpoints").mkdir(parents=True)
    with pytest.raises(InputError, match="holds a run already"):
        train(parse(words[:-2], defaults))
