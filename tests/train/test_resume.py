"""Whatever stops a run, going on with it gives the weights of a run that was never stopped."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch

from nucleotides.errors import InputError
from nucleotides.train import callbacks
from nucleotides.train.arguments import parse
from nucleotides.train.run import train

CHILD = Path(__file__).parent / "killed.py"
EVERYTHING = [
    *("--schedule", "plateau", "--plateau_patience", "0", "--plateau_factor", "0.5"),
    *("--monitor", "val_auroc", "--ema_decay", "0.9", "--accumulate_grad_batches", "3"),
    *("--gradient_clip_val", "0.5", "--deterministic", "true", "--learning_rate", "0.02"),
    *("--max_epochs", "3", "--save_every_steps", "2", "--leakage", "false"),
]


def state(run, name="last"):
    return torch.load(run.folder / "checkpoints" / f"{name}.ckpt", weights_only=True)


def assert_same_end(one, other):
    """Same weights, averaged ones too; same optimiser, same rates."""
    ends = [state(run) for run in (one, other)]
    for part in ("state_dict", "current_model_state"):
        if part in ends[0]:
            torch.testing.assert_close(ends[0][part], ends[1][part], rtol=0, atol=0)
    moments = [end["optimizer_states"][0]["state"] for end in ends]
    torch.testing.assert_close(*moments, rtol=0, atol=0)
    assert ends[0]["lr_schedulers"] == ends[1]["lr_schedulers"]
    pd.testing.assert_frame_equal(one.validation.table, other.validation.table)


@pytest.fixture(scope="module")
def whole(stores, tmp_path_factory):
    """A run of 3 epochs of 8 batches, with all that has a state, and how it was asked for."""
    arguments = [
        *("--model_class", "deepsea", "--model.channels", "[16,16,16]", "--model.hidden", "32"),
        *("--validation", "chr20:5000000-6000000", "--test", "chr20:3000000-4000000"),
        *("--background", "0.5", "--samples_per_epoch", "256", "--batch_size", "32"),
        *("--validation_size", "128", "--accelerator", "cpu", *EVERYTHING),
    ]
    defaults = {**stores, "logs": str(tmp_path_factory.mktemp("logs"))}
    return train(parse([*arguments, "--run_name", "whole"], defaults)), arguments, defaults


def test_the_plateau_was_reached(whole):
    run, *_ = whole
    assert state(run)["lr_schedulers"][0]["base_lrs"][0] < 0.02


@pytest.mark.parametrize("batch", [8, 14, 20])
def test_killed_and_resumed_equals_never_killed(whole, batch):
    run, arguments, defaults = whole
    name = f"killed_{batch}"
    named = [*arguments, "--run_name", name]
    paths = [word for key, path in defaults.items() for word in (f"--{key}", path)]
    child = [sys.executable, str(CHILD), str(batch), *named, *paths]
    killed = subprocess.run(child, capture_output=True, text=True, timeout=300)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (Path(defaults["logs"]) / name / "validation.json").exists()
    resumed = train(parse([*named, "--ckpt_path", "last"], defaults))
    assert_same_end(run, resumed)


def test_stopped_in_validation_and_resumed_equals_never_stopped(whole, monkeypatch):
    run, arguments, defaults = whole
    seen = []
    real = callbacks.StopAtBatchEnd.on_validation_batch_end

    def hook(self, trainer, *args):
        seen.append(trainer.current_epoch)
        if seen.count(1) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        real(self, trainer, *args)

    monkeypatch.setattr(callbacks.StopAtBatchEnd, "on_validation_batch_end", hook)
    named = [*arguments, "--run_name", "stopped"]
    with pytest.raises(KeyboardInterrupt, match="--ckpt_path last"):
        train(parse(named, defaults))
    assert seen == [0, 0, 0, 0, 1, 1]
    monkeypatch.undo()
    resumed = train(parse([*named, "--ckpt_path", "last"], defaults))
    assert_same_end(run, resumed)


def test_a_finished_run_says_that_nothing_is_left(whole):
    _, arguments, defaults = whole
    asked = [*arguments, "--run_name", "whole", "--ckpt_path", "last"]
    with pytest.raises(InputError, match="nothing is left to train: 3 epochs are done"):
        train(parse(asked, defaults))
    with pytest.raises(InputError, match="nothing is left to train: 9 steps are done"):
        train(parse([*asked, "--max_epochs", "9", "--max_steps", "9"], defaults))
