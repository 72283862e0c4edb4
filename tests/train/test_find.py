"""Looking for a learning rate and a batch size."""

import math

import pytest
import torch

from nucleotides.errors import InputError
from nucleotides.train import find as finding
from nucleotides.train.arguments import parse
from nucleotides.train.find import find, find_batch_size, find_learning_rate


def config(short_run, what, *more):
    arguments, defaults = short_run
    return parse([*arguments, "--find", what, *more], defaults)


def test_the_rate_found_is_one_at_which_the_loss_falls(short_run, capsys, tmp_path):
    told = find(config(short_run, "learning_rate"))
    rate = float(told.removeprefix("found: --learning_rate "))
    assert 1e-5 < rate < 0.5
    assert "steps, loss from" in capsys.readouterr().err
    assert not (tmp_path / "logs").exists()
    assert find(config(short_run, "learning_rate")) == told  # the same seed, the same rate


def test_where_the_loss_falls_most(short_run, monkeypatch):
    """A loss that falls only between 1e-3 and 1e-2, then explodes."""

    def step(_, optimizer, __):
        rate = math.log10(optimizer.param_groups[0]["lr"])
        return 1.0 if rate < -3 else max(1 - (rate + 3), 0.1) if rate < -2 else 100.0

    monkeypatch.setattr(finding, "_step", step)
    assert 1e-3 < find_learning_rate(config(short_run, "learning_rate")) < 1e-2
    monkeypatch.setattr(finding, "_step", lambda *_: 1.0)
    with pytest.raises(InputError, match="the loss falls at no rate"):
        find_learning_rate(config(short_run, "learning_rate"))
    wiggle = iter([*([1.0] * 40), *([2.0] * 20), *([1.0] * 60)])  # up, and back down
    monkeypatch.setattr(finding, "_step", lambda *_: next(wiggle))
    with pytest.raises(InputError, match="the loss falls at no rate"):
        find_learning_rate(config(short_run, "learning_rate"))


def test_the_smallest_batch_that_is_nearly_the_fastest(short_run, monkeypatch, capsys):
    speeds = {16: 100.0, 32: 200.0, 64: 290.0, 128: 300.0, 256: 299.0, 512: 298.0}

    def speed(config):
        size = config.data["batch_size"]
        if size > 256:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return speeds[size]

    monkeypatch.setattr(finding, "_speed", speed)
    assert find_batch_size(config(short_run, "batch_size")) == 64
    assert "batch size 512: does not fit into memory" in capsys.readouterr().err
    monkeypatch.setattr(finding, "_SIZES", (512,))
    with pytest.raises(InputError, match="not even 512 samples fit"):
        find_batch_size(config(short_run, "batch_size"))


def test_other_errors_are_not_taken_for_a_full_memory(short_run, monkeypatch):
    def speed(_):
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(finding, "_speed", speed)
    with pytest.raises(RuntimeError, match="shapes do not match"):
        find_batch_size(config(short_run, "batch_size"))


def test_real_steps_of_a_few_sizes(short_run, monkeypatch):
    monkeypatch.setattr(finding, "_SIZES", (16, 32))
    assert find_batch_size(config(short_run, "batch_size")) in (16, 32)
