"""Explanations in one HDF5 file: written row by row, read row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.analyze.explanations.gather_items import Items
from nucleotides.explain import weigh_bases
from nucleotides.explain.explanation import hypothetical_of
from nucleotides.explain.methods import How
from nucleotides.files import replacing

Floats = NDArray[np.float32]
SIGN = {
    "contributions": "positive: the base raises the prediction; 0 for N and beyond the end",
    "exchanged": "prediction with base A, C, G or T at a position less that of the sequence",
    "gap": "by how much contributions add up to more than what they explain; NaN: the method "
    "promises no sum",
    "hypothetical": "what A, C, G or T contributes, or would if it were there",
}


class Row(NamedTuple):
    """Of one sequence: values float32 (tasks, 4, length), probability and gap (tasks,)."""

    values: Floats
    probability: Floats
    gap: Floats


def write_explanations(
    path: Path,
    items: Items,
    tasks: list[str],
    how: How,
    rows: Iterator[Row],
    facts: Mapping[str, Any],
) -> None:
    """Write rows, which come in the order of `items`; the same rows give the same bytes.

    Datasets: `tasks`; `rows/<fact>`, `lengths` (n,); `codes` uint8 (n, length), A C G T N = 0 to 4,
    N beyond a sequence's end; `values` float32 (n, tasks, 4, length) and `contributions` float32
    (n, tasks, length), 0 beyond it; `probability` (n, tasks), the prediction, of a longer sequence
    that of its highest window; `gap` (n, tasks), NaN where a method promises no sum.

    Args:
        path: the file; it is whole or not there.
        items: what was explained.
        tasks: names of the tasks.
        how: the method.
        rows: one an item.
        facts: further attributes of the file.

    Raises:
        OutOfSpaceError: the disk is full; what was at `path` is unchanged.
    """
    import h5py

    length = max(one.size for one in items.codes)
    n, k = len(items.codes), len(tasks)
    with replacing(path) as temporary, h5py.File(temporary, "w") as file:
        told = {"format": "nucleotides explanations", "version": 1, **vars(how), **facts}
        for name, value in told.items():
            file.attrs[name] = value
        _write_table(file, items.facts, tasks)
        lengths = np.array([one.size for one in items.codes], np.int64)
        file.create_dataset("lengths", data=lengths, track_times=False)
        shapes = {
            "codes": (n, length),
            "values": (n, k, 4, length),
            "contributions": (n, k, length),
        }
        made = {name: _create(file, name, shape) for name, shape in shapes.items()}
        made |= {name: _create(file, name, (n, k)) for name in ("probability", "gap")}
        made["values"].attrs["is"] = SIGN["exchanged" if how.exchanges else "hypothetical"]
        for name in ("contributions", "gap"):
            made[name].attrs["is"] = SIGN[name]
        for i, row in enumerate(rows):
            codes = items.codes[i]
            here = hypothetical_of(row.values, how)
            made["codes"][i] = np.pad(codes, (0, length - codes.size), constant_values=4)
            made["values"][i, ..., : codes.size] = row.values
            made["contributions"][i, :, : codes.size] = weigh_bases.actual(here[None], codes[None])[
                0
            ]
            made["probability"][i], made["gap"][i] = row.probability, row.gap


def _create(file: Any, name: str, shape: tuple[int, ...]) -> Any:
    return file.create_dataset(
        name,
        shape,
        np.uint8 if name == "codes" else np.float32,
        chunks=(1, *(1 if i == 1 and len(shape) > 2 else n for i, n in enumerate(shape) if i)),
        compression="gzip",
        compression_opts=1,
        shuffle=True,
        track_times=False,
    )


def _write_table(file: Any, facts: pd.DataFrame, tasks: list[str]) -> None:
    import h5py

    text = h5py.string_dtype()
    file.create_dataset("tasks", data=np.array(tasks, object), dtype=text, track_times=False)
    for name, column in facts.items():
        if pd.api.types.is_numeric_dtype(column):
            file.create_dataset(f"rows/{name}", data=column.to_numpy(), track_times=False)
        else:
            words = np.array(column.fillna("").astype(str).tolist(), object)
            file.create_dataset(f"rows/{name}", data=words, dtype=text, track_times=False)


class Stored:
    """Explanations of a file, read when they are asked for; a context manager.

    Attributes:
        facts: a row an item, as of `Items`.
        tasks: names of the tasks.
        how: the method.
        lengths: bases of each (n,).
        probability, gap: float32 (n, tasks).
    """

    def __init__(self, path: Path) -> None:
        import h5py

        self._file = h5py.File(path, "r")
        self.tasks = [str(name) for name in self._file["tasks"].asstr()]
        self.how = How(**{name: self._plain(name) for name in vars(How())})
        self.lengths = self._file["lengths"][:]
        self.facts = pd.DataFrame({name: self._column(name) for name in self._file["rows"]})
        self.probability, self.gap = (self._file[name][:] for name in ("probability", "gap"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self.lengths)

    def codes(self, row: int) -> NDArray[np.uint8]:
        """Of a sequence, (length,)."""
        return np.asarray(self._file["codes"][row, : self.lengths[row]])

    def contributions(self, row: int, task: int | slice = slice(None)) -> Floats:
        """Of a sequence, (tasks, length), or of one task (length,)."""
        return np.asarray(self._file["contributions"][row, task, : self.lengths[row]])

    def values(self, row: int, task: int) -> Floats:
        """Of a sequence and a task, (4, length)."""
        return np.asarray(self._file["values"][row, task, :, : self.lengths[row]])

    def all(self) -> dict[str, NDArray[Any]]:
        """Every array by name, padded as in the file."""
        names = ("codes", "lengths", "values", "contributions", "probability", "gap")
        rows = {f"rows/{name}": np.asarray(self.facts[name]) for name in self.facts}
        text = {name: array.astype(str) for name, array in rows.items() if array.dtype == object}
        found = {name: np.asarray(self._file[name][:]) for name in names}
        return {"tasks": np.array(self.tasks), **rows, **text, **found}

    def hypothetical(self, task: int) -> tuple[Floats, NDArray[np.uint8]]:
        """Hypothetical contributions of one task (n, 4, length), and codes, padded."""
        values = hypothetical_of(self._file["values"][:, task], self.how)
        return values, np.asarray(self._file["codes"][:])

    def _plain(self, name: str) -> Any:
        value = self._file.attrs[name]
        return value if isinstance(value, str) else value.item()

    def _column(self, name: str) -> Any:
        column = self._file["rows"][name]
        return column.asstr()[:] if column.dtype == object else column[:]
