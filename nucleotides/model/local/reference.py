"""Values that a network makes of reference windows: those that changes ask for are kept."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from nucleotides.model.local import elementwise, moves
from nucleotides.model.local.program import Call, Program, Value, leaves, walk
from nucleotides.model.local.quicker import QUICKER

_ANY_PRECISION = {*elementwise.UNARY, *moves.RULES, "max_pool2d", "contiguous", "batch_norm"}
_QUICK = torch.float32, torch.bfloat16


class Reference:
    """The values of b windows.

    What is asked for and was not kept is computed again, and kept by later references.

    Args:
        program: the calls.
        x: (b, 4, length).
        needed: numbers of the values to keep; what is asked for is added.
    """

    def __init__(self, program: Program, x: Tensor, needed: set[int]) -> None:
        self.program, self.size = program, len(x)
        self._needed, self._x = needed, x
        self._kept = self._run(needed | {program.output.number})

    def value(self, value: Value) -> Tensor:
        """A value, (b, ...)."""
        if value.number not in self._kept:
            self._needed.add(value.number)
            self._kept |= self._run({value.number})
        return self._kept[value.number]

    def _run(self, wanted: set[int]) -> dict[int, Tensor]:
        values = {0: self._x}
        for call, done in self.program.steps(wanted):
            args, kwargs = call.filled(lambda value: values[value.number], self.size)
            self._store(call, self._call(call, args, kwargs), values)
            for number in done:
                values.pop(number, None)
        return {number: values[number] for number in wanted}

    def _call(self, call: Call, args: Any, kwargs: dict[str, Any]) -> Any:
        quicker = QUICKER.get(call.name)
        tensors = [leaf for leaf in leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        if quicker and len(call.inputs()) == 1 and all(t.dtype in _QUICK for t in tensors):
            return quicker(self.program, *args, **kwargs)
        if call.name in _ANY_PRECISION:
            return call.function(*args, **kwargs)
        return call.function(*_precise(args), **_precise(kwargs))

    def _store(self, call: Call, out: object, values: dict[int, Tensor]) -> None:
        for value, tensor in zip(leaves(call.out), leaves(out), strict=True):
            if isinstance(value, Value) and isinstance(tensor, Tensor):
                values[value.number] = tensor


def _precise(tree: Any) -> Any:
    return walk(tree, lambda leaf: leaf.float() if _is_rough(leaf) else leaf)


def _is_rough(leaf: Any) -> bool:
    return isinstance(leaf, Tensor) and leaf.dtype == torch.bfloat16
