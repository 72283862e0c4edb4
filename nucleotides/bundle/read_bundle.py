"""Open a bundle, which may come from anyone."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
from torch import Tensor

from nucleotides.bundle import layout
from nucleotides.bundle.bundle import Bundle, Knowledge
from nucleotides.bundle.check_files import check_files
from nucleotides.bundle.manifest import read_manifest
from nucleotides.bundle.open_weights import kinds_of_weights, load_weights
from nucleotides.errors import CorruptStoreError, InputError, UntrustedCodeError
from nucleotides.metrics.background import Background
from nucleotides.metrics.monotone import Calibration
from nucleotides.metrics.summary import NUMBERS
from nucleotides.model.build_network import build_network
from nucleotides.model.network import Network
from nucleotides.read_json import MOST_VALUES, read_json
from nucleotides.read_whole import read_whole

_PLACED = ("umap1", "umap2", "cluster", "mean_prediction", "std_prediction")
_ROWS, _COLUMNS = 200_000, 1000


def read_bundle(path: Path, *, trust_code: bool = False) -> Bundle:
    """Open a bundle; every file is checked against its checksum before it is read.

    Nothing in it is run: it holds numbers and text, and the network is one of this package's. One
    that is replaced meanwhile is read again.

    Args:
        path: its folder.
        trust_code: whether the module of a model that is not of the zoo may be imported at the
            bundle's word, which runs its code.

    Raises:
        StoreError: there is no bundle at `path`, or it is of another version.
        CorruptStoreError: a file is missing, not listed, not what was written, or not of its form;
            the message names it.
        UntrustedCodeError: its model is not of the zoo.
    """
    return read_whole(path, lambda: _read_bundle(path, trust_code))


def _read_bundle(path: Path, trust_code: bool) -> Bundle:
    facts = read_manifest(path)
    check_files(path, facts)
    tasks = _read_tasks(path / layout.TASKS)
    model = _read_model(path, facts, len(tasks), trust_code)
    metrics = _read_json(path / layout.METRICS)
    return Bundle(model, tasks, facts, metrics, _read_known(path, facts, list(tasks["task"])))


def read_weights(path: Path) -> tuple[dict[str, Tensor], list[str]]:
    """Weights by name, and tasks, of a bundle; whatever class they are of.

    Raises:
        StoreError, CorruptStoreError: see `read_bundle`.
    """
    return read_whole(path, lambda: _read_weights(path))


def _read_weights(path: Path) -> tuple[dict[str, Tensor], list[str]]:
    check_files(path, read_manifest(path))
    tasks = _read_tasks(path / layout.TASKS)
    return load_weights(path / layout.WEIGHTS), list(tasks["task"])


def _read_model(path: Path, facts: dict[str, Any], n_tasks: int, trust_code: bool) -> Network:
    file = path / layout.WEIGHTS
    try:
        model = build_network(facts, n_tasks, kinds_of_weights(file), trust_code=trust_code)
    except UntrustedCodeError as error:
        raise UntrustedCodeError(f"{path}: {error}") from error
    except InputError as error:
        raise CorruptStoreError(
            f"{path}: manifest.json, weights.safetensors and the {n_tasks} rows of tasks.tsv do "
            f"not belong together: {error}"
        ) from error
    model.load_state_dict(load_weights(file))
    model.both_strands = facts["average_strands"]
    return model.eval()


def _read_known(path: Path, facts: dict[str, Any], tasks: list[str]) -> Knowledge:
    there = facts["sha256"]

    def background(name: str) -> Background | None:
        return Background.open(path / name, tasks) if name in there else None

    def text(name: str) -> str | None:
        return (path / name).read_text("utf-8", errors="replace") if name in there else None

    file = path / layout.CALIBRATION
    return Knowledge(
        Calibration.load(file, tasks) if layout.CALIBRATION in there else None,
        background(layout.GENOME),
        background(layout.GC_MATCHED),
        text(layout.CARD),
        _read_json(path / layout.LOCK) if layout.LOCK in there else None,
        text(layout.LICENCE),
    )


def _read_json(path: Path) -> dict[str, Any]:
    return read_json(path, layout.MOST_BYTES[path.name])


def _read_tasks(path: Path) -> pd.DataFrame:
    """The table, words as they stand (a biosample may be called NA), metrics as numbers."""
    value = path.read_bytes()
    if _is_endless(value):
        raise CorruptStoreError(f"{path} is no table of tasks: more rows or columns than can be")
    try:
        text = value.decode()
        if max(map(len, csv.reader(io.StringIO(text), delimiter="\t")), default=0) > _COLUMNS:
            raise ValueError(f"more than {_COLUMNS:,} columns")
        table = pd.read_csv(io.StringIO(text), sep="\t", dtype=str, keep_default_na=False)
    except (ValueError, csv.Error, pd.errors.ParserError) as error:
        raise CorruptStoreError(f"{path} is no table of tasks: {error}") from error
    if "task" not in table or not len(table) or table["task"].duplicated().any():
        raise CorruptStoreError(f"{path} is no table of tasks: a column `task`, each once")
    return as_numbers(table)


def _is_endless(value: bytes) -> bool:
    """Whether a table has more rows or values than can be, by counting in its bytes.

    To a reader of tables, every value is an object, and a column some thousand bytes.
    """
    rows = value.count(b"\n") + value.count(b"\r")
    return rows > _ROWS or rows + value.count(b"\t") > MOST_VALUES


def as_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """A table of tasks that was read as words, with metrics and places on the map as numbers."""
    names = [name for name in (*NUMBERS, *_PLACED) if name in table]
    return table.assign(**{n: pd.to_numeric(table[n], errors="coerce") for n in names})
