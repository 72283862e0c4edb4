"""Products of rows with constant matrices, whose bits do not depend on how many rows there are.

A library of matrix products chooses among several ways to add up by the number of rows and by the
layout of the matrix. With the matrix as (in, out) in memory and two rows or more, the ways that
were seen add up in one order (MKL of torch 2.13 on one thread, 2 to 128 rows, matrices up to
50,880 by 925); a single row, or a matrix as (out, in), is added up otherwise. So what a window's
outputs are does not depend on the windows that it is read with.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nucleotides.model.local.program import Program


def multiply_rows(x: Tensor, matrix: Tensor) -> Tensor:
    """x (..., in) times a matrix (in, out), contiguous: (..., out)."""
    rows = x.flatten(0, -2)
    two = torch.cat([rows, rows]) if len(rows) == 1 else rows
    return (two @ matrix)[: len(rows)].view(*x.shape[:-1], -1)


def multiply_layer(
    program: Program, x: Tensor, weight: Tensor, bias: Tensor | None = None
) -> Tensor:
    """As `linear`, in float32."""
    matrix = program.prepare(weight, "rows", lambda w: w.float().T.contiguous(), torch.float32)
    out = multiply_rows(x.float(), matrix)
    return out if bias is None else out.add_(bias)


def multiply_matrix(_: Program, x: Tensor, other: Any) -> Tensor:
    """As `matmul`, in float32."""
    constant = isinstance(other, Tensor) and other.ndim == 2 and x.ndim == 2
    if not constant or len(x) != 1:
        return torch.matmul(x.float(), other.float())
    return multiply_rows(x.float(), other.float())
