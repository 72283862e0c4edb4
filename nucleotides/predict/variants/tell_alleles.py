"""What a reader of the numbers must know of the alleles, told once for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Self

import pandas as pd

_SHOWN = 3  # bad records that are told in words
REF_DIFFERS = "the genome has another REF"


class Totals:
    """Counts of what is told of alleles, over any number of tables."""

    def __init__(self) -> None:
        self.alleles = self.records = self.bad = 0
        self._bad = list[str]()
        self._contigs: Counter[str] = Counter()
        self._unscored: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()

    def add(
        self,
        table: pd.DataFrame,
        contigs: Iterable[str],
        records: int = 0,
        bad: Sequence[str] = (),
    ) -> Self:
        """Count alleles (with `matches_reference` and `unknown_bases`) of a genome's contigs.

        Args:
            table: the alleles.
            contigs: names that `contig` counts.
            records: how many records they come from, `bad` ones included.
            bad: what is wrong with those that have no alleles in the table.
        """
        self.alleles += len(table)
        self.records += records
        self._add_bad(len(bad), bad)
        names = list(contigs)
        pairs = Counter(zip(table["chrom"], table["contig"].tolist(), strict=True))
        for (chrom, contig), n in pairs.items():
            if contig >= 0 and chrom != names[contig]:
                self._contigs[f"{chrom} is read as {names[contig]}"] += n
        reasons = table.loc[table["reason"] != "", "reason"].value_counts()
        self._unscored.update({str(reason): int(n) for reason, n in reasons.items()})
        self._flags["mismatches"] += int((~table["matches_reference"].fillna(True)).sum())
        self._flags["unknown"] += int(table["unknown_bases"].fillna(False).sum())
        return self

    def plain(self) -> dict[str, Any]:
        """JSON-plain, for `add_plain`."""
        return {
            "alleles": self.alleles,
            "records": self.records,
            "bad": [self.bad, self._bad],
            "contigs": dict(self._contigs),
            "unscored": dict(self._unscored),
            "flags": dict(self._flags),
        }

    def add_plain(self, counts: dict[str, Any]) -> None:
        """Add what another's `plain` gave."""
        self.alleles += counts["alleles"]
        self.records += counts["records"]
        self._add_bad(*counts["bad"])
        self._contigs.update(counts["contigs"])
        self._unscored.update(counts["unscored"])
        self._flags.update(counts["flags"])

    def _add_bad(self, n: int, first: Sequence[str]) -> None:
        self.bad += n
        self._bad = [*self._bad, *first][:_SHOWN]

    def notes(self) -> list[str]:
        """Contigs by another name, what was unscored and why, what differs: a sentence each."""
        notes = [f"{says}: {many(n)}" for says, n in self._contigs.items()]
        notes += [f"{many(n)} not scored: {reason}" for reason, n in self._unscored.most_common()]
        if n := self._flags["mismatches"]:
            notes.append(f"{many(n)} with a REF that the genome does not have")
        if n := self._flags["unknown"]:
            notes.append(f"{many(n)} scored on windows with unknown bases (N)")
        if self.bad:
            more = "" if self.bad == len(self._bad) else f"; the first {len(self._bad)} are"
            notes.append(f"{self.bad:,} bad record{'s' * (self.bad > 1)} left out{more}:")
            notes += [f"  {says}" for says in self._bad]
        return notes


def many(n: int) -> str:
    """A number of alleles, in words."""
    return f"{n:,} allele{'' if n == 1 else 's'}"
