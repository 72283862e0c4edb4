"""How many training samples of each task are positive: what balancing losses start from."""

from __future__ import annotations

import torch
from torch import Tensor

from nucleotides.errors import InputError


def checked_counts(counts: Tensor, n_samples: int) -> Tensor:
    """The counts as float64 (tasks,).

    Args:
        counts: (tasks,) positives n among the training samples, not their frequencies.
        n_samples: number of training samples N.

    Raises:
        InputError: counts that are no counts, or more of them than samples.
    """
    values = torch.as_tensor(counts).detach().to(torch.float64)
    if values.ndim != 1 or not values.numel():
        raise InputError(f"counts are {tuple(values.shape)}: they must be (tasks,)")
    if n_samples < 1:
        raise InputError(f"n_samples {n_samples} is too low: give the number of training samples")
    if (values != values.round()).any() or (values < 0).any():
        raise InputError("counts must be whole numbers, 0 or more: positives, not frequencies")
    if (values > n_samples).any():
        raise InputError(f"counts reach {int(values.max())}, n_samples is only {n_samples}")
    return values


def within(name: str, value: float, low: float, high: float, *, open_end: bool = False) -> float:
    """The value, if low <= value <= high (< high where that end is open).

    Raises:
        InputError: it is not; the message names the parameter.
    """
    if low <= value < high or (value == high and not open_end):
        return value
    sign = "<" if open_end else "<="
    raise InputError(f"{name} {value} is not within {low:g} <= {name} {sign} {high:g}")
