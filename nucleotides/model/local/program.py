"""The calls of a network, in order: values by number, constants in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

Values = dict[int, Tensor]


@dataclass(frozen=True)
class Value:
    """The tensor of this number; 0 is the input."""

    number: int


@dataclass(frozen=True)
class PerBatch:
    """A number that depends on how many windows there are."""

    slope: int
    offset: int

    def of(self, size: int) -> int:
        """The number, for so many windows."""
        return self.slope * size + self.offset


@dataclass
class Call:
    """A call of a torch function: `name` for those who know a better way, `out` for its results."""

    name: str
    function: Callable[..., Any]
    args: Any
    kwargs: Any
    out: Any

    def leaves(self) -> Iterator[Any]:
        """All that its arguments are made of."""
        return leaves((self.args, self.kwargs))

    def inputs(self) -> list[Value]:
        """The values among its arguments."""
        return [leaf for leaf in self.leaves() if isinstance(leaf, Value)]

    def given(self, *names: str) -> dict[str, Any] | None:
        """Its arguments by parameters' names, None if it has others."""
        bound = dict(zip(names, self.args, strict=False)) | self.kwargs
        return bound if len(self.args) <= len(names) and bound.keys() <= set(names) else None

    def outputs(self) -> list[Value]:
        """The values that it makes."""
        return [leaf for leaf in leaves(self.out) if isinstance(leaf, Value)]

    def filled(self, value: Callable[[Value], Any], size: int) -> tuple[Any, dict[str, Any]]:
        """Its arguments, with what `value` gives for values, for so many windows."""

        def fill(leaf: Any) -> Any:
            if isinstance(leaf, Value):
                return value(leaf)
            return leaf.of(size) if isinstance(leaf, PerBatch) else leaf

        return walk(self.args, fill), walk(self.kwargs, fill)


@dataclass(frozen=True)
class Program:
    """What a network does.

    Attributes:
        calls: those that depend on the input, in order.
        shapes: of every value, for two windows.
        output: the value that the network returns.
        precision: of what convolutions and large layers multiply.
        prepared: constants, and each in another layout; kept, a constant's id is no other's.
    """

    calls: list[Call]
    shapes: list[tuple[int, ...]]
    output: Value
    precision: torch.dtype = torch.float32
    prepared: dict[tuple[int, str], tuple[Tensor, Tensor]] = field(default_factory=dict, repr=False)

    def steps(self, kept: Collection[int]) -> Iterator[tuple[Call, list[int]]]:
        """Every call, and the values that none needs after it, without those to be kept."""
        left = Counter(v.number for call in self.calls for v in call.inputs())
        for call in self.calls:
            used = [value.number for value in call.inputs()]
            left.subtract(used)
            ends = {*used, *(value.number for value in call.outputs())}
            yield call, [number for number in ends if not left[number] and number not in kept]

    def prepare(
        self,
        constant: Tensor,
        layout: str,
        make: Callable[[Tensor], Tensor],
        precision: torch.dtype | None = None,
    ) -> Tensor:
        """A constant in another layout, of the program's precision or another, made once."""
        key = id(constant), layout
        if key not in self.prepared:
            self.prepared[key] = constant, make(constant).to(precision or self.precision)
        return self.prepared[key][1]


def walk(tree: Any, leaf: Callable[[Any], Any]) -> Any:
    """The same nest of tuples, lists, dictionaries and slices, with `leaf` of every leaf."""
    if isinstance(tree, (tuple, list)):
        inner = [walk(part, leaf) for part in tree]
        return inner if isinstance(tree, list) else tuple(inner)
    if isinstance(tree, dict):
        return {key: walk(part, leaf) for key, part in tree.items()}
    if isinstance(tree, slice):
        return slice(walk(tree.start, leaf), walk(tree.stop, leaf), walk(tree.step, leaf))
    return leaf(tree)


def leaves(tree: Any) -> Iterator[Any]:
    """All leaves of a nest."""
    found: list[Any] = []
    walk(tree, found.append)
    return iter(found)
