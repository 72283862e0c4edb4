"""A training run: what it leaves, that it repeats, and that it goes on where it was stopped."""

import dataclasses
import inspect
import json
import os
import shutil
import signal
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import ModelCheckpoint

from nucleotides.errors import InputError, MismatchError
from nucleotides.metrics.monotone import Calibration
from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.train import callbacks
from nucleotides.train import run as running
from nucleotides.train.arguments import parse
from nucleotides.train.reopen import newest_best
from nucleotides.train.retest import retest
from nucleotides.train.run import train


def weights(path):
    return torch.load(path, weights_only=True)["state_dict"]


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_a_run_leaves_all_that_explains_it(short_run, capsys):
    arguments, defaults = short_run
    run = train(parse(arguments, defaults))
    told = capsys.readouterr().err
    assert told.count("shared windows: validation in training: 0 identical, ") == 1
    assert run.folder.name == "version_0"
    left = {path.name for path in run.folder.iterdir()}
    assert {"checkpoints", "config.yaml", "tasks.tsv", "metrics.csv"} <= left
    assert {"validation.tsv", "validation.json"} <= left
    assert any(name.startswith("events.out") for name in left)
    assert {path.name for path in (run.folder / "checkpoints").iterdir()} == {
        "best.ckpt",
        "last.ckpt",
    }
    epochs = pd.read_csv(run.folder / "metrics.csv")
    assert epochs["epoch"].tolist() == [1, 2]
    assert epochs["step"].tolist() == [8, 16]
    assert epochs.drop(columns="epoch").notna().all(axis=None)
    assert yaml.safe_load((run.folder / "config.yaml").read_text())["max_epochs"] == 2
    scores = json.loads((run.folder / "validation.json").read_text())
    assert len(scores["tasks"]) == 40
    assert scores["summary"]["all"]["n_tasks"] == 40


def test_seconds_of_an_epoch_are_those_of_its_training(short_run, monkeypatch):
    """By a clock that goes on by 1 with a training batch and by 100 with one of validation."""
    clock = [0.0]
    monkeypatch.setattr(callbacks.time, "monotonic", lambda: clock[0])

    def slowed(original, seconds):
        def step(self, *batch):
            clock[0] += seconds
            return original(self, *batch)

        return step

    for name, seconds in (("training_step", 1), ("validation_step", 100)):
        original = getattr(FunctionalModel, name)
        monkeypatch.setattr(FunctionalModel, name, slowed(original, seconds))
    arguments, defaults = short_run
    run = train(parse(arguments, defaults))
    assert pd.read_csv(run.folder / "metrics.csv")["seconds"].tolist() == [8, 8]


def test_the_last_checkpoint_is_that_of_the_last_epoch_even_if_another_is_best(
    short_run, monkeypatch
):
    arguments, defaults = short_run
    monkeypatch.setattr(
        ModelCheckpoint, "check_monitor_top_k", lambda self, trainer, _: trainer.global_step == 8
    )
    run = train(parse(arguments, defaults))
    steps = {
        path.stem: torch.load(path, weights_only=True)["global_step"]
        for path in run.best.parent.iterdir()
    }
    assert steps == {"best": 8, "last": 16}


def test_shared_windows_are_not_looked_for_when_that_is_not_wanted(short_run, capsys):
    arguments, defaults = short_run
    train(parse([*arguments, "--leakage", "false"], defaults))
    assert "shared windows" not in capsys.readouterr().err


def test_one_seed_one_result_whatever_the_workers(short_run):
    arguments, defaults = short_run
    last = [
        weights(
            train(parse([*arguments, "--num_workers", n], defaults)).folder
            / "checkpoints/last.ckpt"
        )
        for n in ("0", "0", "2")
    ]
    assert same(last[0], last[1])
    assert same(last[0], last[2])
    other = train(parse([*arguments, "--seed", "1"], defaults))
    assert not same(last[0], weights(other.folder / "checkpoints/last.ckpt"))


@pytest.mark.parametrize(
    ("stop_at", "signum"), [(3, signal.SIGINT), (8, signal.SIGINT), (11, signal.SIGTERM)]
)
def test_stopped_and_resumed_equals_never_stopped(short_run, monkeypatch, stop_at, signum):
    arguments, defaults = short_run
    whole = train(parse([*arguments, "--run_name", "whole"], defaults))
    _interrupt(monkeypatch, stop_at, signum)
    with pytest.raises(KeyboardInterrupt, match="--ckpt_path last"):
        train(parse([*arguments, "--run_name", "stopped"], defaults))
    monkeypatch.undo()
    resumed = train(parse([*arguments, "--run_name", "stopped", "--ckpt_path", "last"], defaults))
    assert resumed.folder.name == "stopped"
    ends = [weights(run.folder / "checkpoints/last.ckpt") for run in (whole, resumed)]
    assert same(*ends)
    pd.testing.assert_frame_equal(whole.validation.table, resumed.validation.table)


def _interrupt(monkeypatch, at, signum):
    """Send this process a signal, as Ctrl-C or kill does, during the given batch."""
    count = iter(range(1, 1000))
    real = callbacks.StopAtBatchEnd.on_train_batch_end

    def hook(self, *args):
        if next(count) == at:
            os.kill(os.getpid(), signum)
        real(self, *args)

    monkeypatch.setattr(callbacks.StopAtBatchEnd, "on_train_batch_end", hook)


