"""Convolution along positions in fewer multiplications than it has products.

Two outputs of a filter with two taps are y0 = a x0 + b x1 and y1 = a x1 + b x2. With
m0 = a (x0 - x1), m1 = (a + b) x1 and m2 = b (x2 - x1), they are m0 + m1 and m1 + m2: three
products instead of four (Karatsuba and Ofman 1962; Winograd 1980, F(2, 2)). Here the numbers are
even and odd positions and taps, so that each product is a convolution of half the length with half
of the taps, to which the same applies. Each level adds positions once before and once after,
without constants, and rounds less than a long sum of products does.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

LEVELS = 2


def split_taps(weight: Tensor, levels: int = LEVELS) -> Tensor:
    """Filters (out, channels, size) as (3^levels, taps, channels, out)."""
    taps = weight.permute(2, 1, 0)
    unit = 2**levels
    missing = -len(taps) % unit
    taps = torch.cat([taps, taps.new_zeros(missing, *taps.shape[1:])])[None]
    for _ in range(levels):
        even, odd = taps[:, 0::2], taps[:, 1::2]
        taps = torch.stack([even, even + odd, odd], 1).flatten(0, 1)
    return taps.contiguous()


def convolve_lines(lines: Tensor, taps: Tensor, bias: Tensor | None) -> Tensor:
    """A convolution without padding.

    Args:
        lines: float32 (batch, positions, channels), contiguous.
        taps: of `split_taps`.
        bias: (out,).

    Returns:
        (batch, positions or a few more, out): of each window, the first positions - size + 1 mean
        something. Their bits do not depend on the other windows: each begins at a multiple of the
        unit, and no product is of a single row (`rows`).
    """
    unit = _unit(taps)
    lines = pad(lines, (0, 0, 0, -lines.shape[1] % unit))
    batch, n, _ = lines.shape
    row = lines.flatten(0, 1)
    out = row.new_empty(len(row), taps.shape[3])
    whole = max(len(row) - unit * taps.shape[1] + 1, 0) // unit * unit
    whole = whole if whole > unit else 0
    if whole:
        _convolve(row, taps, bias, out[:whole], fresh=True)
    left = len(row) - whole
    last = max(left, 2 * unit)
    room = last + unit * taps.shape[1] - left
    end = out.new_empty(last, out.shape[1])
    _convolve(pad(row[whole:], (0, 0, 0, room)), taps, bias, end, fresh=True)
    out[whole:] = end[:left]
    return out.view(batch, n, -1)


def _unit(taps: Tensor) -> int:
    return 1 << round(math.log(len(taps), 3))


def _convolve(
    lines: Tensor, taps: Tensor, bias: Tensor | None, out: Tensor, *, fresh: bool
) -> None:
    """Write a convolution into `out` (n, out), or add it; n is a multiple of the unit of taps."""
    third = len(taps) // 3
    if not third:
        _multiply(lines, taps[0], bias, out, fresh=fresh)
        return
    even, odd, need = lines[0::2], lines[1::2], len(out) // 2 + _unit(taps) // 2 * taps.shape[1]
    half = out.new_empty(len(out) // 2, out.shape[1])
    _convolve(odd, taps[third : 2 * third], bias, half, fresh=True)
    for part in (out[0::2], out[1::2]):
        part.copy_(half) if fresh else part.add_(half)
    odd = odd[: need - 1]
    _convolve(even[: need - 1] - odd, taps[:third], None, out[0::2], fresh=False)
    _convolve(even[1:need] - odd, taps[2 * third :], None, out[1::2], fresh=False)


def _multiply(
    lines: Tensor, taps: Tensor, bias: Tensor | None, out: Tensor, *, fresh: bool
) -> None:
    """A convolution tap by tap: the products of shifted lines."""
    for i, tap in enumerate(taps):
        seen = lines[i : i + len(out)]
        if fresh and i == 0 and bias is not None:
            torch.addmm(bias, seen, tap, out=out)
        else:
            out.addmm_(seen, tap, beta=float(not fresh or i > 0))
