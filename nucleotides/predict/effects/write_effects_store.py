"""A store of effects as an output in parts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from nucleotides.errors import CorruptStoreError, InputError
from nucleotides.files import find_stranger, replacing, sha256, write_json
from nucleotides.genome import GenomeStore
from nucleotides.genome.match_contigs import match_contigs
from nucleotides.predict.effects.block_effects import BlockWriter
from nucleotides.predict.effects.choose_columns import Columns
from nucleotides.predict.effects.effects_store import FORMAT, VERSION
from nucleotides.predict.effects.map_effects import REACHES, STARTS
from nucleotides.predict.effects.score_variants import Effects
from nucleotides.predict.effects.tabulate_alleles import TASK_OF, TableOutput, name_aggregate
from nucleotides.predict.keep_rows import open_part
from nucleotides.predict.variants.check_order import OrderCheck
from nucleotides.predict.variants.stream_vcf import Chunk
from nucleotides.read_json import read_json

SUFFIX = ".effects"
MANIFEST = "manifest.json"


class EffectsOutput:
    """Rows as those of a table, in order of their places, as a folder (`EffectsStore`).

    Args:
        out: the folder.
        columns: what is written of each allele.
        model: identity of the model.
        genome: what the alleles are on.
    """

    recipe: Any = None
    by_allele = False

    def __init__(self, out: Path, columns: Columns, model: str, genome: GenomeStore) -> None:
        self._out, self._columns, self._model, self._genome = out, columns, model, genome
        self._table = TableOutput(out, columns)
        self._check_order = OrderCheck("a store of effects needs")

    def see(self, chunk: Chunk) -> None:
        """Take note of a chunk's places.

        Raises:
            InputError: they are not in order, or may not stay so.
        """
        if "written_pos" in chunk.table:
            raise InputError(
                "a store of effects has alleles in order, and --left-align moves them: leave it "
                "out, and give what `bcftools norm` and then `bcftools sort` make of the VCF"
            )
        self._check_order(chunk)

    def write(self, path: Path, chunk: Chunk, table: pd.DataFrame, effects: Effects) -> None:
        """Write a part: the chunk's rows."""
        self._table.write(path, chunk, table, effects)

    def join(self, paths: Sequence[Path]) -> None:
        """Make the store of its parts, in memory that does not grow with them."""
        with replacing(self._out) as folder:
            folder.mkdir()
            made = self._write_rows(paths, folder)
            files = sorted(folder.iterdir())
            manifest = {
                "format": FORMAT,
                "version": VERSION,
                "model": self._model,
                "genome": self._genome.sha256,
                **made,
                "bytes": {path.name: path.stat().st_size for path in files},
                "sha256": {path.name: sha256(path) for path in files},
            }
            write_json(folder / MANIFEST, manifest)

    def _write_rows(self, paths: Sequence[Path], folder: Path) -> dict[str, Any]:
        """Write all but the manifest; what it says of the rows."""
        columns, known = self._columns, self._genome.contigs
        aggregates = [name_aggregate(name, group) for group, name in columns.kinds()]
        hidden = {*aggregates, *(name + TASK_OF for name in aggregates)}
        facts, _ = open_part(paths[0])
        width = len(columns.names) * len(columns.scores)
        with (
            BlockWriter(folder, facts.schema, hidden, columns.names, width) as blocks,
            (folder / STARTS).open("wb") as starts,
            (folder / REACHES).open("wb") as reaches,
        ):
            places = _Places(list(known), starts, reaches)
            for path in paths:
                facts, values = open_part(path)
                places.add(facts)
                blocks.add(facts, list(values.values()))
        return {
            "tasks": columns.names,
            "scores": list(columns.scores),
            "aggregates": aggregates,
            "facts": [name for name in facts.column_names if name not in hidden],
            "contigs": {**dict.fromkeys(places.rows, 0), **known},
            "rows": blocks.rows,
            "rows_a_block": blocks.rows_a_block,
            "rows_of_contigs": places.rows,
        }


def check_replaceable(out: Path) -> None:
    """Refuse to replace anything but an empty folder or a store of effects, all of it.

    Raises:
        InputError: there is a file at `out`, another folder, or files that are not the store's.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        manifest = read_json(out / MANIFEST)
    except (OSError, CorruptStoreError):
        manifest = {}
    listed = manifest.get("sha256")
    if manifest.get("format") != FORMAT or not isinstance(listed, dict):
        raise InputError(f"{out} is there and is no store of effects: give another path")
    if path := find_stranger(out, {MANIFEST, *listed}):
        raise InputError(
            f"{path} is not of the store that is there, and would be lost with it: move it away, "
            "or give another path"
        )


class _Places:
    """Writes the first base and the furthest end so far of each row.

    Attributes:
        rows: {contig: first row, and the one behind the last}.
    """

    def __init__(self, contigs: list[str], starts: IO[bytes], reaches: IO[bytes]) -> None:
        self.rows: dict[str, list[int]] = {}
        self._contigs, self._starts, self._reaches = contigs, starts, reaches
        self._n = self._reach = 0

    def add(self, facts: Any) -> None:
        """Go on with the rows of a part."""
        import pyarrow.compute as pc

        chrom = facts["chrom"].to_numpy(zero_copy_only=False)
        starts = facts["pos"].to_numpy().astype("<i8") - 1
        ends = starts + pc.utf8_length(facts["ref"]).to_numpy()
        edges = [0, *np.flatnonzero(chrom[1:] != chrom[:-1]) + 1, len(chrom)]
        for first, last in pairwise(edges):
            if first < last:
                self._add(chrom[first], starts[first:last], ends[first:last])

    def _add(self, chrom: str, starts: Any, ends: Any) -> None:
        place = match_contigs([chrom], self._contigs)[chrom]
        name = chrom if place < 0 else self._contigs[place]
        if name not in self.rows:
            self.rows[name], self._reach = [self._n, self._n], 0
        reaches = np.maximum.accumulate(np.maximum(ends, self._reach))
        self._starts.write(starts.tobytes())
        self._reaches.write(reaches.astype("<i8").tobytes())
        self._n, self._reach = self._n + len(starts), int(reaches[-1])
        self.rows[name][1] = self._n
