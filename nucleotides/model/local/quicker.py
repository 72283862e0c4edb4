"""Convolution and pooling as CPUs do them in less time: channels last in memory, fewer products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv1d, conv2d, max_pool1d

from nucleotides.model.local.karatsuba import convolve_lines, split_taps

_WORTH_SPLITTING = 64  # channels: with fewer, additions cost more than the products saved
Prepare = Callable[[Tensor, str, Callable[[Tensor], Tensor]], Tensor]


def convolve(
    prepare: Prepare,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """As `conv1d`; the result is laid out (batch, positions, channels) in memory."""
    step, gap, size = _last(stride), _last(dilation), weight.shape[2]
    if padding == "same":
        if size % 2 == 0:
            return conv1d(x, weight, bias, stride, padding, dilation, groups)
        padding = size // 2 * gap
    room = 0 if padding == "valid" else _last(padding)
    if step == gap == groups == 1 < size and weight.shape[1] >= _WORTH_SPLITTING:
        lines = _padded(x.transpose(1, 2), room)
        out = convolve_lines(lines, prepare(weight, "split", split_taps), bias)
        return out[:, : lines.shape[1] - size + 1].transpose(1, 2)
    image = x.transpose(1, 2).contiguous().transpose(1, 2).unsqueeze(2)
    filters = prepare(weight, "image", _as_image)
    return conv2d(image, filters, bias, (1, step), (0, room), (1, gap), groups)[:, :, 0]


def _padded(lines: Tensor, room: int) -> Tensor:
    if not room:
        return lines
    batch, n, channels = lines.shape
    out = lines.new_zeros(batch, n + 2 * room, channels)
    out[:, room : room + n] = lines
    return out


def _as_image(weight: Tensor) -> Tensor:
    return weight.unsqueeze(2).contiguous(memory_format=torch.channels_last)


def pool(
    _: Prepare, x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, **more: Any
) -> Tensor:
    """As `max_pool1d`."""
    size, step = _last(kernel_size), _last(stride or kernel_size)
    if size != step or _last(padding) or more.get("ceil_mode") or more.get("return_indices"):
        return max_pool1d(x, kernel_size, stride, padding, **more)
    n = x.shape[2] // size
    lines = x[:, :, : n * size].transpose(1, 2).unflatten(1, (n, size))
    return lines.amax(2).transpose(1, 2)


def _last(number: Any) -> int:
    return int(number[-1] if isinstance(number, (tuple, list)) else number)


def multiply_all(prepare: Prepare, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """As `linear` of all of x (n, ...), in the order in which it lies in memory."""
    dim = x.ndim - 1 if x.movedim(-1, 1).is_contiguous() else 1
    layer = by_position(prepare, weight, tuple(x.shape[1:]), dim).flatten(0, 1)
    lines = x.movedim(dim, 1).flatten(1)
    return lines @ layer if bias is None else torch.addmm(bias, lines, layer)


def by_position(prepare: Prepare, weight: Tensor, shape: tuple[int, ...], dim: int) -> Tensor:
    """Weights (out, all of `shape`) of a layer as (positions, rest, out).

    Args:
        prepare: `Program.prepare`.
        weight: of a layer that sees all of a value.
        shape: of that value, without windows.
        dim: that of positions, windows being 0.
    """

    def make(weight: Tensor) -> Tensor:
        moved = weight.unflatten(1, shape).movedim((dim, 0), (0, -1))
        return moved.flatten(1, -2).contiguous()

    return prepare(weight, f"positions in {dim}", make)


QUICKER: dict[str, Callable[..., Any]] = {
    "conv1d": convolve,
    "max_pool1d": pool,
    "linear_of_all": multiply_all,
}
