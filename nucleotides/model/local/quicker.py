"""Convolution, pooling and large layers as processors do them in less time.

Memory is laid out channels last; float32 convolutions are done in fewer products; in a program of
reduced precision, factors are rounded and sums are not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv1d, conv2d, max_pool1d

from nucleotides.model.local.karatsuba import convolve_lines, split_taps
from nucleotides.model.local.program import Program
from nucleotides.model.local.rows import (
    can_pack,
    in_pairs,
    multiply_layer,
    multiply_matrix,
    multiply_packed,
)

_WORTH_SPLITTING = 64  # channels: with fewer, additions cost more than the products saved
_SHORT = 128  # positions: a shorter inner loop costs more than what lies between windows
_PIECE = 16


def convolve(
    program: Program,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """As `conv1d`; the result is laid out (batch, positions, channels) in memory."""
    step, (_, channels, size) = _last(stride), weight.shape
    gap = _last(dilation) if size > 1 else 1  # oneDNN crashes at some gaps between no taps
    if padding == "same":
        if size % 2 == 0:
            return conv1d(x.float(), weight, bias, stride, padding, dilation, groups)
        padding = size // 2 * gap
    room = 0 if padding == "valid" else _last(padding)
    plain = step == gap == groups == 1 < size
    if plain and channels >= _WORTH_SPLITTING and program.precision == torch.float32:
        lines = _padded(x.transpose(1, 2), room).contiguous()
        out = convolve_lines(lines, program.prepare(weight, "split", split_taps), bias)
        return out[:, : lines.shape[1] - size + 1].transpose(1, 2)
    image = x.transpose(1, 2).contiguous().transpose(1, 2).unsqueeze(2).to(program.precision)
    filters = program.prepare(weight, "image", _as_image)
    bias = None if bias is None else bias.to(program.precision)
    if step == 1 and room == 0 and x.shape[2] < _SHORT:
        out = conv2d(_in_one_row(image), filters, bias, 1, 0, (1, gap), groups)
        return _as_windows(out, x.shape, (size - 1) * gap)
    return conv2d(image, filters, bias, (1, step), (0, room), (1, gap), groups)[:, :, 0]


def _in_one_row(image: Tensor) -> Tensor:
    """Windows (n, channels, 1, positions) one behind the other, for a longer inner loop."""
    return image[:, :, 0].transpose(1, 2).flatten(0, 1).T[None, :, None]


def _as_windows(row: Tensor, shape: torch.Size, reach: int) -> Tensor:
    """What a convolution made of `_in_one_row`, window by window, (n, out, positions)."""
    lines = row[0, :, 0].T.contiguous()
    n, size, out = shape[0], shape[2], lines.shape[1]
    return lines.as_strided((n, out, size - reach), (size * out, 1, out))


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
    _: Program,
    x: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """As `max_pool1d`."""
    size, step = _last(kernel_size), _last(stride or kernel_size)
    unusual = ceil_mode or return_indices or _last(dilation) != 1 or x.ndim != 3
    if size != step or _last(padding) or unusual:
        more: dict[str, Any] = {"ceil_mode": ceil_mode, "return_indices": return_indices}
        return max_pool1d(x, size, step, padding, dilation, **more)
    n = x.shape[2] // size
    lines = x[:, :, : n * size].transpose(1, 2)
    return lines.reshape(len(x), n, size, -1).amax(2).transpose(1, 2)


def _last(number: Any) -> int:
    return int(number[-1] if isinstance(number, (tuple, list)) else number)


def multiply_all(program: Program, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """As `linear` of all of x (n, ...), in the order in which it lies in memory."""
    dim = x.ndim - 1 if x.movedim(-1, 1).is_contiguous() else 1
    rows, shape = x.movedim(dim, 1).flatten(1).to(program.precision), tuple(x.shape[1:])
    if can_pack(rows):
        name = f"positions in {dim} of {shape}"
        out = multiply_packed(
            program, rows, weight, name, lambda w: w.reshape(-1, *shape).movedim(dim, 1).flatten(1)
        )
    else:
        layer = by_position(program, weight, shape, dim).flatten(0, 1)
        out = in_pairs(rows, lambda rows: rows @ layer)
    out = out.float()
    return out if bias is None else out.add_(bias)


def by_position(program: Program, weight: Tensor, shape: tuple[int, ...], dim: int) -> Tensor:
    """Weights (out, all of `shape`) of a layer as (positions, rest, out).

    Args:
        program: what the layer is of.
        weight: of a layer that sees all of a value.
        shape: of that value, without windows.
        dim: that of positions, windows being 0.
    """

    def make(weight: Tensor) -> Tensor:
        moved = weight.reshape(-1, *shape).movedim((dim, 0), (0, -1))
        return _laid_out(moved).flatten(1, -2)

    return program.prepare(weight, f"positions in {dim} of {shape}", make)


def _laid_out(moved: Tensor) -> Tensor:
    """As `contiguous` of (positions, ..., out), piece by piece: a fourth of the time, since what
    is read stays in the processor's cache until it is written."""
    if moved.ndim < 3:
        return moved.contiguous()
    out = torch.empty_like(moved, memory_format=torch.contiguous_format)
    for i in range(0, moved.shape[1], _PIECE):
        out[:, i : i + _PIECE] = moved[:, i : i + _PIECE]
    return out


QUICKER: dict[str, Callable[..., Any]] = {
    "conv1d": convolve,
    "max_pool1d": pool,
    "linear": multiply_layer,
    "linear_of_all": multiply_all,
    "matmul": multiply_matrix,
}
