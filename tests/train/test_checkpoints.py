"""Checkpoints: whole or not there, and never in a folder that is none of ours."""

import errno
import shutil
from pathlib import Path

import pytest
import torch

from nucleotides.errors import InputError, OutOfSpaceError, SettingsError
from nucleotides.train.arguments import parse
from nucleotides.train.checkpoints import AtomicCheckpointIO
from nucleotides.train.evaluate import pick_device
from nucleotides.train.retest import retest
from nucleotides.train.run import train


def test_a_full_disk_leaves_the_earlier_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "last.ckpt"
    AtomicCheckpointIO().save_checkpoint({"epoch": 1}, path)

    def full(self, content):
        with self.open("wb") as file:
            file.write(bytes(content)[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutOfSpaceError, match=r"last\.ckpt"):
        AtomicCheckpointIO().save_checkpoint({"epoch": 2}, path)
    monkeypatch.undo()
    assert torch.load(path, weights_only=True) == {"epoch": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["last.ckpt"]


def test_runs_write_by_way_of_a_temporary_name(short_run, monkeypatch):
    arguments, defaults = short_run
    written = []
    real = AtomicCheckpointIO.save_checkpoint

    def noted(self, checkpoint, path, storage_options=None):
        written.append(Path(path).name)
        real(self, checkpoint, path, storage_options)

    monkeypatch.setattr(AtomicCheckpointIO, "save_checkpoint", noted)
    train(parse(arguments, defaults))
    assert set(written) == {"best.ckpt", "last.ckpt"}


def test_a_checkpoint_from_elsewhere_goes_on_in_a_run_of_its_own(short_run, tmp_path):
    arguments, defaults = short_run
    first = train(parse([*arguments, "--max_epochs", "1"], defaults))
    elsewhere = tmp_path / "some" / "where"
    elsewhere.mkdir(parents=True)
    copy = shutil.copy(first.folder / "checkpoints" / "last.ckpt", elsewhere / "my.ckpt")
    run = train(parse([*arguments, "--ckpt_path", str(copy), "--run_name", "on"], defaults))
    assert run.folder == Path(defaults["logs"]) / "on"
    assert [p.name for p in (tmp_path / "some").iterdir()] == ["where"]


def test_stores_that_were_moved_are_found_where_they_are_now(short_run, tmp_path):
    arguments, defaults = short_run
    moved = {
        name: shutil.copytree(defaults[name], tmp_path / f"old_{name}")
        for name in ("genome", "targets")
    }
    paths = {**defaults, **{name: str(path) for name, path in moved.items()}}
    run = train(parse([*arguments, "--max_epochs", "1"], paths))
    for path in moved.values():
        shutil.rmtree(path)
    fallback = {name: defaults[name] for name in ("genome", "targets")}
    scored, *_ = retest(
        run.best, "validation", changed={}, fallback=fallback, out=tmp_path, device="cpu"
    )
    assert scored.table["auroc"].equals(run.validation.table["auroc"])


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (["--seed", "-1"], "--seed -1"),
        (["--max_epochs", "0"], "--max_epochs 0"),
        (["--max_epochs", "-1"], "--max_epochs or --max_steps"),
        (["--enable_checkpointing", "false"], "Lightning cannot do that"),
    ],
)
def test_what_lightning_would_stumble_over_is_a_message(short_run, extra, says):
    arguments, defaults = short_run
    with pytest.raises(InputError, match=says):
        train(parse([*arguments, *extra], defaults))


@pytest.mark.parametrize("device", ["banana", "cuda:99"])
def test_a_device_that_is_not_here_is_refused(device):
    with pytest.raises(SettingsError, match=device):
        pick_device(device)
