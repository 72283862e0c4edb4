"""Genome and labels as tensors of one device: windows and labels by plain torch operations.

Two bits a base, one bit that says N, and the stabbing index as it lies on disk: for the human
genome and thousands of tasks one to three gigabytes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nucleotides.genome import GenomeStore
from nucleotides.targets.index import ROW, StabbingIndex
from nucleotides.targets.layout import Layout

_CHUNK = 1 << 24


class ResidentGenome:
    """The sequence of a genome store on a device."""

    def __init__(self, genome: GenomeStore, device: torch.device) -> None:
        size = genome.sequence.size
        # A byte more than is needed: a window's last byte has a neighbour.
        self.bases = torch.zeros(-(-size // 4) + 2, dtype=torch.uint8, device=device)
        self.unknown = torch.zeros(-(-size // 8) + 2, dtype=torch.uint8, device=device)
        for first in range(0, size, _CHUNK):
            codes = torch.from_numpy(genome.sequence[first : first + _CHUNK].copy()).to(device)
            n = codes.masked_fill(codes > 3, 0), (codes > 3).byte()
            for target, values, bits in ((self.bases, n[0], 2), (self.unknown, n[1], 1)):
                packed = _pack(values, bits)
                target[first * bits // 8 :][: len(packed)] = packed
        self.offsets = torch.from_numpy(genome.offsets).to(device)
        self.lengths = torch.from_numpy(genome.lengths).to(device)

    @staticmethod
    def bytes_needed(genome: GenomeStore) -> int:
        """Of device memory."""
        return int(genome.sequence.size * 3 // 8)

    def windows(self, contigs: Tensor, starts: Tensor, length: int, reverse: Tensor) -> Tensor:
        """Codes uint8 (n, length), as `GenomeStore.windows` gives them."""
        first = self.offsets[contigs] + starts
        codes = _read(self.bases, first, length, 2)
        unknown = _read(self.unknown, first, length, 1).bool()
        k = torch.arange(length, device=codes.device)
        beyond = self.lengths[contigs] - starts
        unknown |= (k < -starts[:, None]) | (k >= beyond[:, None])
        codes = torch.where(reverse[:, None], 3 - codes.flip(1), codes)
        unknown = torch.where(reverse[:, None], unknown.flip(1), unknown)
        return codes.masked_fill_(unknown, 4)


class ResidentLabels:
    """A stabbing index on a device."""

    def __init__(
        self, index: StabbingIndex, layout: Layout, n_tasks: int, device: torch.device
    ) -> None:
        self.n_tasks, self.margin = n_tasks, layout.margin
        self.zero = torch.from_numpy(layout.zero).to(device)
        self.lengths = torch.from_numpy(layout.lengths).to(device)
        # torch counts in signed words; a piece of 32 bits keeps its bits.
        self.rows = torch.from_numpy(index.rows.astype("int64")).to(device)
        pieces = index.pieces.view(f"i{index.pieces.itemsize}")
        self.pieces = torch.from_numpy(pieces.copy()).to(device)

    @staticmethod
    def bytes_needed(index: StabbingIndex) -> int:
        """Of device memory."""
        return int(index.rows.size * 8 + index.pieces.nbytes)

    def cells(self, contigs: Tensor, positions: Tensor) -> Tensor:
        """As `Layout.cells`: int64 (n,)."""
        near = (positions >= -self.margin) & (positions < self.lengths[contigs] + self.margin)
        return torch.where(near, self.zero[contigs] + positions, 0)

    def stretches(self, cells: Tensor) -> tuple[Tensor, Tensor]:
        """Where in the list of pieces each query begins, and how many it reads: int64 (n,)."""
        row = cells >> 8
        low = self.rows[(row - 2).clamp(min=0)]
        return low, self.rows[row + 1] - low

    def labels(self, cells: Tensor, low: Tensor, count: Tensor, total: int) -> Tensor:
        """Labels uint8 (n, tasks) of cells, their stretches, and the sum of the counts."""
        n = len(cells)
        sample = torch.repeat_interleave(
            torch.arange(n, device=cells.device), count, output_size=total
        )
        at = torch.arange(total, device=cells.device) + (low - count.cumsum(0) + count)[sample]
        piece, row = self.pieces[at].long(), (cells >> 8)[sample]
        listed = (
            row - (at < self.rows[row]).long() - (at < self.rows[(row - 1).clamp(min=0)]).long()
        )
        within = cells[sample] - listed * ROW - (piece & 255)
        hit = (within >= 0) & (within <= ((piece >> 8) & 511))
        task = (piece & 0xFFFFFFFF) >> 17 if self.pieces.dtype == torch.int32 else piece >> 17
        # What is no hit is written into one place more, which is cut off: no count to wait for.
        out = torch.zeros(n * self.n_tasks + 1, dtype=torch.uint8, device=cells.device)
        out[torch.where(hit, sample * self.n_tasks + task, n * self.n_tasks)] = 1
        return out[:-1].view(n, self.n_tasks)


def _pack(values: Tensor, bits: int) -> Tensor:
    """Values below 2^bits in bytes, the first in the lowest bits."""
    per_byte = 8 // bits
    filled = torch.nn.functional.pad(values, (0, -len(values) % per_byte)).view(-1, per_byte)
    return (filled << _places(bits, values.device)).sum(1, dtype=torch.uint8)


def _read(packed: Tensor, first: Tensor, length: int, bits: int) -> Tensor:
    """The `length` values from each of `first` (n,) on: uint8 (n, length).

    Bytes are read whole and shifted against one another, so that a gather serves 4 or 8 bases.
    Values outside of `packed` are anything.
    """
    per_byte = 8 // bits
    byte = torch.div(first, per_byte, rounding_mode="floor")
    at = byte[:, None] + torch.arange(length // per_byte + 2, device=first.device)
    words = packed[at.clamp_(0, len(packed) - 1)].short()
    shift = ((first - byte * per_byte) * bits).short()[:, None]
    shifted = ((words[:, :-1] | words[:, 1:] << 8) >> shift).to(torch.uint8)
    values = (shifted[:, :, None] >> _places(bits, first.device)) & ((1 << bits) - 1)
    return values.flatten(1)[:, :length]


def _places(bits: int, device: torch.device) -> Tensor:
    return torch.arange(0, 8, bits, dtype=torch.uint8, device=device)
