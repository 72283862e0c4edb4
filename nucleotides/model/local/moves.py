"""Calls that move, cut or join values and compute nothing."""

from __future__ import annotations

import math
from typing import Any

import torch

from nucleotides.model.local.elementwise import Rule, align
from nucleotides.model.local.program import Call, leaves
from nucleotides.model.local.run import Run, State
from nucleotides.model.local.slab import Change, widen, within

_ALL = slice(None)


def permute(run: Run, call: Call) -> State | None:
    """Transpose and permute."""
    change = run.change(call)
    if change is None:
        return None
    n = change.delta.ndim
    dims = [dim % n for dim in leaves((call.args[1:], call.kwargs))]
    order = dims if call.name == "permute" else list(range(n))
    if call.name != "permute":
        order[dims[0]], order[dims[1]] = dims[1], dims[0]
    if order[0] != 0:
        return None
    dim = None if change.dim is None else order.index(change.dim)
    return change.with_delta(change.delta.permute(order), dim)


def squeeze(run: Run, call: Call) -> State | None:
    """One dimension of size 1 more, or less."""
    change, given = run.change(call), call.given("input", "dim")
    if change is None or given is None or not isinstance(given.get("dim"), int):
        return None
    n = change.delta.ndim
    at, step = (given["dim"] % (n + 1), 1) if call.name == "unsqueeze" else (given["dim"] % n, -1)
    if step < 0 and len(run.shape(call.outputs()[0])) == n - 1:
        return change
    if at == 0 or (at == change.dim and step < 0):
        return None
    moved = change.dim is not None and at <= change.dim
    dim = change.dim + step if moved and change.dim is not None else change.dim
    return change.with_delta(call.function(change.delta, at), dim)


def reshape(run: Run, call: Call) -> State | None:
    """Flatten, unflatten, reshape, view: of other dimensions, or of positions in groups."""
    change = run.change(call)
    if change is None or not _keeps_windows(run, call):
        return None
    before, after = run.shape(call.args[0]), run.shape(call.outputs()[0])
    n = len(change.delta)
    if change.dim is None:
        return change.with_delta(change.delta.reshape(n, *after))
    outer, size, inner = before[: change.dim - 1], change.size, before[change.dim :]
    places = [i for i in range(len(after)) if math.prod(after[:i]) == math.prod(outer)]
    for i in places:
        if after[i] == size and math.prod(after[i + 1 :]) == math.prod(inner):
            delta = change.delta.reshape(n, *after[:i], change.width, *after[i + 1 :])
            return change.with_delta(delta, i + 1)
    for i in places:
        if math.prod(after[i : i + 2]) == size:
            return _grouped(change, after[i + 1], i + 1, after)
    return None


def _grouped(change: Change, groups: int, dim: int, after: tuple[int, ...]) -> Change:
    """Positions (n) as (n / groups, groups)."""
    assert change.dim is not None
    assert change.first is not None
    first = change.first.div(groups, rounding_mode="floor")
    width = (change.width + groups - 2) // groups + 1
    wide = widen(change, first * groups, width * groups)
    shape = (len(wide), *after[: dim - 1], width, *after[dim:])
    return within(Change(wide.reshape(shape), dim, first, change.size // groups))


def cut(run: Run, call: Call) -> State | None:
    """Indexing by slices, numbers and None."""
    change = run.change(call)
    index = None if change is None else _spelled_out(call.args[1], change.delta.ndim)
    if change is None or index is None or index[0] != _ALL:
        return None
    at = _entry(index, change.dim)
    dim, own = len([i for i in index[:at] if not isinstance(i, int)]), index[at]
    if change.dim is None:
        return change.with_delta(change.delta[index])
    if not isinstance(own, slice) or own.step not in (None, 1):
        return None
    start, stop, _ = own.indices(change.size)
    stop = max(start, stop)
    delta = change.delta[(*index[:at], _ALL, *index[at + 1 :])]
    assert change.first is not None
    return within(Change(delta, dim, change.first - start, stop - start))


def _spelled_out(given: Any, n: int) -> tuple[Any, ...] | None:
    """An index with an entry for each of n dimensions, and None for new ones."""
    index: tuple[Any, ...] = given if isinstance(given, tuple) else (given,)
    if any(not (i is None or i is Ellipsis or type(i) in (int, slice)) for i in index):
        return None
    missing = (_ALL,) * (n - len([i for i in index if i is not None and i is not Ellipsis]))
    if Ellipsis not in index:
        return index + missing
    at = index.index(Ellipsis)
    return index[:at] + missing + index[at + 1 :]


def _entry(index: tuple[Any, ...], dim: int | None) -> int:
    """The place in an index of the entry for a dimension."""
    places = [i for i, entry in enumerate(index) if entry is not None]
    return places[dim or 0]


def mirror(run: Run, call: Call) -> State | None:
    """Flip, positions too."""
    change = run.change(call)
    if change is None:
        return None
    dims = [dim % change.delta.ndim for dim in leaves((call.args[1:], call.kwargs))]
    if 0 in dims:
        return None
    delta = change.delta.flip(dims)
    if change.dim not in dims or change.first is None:
        return change.with_delta(delta)
    return Change(delta, change.dim, change.size - change.first - change.width, change.size)


def join(run: Run, call: Call) -> State | None:
    """Concatenate values along another dimension than that of positions."""
    given, values = call.given("tensors", "dim"), call.inputs()
    changes = [state for state in map(run.state, values) if isinstance(state, Change)]
    aligned = align(changes) if len(changes) == len(call.args[0]) else None
    if given is None or aligned is None:
        return None
    dim = given.get("dim", 0) % aligned[0].delta.ndim
    if dim in (0, aligned[0].dim):
        return None
    return aligned[0].with_delta(call.function([change.delta for change in aligned], dim))


def part(run: Run, call: Call) -> tuple[State, ...] | None:
    """Split and chunk along another dimension than that of positions."""
    change = run.change(call)
    dim = call.args[2] if len(call.args) > 2 else call.kwargs.get("dim", 0)
    if change is None or len(call.args) < 2 or dim % change.delta.ndim in (0, change.dim):
        return None
    return tuple(change.with_delta(d) for d in call.function(change.delta, call.args[1], dim))


def _keeps_windows(run: Run, call: Call) -> bool:
    """Whether the first dimension is that of windows still, and numbers are numbers still."""
    shapes = run.program.shapes
    same = shapes[call.args[0].number][:1] == shapes[call.outputs()[0].number][:1]
    return same and not any(isinstance(leaf, torch.dtype) for leaf in call.leaves())


RULES: dict[str, Rule] = {
    **dict.fromkeys(("transpose", "swapaxes", "swapdims", "permute"), permute),
    **dict.fromkeys(("squeeze", "unsqueeze"), squeeze),
    **dict.fromkeys(("flatten", "unflatten", "reshape", "view"), reshape),
    "getitem": cut,
    "flip": mirror,
    **dict.fromkeys(("cat", "concat", "concatenate"), join),
    **dict.fromkeys(("split", "chunk"), part),
}
