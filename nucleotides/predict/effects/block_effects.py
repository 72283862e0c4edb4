"""Write rows in blocks: facts as Arrow record batches, values column by column."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nucleotides.predict.effects.map_effects import FACTS, VALUES

_MOST_ROWS, _MOST_BYTES = 1 << 16, 1 << 26  # of a block's rows, and of its values


class BlockWriter:
    """Writes both files of a folder, holding one block.

    Args:
        folder: where.
        schema: of the facts (Arrow).
        encoded: names of columns of facts; those with words have words of `words`.
        words: what they are numbers of in the file, in order.
        width: columns of the values.

    Attributes:
        rows_a_block: rows of all blocks but the last, a power of two.
        rows: those added so far.
    """

    def __init__(
        self, folder: Path, schema: Any, encoded: Collection[str], words: list[str], width: int
    ) -> None:
        import pyarrow as pa

        self.rows = 0
        self.rows_a_block = _rows_a_block(width)
        self._words = pa.array(words, pa.string())
        self._encoded = {f.name for f in schema if pa.types.is_string(f.type)} & {*encoded}
        self._values = np.empty((width, self.rows_a_block), "<f4")
        self._held, self._tables = 0, list[Any]()
        self._file = (folder / VALUES).open("wb")
        schema = self._encode(schema.empty_table()).schema
        self._writer = pa.ipc.new_file(str(folder / FACTS), schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._held and error is None:
                self._flush()
        finally:
            self._writer.close()
            self._file.close()

    def add(self, facts: Any, values: Sequence[NDArray[np.float32]]) -> None:
        """Go on with more rows.

        Args:
            facts: an Arrow table.
            values: (n, columns) each, one behind the other.
        """
        start, n = 0, facts.num_rows
        self.rows += n
        while start < n:
            some = slice(start, min(n, start + self.rows_a_block - self._held))
            self._hold(facts.slice(start, some.stop - start), [v[some] for v in values])
            start = some.stop
            if self._held == self.rows_a_block:
                self._flush()

    def _hold(self, facts: Any, values: list[NDArray[np.float32]]) -> None:
        rows, column = slice(self._held, self._held + facts.num_rows), 0
        for array in values:
            self._values[column : column + array.shape[1], rows] = array.T
            column += array.shape[1]
        self._tables.append(self._encode(facts))
        self._held = rows.stop

    def _flush(self) -> None:
        import pyarrow as pa

        table = pa.concat_tables(self._tables).combine_chunks()
        self._writer.write_batch(table.to_batches()[0])
        self._file.write(np.ascontiguousarray(self._values[:, : self._held]).data)
        self._held, self._tables = 0, []

    def _encode(self, facts: Any) -> Any:
        """Words as numbers of `words`."""
        import pyarrow as pa
        import pyarrow.compute as pc

        for i, name in enumerate(facts.column_names):
            if name in self._encoded:
                numbers = pc.index_in(facts[name].combine_chunks(), value_set=self._words)
                column = pa.DictionaryArray.from_arrays(numbers, self._words)
                facts = facts.set_column(i, name, column)
        return facts


def _rows_a_block(width: int) -> int:
    """As many as keep the block's values within 64 MiB, from 64 to 65,536."""
    fit = _MOST_BYTES // (4 * max(1, width))
    return min(_MOST_ROWS, 1 << max(6, fit.bit_length() - 1))
