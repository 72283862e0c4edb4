"""What a reader of the numbers must know of the alleles, told once for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Self

import pandas as pd

REF_DIFFERS = "the genome has another REF"


class Totals:
    """Counts of what is told of alleles, over any number of tables."""

    def __init__(self) -> None:
        self.alleles = self.records = 0
        self._contigs: Counter[str] = Counter()
        self._unscored: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()

    def add(self, table: pd.DataFrame, contigs: Iterable[str], records: int = 0) -> Self:
        """Count alleles (with `matches_reference` and `unknown_bases`) of a genome's contigs."""
        self.alleles += len(table)
        self.records += records
        names = list(contigs)
        placed = table[table["contig"] >= 0]
        pairs = placed.groupby(["chrom", "contig"], sort=False).size()
        for (chrom, contig), n in pairs.items():  # type: ignore[misc]
            if chrom != names[contig]:
                self._contigs[f"{chrom} is read as {names[contig]}"] += int(n)
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
            "contigs": dict(self._contigs),
            "unscored": dict(self._unscored),
            "flags": dict(self._flags),
        }

    def add_plain(self, counts: dict[str, Any]) -> None:
        """Add what another's `plain` gave."""
        self.alleles += counts["alleles"]
        self.records += counts["records"]
        self._contigs.update(counts["contigs"])
        self._unscored.update(counts["unscored"])
        self._flags.update(counts["flags"])

    def notes(self) -> list[str]:
        """Contigs by another name, what was unscored and why, what differs: a sentence each."""
        notes = [f"{says}: {many(n)}" for says, n in self._contigs.items()]
        notes += [f"{many(n)} not scored: {reason}" for reason, n in self._unscored.most_common()]
        if n := self._flags["mismatches"]:
            notes.append(f"{many(n)} with a REF that the genome does not have")
        if n := self._flags["unknown"]:
            notes.append(f"{many(n)} scored on windows with unknown bases (N)")
        return notes


def many(n: int) -> str:
    """A number of alleles, in words."""
    return f"{n:,} allele{'' if n == 1 else 's'}"
