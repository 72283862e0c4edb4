"""The rate falls when a metric no longer improves, and on from there after a resumption."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from nucleotides.model.optimisation import Optimisation, create_optimizer, create_schedule
from nucleotides.train.plateau import Plateau


def follow(plateau, values, schedule):
    """The learning rate after each validation; a step lies between them."""
    out = []
    for value in values:
        config = SimpleNamespace(scheduler=schedule)
        metrics = {"m": torch.tensor(float(value))}
        trainer = SimpleNamespace(
            callback_metrics=metrics, lr_scheduler_configs=[config], sanity_checking=False
        )
        plateau.on_validation_end(trainer, None)
        schedule.optimizer.step()
        schedule.step()
        out.append(schedule.optimizer.param_groups[0]["lr"])
    return out


def new_schedule():
    choice = Optimisation(learning_rate=1.0, schedule="plateau", warmup=0.0)
    return create_schedule(create_optimizer(nn.Linear(1, 1), choice), choice, 100)


@pytest.mark.parametrize(
    ("mode", "patience", "values", "expected"),
    [
        ("max", 0, [1, 2, 2, 3], [1, 1, 0.5, 0.5]),
        ("min", 0, [1, 2, 0, 0], [1, 0.5, 0.5, 0.25]),
        ("max", 1, [1, 1, 1, 1, 1], [1, 1, 0.5, 0.5, 0.25]),
        ("max", 1, [1, 1, 2, 2, 3], [1, 1, 1, 1, 1]),
        ("max", 0, [1, float("nan"), 2], [1, 0.5, 0.5]),
    ],
)
def test_rates_fall_after_patience(mode, patience, values, expected):
    assert follow(Plateau("m", mode, 0.5, patience), values, new_schedule()) == expected


def test_a_resumed_one_goes_on_counting():
    values = [1, 1, 1, 2, 1, 1, 1]
    whole = follow(Plateau("m", "max", 0.5, 1), values, new_schedule())
    first, schedule = Plateau("m", "max", 0.5, 1), new_schedule()
    begin = follow(first, values[:2], schedule)
    second, again = Plateau("m", "max", 0.5, 1), new_schedule()
    second.load_state_dict(first.state_dict())
    again.load_state_dict(schedule.state_dict())
    again.optimizer.load_state_dict(schedule.optimizer.state_dict())
    assert begin + follow(second, values[2:], again) == whole
