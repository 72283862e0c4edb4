"""What a reader of the numbers must know of the alleles, told once for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Self

import pandas as pd

_SHOWN = 3  # bad records, and contigs, that are told in words
_SUSPICIOUS = 0.05  # of alleles: with so many REFs of another kind, the assembly may be another
REF_DIFFERS = "the genome has another REF"
NO_CONTIG = "the genome has no such contig"
ASK_ASSEMBLY = "are they of this assembly?"


class Totals:
    """Counts of what is told of alleles, over any number of tables."""

    def __init__(self) -> None:
        self.alleles = self.records = self.bad = 0
        self._bad = list[str]()
        self._contigs: Counter[str] = Counter()
        self._absent: Counter[str] = Counter()
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
            if contig < 0:
                self._absent[chrom] += n
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
            "absent": dict(self._absent),
            "unscored": dict(self._unscored),
            "flags": dict(self._flags),
        }

    def add_plain(self, counts: dict[str, Any]) -> None:
        """Add what another's `plain` gave."""
        self.alleles += counts["alleles"]
        self.records += counts["records"]
        self._add_bad(*counts["bad"])
        self._contigs.update(counts["contigs"])
        self._absent.update(counts["absent"])
        self._unscored.update(counts["unscored"])
        self._flags.update(counts["flags"])

    def _add_bad(self, n: int, first: Sequence[str]) -> None:
        self.bad += n
        self._bad = [*self._bad, *first][:_SHOWN]

    def notes(self) -> list[str]:
        """Contigs by another name, what was unscored and why, what differs: a sentence each."""
        notes = [f"{says}: {many(n)}" for says, n in self._contigs.items()]
        for reason, n in self._unscored.most_common():
            which = f" ({self._absent_names()})" if reason == NO_CONTIG else ""
            notes.append(f"{many(n)} not scored: {reason}{which}")
        if n := self._flags["mismatches"]:
            known = self.alleles - self._absent.total()
            asks = f", of {known:,}: {ASK_ASSEMBLY}" if n > _SUSPICIOUS * known else ""
            notes.append(f"{many(n)} with a REF that the genome does not have{asks}")
        if n := self._flags["unknown"]:
            notes.append(f"{many(n)} scored on windows with unknown bases (N)")
        if self.bad:
            more = "" if self.bad == len(self._bad) else f"; the first {len(self._bad)} are"
            notes.append(f"{self.bad:,} bad record{'s' * (self.bad > 1)} left out{more}:")
            notes += [f"  {says}" for says in self._bad]
        return notes

    def _absent_names(self) -> str:
        shown = [name for name, _ in self._absent.most_common(_SHOWN)]
        return ", ".join(shown) + (", ..." if len(self._absent) > _SHOWN else "")


def many(n: int) -> str:
    """A number of alleles, in words."""
    return f"{n:,} allele{'' if n == 1 else 's'}"
