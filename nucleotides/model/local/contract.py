"""Linear layers, products with constants, sums and means of changes."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import linear

from nucleotides.model.local.elementwise import Rule
from nucleotides.model.local.program import Call
from nucleotides.model.local.quicker import by_position
from nucleotides.model.local.run import Run, State
from nucleotides.model.local.slab import Change, add_product, as_lines, positions


def multiply_layer(run: Run, call: Call) -> State | None:
    """A linear layer of each position: of the difference alone."""
    change, given = run.change(call), call.given("input", "weight", "bias")
    if change is None or given is None or change.dim == len(run.shape(call.args[0])):
        return None
    return change.with_delta(linear(change.delta, given["weight"]))


def multiply_all(run: Run, call: Call) -> State | None:
    """A linear layer of all positions: each changed one times its part of the weights."""
    change, given = run.change(call), call.given("input", "weight", "bias")
    if change is None or given is None:
        return None
    if change.dim is None:
        return change.with_delta(linear(change.delta.flatten(1), given["weight"]))
    assert change.first is not None
    layer = by_position(run.program, given["weight"], run.shape(call.args[0]), change.dim)
    lines = as_lines(change.delta, change.dim).flatten(2).to(layer.dtype)
    out = change.delta.new_zeros(lines.shape[1], layer.shape[2])
    low, high = (int(end) for end in change.first.aminmax())
    if low == high:
        for line, place in zip(lines, range(low, low + change.width), strict=True):
            if 0 <= place < change.size:
                add_product(out, line, layer[place])
        return Change(out)
    at = positions(change.first, change.width)
    for place in range(max(low, 0), min(high + change.width, change.size)):
        here = (at == place).nonzero(as_tuple=True)
        out.index_add_(0, here[1], (lines[here] @ layer[place]).float())
    return Change(out)


def multiply(run: Run, call: Call) -> State | None:
    """A product with a constant matrix, over other dimensions or over positions."""
    change = run.change(call)
    matrix = call.args[1] if len(call.args) == 2 else call.kwargs.get("other")
    if change is None or not isinstance(matrix, Tensor) or matrix.ndim != 2:
        return None
    if change.dim is None or change.dim < len(run.shape(call.args[0])):
        return change.with_delta(change.delta @ matrix)
    assert change.first is not None
    if change.delta.ndim != 3:
        return None
    at = positions(change.first, change.width).clamp(0, change.size - 1).T
    return Change(torch.bmm(change.delta, matrix[at]))


def add_up(run: Run, call: Call) -> State | None:
    """Sums and means, over positions too."""
    change, given = run.change(call), call.given("input", "dim", "keepdim")
    if change is None or given is None or given.get("dim") is None:
        return None
    shape, of = run.shape(call.args[0]), given["dim"]
    dims = [dim % (len(shape) + 1) for dim in ([of] if isinstance(of, int) else of)]
    keepdim = given.get("keepdim", False)
    if 0 in dims or not dims:
        return None
    total = change.delta.sum(dims, keepdim)
    if call.name == "mean":
        total = total / math.prod(shape[dim - 1] for dim in dims)
    if change.dim is None or change.dim in dims:
        return Change(total)
    left = 0 if keepdim else len([dim for dim in dims if dim < change.dim])
    return change.with_delta(total, change.dim - left)


RULES: dict[str, Rule] = {
    "linear": multiply_layer,
    "linear_of_all": multiply_all,
    **dict.fromkeys(("matmul", "mm"), multiply),
    **dict.fromkeys(("sum", "mean"), add_up),
}
