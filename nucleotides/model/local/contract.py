"""Linear layers, products with constants, sums and means of changes."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import linear

from nucleotides.model.local.elementwise import Rule
from nucleotides.model.local.program import Call, Value
from nucleotides.model.local.quicker import by_position
from nucleotides.model.local.run import Run, State
from nucleotides.model.local.slab import Change, add_product, as_lines, positions


def multiply_layer(run: Run, call: Call) -> State | None:
    """A linear layer of each position: of the difference alone."""
    state = run.state(call.args[0])
    if not isinstance(state, Change) or state.dim == len(run.shape(call.args[0])):
        return None
    return state.with_delta(linear(state.delta, call.args[1]))


def multiply_all(run: Run, call: Call) -> State | None:
    """A linear layer of all positions: each changed one times its part of the weights."""
    change, weight, shape = run.state(call.args[0]), call.args[1], run.shape(call.args[0])
    if not isinstance(change, Change):
        return None
    if change.dim is None:
        return change.with_delta(linear(change.delta.flatten(1), weight))
    assert change.first is not None
    layer = by_position(run.program, weight, shape, change.dim)
    lines = as_lines(change.delta, change.dim).flatten(2).to(layer.dtype)
    out = change.delta.new_zeros(lines.shape[1], len(weight))
    low, high = (int(end) for end in change.first.aminmax())
    if low == high:
        for line, at in zip(lines, range(low, low + change.width), strict=True):
            if 0 <= at < change.size:
                add_product(out, line, layer[at])
        return Change(out)
    at = positions(change.first, change.width)
    for place in range(max(low, 0), min(high + change.width, change.size)):
        here = (at == place).nonzero(as_tuple=True)
        out.index_add_(0, here[1], (lines[here] @ layer[place]).float())
    return Change(out)


def multiply(run: Run, call: Call) -> State | None:
    """A product with a constant matrix, over other dimensions or over positions."""
    if not isinstance(call.args[0], Value) or not isinstance(call.args[1], Tensor):
        return None
    state, matrix = run.state(call.args[0]), call.args[1]
    if not isinstance(state, Change) or matrix.ndim != 2:
        return None
    if state.dim is None or state.dim < len(run.shape(call.args[0])):
        return state.with_delta(state.delta @ matrix)
    assert state.first is not None
    if state.delta.ndim != 3:
        return None
    at = positions(state.first, state.width).clamp(0, state.size - 1).T
    return Change(torch.bmm(state.delta, matrix[at]))


def add_up(run: Run, call: Call) -> State | None:
    """Sums and means, over positions too; of other functions, over other dimensions alone."""
    state, shape = run.state(call.args[0]), run.shape(call.args[0])
    dims = call.args[1] if len(call.args) > 1 else call.kwargs.get("dim")
    if not isinstance(state, Change) or dims is None or call.name not in ("sum", "mean"):
        return None
    given = [dims] if isinstance(dims, int) else list(dims)
    dims = [dim % (len(shape) + 1) for dim in given]
    keepdim = bool(call.kwargs.get("keepdim", call.args[2] if len(call.args) > 2 else False))
    if 0 in dims:
        return None
    total = state.delta.sum(dims, keepdim)
    if call.name == "mean":
        total = total / math.prod(shape[dim - 1] for dim in dims)
    if state.dim is None or state.dim in dims:
        return Change(total)
    left = 0 if keepdim else len([dim for dim in dims if dim < state.dim])
    return state.with_delta(total, state.dim - left)


RULES: dict[str, Rule] = {
    "linear": multiply_layer,
    "linear_of_all": multiply_all,
    **dict.fromkeys(("matmul", "mm"), multiply),
    **dict.fromkeys(("sum", "mean"), add_up),
}
