"""What each loss must be, by its definition, whatever the logits and labels: float64."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from nucleotides.loss import (
    BCELoss,
    ClassBalancedLoss,
    DeferredLoss,
    DistributionBalancedLoss,
    FocalLoss,
    LogitAdjustedLoss,
    MultiTaskLoss,
    RandomLossWeighting,
    TaskBalancedLoss,
    WeightedBCELoss,
)
from nucleotides.loss.class_balanced import effective_weight
from nucleotides.loss.distribution_balanced import prior_logit

N = 5000
probability = st.floats(0, 1)
focus = st.floats(0, 5)


@st.composite
def batches(draw: st.DrawFn) -> tuple[Tensor, Tensor, Tensor]:
    """Logits float64 (n, tasks), up to 100 in size, labels, and counts of the tasks."""
    n, tasks = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    random = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    logits = 4 * torch.randn(n, tasks, generator=random, dtype=torch.float64)
    far = torch.rand(n, tasks, generator=random) < 0.2
    logits = torch.where(far, 100 * logits.sign(), logits)
    labels = (torch.rand(n, tasks, generator=random) < 0.4).double()
    counts = torch.tensor(draw(st.lists(st.integers(0, N), min_size=tasks, max_size=tasks)))
    return logits, labels, counts


def each(loss: type[MultiTaskLoss], *arguments: Any, **parameters: Any) -> MultiTaskLoss:
    return loss(*arguments, reduction="none", **parameters)


def close(found: Tensor, expected: Tensor, rtol: float = 1e-6) -> None:
    assert torch.isfinite(found).all()
    torch.testing.assert_close(found, expected, rtol=rtol, atol=1e-12)


def right(logits: Tensor, labels: Tensor) -> Tensor:
    """The logit of the right answer: log q / (1 - q)."""
    return torch.where(labels > 0, logits, -logits)


class TestFocal:
    @given(batches())
    def test_without_focus_and_even_it_is_half_of_bce(self, batch: Any) -> None:
        z, y, _ = batch
        close(each(FocalLoss, 0.5, 0.0)(z, y), bce(z, y, reduction="none") / 2)

    @given(batches(), probability)
    def test_without_focus_it_is_weighted_bce(self, batch: Any, alpha: float) -> None:
        z, y, _ = batch
        weight = torch.where(y > 0, alpha, 1 - alpha)
        close(each(FocalLoss, alpha, 0.0)(z, y), weight * bce(z, y, reduction="none"))

    @given(batches(), probability, focus)
    def test_its_ratio_to_bce(self, batch: Any, alpha: float, gamma: float) -> None:
        z, y, _ = batch
        weight = torch.where(y > 0, alpha, 1 - alpha)
        wrong = torch.sigmoid(-right(z, y))
        expected = weight * wrong**gamma * bce(z, y, reduction="none")
        close(each(FocalLoss, alpha, gamma)(z, y), expected)

    @given(st.sampled_from([0.0, 0.3, 1.0, 2.0, 5.0]))
    def test_loss_and_slope_vanish_where_the_answer_is_right(self, gamma: float) -> None:
        z = torch.tensor([[30.0, -30.0], [100.0, -100.0]], dtype=torch.float64, requires_grad=True)
        loss = each(FocalLoss, 0.25, gamma)(z, torch.tensor([[1, 0], [1, 0]]))
        loss.sum().backward()
        assert loss.max() < 1e-12
        assert z.grad is not None
        assert z.grad.abs().max() < 1e-12


class TestTaskBalanced:
    @given(batches())
    def test_at_one_it_is_bce_with_positive_weights(self, batch: Any) -> None:
        z, y, counts = batch
        weighted = each(WeightedBCELoss, counts, N, max_weight=1e6)
        close(each(TaskBalancedLoss, counts, N, 1.0)(z, y), weighted(z, y))

    @given(batches(), probability)
    def test_positives_and_negatives_weigh_as_defined(self, batch: Any, e: float) -> None:
        z, y, counts = batch
        counts = counts.clamp(1, N - 1)
        w = ((N - counts) / counts).double()
        expected = torch.where(y > 0, w**e, w**e / w) * bce(z, y, reduction="none")
        close(each(TaskBalancedLoss, counts, N, e)(z, y), expected)

    @given(batches(), probability)
    def test_rescaled_its_value_is_that_of_positive_weights(self, batch: Any, e: float) -> None:
        z, y, counts = batch
        slope, scaled = z.clone().requires_grad_(), z.clone().requires_grad_()
        plain = TaskBalancedLoss(counts, N, e)(slope, y)
        rescaled = TaskBalancedLoss(counts, N, e, rescale=True)(scaled, y)
        close(rescaled, WeightedBCELoss(counts, N, max_weight=1e6)(z, y))
        plain.backward()
        rescaled.backward()
        assert slope.grad is not None
        assert scaled.grad is not None
        close(scaled.grad, slope.grad * (rescaled / plain).detach())
        assume(len(z) > 1)
        whole = each(TaskBalancedLoss, counts, N, e, rescale=True)(z, y)
        close(whole.mean(), rescaled)


class TestClassBalanced:
    @given(batches())
    def test_without_beta_all_weigh_one(self, batch: Any) -> None:
        z, y, counts = batch
        for mode in ("by_class", "average_count", "average_weight", "minimum_count"):
            loss = each(ClassBalancedLoss, counts, N, beta=0.0, mode=mode)
            close(loss(z, y), bce(z, y, reduction="none"))

    @given(st.lists(st.integers(1, 1000), min_size=1, max_size=6))
    def test_near_one_weights_are_inverse_counts(self, counts: list[int]) -> None:
        n = torch.tensor(counts, dtype=torch.float64)
        close(effective_weight(n, 1 - 1e-12), 1 / n)
        weight = ClassBalancedLoss(n, 1000, beta=1 - 1e-12).weight.double()
        close(weight, (1 / n) * len(n) / (1 / n).sum())

    @given(st.lists(st.integers(1, 10**7), min_size=2, max_size=6), probability)
    def test_more_positives_never_weigh_more(self, counts: list[int], beta: float) -> None:
        assume(beta < 1)
        weight = effective_weight(torch.tensor(sorted(counts), dtype=torch.float64), beta)
        assert (weight.diff() <= 1e-15).all()

    @given(st.floats(0, 1, exclude_max=True))
    def test_one_positive_weighs_one(self, beta: float) -> None:
        assert effective_weight(torch.ones(1, dtype=torch.float64), beta) == 1

    @given(st.lists(st.integers(0, N), min_size=1, max_size=9))
    def test_weights_sum_to_the_tasks(self, counts: list[int]) -> None:
        weight = ClassBalancedLoss(torch.tensor(counts), N).weight
        assert float(weight.sum()) == pytest.approx(len(counts), rel=1e-6)
        assert all(w == 1 for w, n in zip(weight, counts, strict=True) if n == 0)

    @pytest.mark.parametrize("n", [10**6, 10**8, 10**11])
    def test_exact_for_many_positives(self, n: int) -> None:
        from fractions import Fraction

        beta = 1 - 2.0**-30
        power = Fraction(1)
        base, exponent = Fraction(beta), n
        power = math.exp(exponent * math.log1p(-float(1 - base)))
        expected = float(1 - base) / (1 - power)
        found = effective_weight(torch.tensor([n], dtype=torch.float64), beta)
        close(found, torch.tensor([expected], dtype=torch.float64))

    def test_by_sample(self) -> None:
        counts, beta = torch.tensor([10, 1000, 100]), 0.99
        y = torch.tensor([[1, 1, 0], [0, 0, 0], [0, 0, 1]])
        z = torch.zeros(3, 3, dtype=torch.float64)
        r = [(1 - beta) / (1 - beta**n) for n in (10, 1000, 100)]
        scale = 3 / sum(r)
        mean = (1 - beta) / (1 - beta**505) * scale
        expected = {
            "average_weight": [(r[0] + r[1]) / 2 * scale, 1, r[2] * scale],
            "average_count": [mean, 1, r[2] * scale],
            "minimum_count": [r[0] * scale, 1, r[2] * scale],
        }
        for mode, weights in expected.items():
            loss = each(ClassBalancedLoss, counts, N, beta=beta, mode=mode)(z, y)
            weight = torch.tensor(weights, dtype=torch.float64)[:, None].expand(3, 3)
            close(loss, weight * math.log(2))

    @given(batches(), probability, focus)
    def test_over_focal_loss(self, batch: Any, alpha: float, gamma: float) -> None:
        z, y, counts = batch
        parts = {"base": "focal", "alpha": alpha, "gamma": gamma}
        weight = ClassBalancedLoss(counts, N).weight.double()
        expected = weight * each(FocalLoss, alpha, gamma)(z, y)
        close(each(ClassBalancedLoss, counts, N, **parts)(z, y), expected)


class TestDistributionBalanced:
    @given(batches())
    def test_positive_labels_share_one(self, batch: Any) -> None:
        _, y, counts = batch
        counts = counts.clamp(min=1)
        loss = DistributionBalancedLoss(counts, N, alpha=0.0, beta=1.0, mu=0.0)
        r = loss.smoothed_weight(y).double().logit()  # s is undone
        with_positive = y.sum(1) > 0
        shares = torch.where(y > 0, r, 0).sum(1)[with_positive]
        torch.testing.assert_close(shares, torch.ones_like(shares), rtol=1e-5, atol=1e-5)
        alone = (y.sum(1, keepdim=True) == 1) & (y > 0)
        torch.testing.assert_close(r[alone], torch.ones_like(r[alone]), rtol=1e-5, atol=1e-5)
        without = loss.smoothed_weight(y)[~with_positive]
        close(without, torch.full_like(without, 0.5))

    @given(batches(), st.integers(1, N))
    def test_equal_counts_share_equally(self, batch: Any, n: int) -> None:
        _, y, counts = batch
        loss = DistributionBalancedLoss(torch.full_like(counts, n), N, 0.0, 1.0, 0.0)
        r = loss.smoothed_weight(y).double().logit()
        expected = 1 / y.sum(1, keepdim=True).expand_as(y)
        some = y.sum(1) > 0
        torch.testing.assert_close(r[some], expected[some], rtol=1e-5, atol=1e-5)

    @given(batches(), st.floats(0, 2), st.floats(0, 20), st.floats(0, 1))
    def test_weights_stay_between(self, batch: Any, alpha: float, beta: float, mu: float) -> None:
        _, y, counts = batch
        weight = DistributionBalancedLoss(counts, N, alpha, beta, mu).smoothed_weight(y)
        assert ((weight >= alpha - 1e-6) & (weight <= alpha + 1 + 1e-6)).all()
        flat = DistributionBalancedLoss(counts, N, alpha, 0.0, mu).smoothed_weight(y)
        torch.testing.assert_close(flat, torch.full_like(flat, alpha + 0.5))
        none = weight[y.sum(1) == 0]
        torch.testing.assert_close(none, torch.full_like(none, alpha + 0.5))

    @given(batches(), st.integers(2, 1000))
    def test_only_ratios_of_counts_matter_to_the_weights(self, batch: Any, c: int) -> None:
        _, y, counts = batch
        counts = counts.clamp(min=1)
        weights = [DistributionBalancedLoss(k * counts, k * N).smoothed_weight(y) for k in (1, c)]
        torch.testing.assert_close(*weights, rtol=1e-5, atol=1e-6)

    @given(batches())
    def test_without_tolerance_and_weights_it_is_bce(self, batch: Any) -> None:
        z, y, counts = batch
        loss = each(DistributionBalancedLoss, counts, N, 0.5, 0.0, 0.3, 0.0, 1.0)
        close(loss(z, y), bce(z, y, reduction="none"))

    @given(batches(), st.floats(0, 1), st.sampled_from(["minus", "plus"]))
    def test_even_tasks_are_not_shifted(self, batch: Any, kappa: float, sign: Any) -> None:
        _, _, counts = batch
        even = torch.full_like(counts, N // 2)
        loss = DistributionBalancedLoss(even, N, kappa=kappa, sign=sign)
        assert not loss.margin.any()

    @given(batches(), st.floats(0.01, 1), st.floats(0.5, 6), st.sampled_from([1, -1]))
    def test_slopes_of_negative_tolerance(
        self, batch: Any, kappa: float, lambda_: float, sign: int
    ) -> None:
        z, y, counts = batch
        name: Any = "minus" if sign == 1 else "plus"
        loss = DistributionBalancedLoss(
            counts, N, 0.5, 0.0, 0.0, kappa, lambda_, sign=name, reduction="sum"
        )
        z = z.requires_grad_()
        loss(z, y).backward()
        p = counts.double().clamp(0.5, N - 0.5) / N
        nu = sign * kappa * -(1 / p - 1).log()
        u = z.detach() - nu
        expected = torch.where(y > 0, u.sigmoid() - 1, (lambda_ * u).sigmoid())
        assert z.grad is not None
        torch.testing.assert_close(z.grad, expected, rtol=1e-5, atol=1e-6)

    @given(batches(), st.floats(0, 1), st.floats(0, 20), st.floats(0, 1))
    def test_the_smoothed_weight_by_hand(
        self, batch: Any, alpha: float, beta: float, mu: float
    ) -> None:
        _, y, counts = batch
        n = counts.double().clamp(min=1)
        repeats = (y / n).sum(1, keepdim=True)
        r = torch.where(repeats > 0, 1 / n / repeats, mu)
        expected = alpha + (beta * (r - mu)).sigmoid()
        found = DistributionBalancedLoss(counts, N, alpha, beta, mu).smoothed_weight(y)
        torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)

    @given(batches(), focus)
    def test_the_whole_of_it(self, batch: Any, gamma: float) -> None:
        z, y, counts = batch
        loss = DistributionBalancedLoss(counts, N, gamma=gamma, reduction="none")
        nu, weight = loss.margin.double(), loss.smoothed_weight(y).double()
        u = z - nu
        positive = (1 - u.sigmoid()) ** gamma * torch.nn.functional.softplus(-u)
        negative = (5 * u).sigmoid() ** gamma * torch.nn.functional.softplus(5 * u) / 5
        close(loss(z, y), weight * torch.where(y > 0, positive, negative), rtol=1e-5)


DRAWS = ["normal", "uniform", "dirichlet", "bernoulli", "constrained_bernoulli"]


class TestRandomWeighting:
    @pytest.mark.parametrize("distribution", DRAWS)
    def test_weights_sum_to_one_and_are_even_in_the_mean(self, distribution: Any) -> None:
        loss = RandomLossWeighting(BCELoss(), distribution)
        tasks, draws = 7, []
        for step in range(4000):
            loss.start_step(0, step)
            draws.append(loss.draw(tasks))
        drawn = torch.stack(draws)
        torch.testing.assert_close(drawn.sum(1), torch.ones(len(drawn)))
        assert (drawn >= 0).all()
        if not distribution.endswith("bernoulli"):
            assert (drawn > 0).all()
        spread = 4 * float(drawn.std(0).max()) / math.sqrt(len(drawn))
        assert (drawn.mean(0) - 1 / tasks).abs().max() < spread
        assert len({tuple(row.tolist()) for row in drawn[:100]}) >= min(tasks, 7)

    @pytest.mark.parametrize(("distribution", "spread"), [("normal", 1), ("uniform", 12**-0.5)])
    def test_weights_are_the_softmax_of_the_draw(self, distribution: Any, spread: float) -> None:
        logs = RandomLossWeighting(BCELoss(), distribution).draw(20_000).log()
        assert float(logs.std()) == pytest.approx(spread, rel=0.02)

    @given(batches())
    def test_one_task_is_the_loss_itself(self, batch: Any) -> None:
        z, y, counts = (x[..., :1] for x in batch)
        base = WeightedBCELoss(counts, N)
        close(RandomLossWeighting(base)(z, y), base(z, y))

    @given(batches(), st.sampled_from(DRAWS))
    def test_equal_losses_give_that_loss(self, batch: Any, distribution: Any) -> None:
        z, y, _ = batch
        z, y = (x[:, :1].repeat(1, 4) for x in (z, y))
        close(RandomLossWeighting(BCELoss(), distribution)(z, y), bce(z, y))

    @given(batches())
    def test_evaluation_weighs_equally(self, batch: Any) -> None:
        z, y, _ = batch
        close(RandomLossWeighting(BCELoss()).eval()(z, y), bce(z, y))

    def test_a_draw_depends_on_seed_and_step_alone(self) -> None:
        one, other = (RandomLossWeighting(BCELoss(), seed=3) for _ in range(2))
        z, y = torch.randn(5, 4), torch.ones(5, 4)
        found = [float(one(z, y)) for _ in range(3)]
        assert len(set(found)) == 3
        torch.rand(1)
        other.start_step(7, 2)
        assert float(other(z, y)) == found[2]
        assert float(RandomLossWeighting(BCELoss(), seed=4)(z, y)) != found[0]

    def test_tasks_count_by_what_was_measured(self) -> None:
        z = torch.randn(6, 2, dtype=torch.float64)
        y, mask = torch.ones(6, 2), torch.ones(6, 2)
        mask[2:, 1] = 0
        loss = RandomLossWeighting(BCELoss())
        weight = loss.draw(2).double()
        losses = bce(z, y.double(), reduction="none")
        expected = weight[0] * losses[:, 0].mean() + weight[1] * losses[:2, 1].mean()
        close(loss(z, y, mask), expected)


class TestWhatStandsAround:
    @given(batches(), st.floats(-2, 2))
    def test_adjusted_logits(self, batch: Any, tau: float) -> None:
        z, y, counts = batch
        shifted = z + tau * prior_logit(counts, N)
        close(LogitAdjustedLoss(FocalLoss(), counts, N, tau)(z, y), FocalLoss()(shifted, y), 1e-4)

    def test_prior_logits(self) -> None:
        found = prior_logit(torch.tensor([0, 1, 2500, 4999, 5000]), N)
        expected = [math.log(p / (N - p)) for p in (0.5, 1, 2500, 4999, 4999.5)]
        close(found, torch.tensor(expected, dtype=torch.float64))

    @given(batches())
    def test_first_plain_then_balanced(self, batch: Any) -> None:
        z, y, counts = batch
        balanced = WeightedBCELoss(counts, N)
        loss = DeferredLoss(BCELoss(), balanced, 2)
        for epoch, expected in ((0, bce(z, y)), (1, bce(z, y)), (2, balanced(z, y))):
            loss.start_step(epoch, 5)
            close(loss(z, y), expected)

    @given(batches(), st.floats(0, 0.9))
    def test_smoothed_labels(self, batch: Any, e: float) -> None:
        z, y, _ = batch
        soft = y * (1 - e) + e / 2
        close(BCELoss(label_smoothing=e)(z, y), bce(z, soft))
        close(BCELoss(label_smoothing=e)(z.float(), y), bce(z, soft).float(), 1e-5)
        half, other = FocalLoss()(z, y), FocalLoss()(z, 1 - y)
        close(FocalLoss(label_smoothing=e)(z, y), (1 - e / 2) * half + e / 2 * other)
