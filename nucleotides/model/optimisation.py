"""How weights are updated: optimiser, schedule, warm-up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from lightning.pytorch import Trainer
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from nucleotides.errors import InputError

_START = 1 / 25


@dataclass(frozen=True)
class Optimisation:
    """Choices of the update rule.

    Args:
        optimizer: the update rule.
        learning_rate: its largest value, reached after warm-up.
        weight_decay: shrinkage of weights; biases and normalisation are left alone.
        schedule: cosine falls to 0 over the whole training, constant stays; one-cycle rises from a
            25th along half a cosine over `warmup`, then falls to 0 (Smith and Topin 2017,
            arXiv:1708.07120); plateau stays until the monitored metric no longer improves.
        warmup: part of all steps over which the learning rate rises from 0.
        beta2: decay of Adam's and AdamW's mean of squared gradients.
        momentum: of sgd, Nesterov's.
        plateau_factor: what plateau multiplies the learning rate by.
        plateau_patience: validations without improvement that plateau bears.
    """

    optimizer: Literal["adamw", "adam", "sgd"] = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    schedule: Literal["cosine", "constant", "one-cycle", "plateau"] = "cosine"
    warmup: float = 0.1
    beta2: float = 0.999
    momentum: float = 0.9
    plateau_factor: float = 0.5
    plateau_patience: int = 2

    def __post_init__(self) -> None:
        if self.learning_rate <= 0:
            raise InputError(f"--learning_rate {self.learning_rate} must be above 0")
        if not 0 <= self.warmup < 1:
            raise InputError(f"--warmup {self.warmup} is a part of all steps: 0 <= warmup < 1")
        if not 0 <= self.momentum < 1:
            raise InputError(f"--momentum {self.momentum} is not within 0 <= momentum < 1")
        if not 0 < self.plateau_factor < 1:
            raise InputError(f"--plateau_factor {self.plateau_factor} is not between 0 and 1")
        if self.plateau_patience < 0:
            raise InputError(f"--plateau_patience {self.plateau_patience} is below 0")


def create_optimizer(model: nn.Module, choice: Optimisation) -> Optimizer:
    """The optimiser over all parameters that are to be trained."""
    trained = [p for p in model.parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": choice.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if choice.optimizer == "sgd":
        momentum = choice.momentum
        return SGD(groups, lr=choice.learning_rate, momentum=momentum, nesterov=momentum > 0)
    rule = AdamW if choice.optimizer == "adamw" else Adam
    return rule(groups, lr=choice.learning_rate, betas=(0.9, choice.beta2))


def count_steps(trainer: Trainer) -> int:
    """Optimiser steps of the whole training.

    Lightning's own estimate sets up the loaders before a checkpoint is restored, and with that
    loses their saved place in the epoch; so the data module is asked instead, where it knows.
    """
    known = getattr(getattr(trainer, "datamodule", None), "batches_per_epoch", None)
    if known is None or trainer.max_epochs is None or trainer.max_epochs < 0:
        return _lightnings_estimate(trainer)
    limit = trainer.limit_train_batches
    batches = known() if limit is None else _limited(known(), limit)
    steps = math.ceil(batches / trainer.accumulate_grad_batches) * trainer.max_epochs
    return steps if trainer.max_steps < 0 else min(steps, trainer.max_steps)


def _lightnings_estimate(trainer: Trainer) -> int:
    steps = trainer.estimated_stepping_batches
    if not math.isfinite(steps):
        raise InputError("the schedule needs an end: give --max_epochs or --max_steps")
    return int(steps)


def _limited(batches: int, limit: float) -> int:
    return int(batches * limit) if isinstance(limit, float) else min(batches, limit)


def create_schedule(optimizer: Optimizer, choice: Optimisation, total_steps: int) -> LambdaLR:
    """A factor on the learning rate, step by step.

    That of plateau is the warm-up's alone; `train.plateau` lowers what it multiplies.
    """
    warmup_steps = math.ceil(choice.warmup * total_steps)

    def factor(step: int) -> float:
        if step < warmup_steps:
            risen = (step + 1) / (warmup_steps + 1)
            if choice.schedule == "one-cycle":
                return _START + (1 - _START) * (1 - _half_cosine(risen))
            return risen
        if choice.schedule in ("constant", "plateau"):
            return 1.0
        done = (step - warmup_steps) / max(total_steps - warmup_steps, 1)
        return _half_cosine(min(done, 1.0))

    return LambdaLR(optimizer, factor)


def _half_cosine(done: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * done))
