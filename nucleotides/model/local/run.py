"""One pass of changes through a program, beside the values of the reference windows."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from nucleotides.model.local.program import Call, Program, Value
from nucleotides.model.local.slab import Change, positions, take

State = Change | Tensor
"""What is known of a value: by how much some of it changed, or all of it anew."""


class Run:
    """What n changed windows make of a program's values.

    Args:
        program: the calls.
        reference: gives a value of the reference windows.
        rows: int64 (n,), the reference window of each changed one.
    """

    def __init__(
        self, program: Program, reference: Callable[[Value], Tensor], rows: Tensor
    ) -> None:
        self.program, self.rows, self._reference = program, rows, reference
        self.states: dict[int, State] = {}

    def state(self, value: Value) -> State:
        """What is known of a value."""
        return self.states[value.number]

    def change(self, call: Call) -> Change | None:
        """By how much a call's first argument changed, if no other sees the input."""
        values = call.inputs()
        state = self.states[values[0].number] if call.args[:1] == (*values,) else None
        return state if isinstance(state, Change) else None

    def shape(self, value: Value) -> tuple[int, ...]:
        """Dimensions of a value, without the first."""
        return self.program.shapes[value.number][1:]

    def known(self, value: Value) -> Tensor:
        """A value of the reference windows."""
        return self._reference(value)

    def reference(self, value: Value, change: Change, first: Tensor | None, width: int) -> Tensor:
        """The reference's part of a value: at positions `first` and so many, or all of it."""
        known = self._reference(value)
        if change.dim is None or first is None:
            return known.index_select(0, self.rows).float()
        return take(known, self.rows, change.dim, positions(first, width)).float()

    def whole(self, value: Value) -> Tensor:
        """All of a value, (n, ...)."""
        state = self.state(value)
        if isinstance(state, Tensor):
            return state
        known = self._reference(value).index_select(0, self.rows).float()
        return _add(known, state)

    def rerun(self, call: Call) -> None:
        """Make a call's results anew from all of its arguments."""
        n = len(self.rows)
        args, kwargs = call.filled(self.whole, n)
        self.set(call, call.function(*args, **kwargs))

    def set(self, call: Call, result: State | tuple[State, ...] | list[State]) -> None:
        """Keep the results of a call."""
        _match(call.out, result, self.states)


def _match(out: object, result: object, into: dict[int, State]) -> None:
    if isinstance(out, Value):
        into[out.number] = result  # type: ignore[assignment]
    elif isinstance(out, (tuple, list)):
        for part, value in zip(out, result, strict=True):  # type: ignore[call-overload]
            _match(part, value, into)


def _add(known: Tensor, change: Change) -> Tensor:
    """What was known, changed."""
    if change.dim is None or change.first is None:
        return known + change.delta
    lines = known.movedim(change.dim, 1).contiguous()
    at = positions(change.first, change.width).clamp(0, change.size - 1)
    index = at + torch.arange(len(lines), device=at.device) * change.size
    delta = change.delta.movedim(change.dim, 0)
    lines.flatten(0, 1).index_add_(0, index.flatten(), delta.flatten(0, 1).to(lines.dtype))
    return lines.movedim(1, change.dim)
