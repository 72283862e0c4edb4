"""The same cross-entropy summed, with its gradient, in one compiled pass over a batch.

For float32 on the CPU: half the time of torch's own BCEWithLogits, where the formula in torch
operations takes three times as much (`benchmarks/losses.py`). The exponential is that of Cephes
(Moshier), the logarithm the series of atanh: both are right to float32's last bits, and have no
branch, so that the loop is vectorised.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nucleotides.errors import InputError
from nucleotides.loss.terms import Terms

NOT_LABELS = "labels must be 0 or 1 (label_smoothing makes soft ones)"
_F = np.float32


def summed(logits: Tensor, labels: Tensor, terms: Terms, task_weight: Tensor | None) -> Tensor:
    """Sum of `cross_entropy(logits, labels, terms) * task_weight`, a scalar with a gradient.

    Args:
        logits: float32 (batch, tasks), on the CPU.
        labels: (batch, tasks), 0 or 1.
        terms: what is particular to the loss.
        task_weight: (tasks,), or None for 1.

    Raises:
        InputError: a label that is neither 0 nor 1.
    """
    total: Tensor = _Summed.apply(logits, labels, terms, task_weight)  # type: ignore[no-untyped-call]
    return total


class _Summed(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, logits: Tensor, labels: Tensor, terms: Terms, task_weight: Tensor | None
    ) -> Tensor:
        n_tasks = logits.shape[1]
        weight = np.ones(n_tasks, _F) if task_weight is None else _array(task_weight)
        gradient = torch.empty_like(logits, memory_format=torch.contiguous_format)
        sample = None if terms.sample is None else _array(terms.sample.expand_as(logits))
        total, strange = _compiled()(
            _array(logits),
            _labels(labels),
            _by_task(terms.positive, n_tasks) * weight,
            _by_task(terms.negative, n_tasks) * weight / _F(terms.tolerance),
            None if terms.margin is None else _array(terms.margin),
            _F(terms.tolerance),
            _F(terms.focus),
            sample,
            gradient.numpy(),
        )
        if strange:
            raise InputError(NOT_LABELS)
        ctx.save_for_backward(gradient)
        return logits.new_tensor(total)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, over: Tensor) -> Any:
        (gradient,) = ctx.saved_tensors
        return gradient * over, None, None, None


def _array(values: Tensor) -> np.ndarray[Any, Any]:
    array: np.ndarray[Any, Any] = values.detach().to(torch.float32).contiguous().numpy()
    return array


def _labels(labels: Tensor) -> np.ndarray[Any, Any]:
    """As bytes or float32: the loop is compiled for these two."""
    if labels.dtype == torch.bool:
        labels = labels.view(torch.uint8)
    kept = labels.dtype in (torch.uint8, torch.float32)
    array: np.ndarray[Any, Any] = (labels if kept else labels.float()).contiguous().numpy()
    return array


def _by_task(value: Tensor | float, n_tasks: int) -> np.ndarray[Any, Any]:
    return _array(value) if isinstance(value, Tensor) else np.full(n_tasks, value, _F)


@cache
def _compiled() -> Any:
    """The pass over a batch; returns its sum, and whether a label was neither 0 nor 1."""
    from numba import njit

    # What is not a number stays one, and infinities are kept: these flags leave them alone.
    reordered = {"nsz", "arcp", "contract", "afn", "reassoc"}
    exp, log1p = njit(_exp), njit(_log1p)

    def sum_up(z, y, positive, negative, margin, tolerance, focus, sample, gradient):  # type: ignore[no-untyped-def]
        one, zero = _F(1), _F(0)
        total, strange = np.float64(0), False
        for i in range(z.shape[0]):
            row = zero
            for j in range(z.shape[1]):
                hot = y[i, j] > zero
                strange |= (y[i, j] != zero) & (y[i, j] != one)
                u = z[i, j]
                if margin is not None:
                    u = u - margin[j]
                slope = one if hot else -tolerance
                v = slope * u
                e = exp(-abs(v))
                log = log1p(e)
                share = one / (one + e)
                wrong = share if v < zero else e * share
                loss = max(-v, zero) + log
                weight = positive[j] if hot else negative[j]
                if sample is not None:
                    weight = weight * sample[i, j]
                if focus == _F(2):
                    weight = weight * wrong * wrong
                elif focus != zero:
                    weight = weight * exp(-focus * (max(v, zero) + log))
                row += weight * loss
                gradient[i, j] = -slope * weight * (focus * (one - wrong) * loss + wrong)
            total += row
        return total, strange

    return njit(cache=True, nogil=True, fastmath=reordered, error_model="numpy")(sum_up)


def _exp(x):  # type: ignore[no-untyped-def]
    """e^x for x <= 0, float32."""
    x = max(x, _F(-87.0))
    n = np.floor(x * _F(1.44269504) + _F(0.5))
    r = x - n * _F(0.693359375)
    r = r - n * _F(-2.12194440e-4)
    p = _F(1.9875691500e-4)
    p = p * r + _F(1.3981999507e-3)
    p = p * r + _F(8.3334519073e-3)
    p = p * r + _F(4.1665795894e-2)
    p = p * r + _F(1.6666665459e-1)
    p = p * r + _F(5.0000001201e-1)
    p = p * r * r + r + _F(1)
    power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23))
    return p * power.view(np.float32)


def _log1p(e):  # type: ignore[no-untyped-def]
    """log(1 + e) for 0 <= e <= 1, float32: twice atanh(e / (2 + e))."""
    s = e / (e + _F(2))
    t = s * s
    p = _F(1 / 13)
    p = p * t + _F(1 / 11)
    p = p * t + _F(1 / 9)
    p = p * t + _F(1 / 7)
    p = p * t + _F(1 / 5)
    p = p * t + _F(1 / 3)
    p = p * t + _F(1)
    return _F(2) * s * p
