"""The files of a store of effects, memory-mapped: which rows a place has, and what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import CorruptStoreError
from nucleotides.genome import Interval

FACTS, VALUES, STARTS, REACHES = "facts.arrow", "values.f32", "starts.i64", "reaches.i64"
MADE_BY = "nucleotides variants VCF --out NAME.effects"


class EffectsFiles:
    """What `EffectsStore` reads of its folder.

    Args:
        path: the folder.
        manifest: of it.
        width: columns of the values.

    Raises:
        CorruptStoreError: a file is missing, or is not as long as what was written.
    """

    def __init__(self, path: Path, manifest: dict[str, Any], width: int) -> None:
        self._path, self._width = path, width
        self.n, self._block = int(manifest["rows"]), int(manifest["rows_a_block"])
        self._rows_of: dict[str, list[int]] = manifest["rows_of_contigs"]
        for name in (FACTS, VALUES, STARTS, REACHES):
            self._check_size(name, manifest["bytes"][name])
        self._values = self._map(VALUES, "<f4")
        self._starts, self._reaches = self._map(STARTS, "<i8"), self._map(REACHES, "<i8")
        self._batches = self._open_facts()

    @property
    def facts(self) -> list[str]:
        """Columns of the facts."""
        return list(self._batches.schema.names)

    def rows(self, where: Interval) -> slice:
        """All rows whose REF may share a base with a place; the first of them does, if any."""
        first, last = self._rows_of.get(where.contig, (0, 0))
        start = first + int(np.searchsorted(self._reaches[first:last], where.start, "right"))
        end = first + int(np.searchsorted(self._starts[first:last], where.end, "left"))
        return slice(start, max(start, end) if where.width else start)

    def column(self, column: int, rows: slice) -> NDArray[np.float32]:
        """Values of one column."""
        parts = [np.empty(0, np.float32)]
        for block, some in self._pieces(rows):
            size = min(self._block, self.n - block * self._block)
            base = block * self._block * self._width + column * size
            parts.append(self._values[base + some.start : base + some.stop])
        return np.concatenate(parts)

    def read(self, rows: slice, names: list[str]) -> Any:
        """Some columns of the facts, as an Arrow table.

        Raises:
            CorruptStoreError: they are not what was written.
        """
        import pyarrow as pa

        try:
            schema = pa.schema([self._batches.schema.field(name) for name in names])
            batches = [
                self._batches.get_batch(block)
                .select(names)
                .slice(some.start, some.stop - some.start)
                for block, some in self._pieces(rows)
            ]
            return pa.Table.from_batches(batches, schema).cast(_without_dictionaries(schema))
        except (pa.ArrowException, OSError, KeyError) as error:
            raise self.corrupt(FACTS, str(error)) from error

    def corrupt(self, name: str, what: str) -> CorruptStoreError:
        """The error to raise about a file."""
        return CorruptStoreError(f"{self._path / name} is damaged: {what}. Run `{MADE_BY}` again")

    def _pieces(self, rows: slice) -> Iterator[tuple[int, slice]]:
        """The blocks that rows lie in, and which rows of each."""
        for block in range(rows.start // self._block, -(-rows.stop // self._block)):
            first = block * self._block
            some = slice(max(rows.start - first, 0), min(rows.stop - first, self._block))
            if some.start < some.stop:
                yield block, some

    def _check_size(self, name: str, size: int) -> None:
        try:
            found = (self._path / name).stat().st_size
        except OSError as error:
            raise self.corrupt(name, f"it cannot be read ({error.strerror})") from error
        if found != size:
            raise self.corrupt(name, f"it has {found:,} bytes, {size:,} were written")

    def _map(self, name: str, kind: str) -> NDArray[Any]:
        if not self.n or not (self._path / name).stat().st_size:
            return np.empty(0, kind)
        return np.memmap(self._path / name, kind, mode="r").view(np.ndarray)

    def _open_facts(self) -> Any:
        import pyarrow as pa

        try:
            return pa.ipc.open_file(pa.memory_map(str(self._path / FACTS)))
        except (pa.ArrowException, OSError) as error:
            raise self.corrupt(FACTS, str(error)) from error


def _without_dictionaries(schema: Any) -> Any:
    """The same columns, words as words."""
    import pyarrow as pa

    kinds = {f.name: f.type for f in schema}
    plain = {n: k.value_type if pa.types.is_dictionary(k) else k for n, k in kinds.items()}
    return pa.schema(list(plain.items()))
