"""Rows of an output: what each is, and its values by score and task; in parts, then in one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.arrays import open_arrays, save_arrays
from nucleotides.errors import InputError, nearest
from nucleotides.files import replacing

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".tsv", ".tsv.gz", ".parquet", ".h5")
"""Of the files that `join_rows` makes."""

_FACTS = "facts"


class Rows(NamedTuple):
    """Some rows of an output.

    Attributes:
        facts: what each row is (n, facts): numbers, truth values, or strings; missing as in pandas.
        values: float32 (n, tasks) by the name of a score, in order; NaN where there is none.
    """

    facts: pd.DataFrame
    values: dict[str, NDArray[np.float32]]


def save_rows(path: Path, rows: Rows) -> None:
    """Write rows to one file: the arrays of `nucleotides.arrays`, facts as an Arrow stream."""
    arrays = {f"{i:03d} {name}": values for i, (name, values) in enumerate(rows.values.items())}
    save_arrays(path, {**arrays, _FACTS: _packed(rows.facts)}, checksum=False)


def open_rows(path: Path) -> Rows:
    """Rows that `save_rows` wrote: values memory-mapped, strings that are missing as None.

    Raises:
        CorruptStoreError: the file is not what was written.
    """
    facts, values = open_part(path)
    return Rows(facts.to_pandas(), values)


def open_part(path: Path) -> tuple[Any, dict[str, NDArray[np.float32]]]:
    """As `open_rows`, the facts as an Arrow table."""
    import pyarrow as pa

    arrays = open_arrays(path)
    facts = pa.ipc.open_stream(pa.py_buffer(arrays.pop(_FACTS))).read_all()
    return facts, {name.partition(" ")[2]: arrays[name] for name in sorted(arrays)}


def _packed(facts: pd.DataFrame) -> NDArray[np.uint8]:
    """A table as an Arrow stream, its columns typed alike whatever is missing in this part."""
    import pandas as pd
    import pyarrow as pa

    columns = {}
    for name, column in facts.items():
        text = column.dtype == object or isinstance(column.dtype, pd.StringDtype)
        kind = pa.string() if text else None
        columns[str(name)] = pa.array(column, type=kind, from_pandas=True)
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return np.frombuffer(sink.getvalue(), np.uint8)


def suffix_of(out: Path) -> str:
    """The suffix that chooses the format of `out`, one of `SUFFIXES`.

    Raises:
        InputError: it has another one; the message names those known.
    """
    found = [suffix for suffix in SUFFIXES if out.name.endswith(suffix) and out.name != suffix]
    if not found:
        near = nearest("".join(out.suffixes[-2:]), SUFFIXES)
        hint = f"; did you mean '{near}'?" if near else ""
        raise InputError(
            f"{out}: the suffix chooses the format, one of {', '.join(SUFFIXES)}{hint}"
        )
    return found[0]


def join_rows(paths: Sequence[Path], tasks: Sequence[str], out: Path) -> None:
    """Make one file of parts that `save_rows` wrote, in order, one part in memory at a time.

    The suffix of `out` chooses the format. The same parts give the same bytes. Columns: facts,
    then the first score's, called as the tasks, then those of further scores, called `task:score`;
    a first column that would be called as a fact is called `task:score` too. What is missing is
    empty in TSV, null in Parquet; in HDF5 NaN, an empty string, or -1 for a truth value.
    HDF5 has a dataset `rows/<fact>` (n,) for each fact, `tasks` (tasks,), and each score as a
    dataset (n, tasks) float32. `.tsv.gz` is bgzip.

    Args:
        paths: one part or more, with the same columns.
        tasks: names of the columns of the values.
        out: the file; it is whole or not there.

    Raises:
        InputError: an unknown suffix.
        OutOfSpaceError: the disk is full; what was at `out` is unchanged.
    """
    from nucleotides.predict import write_rows as write

    writers = dict(zip(SUFFIXES, (write.tsv, write.tsv_gz, write.parquet, write.hdf5), strict=True))
    writer = writers[suffix_of(out)]
    with replacing(out) as temporary:
        writer(paths, list(tasks), temporary)
