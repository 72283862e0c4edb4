"""Parts of an output as one file, in each of the formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.predict.keep_rows import open_part
from nucleotides.targets.bgzip import BgzipWriter

Values = Mapping[str, NDArray[np.float32]]
_CHUNK = 1 << 16  # values of a chunk of HDF5
_GROUP = 1 << 26  # bytes of a row group of Parquet
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
    """Row groups of about 64 MiB: words as numbers of a dictionary, values as bytes by weight.

    Values hardly repeat and hardly shrink, so what they cost is the time to try: the bytes of a
    column's floats are written by weight (BYTE_STREAM_SPLIT) and packed by the quickest codec.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _table(paths[:1], tasks).schema
    floats = [field.name for field in schema if pa.types.is_float32(field.type)]
    others = [field.name for field in schema if not pa.types.is_float32(field.type)]
    options = {
        "compression": {**dict.fromkeys(floats, "lz4"), **dict.fromkeys(others, "zstd")},
        "use_dictionary": others,
        "use_byte_stream_split": floats,
        "write_statistics": open_part(paths[0])[0].column_names,
    }
    with pq.ParquetWriter(out, schema, **options) as writer:
        for some in _groups(paths):
            writer.write_table(_table(some, tasks))


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

    write(("\t".join(_table(paths[:1], tasks).column_names) + "\n").encode())
    for path in paths:
        table, sink = _table([path], tasks), pa.BufferOutputStream()
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


def _groups(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Parts that follow one another, as many as have 64 MiB, or one."""
    group, size = list[Path](), 0
    for path in paths:
        size += path.stat().st_size
        if group and size > _GROUP:
            yield group
            group, size = [], path.stat().st_size
        group.append(path)
    yield group


def _table(paths: Sequence[Path], tasks: list[str]) -> Any:
    """Facts and values of some parts, as one Arrow table."""
    import pyarrow as pa

    parts = [open_part(path) for path in paths]
    table = pa.concat_tables([facts for facts, _ in parts]).combine_chunks()
    columns = dict(zip(table.column_names, table.columns, strict=True))
    scores = list(parts[0][1])
    for score in scores:
        found = _columns([values[score] for _, values in parts])
        for task, column in zip(tasks, found, strict=True):
            bare = score == scores[0] and task not in table.column_names
            columns[task if bare else f"{task}:{score}"] = column
    return pa.table(columns)


def _columns(values: Sequence[NDArray[np.float32]]) -> Iterator[Any]:
    """The columns of arrays (n, columns) that follow one another, NaN as null."""
    import pyarrow as pa

    edges = np.cumsum([0, *map(len, values)]).tolist()
    whole = np.empty((values[0].shape[1], edges[-1]), np.float32)
    for array, start, end in zip(values, edges[:-1], edges[1:], strict=True):
        whole[:, start:end] = array.T
    has_null = np.asarray(np.isnan(whole).any(axis=1))
    for column, some_null in zip(whole, has_null, strict=True):
        if some_null:
            yield pa.array(column, from_pandas=True)
        else:  # quicker by far
            yield pa.Array.from_buffers(pa.float32(), column.size, [None, pa.py_buffer(column)])


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
