"""Linear layers, products with constants, sums and means of changes."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import linear

from nucleotides.model.local.elementwise import Rule
from nucleotides.model.local.program import Call, Value
from nucleotides.model.local.run import Run, State
from nucleotides.model.local.slab import Change, Flattened, as_lines, positions


def multiply_layer(run: Run, call: Call) -> State | None:
    """A linear layer: of the difference alone; of flattened positions, position by position."""
    state, weight = run.state(call.args[0]), call.args[1]
    if isinstance(state, Flattened):
        return Change(_multiply_flattened(run, state, weight))
    if not isinstance(state, Change) or state.dim == len(run.shape(call.args[0])):
        return None
    return state.with_delta(linear(state.delta, weight))


def _multiply_flattened(run: Run, state: Flattened, weight: Tensor) -> Tensor:
    """(n, out): each changed position times its part of `weight` (out, all positions)."""
    change = state.change
    assert change.dim is not None and change.first is not None
    lines = as_lines(change.delta, change.dim).flatten(2)
    place = change.dim

    def by_position(weight: Tensor) -> Tensor:
        return weight.unflatten(1, state.shape).movedim((place, 0), (0, -1)).flatten(1, -2)

    layer = run.prepare(weight, by_position)
    out = lines.new_zeros(lines.shape[1], len(weight))
    low, high = (int(end) for end in change.first.aminmax())
    if low == high:
        for line, at in zip(lines, range(low, low + change.width), strict=True):
            if 0 <= at < change.size:
                out.addmm_(line, layer[at])
        return out
    at = positions(change.first, change.width)
    for there in range(max(low, 0), min(high + change.width, change.size)):
        here = (at == there).nonzero(as_tuple=True)
        out.index_add_(0, here[1], lines[here] @ layer[there])
    return out


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
    **dict.fromkeys(("matmul", "mm"), multiply),
    **dict.fromkeys(("sum", "mean"), add_up),
}
