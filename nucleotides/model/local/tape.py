"""One recording of a network's calls, with tensors by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from nucleotides.model.local.program import Call, Value, leaves, walk

_FACTS = (
    *("get", "size", "dim", "ndimension", "numel", "nelement", "len", "stride", "storage_offset"),
    *("is_contiguous", "is_floating_point", "is_complex", "is_signed", "is_inference", "type"),
    *("element_size", "get_device", "result_type", "is_same_size", "repr", "str", "format", "hash"),
)
"""Calls that say something of a tensor, but not what is in it."""
_NAMES = {"radd": "add", "rmul": "mul", "truediv": "div", "true_divide": "div", "subtract": "sub"}
_NAMES |= {"multiply": "mul", "divide": "div"}
_ANY_LAYOUT: dict[str, Any] = {"view": Tensor.reshape, "view_as": Tensor.reshape_as}
"""What does the same to tensors that are laid out in memory otherwise."""
_LAYOUT = "as_strided", "as_strided_scatter", "view_as_complex", "view_as_real"
_FIRST = "input", "tensors", "self"
"""Names of first parameters, for calls that give them by name."""


class UnrecordableError(Exception):
    """A network that a recording cannot stand for."""


class Tape(TorchFunctionMode):
    """What a function calls.

    Tensors are known by identity, so all of them are kept until the end. What it writes in place
    becomes a value of its own, which the same tensor stands for from then on; by the version that
    tensors and their views have in common, one that was overwritten by way of another is known.

    Args:
        function: makes outputs (batch, ...) of `x`.
        x: (batch, 4, length); may be written to.

    Attributes:
        calls: in order, with numbered values in place of tensors; those without results are left
            out.
        constants: by number, the content of values that do not depend on the input.
        shapes: of all values.
        output: number of the value that the function returned, `result`.

    Raises:
        UnrecordableError: the function cannot be recorded.
    """

    def __init__(self, function: Callable[[Tensor], Tensor], x: Tensor) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.constants: dict[int, Tensor] = {}
        self.shapes: list[tuple[int, ...]] = []
        self._kept: list[Tensor] = []
        self._numbers: dict[int, int] = {}
        self._versions: dict[int, int] = {}
        self._device = x.device.type
        self._given: dict[int, tuple[Tensor, int]] = {}
        self._number(x)
        with torch.no_grad(), self:
            self.result = function(x)
        self.output = self._numbers.get(id(self.result), -1)
        self._check_end()

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        name, function = _out_of_place(func, kwargs)
        if torch.is_autocast_enabled(self._device):
            raise UnrecordableError("it computes in mixed precision")
        if name in _LAYOUT:
            raise UnrecordableError(f"{name} asks how memory is laid out")
        call = Call(name, function, walk(args, self._value), walk(kwargs, self._value), None)
        _spell_out(call)
        before = _versions((args, kwargs))
        result = func(*args, **kwargs)
        written = before != _versions((args, kwargs))
        seen = any(value.number not in self.constants for value in call.inputs())
        if name == "setitem" and not seen:
            result, written = args[0], False
        if written and function is func and not kwargs.get("inplace"):
            raise UnrecordableError(f"{name} writes into a tensor")
        if any(isinstance(leaf, Tensor) for leaf in leaves(result)):
            call.out = walk(result, lambda leaf: self._new(leaf, seen))
            self.calls.append(call)
            walk((args, kwargs), self._value)
        elif seen and name not in _FACTS:
            raise UnrecordableError(f"{name} asks what is in a tensor")
        return None if name == "setitem" else result

    def _value(self, leaf: Any) -> Any:
        if not isinstance(leaf, Tensor):
            return leaf
        if id(leaf) not in self._numbers:
            self._given.setdefault(id(leaf), (leaf, _version(leaf)))
            return leaf
        number = self._numbers[id(leaf)]
        if self._versions[number] != _version(leaf):
            raise UnrecordableError("it writes into a tensor that it also has another view of")
        return Value(number)

    def _new(self, leaf: Any, seen: bool) -> Any:
        if not isinstance(leaf, Tensor):
            return leaf
        value = self._number(leaf)
        if not seen:
            self.constants[value.number] = leaf.clone()
        return value

    def _number(self, tensor: Tensor) -> Value:
        number = self._numbers[id(tensor)] = len(self._kept)
        self._versions[number] = _version(tensor)
        self._kept.append(tensor)
        self.shapes.append(tuple(tensor.shape))
        return Value(number)

    def _check_end(self) -> None:
        if not isinstance(self.result, Tensor):
            raise UnrecordableError("it returns something else than a tensor")
        if self.output < 0 or self.output in self.constants:
            raise UnrecordableError("what it returns is not made of its input by torch functions")
        self._value(self.result)
        if any(_version(tensor) != version for tensor, version in self._given.values()):
            raise UnrecordableError("it writes into tensors that it keeps")


def _version(tensor: Tensor) -> int:
    """How often a tensor, or what it is a view of, was written to; inference tensors do not say."""
    return -1 if tensor.is_inference() else tensor._version


def _versions(tree: Any) -> list[int]:
    return [_version(leaf) for leaf in leaves(tree) if isinstance(leaf, Tensor)]


def _is_of_sizes(call: Call) -> bool:
    """Whether a view is of other dimensions, not of another type."""
    return not any(isinstance(leaf, torch.dtype) for leaf in call.leaves())


def _out_of_place(func: Any, kwargs: dict[str, Any]) -> tuple[str, Any]:
    """The name and the function of a call, one that leaves its arguments as they are."""
    name = getattr(func, "__name__", "")
    if kwargs.get("out") is not None:
        raise UnrecordableError(f"{name} writes into a tensor")
    twin = name[:-1] if name.endswith("_") else f"__{name[3:]}"
    in_place = (name.endswith("_") and not name.startswith("_")) or name.startswith("__i")
    if in_place and callable(getattr(Tensor, twin, None)):
        name, func = twin, getattr(Tensor, twin)
    bare = name.strip("_")
    return _NAMES.get(bare, bare), func


def _spell_out(call: Call) -> None:
    """The first argument by position, dimensions by torch's names, nothing in place."""
    kwargs = call.kwargs
    for numpys, torchs in (("axis", "dim"), ("keepdims", "keepdim")):
        if numpys in kwargs:
            kwargs[torchs] = kwargs.pop(numpys)
    if kwargs.get("inplace"):
        kwargs["inplace"] = False
    if call.name in _ANY_LAYOUT and not kwargs and _is_of_sizes(call):
        call.name, call.function = call.name.replace("view", "reshape"), _ANY_LAYOUT[call.name]
    first = next((name for name in _FIRST if name in kwargs), None)
    if first and not call.args:
        call.args = (kwargs.pop(first),)
