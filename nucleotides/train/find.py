"""Look for a learning rate or a batch size by a few steps of training, on one device."""

from __future__ import annotations

import dataclasses
import itertools
import math
import time
from collections.abc import Iterator
from typing import Any

import torch
from lightning.pytorch import seed_everything

from nucleotides.data.datamodule import DataModule
from nucleotides.errors import InputError
from nucleotides.model.lightning_model import Batch, FunctionalModel
from nucleotides.model.optimisation import create_optimizer
from nucleotides.progress import say
from nucleotides.train.allocator import keep_freed_memory
from nucleotides.train.arguments import TrainConfig
from nucleotides.train.evaluate import pick_device
from nucleotides.train.prepare import prepare_model

_LOWEST, _HIGHEST, _STEPS, _KEPT, _TOO_MUCH = 1e-6, 1.0, 120, 0.9, 4.0
_SPAN, _LEAST = 10, 1e-3
_SIZES = tuple(2**k for k in range(4, 14))
_TIMED, _WORTH = 3, 1.05


def find(config: TrainConfig) -> str:
    """Do what `--find` asks for, and say what was found.

    Raises:
        InputError: no rate lowers the loss, or the smallest batch does not fit.
    """
    keep_freed_memory()
    seed_everything(config.options.seed, verbose=False)
    if config.options.find == "learning_rate":
        return f"found: --learning_rate {find_learning_rate(config):.2g}"
    return f"found: --batch_size {find_batch_size(config)}"


def find_learning_rate(config: TrainConfig) -> float:
    """The rate at which the loss falls fastest (Smith 2017, 10.1109/WACV.2017.58, section 3.3).

    The rate rises by the same factor at every step, from 1e-6 to 1, until the smoothed loss is four
    times its least; what is found is the middle of the half decade in which it falls most. The
    first half decade, where the smoothing settles, does not count.

    Raises:
        InputError: the loss does not fall at any rate.
    """
    data, model, device = _ready(config)
    optimizer = create_optimizer(model, config.optimisation)
    rates: list[float] = [
        _LOWEST * (_HIGHEST / _LOWEST) ** (k / (_STEPS - 1)) for k in range(_STEPS)
    ]
    smoothed: list[float] = []
    mean = 0.0
    for rate, batch in zip(rates, _batches(data, device), strict=False):
        for group in optimizer.param_groups:
            group["lr"] = rate
        mean = _KEPT * mean + (1 - _KEPT) * _step(model, optimizer, batch)
        smoothed.append(mean / (1 - _KEPT ** (len(smoothed) + 1)))
        if not math.isfinite(mean) or smoothed[-1] > _TOO_MUCH * min(smoothed):
            break
    falls = [a - b for b, a in zip(smoothed[_SPAN:], smoothed, strict=False)][_SPAN:]
    fallen = smoothed[0] - min(smoothed)
    if not falls or min(max(falls), fallen) < _LEAST * smoothed[0]:
        raise InputError("--find learning_rate: the loss falls at no rate between 1e-6 and 1")
    say(f"{len(smoothed)} steps, loss from {smoothed[0]:.4f} to {min(smoothed):.4f}")
    return rates[falls.index(max(falls)) + _SPAN + _SPAN // 2]


def find_batch_size(config: TrainConfig) -> int:
    """The smallest power of two that trains nearly (5 %) as many samples a second as any that fits.

    Raises:
        InputError: not even 16 samples fit into memory.
    """
    speeds: dict[int, float] = {}
    for size in _SIZES:
        chosen = {**config.data, "batch_size": size, "samples_per_epoch": size * (_TIMED + 2)}
        try:
            speeds[size] = _speed(dataclasses.replace(config, data=chosen))
        except RuntimeError as error:
            if "memory" not in str(error).lower():
                raise
            say(f"batch size {size}: does not fit into memory")
            break
        say(f"batch size {size}: {speeds[size]:,.0f} samples/s")
        if size >= 4 * max(speeds, key=speeds.__getitem__):
            break
    if not speeds:
        raise InputError(f"--find batch_size: not even {_SIZES[0]} samples fit into memory")
    return min(n for n, speed in speeds.items() if speed * _WORTH >= max(speeds.values()))


def _speed(config: TrainConfig) -> float:
    data, model, device = _ready(config)
    optimizer = create_optimizer(model, config.optimisation)
    batches = _batches(data, device)
    _step(model, optimizer, next(batches))
    begin = time.perf_counter()
    for _ in range(_TIMED):
        _step(model, optimizer, next(batches))
    return _TIMED * int(config.data["batch_size"]) / (time.perf_counter() - begin)


def _ready(config: TrainConfig) -> tuple[DataModule, FunctionalModel, str]:
    data = DataModule(**config.data)
    wanted = config.trainer.get("accelerator")
    device = pick_device("cpu" if wanted == "cpu" else None)
    model = prepare_model(config, data).to(device)
    return data, model.train(), device


def _batches(data: DataModule, device: str) -> Iterator[Batch]:
    loader: Any = data.train_dataloader()
    for epoch in itertools.count():
        loader.sampler.set_epoch(epoch)
        for batch in loader:
            yield {name: values.to(device) for name, values in batch.items()}


def _step(model: FunctionalModel, optimizer: torch.optim.Optimizer, batch: Batch) -> float:
    optimizer.zero_grad()
    loss = model.batch_loss(batch)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return float(loss.detach())
