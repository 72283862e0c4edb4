"""Which samples there are: stores, split, blacklist and sampling put together, without torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from nucleotides.data.balance import balanced
from nucleotides.data.blacklist import touching_centres
from nucleotides.data.composition import gc_matched
from nucleotides.data.dinucleotides import dinucleotide_matched
from nucleotides.data.known import unknown_centres
from nucleotides.data.positions import Positions, TrainingPositions, tile
from nucleotides.data.rates import positive_rates
from nucleotides.data.splits import Split
from nucleotides.data.strata import Strata
from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Integers, Ranges, intersect, merge, subtract
from nucleotides.targets import TargetStore
from nucleotides.targets.export import training_intervals
from nucleotides.targets.layout import Layout


@dataclass(frozen=True)
class SamplePlan:
    """Where samples of every part lie.

    Attributes:
        genome, targets: the stores, of one genome.
        split: what is held out.
        sampling: weight of each source of training samples (see `mixture.SOURCES`), of sum 1.
        intervals: training intervals by contig; None for those of the store.
        blacklist: bases by contig that no bin may touch, or None.
    """

    genome: GenomeStore
    targets: TargetStore
    split: Split
    sampling: dict[str, float] = field(default_factory=lambda: {"intervals": 1.0})
    intervals: list[Ranges] | None = None
    blacklist: list[Ranges] | None = None
    sequence_length: int = 1000
    bin: int = 200
    threshold: float = 0.5
    max_shift: int = 0
    both_strands: bool = True
    seed: int = 0

    @cached_property
    def layout(self) -> Layout:
        """The axis that positions are put on."""
        return Layout(self.genome.contigs, self.bin)

    @cached_property
    def allowed(self) -> Ranges:
        """Cells of the centres that training may draw.

        Their windows, shifted by as much as may be, touch no held-out base and have at least 60 %
        known bases; their bins touch no blacklisted base.
        """
        margin = -(-self.sequence_length // 2) + self.max_shift
        training = self.layout.join(self.split.training(margin))
        unknown = unknown_centres(self.genome, self.sequence_length, self.max_shift)
        return subtract(subtract(training, self._on_axis(unknown)), self._untrusted)

    @cached_property
    def inside(self) -> Ranges:
        """Those of `allowed` that lie in the training intervals."""
        given = self.intervals
        regions = training_intervals(self.targets) if given is None else given
        return intersect(self.layout.join(regions), self.allowed)

    @cached_property
    def strata(self) -> Strata:
        """What training draws from."""
        return Strata.mix([(weight, self._source(name)) for name, weight in self.sampling.items()])

    def training_positions(self) -> TrainingPositions:
        """Training samples as a function of epoch and index."""
        return TrainingPositions(
            self.strata,
            max_shift=self.max_shift,
            both_strands=self.both_strands,
            seed=self.seed,
        )

    def held_out_positions(self, part: str, size: int | None = None) -> Positions:
        """The bins of `validation` or `test`, in the order in which they are given out.

        Raises:
            InputError: there is no such part, or its regions hold no bin of enough known sequence
                off the blacklist.
        """
        if not any(ranges.total for ranges in self.split.held_out(part)):
            raise InputError(
                f"the split has no {part} part: hold one out with --{part}, --folds or --split_file"
            )
        positions = tile(
            self.genome,
            self.split.held_out(part),
            sequence_length=self.sequence_length,
            bin=self.bin,
            size=size,
            seed=self.seed,
            without=self.layout.split(self._untrusted),
        )
        if not positions.centres.size:
            raise InputError(f"--{part}: no bin of {self.bin} bases with known sequence in there")
        return positions

    def positive_rates(self) -> tuple[Integers, int]:
        """How often each task is positive among training samples.

        Returns:
            (positives int64 (tasks,), samples): of so many samples drawn as training draws them,
            so many are positive. Whole counts of all positions where samples come from one group
            of them; else rates as `rates.positive_rates` has them, times the number of positions
            that training may draw, rounded.
        """
        if self.strata.sizes.size == 1:
            starts, ends, _ = self.strata.ranges()
            regions = self.layout.split(Ranges(starts, ends))
            counts = self.targets.count_positive(regions, self.bin, self.threshold)
            return counts, self.strata.size
        rates = positive_rates(self.targets, self.strata, self.bin, self.threshold)
        samples = self.allowed.total
        return np.rint(rates * samples).astype(np.int64), samples

    @cached_property
    def _untrusted(self) -> Ranges:
        if self.blacklist is None:
            return merge(np.empty(0, np.int64), np.empty(0, np.int64))
        return self._on_axis(touching_centres(self.blacklist, self.bin))

    def _on_axis(self, by_contig: list[Ranges]) -> Ranges:
        """Cells of positions by contig, what lies beyond the contigs left out."""
        ends = self.layout.lengths
        inner = [
            Ranges(np.clip(r.starts, 0, n), np.clip(r.ends, 0, n))
            for r, n in zip(by_contig, ends, strict=True)
        ]
        return merge(*self.layout.join(inner))

    def _source(self, name: str) -> Strata:
        if name in ("tasks", "assays"):
            return balanced(
                self.targets, self.layout, self.allowed, self.threshold, self.bin, name == "assays"
            )
        if name == "genome":
            return self._all_of(self.allowed, "nothing to train on is left: hold out less")
        if name == "uniform":
            return self._all_of(self._outside, "no position lies outside of the intervals")
        within = self._all_of(
            self.inside,
            "no training interval lies in the training part of the genome: "
            "hold out less, or give other intervals",
        )
        if name == "intervals":
            return within
        matched = gc_matched(
            self.genome, self.layout, self.inside, self._outside, self.sequence_length
        )
        if name == "gc":
            return matched
        return dinucleotide_matched(self.genome, within, matched, self.sequence_length, self.seed)[
            0
        ]

    @property
    def _outside(self) -> Ranges:
        return subtract(self.allowed, self.inside)

    def _all_of(self, cells: Ranges, otherwise: str) -> Strata:
        if not cells.total:
            raise InputError(otherwise)
        return Strata.of(self.layout, [cells], [1.0])
