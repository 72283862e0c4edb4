"""Does what is held out share sequence with what trains? A report of three kinds.

in place: windows of two parts overlap on the genome. A held-out bin at the edge of its region has
  a window that reaches out of it, up to half a window less half a bin; training windows never reach
  in. `whole` counts windows that are the very same place, which must be none.
identical: the whole window, or its reverse complement, is a window of the other part elsewhere
  (segmental duplications, repeats). The other part is all sequence that its windows cover, taken
  at every offset.
alike: at least a fifth of the window's sketch of 21-mers lies in one window's length of the other
  part (see `sketch`): about 93 % identity over the whole window, or a fifth of it alike. Identical
  ones are alike too.

Held-out windows beyond `most` of a part are sampled, by the seed alone; the other part is read in
full. Time grows with the genome, memory does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nucleotides.data.plan import SamplePlan
from nucleotides.data.positions import Positions
from nucleotides.data.scan_windows import same_sequence, scan
from nucleotides.data.sketch import LEAST_KEPT, make_sketches
from nucleotides.genome.ranges import Integers, Ranges, covered_within, merge

if TYPE_CHECKING:
    import pandas as pd

CONTAINMENT = 0.2
MOST = 10_000
_BASES = 1 << 24  # of the windows of a part that are compared


@dataclass(frozen=True)
class Leak:
    """What windows of `part` share with those of `other`.

    Attributes:
        part, other: names of the two parts.
        windows: held-out windows of `part`; compared: those looked at, a sample beyond `most`.
        in_place: of the compared ones, those that share a base on the genome.
        whole: those that are a window of the other part, at the same place.
        identical: those whose sequence is also that of a window elsewhere in the other part.
        alike: those whose sketch is contained in the other part.
        skipped: those too repetitive, or with too little known sequence, for a sketch.
        numbers: numbers of the alike windows among all of `part`.
    """

    part: str
    other: str
    windows: int
    compared: int
    in_place: int
    whole: int
    identical: int
    alike: int
    skipped: int
    numbers: Integers

    def sentence(self) -> str:
        """In a few words, for one line."""
        of = f"{self.compared:,}" + ("" if self.compared == self.windows else " sampled")
        found = f"{self.identical:,} identical, {self.alike:,} alike"
        return f"{self.part} in {self.other}: {found} of {of}"


def leakage(plan: SamplePlan, most: int = MOST) -> list[Leak]:
    """Sequence shared by validation and training, test and training, validation and test.

    Args:
        plan: what is compared. A part that holds out nothing is passed over.
        most: windows of a held-out part to compare; fewer if they are longer than 1600 bases.
    """
    most = max(min(most, _BASES // plan.sequence_length), 1)
    parts = [
        _HeldOut(plan, name, most)
        for name in ("validation", "test")
        if any(r.total for r in plan.split.held_out(name))
    ]
    if not parts:
        return []
    centres = plan.inside if set(plan.sampling) == {"intervals"} else plan.allowed
    training = _starts(plan, plan.layout.split(centres))
    leaks = _compare(plan, parts, "training", training)
    if len(parts) == 2:
        leaks += _compare(plan, parts[:1], "test", _starts_of(plan, parts[1].all))
    return leaks


def leakage_line(leaks: Sequence[Leak]) -> str:
    """The report in one line."""
    told = "; ".join(leak.sentence() for leak in leaks) or "nothing is held out"
    return f"shared windows: {told} (nucleotides data tells more)"


def leakage_table(leaks: Sequence[Leak]) -> pd.DataFrame:
    """A row for each pair of parts."""
    import pandas as pd

    names = [name for name in Leak.__dataclass_fields__ if name != "numbers"]
    return pd.DataFrame([{name: getattr(leak, name) for name in names} for leak in leaks])


class _HeldOut:
    """The windows of a held-out part, and those to compare."""

    def __init__(self, plan: SamplePlan, name: str, most: int) -> None:
        self.name = name
        self.all: Positions = plan.held_out_positions(name)
        self.some = plan.held_out_positions(name, most)
        self.starts = self.some.centres - plan.sequence_length // 2


def _starts(plan: SamplePlan, centres: list[Ranges]) -> list[Ranges]:
    """First bases of the windows around centres, shifted or not, by contig."""
    half, shift = plan.sequence_length // 2, plan.max_shift
    return [merge(r.starts - half - shift, r.ends - half + shift) for r in centres]


def _starts_of(plan: SamplePlan, at: Positions) -> list[Ranges]:
    """First bases of the windows of every bin of a part: all offsets between the first and last."""
    half, apart = plan.sequence_length // 2, plan.bin
    out = []
    for number in range(len(plan.genome.contigs)):
        mine = at.centres[at.contigs == number] - half
        new = np.flatnonzero(np.diff(mine, prepend=-(1 << 60)) > apart)
        ends = np.append(mine[new[1:] - 1], mine[-1:]) + 1
        out.append(Ranges(mine[new], ends))
    return out


def _compare(
    plan: SamplePlan, parts: Sequence[_HeldOut], other: str, starts: list[Ranges]
) -> list[Leak]:
    """Windows of the parts beside the windows that begin at `starts`, in one pass over these."""
    contigs = np.concatenate([part.some.contigs for part in parts])
    firsts = np.concatenate([part.starts for part in parts])
    codes = plan.genome.windows(contigs, firsts, plan.sequence_length)
    sketches = make_sketches(codes)
    place, shared_most = scan(plan.genome, codes, sketches, starts)
    identical = np.zeros(place.size, bool)
    found = np.flatnonzero(place >= 0)
    identical[found] = same_sequence(plan.genome, codes[found], place[found])
    comparable = sketches.sizes >= LEAST_KEPT
    alike = identical | (comparable & (shared_most >= CONTAINMENT * sketches.sizes))
    leaks, at = [], 0
    for part in parts:
        mine = slice(at, at + part.starts.size)
        at = mine.stop
        leaks.append(
            Leak(
                part.name,
                other,
                part.all.centres.size,
                part.starts.size,
                *_in_place(part, starts, plan.sequence_length),
                int(identical[mine].sum()),
                int(alike[mine].sum()),
                int((~comparable[mine]).sum()),
                _numbers(part, np.flatnonzero(alike[mine])),
            )
        )
    return leaks


def _numbers(part: _HeldOut, rows: Integers) -> Integers:
    """Numbers of compared windows among all of the part."""
    every = (part.all.contigs << 40) + part.all.centres
    some = (part.some.contigs << 40) + part.some.centres
    return np.searchsorted(every, some[rows])


def _in_place(part: _HeldOut, starts: list[Ranges], length: int) -> tuple[int, int]:
    """Windows that share a base with a window that begins at one of `starts`, or are one."""
    shares = whole = 0
    for contig, ranges in enumerate(starts):
        mine = part.starts[part.some.contigs == contig]
        near = covered_within(ranges, mine - length + 1, mine + length)
        shares += int((near > 0).sum())
        whole += int(covered_within(ranges, mine, mine + 1).sum())
    return shares, whole
