"""Parts of an output as one file, in each of the formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.predict.keep_rows import open_part
from nucleotides.targets.bgzip import BgzipWriter

Values = Mapping[str, NDArray[np.float32]]
_CHUNK = 1 << 16  # values of a chunk of HDF5
_SPECIAL = r'["\t\r\n]'


def tsv(paths: Sequence[Path], tasks: list[str], out: Path) -> None:
    """Text parted by tabs; numbers in as few digits as tell them apart, missing ones empty."""
    with out.open("wb") as file:
        _write_lines(paths, tasks, file.write)


def tsv_gz(paths: Sequence[Path], tasks: list[str], out: Path) -> None:
    """The same, as bgzip."""
    with out.open("wb") as file:
        packed = BgzipWriter(file)
        _write_lines(paths, tasks, packed.write)
        packed.close()


def parquet(paths: Sequence[Path], tasks: list[str], out: Path) -> None:
    """A row group a part."""
    import pyarrow.parquet as pq

    table = _table(paths[0], tasks)
    with pq.ParquetWriter(out, table.schema, compression="zstd") as writer:
        for path in paths:
            writer.write_table(_table(path, tasks))


def hdf5(paths: Sequence[Path], tasks: list[str], out: Path) -> None:
    """Datasets of n rows, without the time at which they were made."""
    import h5py

    n = sum(open_part(path)[0].num_rows for path in paths)
    facts, values = open_part(paths[0])
    with h5py.File(out, "w") as file:
        _create(file, "tasks", (len(tasks),), np.array(tasks, object))
        file["tasks"][:] = tasks
        for name in facts.column_names:
            _create(file, f"rows/{name}", (n,), _plain(facts[name])[:0])
        for name, array in values.items():
            _create(file, name, (n, len(tasks)), array)
        start = 0
        for path in paths:
            facts, values = open_part(path)
            rows = slice(start, start := start + facts.num_rows)
            for name in facts.column_names:
                file[f"rows/{name}"][rows] = _plain(facts[name])
            for name, array in values.items():
                file[name][rows] = array


def _write_lines(
    paths: Sequence[Path], tasks: list[str], write: Callable[[bytes | memoryview], object]
) -> None:
    import pyarrow as pa
    from pyarrow import csv

    write(("\t".join(_table(paths[0], tasks).column_names) + "\n").encode())
    for path in paths:
        table, sink = _table(path, tasks), pa.BufferOutputStream()
        # Arrow quotes all strings or none; quotes are for the rare ones that need them.
        quoting = "needed" if _needs_quotes(table) else "none"
        options = csv.WriteOptions(include_header=False, delimiter="\t", quoting_style=quoting)
        csv.write_csv(table, sink, options)
        write(memoryview(sink.getvalue()))


def _needs_quotes(table: Any) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = (column for column in table.columns if pa.types.is_string(column.type))
    return any(pc.any(pc.match_substring_regex(text, _SPECIAL)).as_py() for text in texts)


def _table(path: Path, tasks: list[str]) -> Any:
    """Facts and values of a part, as one Arrow table."""
    import pyarrow as pa

    table, values = open_part(path)
    columns = dict(zip(table.column_names, table.columns, strict=True))
    first = next(iter(values), "")
    for score, array in values.items():
        for task, column in zip(tasks, np.ascontiguousarray(array.T), strict=True):
            bare = score == first and task not in table.column_names
            columns[task if bare else f"{task}:{score}"] = pa.array(column, from_pandas=True)
    return pa.table(columns)


def _create(file: Any, name: str, shape: tuple[int, ...], like: NDArray[Any]) -> None:
    import h5py

    text = like.dtype == object
    width = max(1, int(np.prod(shape[1:])))
    chunks = (max(1, min(shape[0], _CHUNK // width)), *shape[1:])
    file.create_dataset(
        name,
        shape,
        h5py.string_dtype() if text else like.dtype,
        chunks=chunks if min(shape) else None,
        compression="gzip" if min(shape) and not text else None,
        compression_opts=1 if min(shape) and not text else None,
        shuffle=bool(min(shape)) and not text,
        track_times=False,
    )


def _plain(column: Any) -> NDArray[Any]:
    """An Arrow column as numpy has it."""
    import pyarrow as pa

    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8()).fill_null(-1)
    elif pa.types.is_string(column.type):
        return np.array(column.fill_null("").to_pylist(), object)
    return np.asarray(column.to_numpy())
