"""Outputs of windows of which many are alike: each base window read once, the others followed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nucleotides.model.encoding import one_hot
from nucleotides.model.local.evaluate import LocalEvaluator, Reading

Codes = NDArray[np.uint8]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_WIDTHS = 1, 4, 16, 64
"""Bases that a change may span; windows that differ in more are read as a whole."""


def follow_windows(
    evaluator: LocalEvaluator, codes: Codes, base: Integers, *, at_once: int | None = None
) -> tuple[Floats, Floats]:
    """Outputs of windows, and by how much they differ from those of their bases.

    Args:
        evaluator: of the network.
        codes: uint8 (n, length).
        base: (n,), for each window one of them that it is like; a base is its own.
        at_once: base windows that are read together; by default as many as memory is meant for.

    Returns:
        float64 (n, tasks): the outputs of each window's base; and the differences to them.
    """
    first, width = spans(codes, codes[base])
    followed = (width > 0) & (width <= _WIDTHS[-1])
    read = np.flatnonzero(~followed & ((width > 0) | (base == np.arange(len(codes)))))
    outputs, change = (np.zeros((len(codes), evaluator.n_outputs)) for _ in range(2))
    at_once = at_once or evaluator.at_once
    for i in range(0, read.size, at_once):
        block = read[i : i + at_once]
        reading = evaluator.read(one_hot(_tensor(evaluator, codes[block])))
        outputs[block] = reading.outputs.double().cpu().numpy()
        here = np.flatnonzero(followed & np.isin(base, block))
        row = np.zeros(len(codes), np.int64)
        row[block] = np.arange(block.size)
        for part, most in _alike(here, first, width, evaluator.changes_at_once):
            most = min(most, codes.shape[1])
            begin = np.minimum(first[part], codes.shape[1] - most)
            at = begin[:, None] + np.arange(most)
            old, new = (codes[rows[:, None], at] for rows in (base[part], part))
            delta = _difference(evaluator, old, new)
            rows = torch.from_numpy(row[base[part]])
            found = _follow(evaluator, reading, rows, torch.from_numpy(begin), delta)
            change[part] = found.double().cpu().numpy()
    whole = np.flatnonzero(width > _WIDTHS[-1])
    change[whole] = outputs[whole] - outputs[base[whole]]
    return outputs[base], change


def spans(codes: Codes, others: Codes) -> tuple[Integers, Integers]:
    """Where pairs of windows begin to differ, and over how many bases they do: (n,) each."""
    differs = codes != others
    first = differs.argmax(axis=1)
    last = codes.shape[1] - differs[:, ::-1].argmax(axis=1)
    return first, np.where(differs.any(axis=1), last - first, 0)


def _alike(
    here: Integers, first: Integers, width: Integers, at_once: int
) -> Iterator[tuple[Integers, int]]:
    """Windows whose changes span up to the same number of bases, some at once, in order."""
    for low, high in zip((0, *_WIDTHS), _WIDTHS, strict=False):
        some = here[(width[here] > low) & (width[here] <= high)]
        some = some[np.argsort(first[some], kind="stable")]
        for i in range(0, some.size, at_once):
            yield some[i : i + at_once], high


def _difference(evaluator: LocalEvaluator, old: Codes, new: Codes) -> Tensor:
    return one_hot(_tensor(evaluator, new)) - one_hot(_tensor(evaluator, old))


def _follow(
    evaluator: LocalEvaluator, reading: Reading, rows: Tensor, first: Tensor, delta: Tensor
) -> Tensor:
    return evaluator.change(reading, rows.to(delta.device), first.to(delta.device), delta)


def _tensor(evaluator: LocalEvaluator, codes: Codes) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(codes)).to(evaluator.device)
