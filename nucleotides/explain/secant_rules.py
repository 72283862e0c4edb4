"""Rules of DeepLIFT by kind of call: the slope of the line from reference to window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import max_pool1d_with_indices, max_pool2d_with_indices

from nucleotides.explain.open_program import is_product
from nucleotides.explain.pair_of_runs import PairOfRuns
from nucleotides.explain.run_call import run_call
from nucleotides.model.local.elementwise import UNARY
from nucleotides.model.local.program import Call, leaves

_ALIKE = 1e-6
_POINTS = 8


def rescale(pair: PairOfRuns, call: Call) -> Tensor | None:
    """A function of one number: rise over step, or the derivative where there is no step."""
    (value,), (out,) = call.inputs(), call.outputs()
    with torch.no_grad():
        result = pair.run_references(call)
        start, end = pair.ends(value)
        if result.shape != pair.references[value.number].shape:
            return None
        step = end - start
        slope = (pair.of_windows(out) - pair.by_window(result)).div_(step)
        alike = step.abs() < _ALIKE
        if alike.any():
            middle = (start + step / 2).flatten(0, 2)
            slope[alike] = _derivative(pair, call, middle).view_as(slope)[alike]
    return _Slope.apply(pair.references[value.number], result, slope.flatten(0, 2))  # type: ignore[no-any-return,no-untyped-call]


def _derivative(pair: PairOfRuns, call: Call, at: Tensor) -> Tensor:
    if call.name == "relu":
        return (at > 0).to(at.dtype)
    with torch.enable_grad():
        at.requires_grad_()
        out = run_call(pair.program, call, {call.inputs()[0].number: at}, len(at))
        return torch.autograd.grad(out.sum(), at)[0]


def pool_highest(pair: PairOfRuns, call: Call) -> Tensor | None:
    """The maximum over windows of positions, overlapping ones too."""
    if len(call.outputs()) > 1 or call.kwargs.get("return_indices"):
        return None
    dims, pool = (2, max_pool2d_with_indices) if "2d" in call.name else (1, max_pool1d_with_indices)
    (value,) = call.inputs()
    options, named = call.args[1:], {k: v for k, v in call.kwargs.items() if k != "return_indices"}
    with torch.no_grad():
        result, at = pool(pair.references[value.number], *options, **named)
        highest, there = pool(pair.windows[value.number], *options, **named)
        highest, there = (pair.beside(t) for t in (highest, there))
        index = torch.where(highest > pair.by_window(result), there, pair.by_window(at))
        index = index.flatten(-dims)
    start, end = (side.flatten(-dims) for side in pair.ends(value))
    step = _broadcast(end, index).gather(-1, index)
    shape = pair.by_window(result).shape
    return _of_chosen(pair, call, result, start.gather(-1, index).view(shape), step.view(shape))


def highest_along(pair: PairOfRuns, call: Call) -> Any:
    """The maximum over one other dimension than that of windows."""
    dim = call.args[1] if len(call.args) > 1 else call.kwargs.get("dim")
    (value, *others), n_dims = call.inputs(), pair.references[call.inputs()[0].number].ndim
    if isinstance(dim, (tuple, list)) and len(dim) == 1:
        dim = dim[0]
    if others or not isinstance(dim, int) or dim % n_dims == 0:
        return None
    dim = dim % n_dims - n_dims
    with torch.no_grad():
        first, *rest = _as_list(pair.run_references(call))
        start, end = pair.ends(value)
        wins = end.amax(dim, keepdim=True) > start.amax(dim, keepdim=True)
        index = torch.where(wins, end.argmax(dim, keepdim=True), start.argmax(dim, keepdim=True))
    chosen = pair.by_window(pair.references[value.number]).gather(dim, index)
    shape = pair.by_window(first).shape
    ends = _broadcast(end, index, dim).gather(dim, index).view(shape)
    return [_of_chosen(pair, call, first, chosen.view(shape), ends), *rest]


def higher(pair: PairOfRuns, call: Call) -> Tensor | None:
    """The larger, or the smaller, of two values."""
    if len(call.inputs()) != 2:
        return rescale(pair, call)
    sign = -1 if call.name == "minimum" else 1
    (one, one_end), (two, two_end) = (pair.ends(value) for value in call.inputs())
    with torch.no_grad():
        result = pair.run_references(call)
        risen = sign * pair.of_windows(call.outputs()[0]) > sign * pair.by_window(result)
        is_one = torch.where(risen, sign * one_end >= sign * two_end, sign * one >= sign * two)
    start, end = torch.where(is_one, one, two), torch.where(is_one, one_end, two_end)
    return _of_chosen(pair, call, result, start, end)


def _of_chosen(pair: PairOfRuns, call: Call, result: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """The whole difference of a maximum as that of one argument: no slope is above 1."""
    with torch.no_grad():
        rise = pair.of_windows(call.outputs()[0]) - pair.by_window(result)
        step = end - start
        slope = torch.where(step == 0, 1.0, rise / step)
    return _Slope.apply(start.flatten(0, 2), result, slope.flatten(0, 2))  # type: ignore[no-any-return,no-untyped-call]


def _broadcast(end: Tensor, index: Tensor, dim: int = -1) -> Tensor:
    """Windows (n, 1, ...) beside all references (n, r, ...)."""
    shape = list(index.shape)
    shape[dim] = end.shape[dim]
    return end.expand(shape)


def along_the_line(pair: PairOfRuns, call: Call) -> Any:
    """Any call: its mean derivative on the way from reference to window."""
    numbers = list(dict.fromkeys(value.number for value in call.inputs()))
    numbers = [k for k in numbers if pair.references[k].is_floating_point()]
    with torch.no_grad():
        result = _as_list(pair.run_references(call))
    if not numbers or not all(part.is_floating_point() for part in result):
        return result
    line = _Line(pair, call, numbers)
    starts = (pair.references[k] for k in numbers)
    found = _MeanSlope.apply(line, len(numbers), *starts, *result)  # type: ignore[no-untyped-call]
    return list(found)


def _as_list(result: Any) -> list[Tensor]:
    return [leaf for leaf in leaves(result) if isinstance(leaf, Tensor)]


class _Slope(torch.autograd.Function):
    """A result that is known, with a slope of its own."""

    @staticmethod
    def forward(ctx: Any, _: Tensor, result: Tensor, slope: Tensor) -> Tensor:
        ctx.slope = slope
        return result.view_as(result)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return gradient * ctx.slope, None, None


class _Line:
    """A call anywhere between references and windows."""

    def __init__(self, pair: PairOfRuns, call: Call, numbers: list[int]) -> None:
        self._program, self._call, self._numbers = pair.program, call, numbers
        self._size = pair.shape[0] * pair.shape[1]
        self._others = dict(pair.references)
        values = {value.number: value for value in call.inputs()}
        self._ends = [pair.ends(values[k]) for k in numbers]
        nodes, weights = np.polynomial.legendre.leggauss(1 if is_product(call) else _POINTS)
        self.nodes = [*zip(((nodes + 1) / 2).tolist(), (weights / 2).tolist(), strict=True)]

    def pull_back(self, t: float, gradients: tuple[Tensor, ...]) -> list[Tensor]:
        """Gradients of results as those of arguments, at a part of the way."""
        with torch.enable_grad():
            at = [
                torch.lerp(start.detach(), end.expand_as(start), t).flatten(0, 2).requires_grad_()
                for start, end in self._ends
            ]
            values = self._others | dict(zip(self._numbers, at, strict=True))
            out = _as_list(run_call(self._program, self._call, values, self._size))
            return list(torch.autograd.grad(out, at, gradients, materialize_grads=True))


class _MeanSlope(torch.autograd.Function):
    """Results that are known, with the mean derivative along a line."""

    @staticmethod
    def forward(ctx: Any, line: _Line, n: int, *tensors: Tensor) -> tuple[Tensor, ...]:
        ctx.line = line
        return tuple(result.view_as(result) for result in tensors[n:])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        total: list[Tensor] | None = None
        for t, weight in ctx.line.nodes:
            found = [weight * part for part in ctx.line.pull_back(t, gradients)]
            total = found if total is None else [a + b for a, b in zip(total, found, strict=True)]
        assert total is not None
        return (None, None, *total, *[None] * len(gradients))


Rule = Callable[[PairOfRuns, Call], Any]
"""What a call makes of references, with slopes; None if another rule has to."""

RULES: dict[str, Rule] = {
    **dict.fromkeys((*UNARY, "prelu", "threshold"), rescale),
    **dict.fromkeys(("max_pool1d", "max_pool2d"), pool_highest),
    **dict.fromkeys(("amax", "max"), highest_along),
    **dict.fromkeys(("maximum", "minimum"), higher),
}
