"""Products of rows with constant matrices, whose bits do not depend on how many rows there are.

A library of matrix products chooses among several ways to add up by the number of rows. oneDNN,
with a matrix that it has laid out once for itself, was seen to add up two rows and more in one
order (torch 2.13, 1 to 4 threads, 2 to 128 rows, matrices up to 131,072 by 1,024); a single row is
added up otherwise, so it goes twice. It also takes less time: others lay out the matrix anew for
each product. Where there is no oneDNN, MKL was seen to do so on one thread, with the matrix as
(in, out) in memory and not very small. So what a window's outputs are does not depend on the
windows that it is read with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from nucleotides.model.local.program import Program


def can_pack(rows: Tensor) -> bool:
    """Whether oneDNN multiplies such rows."""
    known = torch._C._has_mkldnn and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    return known and rows.device.type == "cpu"


def multiply_packed(
    program: Program, rows: Tensor, weight: Tensor, name: str, order: Callable[[Tensor], Tensor]
) -> Tensor:
    """Rows (n, in) times a layer's weights, both of the rows' type: (n, out).

    Args:
        program: keeps the weights as they are multiplied.
        rows: float32 or bfloat16.
        weight: of the layer.
        name: tells `order` from others.
        order: makes (out, in) of the weights.
    """

    def pack(weight: Tensor) -> Tensor:
        ordered = order(weight).to(rows.dtype).contiguous()
        packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(ordered, None)
        return packed

    packed = program.prepare(weight, f"packed {name}", pack, rows.dtype)
    multiply = torch.ops.mkldnn._linear_pointwise
    return in_pairs(rows, lambda rows: multiply(rows, packed, None, "none", [], ""))


def in_pairs(rows: Tensor, multiply: Callable[[Tensor], Tensor]) -> Tensor:
    """What `multiply` makes of rows, of which it is never given one alone."""
    return multiply(torch.cat([rows, rows]))[:1] if len(rows) == 1 else multiply(rows)


def multiply_layer(
    program: Program, x: Tensor, weight: Tensor, bias: Tensor | None = None
) -> Tensor:
    """As `linear`, in float32."""
    rows = x.float().flatten(0, -2)
    if can_pack(rows):
        out = multiply_packed(program, rows, weight, "rows", lambda w: w)
    else:
        matrix = program.prepare(weight, "rows", lambda w: w.float().T.contiguous(), torch.float32)
        out = in_pairs(rows, lambda rows: rows @ matrix)
    out = out.view(*x.shape[:-1], len(weight))
    return out if bias is None else out.add_(bias)


def multiply_matrix(_: Program, x: Tensor, other: Any) -> Tensor:
    """As `matmul`, in float32."""
    if x.ndim != 2 or other.ndim != 2:
        return torch.matmul(x.float(), other.float())
    return in_pairs(x.float(), lambda rows: rows @ other.float())
