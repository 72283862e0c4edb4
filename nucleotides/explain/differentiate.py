"""Outputs of a program and their derivatives, task by task."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nucleotides.explain.run_call import keep, run_call
from nucleotides.model.local.program import Program


def run_program(program: Program, values: dict[int, Tensor], size: int) -> Tensor:
    """The output, from values by number that are known of `size` windows; gradients pass."""
    values = dict(values)
    for call, done in program.steps({program.output.number}):
        keep(call, run_call(program, call, values, size), values)
        for number in done:
            values.pop(number, None)
    return values[program.output.number]


def pull_back(
    outputs: Tensor, columns: NDArray[np.int64], inputs: list[Tensor]
) -> Iterator[list[Tensor]]:
    """For each column of outputs (n, tasks), its derivatives with respect to each input."""
    for i, column in enumerate(columns):
        if not outputs.requires_grad:
            yield [torch.zeros_like(x) for x in inputs]
            continue
        more = i + 1 < len(columns)
        one = outputs[:, int(column)].sum()
        yield list(torch.autograd.grad(one, inputs, retain_graph=more, materialize_grads=True))


def hypothetical(slopes: Tensor, base: Tensor) -> Tensor:
    """What each base would contribute: sum over c of slope_c (b_c - base_c), all (..., 4, length).

    At the base that is there, or the mean of all for N, these are slopes times difference of
    input, summed over channels.
    """
    return (slopes - (slopes * base).sum(-2, keepdim=True)).detach()
