"""Two recordings of the same calls, put together: what depends on the batch, and constants."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nucleotides.model.local.program import Call, PerBatch, Program, Value, walk
from nucleotides.model.local.tape import Tape, UnrecordableError


def join_tapes(one: Tape, other: Tape) -> Program:
    """The program of which both are recordings.

    Args:
        one: with two windows.
        other: with five.

    Raises:
        UnrecordableError: they differ otherwise than by the size of the batch.
    """
    names = [[call.name for call in tape.calls] for tape in (one, other)]
    if names[0] != names[1] or one.output != other.output:
        raise UnrecordableError("its calls depend on its input")
    constants: dict[int, Tensor] = {}
    calls = []
    for call, twin in zip(one.calls, other.calls, strict=True):
        joined = _join((call.args, call.kwargs, call.out), (twin.args, twin.kwargs, twin.out))
        args, kwargs = walk(joined[:2], partial(_constant, constants))
        made = Call(call.name, call.function, args, kwargs, call.out)
        if any(isinstance(leaf, (Value, PerBatch)) for leaf in made.leaves()):
            calls.append(made)
        else:
            constants |= _agreed(call, one, other)
    if any(call.name == "setitem" for call in calls):
        raise UnrecordableError("it writes into a tensor")
    return Program(calls, one.shapes, Value(one.output))


def _constant(constants: dict[int, Tensor], leaf: Any) -> Any:
    return constants.get(leaf.number, leaf) if isinstance(leaf, Value) else leaf


def _agreed(call: Call, one: Tape, other: Tape) -> dict[int, Tensor]:
    """What a call makes that depends on nothing."""
    numbers = [value.number for value in call.outputs()]
    return {n: _join_leaf(one.constants[n], other.constants[n]) for n in numbers}


def _join(one: Any, other: Any) -> Any:
    """What both have in common, with sizes of the batch marked."""
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        if len(one) != len(other):
            raise UnrecordableError("its calls depend on the size of the batch")
        joined = [_join(a, b) for a, b in zip(one, other, strict=True)]
        return joined if isinstance(one, list) else tuple(joined)
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return {key: _join(one[key], other[key]) for key in one}
    if isinstance(one, slice) and isinstance(other, slice):
        return slice(*_join(*((s.start, s.stop, s.step) for s in (one, other))))
    return _join_leaf(one, other)


def _join_leaf(one: Any, other: Any) -> Any:
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        if one is other or (one.shape == other.shape and torch.equal(one, other)):
            return one
        raise UnrecordableError("it draws at random, or calls what is no torch function")
    if one is other or (type(one) is type(other) and np.array_equal(one, other)):
        return one
    if type(one) is type(other) is int and (other - one) % 3 == 0:
        slope = (other - one) // 3
        return PerBatch(slope, one - 2 * slope)
    raise UnrecordableError("its calls depend on its input, or oddly on the size of the batch")
