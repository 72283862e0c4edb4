"""What a loss cannot be made with is an error that names the parameter."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from nucleotides.errors import InputError, MismatchError
from nucleotides.loss import (
    BCELoss,
    DeferredLoss,
    LogitAdjustedLoss,
    LossOptions,
    RandomLossWeighting,
    WeightedBCELoss,
    create_loss,
)

COUNTS = torch.tensor([1, 20, 300])


@pytest.mark.parametrize(
    ("name", "parameters", "told"),
    [
        ("focal", {"alpha": 1.1}, "alpha 1.1 is not within 0 <= alpha <= 1"),
        ("focal", {"alpha": -0.1}, "alpha -0.1"),
        ("focal", {"gamma": -1.0}, "gamma -1.0 must be 0 or more"),
        ("focal", {"alfa": 0.5}, "unexpected keyword argument 'alfa'"),
        ("bce", {"label_smoothing": 1.0}, "label_smoothing 1.0"),
        ("weighted_bce", {"max_weight": 0.0}, "max_weight 0.0 must be above 0"),
        ("task_balanced", {"exponent": 1.5}, "exponent 1.5"),
        ("task_balanced", {"max_weight": -1.0}, "max_weight -1.0"),
        ("class_balanced", {"beta": 1.0}, "beta 1.0 is not within 0 <= beta < 1"),
        ("class_balanced", {"beta": -0.1}, "beta -0.1"),
        ("class_balanced", {"mode": "by_task"}, "mode 'by_task' is none of by_class"),
        ("class_balanced", {"base": "hinge"}, "base 'hinge' is none of bce, focal"),
        ("class_balanced", {"base": "focal", "alpha": 0.5}, "gamma is missing: give alpha and g"),
        ("class_balanced", {"base": "focal", "gamma": 2.0}, "alpha is missing"),
        ("class_balanced", {"gamma": 2.0}, "gamma belongs to base focal"),
        ("distribution_balanced", {"alpha": -1.0}, "alpha -1.0 must be 0 or more"),
        ("distribution_balanced", {"kappa": -1.0}, "kappa -1.0"),
        ("distribution_balanced", {"lambda_": 0.0}, "lambda_ 0.0 must be above 0"),
        ("distribution_balanced", {"gamma": -2.0}, "gamma -2.0"),
        ("distribution_balanced", {"sign": "times"}, "sign 'times' is none of minus, plus"),
    ],
)
def test_parameters(name: str, parameters: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        create_loss(name, COUNTS, 1000, **parameters)


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        *(("focal", name) for name in ("alpha", "gamma", "label_smoothing")),
        *(("task_balanced", name) for name in ("exponent", "max_weight")),
        ("class_balanced", "beta"),
        *(("distribution_balanced", n) for n in ("alpha", "beta", "mu", "kappa", "lambda_")),
    ],
)
def test_no_number_is_no_parameter(name: str, parameter: str) -> None:
    with pytest.raises(InputError, match=f"{parameter} nan"):
        create_loss(name, COUNTS, 1000, **{parameter: float("nan")})


@pytest.mark.parametrize(
    ("counts", "n_samples", "told"),
    [
        ([0.1, 0.2], 100, "whole numbers, 0 or more: positives, not frequencies"),
        ([-1, 2], 100, "whole numbers"),
        ([1, 200], 100, "counts reach 200, n_samples is only 100"),
        ([[1, 2]], 100, r"counts are \(1, 2\): they must be \(tasks,\)"),
        ([], 100, r"counts are \(0,\)"),
        ([0, 0], 0, "n_samples 0 is too low"),
    ],
)
@pytest.mark.parametrize(
    "name", ["weighted_bce", "task_balanced", "class_balanced", "distribution_balanced"]
)
def test_counts(name: str, counts: Any, n_samples: int, told: str) -> None:
    with pytest.raises(InputError, match=told):
        create_loss(name, torch.tensor(counts), n_samples)


def test_what_stands_around() -> None:
    with pytest.raises(InputError, match="distribution 'gamma' is none of normal"):
        RandomLossWeighting(BCELoss(), "gamma")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="epochs 0 is too low"):
        DeferredLoss(BCELoss(), BCELoss(), 0)
    with pytest.raises(MismatchError, match="counts are of 3 tasks, base has 2"):
        LogitAdjustedLoss(WeightedBCELoss(COUNTS[:2], 1000), COUNTS, 1000)
    with pytest.raises(InputError, match="--reweight_after 0"):
        LossOptions(reweight_after=0)
    with pytest.raises(InputError, match=r"--prior_bias 1\.0 is not between 0 and 1"):
        LossOptions(prior_bias=1.0)


def test_all_of_it_together() -> None:
    options = LossOptions("rlw", "dirichlet", 3, logit_adjustment=0.5, reweight_after=2)
    loss = create_loss("class_balanced", COUNTS, 1000, options, beta=0.9, label_smoothing=0.1)
    assert isinstance(loss, RandomLossWeighting)
    assert isinstance(loss.base, LogitAdjustedLoss)
    deferred = loss.base.base
    assert isinstance(deferred, DeferredLoss)
    z, y = torch.randn(4, 3), torch.ones(4, 3)
    loss.start_step(1, 10)
    plain = loss(z, y)
    assert deferred.now is deferred.first
    loss.start_step(2, 10)
    assert deferred.now is deferred.then
    assert loss(z, y) != plain
    assert loss.state_dict() == {}
