"""The maximum over all positions of a value of which some changed."""

from __future__ import annotations

import torch
from torch import Tensor

from nucleotides.model.local.elementwise import Rule
from nucleotides.model.local.program import Call
from nucleotides.model.local.run import Run, State
from nucleotides.model.local.slab import Change, positions


def highest(run: Run, call: Call) -> State | None:
    """Of what it was and what changed; all positions are read where it was among the changed ones.

    What did not change is at most the old maximum, and reaches it if what changed did not.
    """
    change, keepdim = run.change(call), _over_positions(run, call)
    if change is None or keepdim is None or change.first is None:
        return None
    dim, value, out = change.dim or 0, call.args[0], call.outputs()[0]
    old = run.reference(value, change, change.first, change.width)
    low, new = (_within(change, values).amax(dim) for values in (old, old + change.delta))
    before = run.reference(out, Change(change.delta), None, 0)
    before = before.squeeze(dim) if keepdim else before
    after = torch.maximum(before, new)
    unknown = (low >= before) & (new < before)
    left = _unchanged(run.known(value), run.rows, change, unknown)
    after[unknown] = torch.maximum(left, new[unknown])
    delta = after - before
    return Change(delta.unsqueeze(dim) if keepdim else delta)


def _over_positions(run: Run, call: Call) -> bool | None:
    """Whether a maximum over positions alone keeps their dimension; None if it is another."""
    change = run.change(call)
    if call.name == "adaptive_max_pool1d":
        given = call.given("input", "output_size", "return_indices")
        size = None if given is None or given.get("return_indices") else given["output_size"]
        last = change is not None and change.dim == change.delta.ndim - 1
        return True if last and size in (1, (1,), [1]) else None
    given = call.given("input", "dim", "keepdim")
    dims = None if given is None else given.get("dim")
    if change is None or given is None or dims is None:
        return None
    dims = [dim % change.delta.ndim for dim in ([dims] if isinstance(dims, int) else dims)]
    return bool(given.get("keepdim")) if dims == [change.dim] else None


def _within(change: Change, values: Tensor) -> Tensor:
    """Values at the changed positions, with none that are beyond the ends."""
    assert change.first is not None
    assert change.dim is not None
    at = positions(change.first, change.width).T
    beyond = (at < 0) | (at >= change.size)
    shape = [len(at), *[1] * (values.ndim - 1)]
    shape[change.dim] = change.width
    return values.masked_fill(beyond.view(shape), -torch.inf)


def _unchanged(known: Tensor, rows: Tensor, change: Change, wanted: Tensor) -> Tensor:
    """The maximum over positions that did not change, (k,), where `wanted` (n, ...) says so."""
    assert change.first is not None
    assert change.dim is not None
    window, *rest = wanted.nonzero(as_tuple=True)
    lines = known.movedim(change.dim, -1)[(rows[window], *rest)].float()
    behind = torch.arange(change.size, device=rows.device) - change.first[window, None]
    return lines.masked_fill((behind >= 0) & (behind < change.width), -torch.inf).amax(1)


RULES: dict[str, Rule] = dict.fromkeys(("amax", "adaptive_max_pool1d"), highest)
