"""Calls that move, cut or join values and compute nothing."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

from nucleotides.model.local.elementwise import Rule, align
from nucleotides.model.local.program import Call, Value
from nucleotides.model.local.run import Run, State
from nucleotides.model.local.slab import Change, widen, within

_ALL = slice(None)


def permute(run: Run, call: Call) -> State | None:
    """Transpose and permute."""
    change, n = _positional(run, call), len(run.shape(call.args[0])) + 1
    if change is None:
        return None
    if call.name == "permute":
        dims = call.args[1:] if isinstance(call.args[1], int) else call.args[1]
        order = [dim % n for dim in dims]
    else:
        order = list(range(n))
        a, b = (dim % n for dim in call.args[1:3])
        order[a], order[b] = b, a
    if order[0] != 0:
        return None
    dim = None if change.dim is None else order.index(change.dim)
    return change.with_delta(change.delta.permute(order), dim)


def squeeze(run: Run, call: Call) -> State | None:
    """One dimension of size 1 more, or less."""
    change, out = _positional(run, call), run.shape(call.outputs()[0])
    if change is None or len(call.args) != 2 or not isinstance(call.args[1], int):
        return None
    n = len(run.shape(call.args[0])) + 1
    if call.name == "unsqueeze":
        at, step = call.args[1] % (n + 1), 1
    else:
        at, step = call.args[1] % n, -1
        if len(out) == n - 1:
            return change
    if at == 0 or (at == change.dim and step < 0):
        return None
    moved = change.dim is not None and at <= change.dim
    dim = change.dim + step if moved and change.dim is not None else change.dim
    return change.with_delta(call.function(change.delta, at), dim)


def reshape(run: Run, call: Call) -> State | None:
    """Flatten, unflatten, reshape, view: of other dimensions, or of positions in groups."""
    change, before, after = _positional(run, call), *_shapes(run, call)
    if change is None or not _keeps_windows(run, call):
        return None
    if change.dim is None:
        return change.with_delta(change.delta.reshape(len(change.delta), *after))
    place = change.dim - 1
    outer = math.prod(before[:place])
    for i, size in enumerate(after):
        if math.prod(after[:i]) != outer:
            continue
        if size == before[place] and math.prod(after[i + 1 :]) == math.prod(before[place + 1 :]):
            shape = (len(change.delta), *after[:i], change.width, *after[i + 1 :])
            return change.with_delta(_view(change, shape), i + 1)
        groups = after[i + 1] if i + 1 < len(after) else 0
        if groups > 1 and size * groups == before[place]:
            return _grouped(change, groups, i + 1, after)
    return None


def _view(change: Change, shape: tuple[int, ...]) -> Tensor:
    return change.delta.reshape(shape)


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
    change, shape = _positional(run, call), run.shape(call.args[0])
    index = _spelled_out(call.args[1], len(shape) + 1)
    if change is None or index is None or index[0] != _ALL:
        return None
    at = _entry(index, change.dim)
    dim, own = len([i for i in index[:at] if not isinstance(i, int)]), index[at]
    if change.dim is None:
        return change.with_delta(change.delta[index])
    if not isinstance(own, slice) or own.step not in (None, 1):
        return None
    start, stop, _ = own.indices(change.size)
    delta = change.delta[(*index[:at], _ALL, *index[at + 1 :])]
    assert change.first is not None
    return within(Change(delta, dim, change.first - start, stop - start))


def _spelled_out(index: Any, n: int) -> tuple[Any, ...] | None:
    """An index with an entry for each of n dimensions, and None for new ones."""
    index = index if isinstance(index, tuple) else (index,)
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
    change = _positional(run, call)
    dims = call.args[1:] if isinstance(call.args[1], int) else call.args[1]
    dims = [dim % (len(run.shape(call.args[0])) + 1) for dim in dims]
    if change is None or 0 in dims:
        return None
    delta = change.delta.flip(dims)
    if change.dim not in dims or change.first is None:
        return change.with_delta(delta)
    return Change(delta, change.dim, change.size - change.first - change.width, change.size)


def join(run: Run, call: Call) -> State | None:
    """Concatenate values along another dimension than that of positions."""
    parts = call.args[0]
    dim = call.args[1] if len(call.args) > 1 else call.kwargs.get("dim", 0)
    states = [run.state(part) for part in parts if isinstance(part, Value)]
    changes = [state for state in states if isinstance(state, Change)]
    if len(changes) < len(parts):
        return None
    dim %= changes[0].delta.ndim
    aligned = align(changes)
    if aligned is None or dim in (0, aligned[0].dim):
        return None
    return aligned[0].with_delta(call.function([change.delta for change in aligned], dim))


def part(run: Run, call: Call) -> tuple[State, ...] | None:
    """Split and chunk along another dimension than that of positions."""
    change = _positional(run, call)
    dim = call.args[2] if len(call.args) > 2 else call.kwargs.get("dim", 0)
    dim %= len(run.shape(call.args[0])) + 1
    if change is None or dim in (0, change.dim):
        return None
    return tuple(change.with_delta(d) for d in call.function(change.delta, call.args[1], dim))


def _positional(run: Run, call: Call) -> Change | None:
    """The change of a call's first argument, if the others are plain numbers."""
    if not isinstance(call.args[0], Value):
        return None
    state = run.state(call.args[0])
    return state if isinstance(state, Change) else None


def _shapes(run: Run, call: Call) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return run.shape(call.args[0]), run.shape(call.outputs()[0])


def _keeps_windows(run: Run, call: Call) -> bool:
    """Whether the first dimension is that of windows still."""
    shapes = run.program.shapes
    return shapes[call.args[0].number][0] == shapes[call.outputs()[0].number][0]


RULES: dict[str, Rule] = {
    **dict.fromkeys(("transpose", "swapaxes", "swapdims", "permute"), permute),
    **dict.fromkeys(("squeeze", "unsqueeze"), squeeze),
    **dict.fromkeys(("flatten", "unflatten", "reshape", "view"), reshape),
    "getitem": cut,
    "flip": mirror,
    **dict.fromkeys(("cat", "concat", "concatenate"), join),
    **dict.fromkeys(("split", "chunk"), part),
}
