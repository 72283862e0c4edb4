"""Training samples drawn on a device: those of `TrainingPositions`, bit for bit."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from nucleotides.data.draws import uniform_on_device
from nucleotides.data.positions import MIN_KNOWN, Pool, Positions, TrainingPositions
from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore

_MAX_REDRAWS = 64  # as in positions.py


class DevicePositions(NamedTuple):
    """`Positions` as tensors (n,) of one device."""

    contigs: Tensor
    centres: Tensor
    reverse: Tensor
    shifts: Tensor

    @classmethod
    def move(cls, at: Positions, device: torch.device) -> DevicePositions:
        """Positions that were drawn on the CPU."""
        return cls(*(torch.from_numpy(values).to(device, non_blocking=True) for values in at))


class DevicePool:
    """A `Pool` of one device."""

    def __init__(self, pool: Pool, device: torch.device) -> None:
        self.size = pool.size
        self.contigs, self.starts, self.edges = (
            torch.from_numpy(values).to(device)
            for values in (pool.contigs, pool.starts, pool.edges)
        )

    def at(self, place: Tensor) -> tuple[Tensor, Tensor]:
        """Contig and position of places in [0, 1)."""
        rank = (place * self.size).long()
        row = torch.searchsorted(self.edges, rank, right=True) - 1
        return self.contigs[row], self.starts[row] + rank - self.edges[row]


class KnownBases:
    """How many bases of a window are known: `GenomeStore.known_bases` on one device."""

    def __init__(self, genome: GenomeStore, device: torch.device) -> None:
        self.starts, self.ends = (torch.from_numpy(a.copy()).to(device) for a in genome.unknown)
        widths = self.ends - self.starts
        self.before = torch.cat([widths.new_zeros(1), widths.cumsum(0)])
        self.offsets = torch.from_numpy(genome.offsets).to(device)

    def count(self, contigs: Tensor, starts: Tensor, length: int) -> Tensor:
        """int64 (n,)."""
        low, high = self.offsets[contigs], self.offsets[contigs + 1]
        first = (low + starts).clamp(low, high)
        last = (low + starts + length).clamp(low, high)
        return last - first - (self._unknown_before(last) - self._unknown_before(first))

    def _unknown_before(self, places: Tensor) -> Tensor:
        if not len(self.starts):
            return torch.zeros_like(places)
        row = torch.searchsorted(self.starts, places, right=True) - 1
        at = row.clamp(min=0)
        inside = torch.minimum(places, self.ends[at]) - self.starts[at]
        return torch.where(row < 0, 0, self.before[at] + inside)


class DeviceDraw:
    """The samples of a `TrainingPositions`, drawn on one device."""

    def __init__(self, positions: TrainingPositions, device: torch.device) -> None:
        self.like, self.device = positions, device
        self.foreground = DevicePool(positions.foreground_pool, device)
        self.background = DevicePool(positions.background_pool, device)
        self.known = KnownBases(positions.genome, device)

    def __call__(self, epoch: int, index: Tensor) -> DevicePositions:
        """The samples of the given indices int64 (n,) of an epoch."""
        like = self.like
        width = 2 * like.max_shift + 1
        shift = (uniform_on_device(like.seed, epoch, index, 1) * width).long() - like.max_shift
        contigs, centres = self._draw_once(epoch, index, 0)
        for attempt in range(1, _MAX_REDRAWS + 1):
            again = (~self._enough_known(contigs, centres + shift)).nonzero().flatten()
            if not len(again):
                break
            contigs[again], centres[again] = self._draw_once(epoch, index[again], attempt)
        else:
            raise InputError(
                f"{_MAX_REDRAWS} draws in a row gave windows with less than {MIN_KNOWN:.0%} known "
                "bases: is the training part of the genome masked?"
            )
        strand = uniform_on_device(like.seed, epoch, index, 0) < 0.5
        return DevicePositions(contigs, centres, strand & like.both_strands, shift)

    def _draw_once(self, epoch: int, index: Tensor, attempt: int) -> tuple[Tensor, Tensor]:
        seed = self.like.seed
        place = uniform_on_device(seed, epoch, index, 3 + 2 * attempt)
        contigs, centres = self.foreground.at(place)
        if self.like.background:
            where = uniform_on_device(seed, epoch, index, 2 + 2 * attempt)
            anywhere = where < self.like.background
            other_contigs, other_centres = self.background.at(place)
            contigs = torch.where(anywhere, other_contigs, contigs)
            centres = torch.where(anywhere, other_centres, centres)
        return contigs, centres

    def _enough_known(self, contigs: Tensor, centres: Tensor) -> Tensor:
        length = self.like.sequence_length
        known = self.known.count(contigs, centres - length // 2, length)
        return known >= MIN_KNOWN * length
