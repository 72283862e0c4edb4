"""What has changed of a value: the changed positions, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Change:
    """By how much a value differs from the reference's, for each of n windows.

    Attributes:
        delta: the difference, (n, ...) as the value, but along `dim` only changed positions.
            Zero where such a position is beyond the value's ends.
        dim: the dimension along which positions lie; None if the difference is of all the value.
        first: int64 (n,), the first changed position of each window; it may be beyond the ends.
        size: positions that the value has.
    """

    delta: Tensor
    dim: int | None = None
    first: Tensor | None = None
    size: int = 0

    @property
    def width(self) -> int:
        """Changed positions."""
        assert self.dim is not None
        return self.delta.shape[self.dim]

    def with_delta(self, delta: Tensor, dim: int | None = None) -> Change:
        """Another difference at the same positions, perhaps of another dimension."""
        return replace(self, delta=delta, dim=self.dim if dim is None else dim)


def positions(first: Tensor, width: int) -> Tensor:
    """(width, n) positions from `first` (n,) on."""
    return first + torch.arange(width, device=first.device)[:, None]


def take(values: Tensor, rows: Tensor, dim: int, at: Tensor) -> Tensor:
    """Parts of `values` (windows, ...): of window `rows` (n,), positions `at` (width, n) of `dim`.

    Positions beyond the ends give what is at the end. Memory is laid out positions first, then
    windows, then the rest, whatever the order of dimensions.
    """
    size = values.shape[dim]
    lines = values.movedim(dim, 1)
    index = at.clamp(0, size - 1) + rows * size
    if lines.is_contiguous():
        taken = lines.flatten(0, 1).index_select(0, index.flatten())
        taken = taken.view(*index.shape, *lines.shape[2:])
    else:
        taken = lines[rows, at.clamp(0, size - 1)]
    return taken.movedim(0, dim)


def as_lines(delta: Tensor, dim: int) -> Tensor:
    """(width, n, rest) of a slab, contiguous."""
    return delta.movedim(dim, 0).contiguous()


def from_lines(lines: Tensor, dim: int) -> Tensor:
    """The slab of `as_lines`."""
    return lines.movedim(0, dim)


def within(change: Change) -> Change:
    """The same, zero beyond the value's ends."""
    assert change.dim is not None
    assert change.first is not None
    low, high = change.first.aminmax()
    if int(low) >= 0 and int(high) + change.width <= change.size:
        return change
    at = positions(change.first, change.width)
    known = ((at >= 0) & (at < change.size)).movedim(0, 1)
    shape = [1] * change.delta.ndim
    shape[0], shape[change.dim] = known.shape
    return change.with_delta(change.delta.masked_fill(~known.view(shape), 0))


def widen(change: Change, first: Tensor, width: int) -> Tensor:
    """The difference at other positions, `first` and so many."""
    assert change.dim is not None
    assert change.first is not None
    offset = change.first - first
    low, high = (int(end) for end in offset.aminmax())
    if low == high == 0 and width == change.width:
        return change.delta
    lines, before = as_lines(change.delta, change.dim), max(-low, 0)
    room = before + max(width, high + change.width)
    wide = lines.new_zeros(room, *lines.shape[1:])
    if low == high:
        wide[before + low : before + low + change.width] = lines
    else:
        n = lines.shape[1]
        at = positions(offset + before, change.width) * n + torch.arange(n, device=first.device)
        wide.flatten(0, 1).index_copy_(0, at.flatten(), lines.flatten(0, 1))
    return from_lines(wide[before : before + width], change.dim)


def add_product(total: Tensor, left: Tensor, right: Tensor) -> None:
    """Add a product of two matrices of any precision to a total in float32, (n, m)."""
    if left.dtype == total.dtype:
        total.addmm_(left, right)
    else:
        total += left @ right
