"""Optimisers by name, and schedules step by step."""

import itertools
import math

import pytest
import torch
from torch import nn

from nucleotides.errors import InputError
from nucleotides.model.optimisation import Optimisation, create_optimizer, create_schedule

STEPS = 100


def rates(choice):
    """The learning rate of each step."""
    optimizer = create_optimizer(nn.Linear(2, 2), choice)
    schedule = create_schedule(optimizer, choice, STEPS)
    out = []
    for _ in range(STEPS):
        out.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return out


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one-cycle", "plateau"])
@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.3])
def test_rates_rise_over_the_warm_up_and_never_after(schedule, warmup):
    seen = rates(Optimisation(learning_rate=2.0, schedule=schedule, warmup=warmup))
    top = int(warmup * STEPS)
    assert seen[top] == pytest.approx(2.0)
    assert all(a < b for a, b in itertools.pairwise(seen[: top + 1]))
    assert all(a >= b for a, b in itertools.pairwise(seen[top:]))
    assert min(seen) > 0


def test_where_schedules_begin_and_end():
    for schedule in ("cosine", "one-cycle"):
        assert rates(Optimisation(learning_rate=1.0, schedule=schedule))[-1] < 1e-3
    for schedule in ("constant", "plateau"):
        assert rates(Optimisation(learning_rate=1.0, schedule=schedule))[-1] == 1.0
    risen = 1 / 31
    begin = rates(Optimisation(learning_rate=1.0, schedule="one-cycle", warmup=0.3))[0]
    by_hand = 1 / 25 + (24 / 25) * (1 - math.cos(math.pi * risen)) / 2
    assert begin == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("name", "rule"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)]
)
def test_adam_by_name(name, rule):
    optimizer = create_optimizer(nn.Linear(2, 2), Optimisation(optimizer=name, beta2=0.9))
    assert type(optimizer) is rule
    assert optimizer.param_groups[0]["betas"] == (0.9, 0.9)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_momentum_is_that_of_sgd(momentum):
    choice = Optimisation(optimizer="sgd", momentum=momentum)
    (weights, biases) = create_optimizer(nn.Linear(2, 2), choice).param_groups
    assert (weights["momentum"], weights["nesterov"]) == (momentum, momentum > 0)
    assert (weights["weight_decay"], biases["weight_decay"]) == (0.01, 0.0)


@pytest.mark.parametrize(
    "wrong", [{"momentum": 1.0}, {"plateau_factor": 1.0}, {"plateau_patience": -1}]
)
def test_what_cannot_be_names_the_flag(wrong):
    with pytest.raises(InputError, match=f"--{next(iter(wrong))}"):
        Optimisation(**wrong)
