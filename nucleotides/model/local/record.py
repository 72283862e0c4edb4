"""Record what a network computes, call by call, so that it can be gone through again otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from nucleotides.model.local.program import Call, PerBatch, Program, Value, walk

_SIZES = 2, 3
_AUGMENTED = ("__iadd__", "__isub__", "__imul__", "__itruediv__")
_NAMES = {"radd": "add", "rmul": "mul", "truediv": "div", "iadd": "add", "isub": "sub"}
_NAMES |= {"imul": "mul", "itruediv": "div"}


class UnrecordableError(Exception):
    """A network that a recording cannot stand for."""


def record(function: Callable[[Tensor], Tensor], length: int, device: torch.device) -> Program:
    """The calls by which `function` makes outputs (batch, ...) of (batch, 4, length).

    It is called twice, with two and with three windows: what differs between the two recordings
    depends on the size of the batch. Calls that do not see the input become constants.

    Raises:
        UnrecordableError: the calls depend on the input, write into views of it, or draw at random.
    """
    generator = torch.Generator().manual_seed(0)
    tapes = [_Tape(function, _windows(n, length, generator).to(device)) for n in _SIZES]
    if len(tapes[0].calls) != len(tapes[1].calls) or tapes[0].output != tapes[1].output:
        raise UnrecordableError("its calls depend on its input")
    return _Joint(*tapes).program()


def _windows(n: int, length: int, generator: torch.Generator) -> Tensor:
    codes = torch.randint(4, (n, length), generator=generator)
    return torch.nn.functional.one_hot(codes, 4).float().transpose(1, 2).contiguous()


class _Tape(TorchFunctionMode):
    """One recording. Tensors are known by identity, so all of them are kept until its end."""

    def __init__(self, function: Callable[[Tensor], Tensor], x: Tensor) -> None:
        super().__init__()
        self.calls: list[tuple[Call, Any]] = []
        self._numbers, self.tensors = {id(x): 0}, [x]
        with torch.inference_mode(), self:
            output = function(x)
        self.output = self._numbers.get(id(output), -1)

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        call = Call(*_out_of_place(func, dict(kwargs or {})), walk(args, self._value), {}, None)
        call.kwargs = walk(_plain(kwargs or {}), self._value)
        out = func(*args, **(kwargs or {}))
        found: list[Tensor] = []
        walk(out, lambda leaf: found.append(leaf) if isinstance(leaf, Tensor) else None)
        if found:
            call.out = walk(out, self._new)
            self.calls.append((call, out))
        elif call.name == "setitem":
            raise UnrecordableError("it writes into a tensor")
        return out

    def _value(self, leaf: Any) -> Any:
        number = self._numbers.get(id(leaf)) if isinstance(leaf, Tensor) else None
        return leaf if number is None else Value(number)

    def _new(self, leaf: Any) -> Any:
        if not isinstance(leaf, Tensor):
            return leaf
        self._numbers[id(leaf)] = len(self.tensors)
        self.tensors.append(leaf)
        return Value(len(self.tensors) - 1)


def _out_of_place(func: Any, kwargs: dict[str, Any]) -> tuple[str, Any]:
    """The name and the function of a call, those that leave their arguments as they are."""
    name = getattr(func, "__name__", "")
    if "out" in kwargs:
        raise UnrecordableError(f"{name} writes into a tensor")
    if name in _AUGMENTED:
        func = getattr(Tensor, f"__{name[3:]}")
    if name.endswith("_") and not name.startswith("_"):
        if not hasattr(Tensor, name[:-1]):
            raise UnrecordableError(f"{name} writes into a tensor")
        func = getattr(Tensor, name[:-1])
    bare = name.strip("_")
    return _NAMES.get(bare, bare), func


def _plain(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {**kwargs, "inplace": False} if kwargs.get("inplace") else kwargs


class _Joint:
    """Two recordings of the same calls, put together."""

    def __init__(self, one: _Tape, other: _Tape) -> None:
        self._tapes = one, other
        self._constants: dict[int, Tensor] = {}

    def program(self) -> Program:
        calls = []
        one, other = self._tapes
        for (call, out), (twin, twin_out) in zip(one.calls, other.calls, strict=True):
            if call.name != twin.name:
                raise UnrecordableError("its calls depend on its input")
            call.args = self._join(call.args, twin.args)
            call.kwargs = self._join(call.kwargs, twin.kwargs)
            if any(isinstance(leaf, (Value, PerBatch)) for leaf in call.leaves()):
                calls.append(call)
            else:
                walk(self._join(out, twin_out), lambda leaf: leaf)
                self._constants |= {v.number: one.tensors[v.number] for v in call.outputs()}
        shapes = [tuple(tensor.shape) for tensor in one.tensors]
        return Program(calls, shapes, Value(one.output))

    def _join(self, one: Any, other: Any) -> Any:
        """What both have in common, with sizes of the batch marked, and constants in place."""
        if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
            if len(one) != len(other):
                raise UnrecordableError("its calls depend on the size of the batch")
            joined = [self._join(a, b) for a, b in zip(one, other, strict=True)]
            return joined if isinstance(one, list) else tuple(joined)
        if isinstance(one, dict):
            return {key: self._join(one[key], other[key]) for key in one}
        if isinstance(one, slice):
            ends = (one.start, one.stop, one.step), (other.start, other.stop, other.step)
            return slice(*self._join(*ends))
        return self._join_leaf(one, other)

    def _join_leaf(self, one: Any, other: Any) -> Any:
        if isinstance(one, Value):
            return self._constants.get(one.number, one)
        if isinstance(one, Tensor):
            if one is other or (one.shape == other.shape and torch.equal(one, other)):
                return one
            raise UnrecordableError("it draws at random, or calls what is no torch function")
        if one is other or one == other:
            return one
        if isinstance(one, int) and isinstance(other, int):
            slope = (other - one) // (_SIZES[1] - _SIZES[0])
            return PerBatch(slope, one - slope * _SIZES[0])
        raise UnrecordableError(f"{one} and {other} depend on the size of the batch")
