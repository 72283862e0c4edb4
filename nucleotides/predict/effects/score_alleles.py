"""Score the alleles of a table, batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.genome.alphabet import UNKNOWN
from nucleotides.genome.haplotypes import Anchor, variant_windows
from nucleotides.predict.effects.compare_networks import average, networks_of, spread
from nucleotides.predict.effects.score_pairs import Codes, PairScorer, Precision
from nucleotides.predict.effects.score_variants import Effects
from nucleotides.predict.effects.tell_precision import tell_precision

if TYPE_CHECKING:
    from nucleotides.predict.model import Model

Windows = Callable[[pd.DataFrame, int], tuple[Codes, Codes]]
"""Rows of the table and a shift in bases, to reference and alternate codes (n, length)."""


@dataclass(frozen=True)
class Reading:
    """How alleles are read.

    Attributes:
        both_strands: whether to average the logits of both strands.
        anchor: what of the allele stands in the middle (`variant_windows`).
        shifts: bases by which windows are moved; logits are averaged over them.
        spread: whether to find `Effects.spread` over the members of an ensemble.
        dropout_passes: over how many passes of dropout to find it.
        batch_size: alleles a step.
        precision: of convolutions and large layers (`score_pairs.Precision`).

    Raises:
        InputError: no batch, no shift, or one twice.
    """

    both_strands: bool = False
    anchor: Anchor = "centre"
    shifts: tuple[int, ...] = (0,)
    spread: bool = False
    dropout_passes: int = 0
    batch_size: int = 256
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise InputError(f"batch_size {self.batch_size}: it is 1 or more")
        if not self.shifts or len(set(self.shifts)) < len(self.shifts):
            raise InputError(f"shifts {list(self.shifts)}: one or more, each once")


def windows_on(genome: GenomeStore, length: int, anchor: Anchor = "centre") -> Windows:
    """Windows of alleles on the reference, as `variant_windows` says."""

    def windows(table: pd.DataFrame, shift: int) -> tuple[Codes, Codes]:
        places = table["contig"].to_numpy(), table["start"].to_numpy()
        alleles = table["ref"].tolist(), table["alt"].tolist()
        return variant_windows(genome, *places, *alleles, length, anchor=anchor, shift=shift)

    return windows


class AlleleScorer:
    """Scores the alleles of a table with one model.

    Args:
        model: any model.
        reading: how.

    Attributes:
        notes: what reduced precision costs, once some alleles were scored.

    Raises:
        InputError: `reading` asks for what the model does not have.
    """

    def __init__(self, model: Model, reading: Reading) -> None:
        self.model, self.reading, self.notes = model, reading, list[str]()
        half = model.sequence_length // 2
        if far := [shift for shift in reading.shifts if abs(shift) > half]:
            raise InputError(
                f"shift {far[0]}: moved by more than {half} bases, half of the model's window, the "
                "allele is in it no more"
            )
        strands = reading.both_strands
        self._scorer = PairScorer(model, both_strands=strands, precision=reading.precision)
        self._networks = (
            networks_of(model, reading.dropout_passes, both_strands=strands)
            if reading.spread or reading.dropout_passes
            else []
        )

    @property
    def finds_spread(self) -> bool:
        """Whether its effects have a `spread`."""
        return bool(self._networks)

    def __call__(self, table: pd.DataFrame, windows: Windows) -> tuple[Effects, NDArray[np.bool_]]:
        """Effects of all alleles, and whether one of their windows has an unknown base (n,).

        Args:
            table: alleles (`read_variants`); those with a `reason` are not scored.
            windows: what makes their windows.
        """
        shape = (len(table), len(self.model.tasks))
        ref, difference = np.full(shape, np.nan), np.full(shape, np.nan)
        deviation = np.full(shape, np.nan) if self._networks else None
        unknown = np.zeros(len(table), np.bool_)
        scored = np.flatnonzero(table["reason"] == "")
        for i in range(0, scored.size, self.reading.batch_size):
            rows = scored[i : i + self.reading.batch_size]
            pairs = [windows(table.iloc[rows], shift) for shift in self.reading.shifts]
            for codes in (codes for pair in pairs for codes in pair):
                unknown[rows] |= codes.max(axis=1) == UNKNOWN
            if self.reading.precision != "float32" and not self.notes:
                self.notes.append(self._told_precision(*pairs[0]))
            ref[rows], difference[rows] = average(self._scorer, pairs)
            if deviation is not None:
                deviation[rows] = spread(self._networks, pairs)
        return Effects(ref, difference, deviation, self.model.background), unknown

    def _told_precision(self, ref: Codes, alt: Codes) -> str:
        """What the precision costs, measured once a model."""
        how, costs = self.reading, self.model.precision_costs
        if how.precision not in costs:
            strands = how.both_strands
            cost = tell_precision(self.model, ref, alt, how.precision, both_strands=strands)
            costs[how.precision] = cost
        return costs[how.precision]
