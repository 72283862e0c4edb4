"""Convolutions and pooling of changes."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import conv1d

from nucleotides.model.local.elementwise import Rule
from nucleotides.model.local.program import Call, Value
from nucleotides.model.local.run import Run, State
from nucleotides.model.local.slab import (
    Change,
    add_product,
    as_lines,
    from_lines,
    positions,
    widen,
    within,
)


class Window(NamedTuple):
    """How outputs along positions see inputs."""

    size: int
    stride: int
    padding: int
    dilation: int = 1

    @property
    def reach(self) -> int:
        """From the first position that an output sees to the last."""
        return (self.size - 1) * self.dilation

    def changed(self, change: Change) -> tuple[Tensor, int]:
        """The first changed output, and how many there are at most."""
        assert change.first is not None
        low = change.first + self.padding - self.reach
        first = -torch.div(-low, self.stride, rounding_mode="floor")
        return first, (change.width - 1 + self.reach) // self.stride + 1

    def seen(self, first: Tensor, width: int) -> tuple[Tensor, int]:
        """The first position that outputs see, and how many they see."""
        return first * self.stride - self.padding, (width - 1) * self.stride + self.reach + 1


def convolve(run: Run, call: Call) -> State | None:
    """A convolution along positions: of the difference alone, since it is linear."""
    bound = _convolution(run, call)
    if bound is None:
        return None
    change, weight, window, groups = bound
    size = run.shape(call.outputs()[0])[-1]
    first, width = window.changed(change)
    if window.stride == 1 and groups == 1:
        taps = run.program.prepare(weight, "by tap", _by_tap)
        lines = _scatter(as_lines(change.delta.flatten(1, -2), 2), taps, window.dilation)
        delta = from_lines(lines, 2)
    else:
        wide = widen(change, *window.seen(first, width)).flatten(1, -2)
        delta = conv1d(wide, weight.flatten(1, -2), None, window.stride, 0, window.dilation, groups)
    if call.name == "conv2d":
        delta = delta.unsqueeze(2)
    return within(Change(delta, change.dim, first, size))


def _by_tap(weight: Tensor) -> Tensor:
    """(out, channels, size) as (size, channels, out)."""
    return weight.flatten(1, -2).permute(2, 1, 0).contiguous()


def _scatter(lines: Tensor, taps: Tensor, dilation: int) -> Tensor:
    """Each changed input's part in all outputs that see it.

    Args:
        lines: (width, n, channels).
        taps: (size, channels, out).

    Returns:
        (width + (size - 1) * dilation, n, out).
    """
    width, n, _ = lines.shape
    before, reach = lines.flatten(0, 1).to(taps.dtype), (len(taps) - 1) * dilation
    out = lines.new_zeros(width + reach, n, taps.shape[2])
    for i, tap in enumerate(taps):
        begin = reach - i * dilation
        add_product(out[begin : begin + width].view(width * n, -1), before, tap)
    return out


def _convolution(run: Run, call: Call) -> tuple[Change, Tensor, Window, int] | None:
    """What a convolution is made of, or None if it is not along positions alone."""
    change = run.change(call)
    given = call.given("input", "weight", "bias", "stride", "padding", "dilation", "groups")
    if change is None or given is None or change.dim != len(run.shape(call.args[0])):
        return None
    weight, padding = given["weight"], given.get("padding", 0)
    if call.name == "conv2d" and not (run.shape(call.args[0])[1] == 1 == weight.shape[2]):
        return None
    stride, dilation = _last(given.get("stride", 1)), _last(given.get("dilation", 1))
    if padding == "same":
        padding = (weight.shape[-1] - 1) * dilation // 2
    elif padding == "valid":
        padding = 0
    elif call.name == "conv2d" and _across(padding) != 0:
        return None
    window = Window(weight.shape[-1], stride, _last(padding), dilation)
    return change, weight, window, int(given.get("groups", 1))


def _last(number: Any) -> int:
    return int(number[-1] if isinstance(number, (tuple, list)) else number)


def pool_highest(run: Run, call: Call) -> State | None:
    """The maximum over windows of positions."""
    bound = _pooling(run, call)
    if bound is None:
        return None
    value, change, window = bound
    out = call.outputs()[0]
    first, width = window.changed(change)
    begin, seen = window.seen(first, width)
    wide = run.reference(value, change, begin, seen) + widen(change, begin, seen)
    assert change.dim is not None
    lines = as_lines(wide, change.dim)
    if window.padding:
        at = positions(begin, seen)
        beyond = ((at < 0) | (at >= change.size)).view(*at.shape, *[1] * (lines.ndim - 2))
        lines = lines.masked_fill(beyond, -torch.inf)
    new = from_lines(_highest(lines, window), change.dim)
    old = run.reference(out, change, first, width)
    return within(Change(new - old, change.dim, first, run.shape(out)[-1]))


def _highest(lines: Tensor, window: Window) -> Tensor:
    if window.size == window.stride:
        return lines.reshape(-1, window.size, *lines.shape[1:]).amax(1)
    return lines.unfold(0, window.size, window.stride).amax(-1)


def pool_mean(run: Run, call: Call) -> State | None:
    """The mean over windows of positions, of the difference alone."""
    bound = _pooling(run, call)
    if bound is None:
        return None
    _, change, window = bound
    first, width = window.changed(change)
    lines = as_lines(widen(change, *window.seen(first, width)), change.dim or 0)
    mean = from_lines(lines.unfold(0, window.size, window.stride).mean(-1), change.dim or 0)
    return within(Change(mean, change.dim, first, run.shape(call.outputs()[0])[-1]))


def _pooling(run: Run, call: Call) -> tuple[Value, Change, Window] | None:
    """What a pooling is made of, or None if it is not along positions alone, or an unusual one."""
    change, given = run.change(call), call.given(*_POOLING[call.name[:3]])
    if change is None or given is None or change.dim != len(run.shape(call.args[0])):
        return None
    unusual = given.get("ceil_mode") or given.get("return_indices") or given.get("divisor_override")
    if unusual or _last(given.get("dilation", 1)) != 1 or not given.get("count_include_pad", True):
        return None
    size = given["kernel_size"]
    stride = given.get("stride") or size
    if call.name.endswith("2d") and not (_across(size) == 1 == _across(stride)):
        return None
    window = Window(_last(size), _last(stride), _last(given.get("padding", 0)))
    return call.args[0], change, window


def _across(number: Any) -> int:
    return int(number[0] if isinstance(number, (tuple, list)) else number)


_POOL = "input", "kernel_size", "stride", "padding"
_POOLING = {
    "max": (*_POOL, "dilation", "ceil_mode", "return_indices"),
    "avg": (*_POOL, "ceil_mode", "count_include_pad", "divisor_override"),
}
RULES: dict[str, Rule] = {
    **dict.fromkeys(("conv1d", "conv2d"), convolve),
    **dict.fromkeys(("max_pool1d", "max_pool2d"), pool_highest),
    **dict.fromkeys(("avg_pool1d", "avg_pool2d"), pool_mean),
}
