"""Convolution along positions in fewer multiplications than it has products.

Two outputs of a filter with two taps are y0 = a x0 + b x1 and y1 = a x1 + b x2. With
m0 = a (x0 - x1), m1 = (a + b) x1 and m2 = b (x2 - x1), they are m0 + m1 and m1 + m2: three
products instead of four (Karatsuba and Ofman 1962; Winograd 1980, F(2, 2)). Here the numbers are
even and odd positions and taps, so that each product is a convolution of half the length with half
of the taps, to which the same applies. Each level adds positions once before and once after,
without constants, and rounds less than a long sum of products does.
"""

from __future__ import annotations

import torch
from torch import Tensor

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
        lines: float32 (batch, positions, channels).
        taps: of `split_taps`; of a size that is no multiple of its unit, with zeros.
        bias: (out,).

    Returns:
        (batch, positions, out): of each window, the first positions - size + 1 mean something.
    """
    levels = {1: 0, 3: 1, 9: 2, 27: 3}[len(taps)]
    batch, n, channels = lines.shape
    unit = 2**levels
    whole = -(-n // unit) * unit
    if whole != n:
        padded = lines.new_zeros(batch, whole, channels)
        padded[:, :n] = lines
        lines = padded
    mixed = lines.reshape(1, batch * whole, channels)
    for _ in range(levels):
        mixed = _mix(mixed)
    out = _sum(_products(mixed, taps), levels)
    if bias is not None:
        out += bias
    return out.view(batch, whole, -1)[:, :n]


def _mix(lines: Tensor) -> Tensor:
    """(s, n, channels) to (3 s, n / 2, channels): even - odd, odd, next even - odd."""
    even, odd = lines[:, 0::2], lines[:, 1::2]
    out = lines.new_empty(len(lines), 3, even.shape[1], lines.shape[2])
    torch.sub(even, odd, out=out[:, 0])
    out[:, 1] = odd
    torch.sub(even[:, 1:], odd[:, :-1], out=out[:, 2, :-1])
    out[:, 2, -1] = 0
    return out.flatten(0, 1)


def _products(mixed: Tensor, taps: Tensor) -> Tensor:
    """Each of the short convolutions, tap by tap: (s, n, channels) to (s, n, out)."""
    n, size = mixed.shape[1], taps.shape[1]
    out = mixed.new_empty(len(mixed), n, taps.shape[3])
    for lines, own, result in zip(mixed, taps, out, strict=True):
        known = result[: n - size + 1]
        result[len(known) :] = 0
        for i, tap in enumerate(own):
            known.addmm_(lines[i : i + len(known)], tap, beta=float(i > 0))
    return out


def _sum(products: Tensor, levels: int) -> Tensor:
    """(3^levels, n, out) to (2^levels n, out): even and odd positions, level by level."""
    for _ in range(levels):
        parts = products.unflatten(0, (-1, 3))
        out = products.new_empty(len(parts), parts.shape[2], 2, parts.shape[3])
        torch.add(parts[:, 0], parts[:, 1], out=out[:, :, 0])
        torch.add(parts[:, 1], parts[:, 2], out=out[:, :, 1])
        products = out.flatten(1, 2)
    return products[0]
