"""The compiled pass against the definition in torch operations, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.errors import InputError, MismatchError
from nucleotides.loss import BCELoss, WeightedBCELoss
from nucleotides.loss.cross_entropy import cross_entropy
from nucleotides.loss.fused import summed
from nucleotides.loss.terms import Terms

some = st.floats(0, 3, width=32)


@given(
    st.integers(0, 2**31),
    st.tuples(st.integers(1, 7), st.integers(1, 70)),
    st.tuples(*[st.booleans()] * 4),
    st.sampled_from([0.0, 1.0, 1.7, 2.0, 4.0]),
    st.sampled_from([1.0, 0.5, 5.0]),
)
def test_sum_and_slope_are_those_of_the_definition(
    seed: int, shape: tuple[int, int], present: Any, focus: float, tolerance: float
) -> None:
    random = torch.Generator().manual_seed(seed)

    def draw(*size: int) -> torch.Tensor:
        return torch.rand(*size, generator=random)

    z = 8 * torch.randn(*shape, generator=random)
    z = torch.where(draw(*shape) < 0.1, 100 * z.sign(), z)
    y = (draw(*shape) < 0.3).to([torch.uint8, torch.float32][seed % 2])
    by_task, margin, sample, weight = present
    terms = Terms(
        positive=draw(shape[1]) if by_task else 0.25,
        negative=draw(shape[1]) if by_task else 0.75,
        margin=draw(shape[1]) - 0.5 if margin else None,
        tolerance=tolerance,
        focus=focus,
        sample=draw(shape[0], shape[1] if seed % 3 else 1) if sample else None,
    )
    task_weight = draw(shape[1]) if weight else None
    ours, exact = z.clone().requires_grad_(), z.double().requires_grad_()
    found = summed(ours, y, terms, task_weight)
    losses = cross_entropy(exact, y, terms)
    expected = (losses if task_weight is None else losses * task_weight).sum()
    (3 * found).backward()
    (3 * expected).backward()
    torch.testing.assert_close(found.double(), expected, rtol=2e-6, atol=1e-6)
    assert ours.grad is not None
    assert exact.grad is not None
    torch.testing.assert_close(ours.grad.double(), exact.grad, rtol=2e-5, atol=2e-6)


def test_a_network_that_went_astray_is_seen() -> None:
    labels = torch.tensor([[1, 0]])
    for z in ([torch.nan, 0.0], [-torch.inf, 0.0], [0.0, torch.inf]):
        found = BCELoss()(torch.tensor([z]), labels)
        assert found.isnan() if z[0] != z[0] else found == torch.inf


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize("value", [0.5, 2.0, -1.0, torch.nan])
def test_labels_are_zero_or_one(kind: torch.dtype, value: float) -> None:
    with pytest.raises(InputError, match="labels must be 0 or 1"):
        BCELoss()(torch.zeros(1, 2, dtype=kind), torch.tensor([[0.0, value]]))


def test_shapes_and_tasks_must_agree() -> None:
    z = torch.zeros(2, 3)
    with pytest.raises(MismatchError, match=r"labels are \(2, 4\), logits \(2, 3\)"):
        BCELoss()(z, torch.zeros(2, 4))
    with pytest.raises(MismatchError, match=r"mask are \(1, 3\)"):
        BCELoss()(z, torch.zeros(2, 3), torch.ones(1, 3))
    with pytest.raises(MismatchError, match="WeightedBCELoss: counts are of 4 tasks, logits of 3"):
        WeightedBCELoss(torch.ones(4), 10)(z, torch.zeros(2, 3))
