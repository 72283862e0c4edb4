"""A store of effects: what a model says of many alleles, read by region and task at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from nucleotides.errors import CorruptStoreError, UnknownNameError
from nucleotides.files import read_manifest, sha256
from nucleotides.genome import Interval
from nucleotides.genome.match_contigs import match_contigs
from nucleotides.predict.effects.map_effects import MADE_BY, EffectsFiles
from nucleotides.predict.effects.tabulate_alleles import TASK_OF
from nucleotides.read_whole import read_whole

if TYPE_CHECKING:
    import pandas as pd

FORMAT, VERSION = "nucleotides effects store", 1


class EffectsStore:
    """Alleles in order of their places, and their scores.

    On disk a folder that `nucleotides variants --out NAME.effects` writes. Rows are cut into blocks
    of the same number of rows, all but the last:

    - `values.f32`: block after block, float32 (columns, rows) each; the columns are all tasks of
      the first score, then all of the next. A column of neighbouring rows is one short read.
    - `facts.arrow`: an Arrow IPC file, a record batch a block: what each allele is, then aggregates
      over tasks, some with the task that they are the value of.
    - `starts.i64`, `reaches.i64`: of each row the 0-based first base of REF, and the furthest end
      of any REF of its contig so far; both ascend within a contig.
    - `manifest.json`: names, contigs and their rows, the model's identity, sizes and checksums.

    All is memory-mapped and little-endian, without times or paths: the same alleles and model give
    the same bytes.

    Attributes:
        path: the folder.
        model: identity of the model (`identify`).
        genome: SHA-256 of the reference, as its store has it.
        contigs: {name: length} of the reference, and 0 for others that the VCF has.
        tasks: names of the tasks.
        scores: names of the scores by task (`score_variants.SCORES`).
        aggregates: names of the aggregates over tasks, such as `max_abs[biosample=K562]`.
        facts: names of what every row has: id, chrom, pos (1-based), ref, alt, kind...
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.model: str = manifest["model"]
        self.genome: str = manifest["genome"]
        self.contigs: dict[str, int] = manifest["contigs"]
        self.tasks: list[str] = manifest["tasks"]
        self.scores: list[str] = manifest["scores"]
        self.aggregates: list[str] = manifest["aggregates"]
        self.facts: list[str] = manifest["facts"]
        self._sums: dict[str, str] = manifest["sha256"]
        self._files = EffectsFiles(path, manifest, len(self.tasks) * len(self.scores))

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a store; only its manifest is read.

        Raises:
            StoreError: there is no store at `path`, or it is of another kind or version.
            CorruptStoreError: a file of it is missing, or is not as long as what was written.
        """
        return read_whole(Path(path), lambda: cls._open(Path(path)))

    @classmethod
    def _open(cls, path: Path) -> Self:
        manifest = read_manifest(path, FORMAT, VERSION, MADE_BY)
        try:
            return cls(path, manifest)
        except (KeyError, TypeError) as error:
            raise CorruptStoreError(
                f"{path / 'manifest.json'} is damaged ({error!r}): run `{MADE_BY}` again"
            ) from error

    def __len__(self) -> int:
        """Number of alleles."""
        return self._files.n

    @property
    def columns(self) -> list[str]:
        """What `region` can give beside the facts: `TASK:score` by score, then aggregates."""
        return [*self._scored, *self.aggregates]

    def region(self, chrom: str, start: int, end: int, columns: Sequence[str] = ()) -> pd.DataFrame:
        """The alleles whose REF shares a base with a region, in order of their places.

        Args:
            chrom: the contig; 20 and chr20, MT and chrM are the same.
            start, end: 0-based, half-open; beyond the contig's end there is nothing.
            columns: of `.columns`, or tasks, which stand for all of their scores. Where a task is
                called as a column is, the column is meant.

        Returns:
            `.facts`, then what was asked for, NaN where an allele is unscored. An aggregate that
            is a task's value is followed by the name of that task, as `max_abs_task`. The index
            is the row of the store.

        Raises:
            UnknownNameError: no such contig, task or column; the nearest is named.
            CoordinateError: a negative start, or an end before the start.
            CorruptStoreError: the facts are not what was written.
        """
        import pyarrow as pa

        wanted = list(dict.fromkeys(name for asked in columns for name in self._meant(asked)))
        rows = self._files.rows(Interval(self._contig(chrom), start, end))
        others = [name for name in wanted if name not in self._scored]
        table = self._files.read(rows, [*self.facts, *others])
        for name in wanted:
            if name in self._scored:
                column = self._files.column(self._scored[name], rows)
                table = table.append_column(name, pa.array(column))
        return _overlapping(table.select([*self.facts, *wanted]), start, rows.start)

    def at_most(self, chrom: str, start: int, end: int) -> int:
        """How many alleles `region` may give, without reading one.

        Raises: as `region`.
        """
        rows = self._files.rows(Interval(self._contig(chrom), start, end))
        return int(rows.stop - rows.start)

    def verify(self) -> None:
        """Read every file and compare it with its checksum.

        Raises:
            CorruptStoreError: one is not what was written.
        """
        for name, known in self._sums.items():
            if sha256(self.path / name) != known:
                raise self._files.corrupt(name, "its SHA-256 is not that of what was written")

    @cached_property
    def _scored(self) -> dict[str, int]:
        """Columns of the values by name."""
        names = (f"{task}:{score}" for score in self.scores for task in self.tasks)
        return {name: i for i, name in enumerate(names)}

    def _meant(self, asked: str) -> list[str]:
        """The columns that a name stands for."""
        if asked in self._scored:
            return [asked]
        if asked in self.aggregates:
            return [name for name in (asked, asked + TASK_OF) if name in self._files.facts]
        if asked in self.tasks:
            return [f"{asked}:{score}" for score in self.scores]
        known = [*self.tasks, *self.aggregates, *self._scored]
        raise UnknownNameError("task or column", asked, known, f"(in {self.path})")

    def _contig(self, chrom: str) -> str:
        place = match_contigs([chrom], self.contigs)[chrom]
        if place < 0:
            raise UnknownNameError("contig", chrom, self.contigs, f"(in {self.path})")
        return list(self.contigs)[place]


def _overlapping(table: Any, start: int, first: int) -> pd.DataFrame:
    """Rows whose REF does not end before `start`; the index counts from `first`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ends = table["pos"].to_numpy() - 1 + pc.utf8_length(table["ref"]).to_numpy()
    kept = ends > start
    found: pd.DataFrame = table.filter(pa.array(kept)).to_pandas()
    return found.set_axis(first + np.flatnonzero(kept), axis=0)
