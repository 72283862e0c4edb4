"""Binary cross-entropy, plain and weighted, against torch and against the formula."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as exact

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.loss import LOSSES, BCELoss, MultiTaskLoss, WeightedBCELoss, create_loss

N_SAMPLES = 1000
COUNTS = torch.tensor([0, 1, 5, 250, 500, 999, 1000])
TASKS = len(COUNTS)
EVERY = sorted(LOSSES)


def make(name: str, **parameters: Any) -> MultiTaskLoss:
    return create_loss(name, COUNTS, N_SAMPLES, **parameters)


def batch(seed: int = 0, n: int = 12) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    logits = 4 * torch.randn(n, TASKS, generator=generator)
    labels = (torch.rand(n, TASKS, generator=generator) < 0.4).to(torch.uint8)
    mask = (torch.rand(n, TASKS, generator=generator) < 0.7).to(torch.uint8)
    return logits, labels, mask


def test_plain_is_that_of_torch() -> None:
    logits, labels, _ = batch()
    for reduction in ("mean", "sum", "none"):
        expected = exact(logits, labels.float(), reduction=reduction)
        assert torch.allclose(BCELoss(reduction)(logits, labels), expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("max_weight", [1.0, 10.0, 1e9])
def test_weights_are_those_of_the_counts(max_weight: float) -> None:
    loss = WeightedBCELoss(COUNTS, N_SAMPLES, max_weight)
    counts = COUNTS.tolist()
    one_sided = (0, N_SAMPLES)
    expected = [1.0 if n in one_sided else min((N_SAMPLES - n) / n, max_weight) for n in counts]
    assert torch.allclose(loss.weight, torch.tensor(expected))
    logits, labels, _ = batch()
    found = loss(logits, labels)
    assert torch.allclose(found, exact(logits, labels.float(), pos_weight=torch.tensor(expected)))
    q = torch.sigmoid(logits.double())
    weight = torch.tensor(expected, dtype=torch.float64)
    by_hand = -(weight * labels * q.log() + (1 - labels.double()) * (1 - q).log())
    assert torch.allclose(found.double(), by_hand.mean(), rtol=1e-4)


@pytest.mark.parametrize("name", EVERY)
class TestEveryLoss:
    def test_reductions_agree(self, name: str) -> None:
        logits, labels, mask = batch()
        for masked in (None, mask, torch.ones_like(mask), mask.bool()):
            each = make(name, reduction="none")(logits, labels, masked)
            assert each.shape == logits.shape
            n = logits.numel() if masked is None else int(masked.sum())
            assert torch.allclose(make(name, reduction="sum")(logits, labels, masked), each.sum())
            assert torch.allclose(make(name)(logits, labels, masked), each.sum() / n)

    def test_what_is_masked_has_no_part(self, name: str) -> None:
        logits, labels, mask = batch()
        other_logits = torch.where(mask.bool(), logits, -logits + 3)
        other_labels = torch.where(mask.bool(), labels, 1 - labels)
        for reduction in ("mean", "sum", "none"):
            loss = make(name, reduction=reduction)
            assert torch.equal(loss(logits, labels, mask), loss(other_logits, other_labels, mask))
        given = logits.clone().requires_grad_()
        make(name)(given, labels, mask).backward()
        assert not given.grad[mask == 0].any()  # type: ignore[index]
        assert torch.equal(make(name)(logits, labels, 0 * mask), torch.tensor(0.0))

    def test_the_order_of_samples_does_not_matter(self, name: str) -> None:
        logits, labels, mask = batch()
        order = torch.randperm(len(logits), generator=torch.Generator().manual_seed(1))
        loss = make(name, reduction="none")
        each = loss(logits, labels, mask)
        assert torch.equal(loss(logits[order], labels[order], mask[order]), each[order])

    def test_tasks_do_not_touch_one_another(self, name: str) -> None:
        logits, labels, _ = batch()
        order = torch.randperm(TASKS, generator=torch.Generator().manual_seed(1))
        permuted = create_loss(name, COUNTS[order], N_SAMPLES, reduction="none")
        expected = make(name, reduction="none")(logits, labels)[:, order]
        assert torch.allclose(permuted(logits[:, order], labels[:, order]), expected, rtol=1e-6)

    @pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16])
    def test_half_precision_is_computed_in_single(self, name: str, kind: torch.dtype) -> None:
        logits, labels, _ = batch()
        found = make(name)(logits.to(kind), labels)
        assert found.dtype == torch.float32
        assert torch.equal(found, make(name)(logits.to(kind).float(), labels))

    def test_double_precision_stays(self, name: str) -> None:
        logits, labels, _ = batch()
        found = make(name)(logits.double(), labels)
        assert found.dtype == torch.float64
        assert torch.allclose(found.float(), make(name)(logits, labels))

    def test_inputs_stay_as_they_are(self, name: str) -> None:
        inputs = batch()
        before = [x.clone() for x in inputs]
        make(name)(*inputs)
        assert all(torch.equal(x, y) for x, y in zip(inputs, before, strict=True))

    @pytest.mark.parametrize("kind", [torch.uint8, torch.bool, torch.int64, torch.float32])
    def test_labels_of_any_type(self, name: str, kind: torch.dtype) -> None:
        logits, labels, _ = batch()
        assert torch.allclose(make(name)(logits, labels.to(kind)), make(name)(logits, labels))

    @pytest.mark.parametrize("extreme", [0.0, 50.0, 1e4])
    def test_finite_with_finite_slopes(self, name: str, extreme: float) -> None:
        for label in (0, 1):
            logits = torch.tensor([[extreme, -extreme]]).T.repeat(1, TASKS).requires_grad_()
            loss = make(name)(logits, torch.full((2, TASKS), label))
            loss.backward()
            assert torch.isfinite(loss)
            assert torch.isfinite(logits.grad).all()  # type: ignore[arg-type]

    def test_slopes_are_those_of_differences(self, name: str) -> None:
        logits, labels, mask = batch(n=3)
        given = logits.double().requires_grad_()
        assert torch.autograd.gradcheck(lambda z: make(name)(z, labels, mask), given)

    def test_a_better_answer_costs_less(self, name: str) -> None:
        _, labels, _ = batch()
        costs = [float(make(name)(z * (2.0 * labels - 1), labels)) for z in (-1, 0, 1, 3)]
        assert costs == sorted(costs, reverse=True)

    def test_an_unknown_reduction(self, name: str) -> None:
        with pytest.raises(InputError, match="reduction 'median' is none of mean, sum, none"):
            make(name, reduction="median")

    def test_nothing_of_it_is_in_the_state(self, name: str) -> None:
        assert make(name).state_dict() == {}


def test_an_unknown_loss_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown loss 'weighted_bc'; did you mean 'weighte"):
        create_loss("weighted_bc", COUNTS, N_SAMPLES)


@pytest.mark.parametrize("name", EVERY)
def test_a_missing_label_may_be_anything(name: str) -> None:
    logits, labels, mask = batch()
    missing = torch.where(mask.bool(), labels.float(), torch.nan)
    assert torch.equal(make(name)(logits, missing, mask), make(name)(logits, labels, mask))
