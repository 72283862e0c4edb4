"""Which part of the genome trains, validates and tests: by chromosome or by region.

For folds see `folds.fold_split`, for a file `split_file.read_split`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nucleotides.errors import CoordinateError, InputError, UnknownNameError
from nucleotides.genome import Interval
from nucleotides.genome.ranges import Ranges, intersect, merge, subtract

DEFAULT_VALIDATION, DEFAULT_TEST = "chr6,chr7", "chr8,chr9"

_THOUSANDS = re.compile(r":(?:[\d,_]+-)?\d{1,3}(?:,\d{3})*$")
_SHOWN = 30
_NEXT_THOUSAND = re.compile(r"\d{3}(?:-\d+)?\s*$")


@dataclass(frozen=True)
class Split:
    """Regions held out for validation and test; all else trains.

    Attributes:
        contigs: {name: length}.
        validation, test: regions, 0-based half-open, disjoint.
        train: regions that train; None for all that is not held out.
        made: how the regions were found, if they were not given one by one.
    """

    contigs: Mapping[str, int]
    validation: tuple[Interval, ...]
    test: tuple[Interval, ...]
    train: tuple[Interval, ...] | None = None
    made: str = ""

    @classmethod
    def parse(
        cls,
        contigs: Mapping[str, int],
        validation: str | Sequence[str] = DEFAULT_VALIDATION,
        test: str | Sequence[str] = DEFAULT_TEST,
    ) -> Split:
        """From `chr6,chr7` or `chr20:3000000-4000000,...` (0-based, half-open), or a list of such.

        Raises:
            UnknownNameError: a contig that the genome lacks.
            CoordinateError: text that is no region, or a region beyond its contig's end.
            InputError: validation and test overlap.
        """
        return cls(
            contigs,
            validation=_parse(contigs, validation, "validation"),
            test=_parse(contigs, test, "test"),
        ).checked()

    @classmethod
    def parse_present(cls, contigs: Mapping[str, int], validation: str, test: str) -> Split:
        """As `parse`, but default contigs that the genome lacks hold out nothing."""

        def present(text: str, default: str) -> list[str]:
            words = _words(text, contigs)
            return [w for w in words if w in contigs] if text == default else words

        return cls.parse(
            contigs, present(validation, DEFAULT_VALIDATION), present(test, DEFAULT_TEST)
        )

    def checked(self) -> Split:
        """This split.

        Raises:
            InputError: two of its parts overlap.
        """
        parts = {"validation": self.validation, "test": self.test, "train": self.train or ()}
        placed = {name: (part, self._by_contig(part, 0)) for name, part in parts.items()}
        for (one, (regions, a)), (other, (others, b)) in itertools.combinations(placed.items(), 2):
            if any(part.total for part in clip(a, b)):
                pairs = ((x, y) for x in regions for y in others if x.overlaps(y))
                x, y = next(pairs)
                raise InputError(f"{one} {x} and {other} {y} overlap: hold out disjoint ones")
        return self

    def training(self, margin: int = 0) -> list[Ranges]:
        """Training positions by contig: farther than `margin` bases from any held-out base.

        With a margin of half a window, no training window shares a base with a held-out region.
        """
        whole = [Ranges(np.array([0]), np.array([n])) for n in self.contigs.values()]
        if self.train is not None:
            whole = self._by_contig(self.train, 0)
        held = self._by_contig([*self.validation, *self.test], margin)
        return [subtract(a, b) for a, b in zip(whole, held, strict=True)]

    def held_out(self, name: str) -> list[Ranges]:
        """Positions of `validation` or `test` by contig."""
        return self._by_contig(self.validation if name == "validation" else self.test, 0)

    def describe(self) -> dict[str, str]:
        """Each part in words, for logs and reports."""
        parts = {"validation": self.validation, "test": self.test}
        told = {name: self._listed(part) for name, part in parts.items()}
        rest = "the rest" if self.train is None else self._listed(self.train)
        trained = sum(ranges.total for ranges in self.training())
        made = {"made": self.made} if self.made else {}
        return {"training": f"{rest} ({trained / 1e6:,.1f} Mb)", **told, **made}

    def _listed(self, regions: Sequence[Interval]) -> str:
        if len(regions) <= _SHOWN:
            return ", ".join(map(self._shown, regions)) or "none"
        bases = sum(region.width for region in regions)
        contigs = len({region.contig for region in regions})
        return f"{len(regions):,} regions on {contigs:,} contigs, {bases / 1e6:,.1f} Mb"

    def _shown(self, region: Interval) -> str:
        if region.width == self.contigs[region.contig]:
            return region.contig
        return f"{region.contig}:{region.start:,}-{region.end:,}"

    def _by_contig(self, regions: Sequence[Interval], margin: int) -> list[Ranges]:
        mine: dict[str, list[Interval]] = {contig: [] for contig in self.contigs}
        for region in regions:
            mine[region.contig].append(region)
        return [
            merge(
                np.array([r.start - margin for r in part], np.int64),
                np.array([r.end + margin for r in part], np.int64),
            )
            for part in mine.values()
        ]


def clip(regions: Sequence[Ranges], within: Sequence[Ranges]) -> list[Ranges]:
    """The part of `regions` that lies in `within`, contig by contig."""
    return [intersect(a, b) for a, b in zip(regions, within, strict=True)]


def _parse(
    contigs: Mapping[str, int], text: str | Sequence[str], part: str
) -> tuple[Interval, ...]:
    regions = []
    for word in _words(text, contigs):
        name = word.strip().split(":")[0]
        if name not in contigs:
            raise UnknownNameError(
                "contig", name, contigs, f"(in --{part}; a region such as chr20:0-1000000 will do)"
            )
        region = Interval.parse(word, contigs[name])
        if region.end > contigs[name] or region.width == 0:
            raise CoordinateError(
                f"--{part} {region} does not lie on {name}, which has {contigs[name]:,} bases"
            )
        regions.append(region)
    return tuple(regions)


def _words(text: str | Sequence[str], contigs: Mapping[str, int]) -> list[str]:
    """The regions of a list, in which a comma may also separate thousands of a coordinate."""
    if not isinstance(text, str):
        return [part for item in text for part in _words(item, contigs)]
    out: list[str] = []
    for word in text.split(","):
        # 3 digits after at most 3 go on with a number, unless it is done and they name a contig.
        may = out and _THOUSANDS.search(out[-1]) and _NEXT_THOUSAND.match(word)
        if may and not ("-" in out[-1] and word.strip() in contigs):
            out[-1] += f",{word}"
        elif word.strip():
            out.append(word)
    return out