def test_test_scores_the_best_checkpoint(short_run, tmp_path):
    arguments, defaults = short_run
    run = train(parse(arguments, defaults))
    assert newest_best(run.folder.parent) == run.best
    scored, _, written = retest(run.best, "test", changed={}, out=None, device="cpu")
    assert written == run.folder / "test.json"
    assert int(scored.table["windows"].iloc[0]) == 256
    errors = scored.table[["calibration_error", "recalibrated_error"]]
    assert errors.notna().all(axis=None)
    assert errors["recalibrated_error"].median() < errors["calibration_error"].median()
    Calibration.load(run.folder / "calibration.safetensors", scored.table["task"].tolist())
    validated, *_ = retest(run.best, "validation", changed={}, out=tmp_path, device="cpu")
    pd.testing.assert_frame_equal(validated.table, run.validation.table)


def test_targets_of_other_tasks_are_refused(short_run, tmp_path):
    arguments, defaults = short_run
    run = train(parse(arguments, defaults))
    other = shutil.copytree(defaults["targets"], tmp_path / "other")
    tasks = other / "tasks.tsv"
    tasks.write_text(tasks.read_text().replace("A549.CTCF.DREAM", "A549.CTCF.RENAMED"))
    with pytest.raises(MismatchError, match=r"A549\.CTCF\.DREAM.*A549\.CTCF\.RENAMED"):
        retest(run.best, "test", changed={"targets": str(other)}, out=None, device="cpu")
    changed = {**defaults, "targets": str(other)}
    with pytest.raises(MismatchError, match="RENAMED"):
        train(parse([*arguments, "--ckpt_path", str(run.best)], changed))


def test_what_is_no_checkpoint_is_refused(tmp_path):
    with pytest.raises(InputError, match="no checkpoint at"):
        load_checkpoint(tmp_path / "none.ckpt")
    junk = tmp_path / "junk.ckpt"
    junk.write_bytes(b"not a checkpoint")
    with pytest.raises(InputError, match="no checkpoint of nucleotides"):
        load_checkpoint(junk)
    torch.save({"hyper_parameters": {"tasks": os.system}}, junk)
    with pytest.raises(InputError, match="no checkpoint of nucleotides"):
        load_checkpoint(junk)


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (["--batch_size", "0"], "--batch_size 0"),
        (["--validation", "chr6"], "unknown contig 'chr6'.*--validation"),
        (["--test", "chr20:5500000-6500000"], "overlap"),
        (["--background", "2"], "--background 2"),
        (["--sampling", "gc"], "--background 0.5 and --sampling gc"),
        (["--folds", "5"], "--validation and --test and --folds say different things"),
        (["--blacklist", "no.bed"], "--blacklist no.bed: no such file"),
        (["--sequence_length", "100"], "--bin 200 is wider"),
        (["--ckpt_path", "last"], "last.ckpt"),
        (["--ckpt_path", "nowhere.ckpt"], "nowhere.ckpt"),
        (["--samples_per_epoch", "-1"], "--samples_per_epoch"),
        (["--devices", "4096"], r"--devices 4096: this machine has \d+ processors"),
        (["--accelerator", "auto", "--devices", "4096"], "--devices 4096"),
        (["--init_motifs", "none.meme"], "--init_motifs: none.meme cannot be read.*jaspar"),
        (["--accelerator", "gpu", "--devices", "64"], "--accelerator gpu, --devices 64"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_anything_is_written(short_run, extra, says):
    arguments, defaults = short_run
    with pytest.raises((InputError, KeyError), match=says):
        train(parse([*arguments, *extra], defaults))
    assert not Path(defaults["logs"]).exists()


@pytest.mark.parametrize("length", [0, 5000, 20_000])
def test_a_checkpoint_that_was_cut_off_is_named(short_run, tmp_path, length):
    arguments, defaults = short_run
    run = train(parse([*arguments, "--max_epochs", "1"], defaults))
    cut = tmp_path / "cut.ckpt"
    cut.write_bytes(run.best.read_bytes()[:length])
    with pytest.raises(
        InputError, match=r"cut.ckpt is no checkpoint of nucleotides: it is damaged"
    ):
        load_checkpoint(cut)


def test_every_trainer_argument_reaches_the_trainer(short_run, monkeypatch):
    names = [n for n in inspect.signature(Trainer.__init__).parameters if n != "self"]
    own = {"callbacks", "plugins", "logger", "enable_progress_bar"}  # ours are added to these
    given = {name: f"value of {name}" for name in names if name not in own}
    given |= {"callbacks": ["theirs"], "plugins": ["theirs"], "logger": "theirs"}
    given |= {"enable_progress_bar": False}
    seen = {}

    def recorder(**arguments):
        seen.update(arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "Trainer", recorder)
    config = dataclasses.replace(parse(*short_run), trainer=given)
    with pytest.raises(KeyboardInterrupt):
        train(config)
    assert set(seen) == set(names)
    assert {name: seen[name] for name in given if name not in own} == {
        name: value for name, value in given.items() if name not in own
    }
    assert "theirs" in seen["callbacks"]
    assert "theirs" in seen["plugins"]
    assert (seen["logger"], seen["enable_progress_bar"]) == ("theirs", False)


def test_compiled_or_not_the_checkpoint_is_the_same(short_run, monkeypatch):
    arguments, defaults = short_run
    compiled = []
    monkeypatch.setattr(FunctionalModel, "compile", lambda model: compiled.append(model))
    run = train(parse([*arguments, "--compile", "true", "--max_epochs", "1"], defaults))
    assert len(compiled) == 1
    assert not any("_orig_mod" in name for name in weights(run.best))
    monkeypatch.setattr(running, "_COMPILERS", ("no-such-compiler",))
    with pytest.raises(InputError, match=r"--compile needs a C\+\+ compiler.*no-such-compiler"):
        train(parse([*arguments, "--compile", "true"], defaults))
