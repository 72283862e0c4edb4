"""Predictions of windows by way of the batcher, joined to one of each sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from starlette.concurrency import run_in_threadpool

from nucleotides.api.aside import aside
from nucleotides.api.choose import choose
from nucleotides.api.keep_answers import key_of
from nucleotides.api.served import Served, ServedModel
from nucleotides.errors import InputError, NotServedError, TooLargeError
from nucleotides.genome import GenomeStore
from nucleotides.predict.cut_sequences import cut_sequences
from nucleotides.predict.of_one import of_one
from nucleotides.predict.regions.place_windows import windows_of_regions
from nucleotides.predict.regions.read_regions import read_regions
from nucleotides.schemas.choice import Reading
from nucleotides.schemas.predictions import Where

Floats = NDArray[np.float64]


class Cut(NamedTuple):
    """Windows of sequences: names (n,), codes (windows, length), where each one's begin (n,)."""

    names: list[str]
    windows: NDArray[np.uint8]
    edges: NDArray[np.int64]


class Table(NamedTuple):
    """Predictions: names (n,), tasks (k,), probabilities and tails (n, k)."""

    names: list[str]
    tasks: list[str]
    probabilities: Floats
    tails: Floats | None


async def predict_sequences(
    served: Served, model: ServedModel, sequences: dict[str, str], reading: Reading
) -> Table:
    """As `Model.predict`, to the bit.

    Raises:
        TooLargeError: more sequences, or longer ones, than the server takes.
        InputError: as `Model.predict`.
    """
    _check_count(len(sequences), served)
    for name, sequence in sequences.items():
        _check_length(name, len(sequence), served)

    def cut() -> Cut:
        _, windows, edges = cut_sequences(sequences, model.model.sequence_length, _step(model))
        return Cut(list(sequences), windows, edges)

    n_bases = sum(map(len, sequences.values()))
    return await _predict(model, await aside(n_bases, cut), reading)


async def predict_places(
    served: Served, model: ServedModel, places: Sequence[Where], reading: Reading
) -> Table:
    """As `Model.predict_regions`, to the bit.

    Raises:
        NotServedError: there is no genome.
        TooLargeError: more regions, or longer ones, than the server takes.
        InputError: as `Model.predict_regions`; or another assembly.
    """
    genome = served.reference()
    _check_count(len(places), served)
    for place in places:
        check_assembly(place.assembly, served)
        start, end = place.region()
        _check_length(place.label(), end - start, served)
    cut = await run_in_threadpool(_cut_places, places, genome, model)  # it may read from disk
    return await _predict(model, cut, reading)


async def _predict(model: ServedModel, cut: Cut, reading: Reading) -> Table:
    columns = choose(reading, model.model.tasks)
    background = model.model.background
    if reading.genome_tail and background is None:
        raise NotServedError("this model does not know its background: genome_tail is not there")
    highest = await _highest(model, cut, reading.recalibrated)
    tails = None
    if reading.genome_tail and background is not None:
        raw = highest if not reading.recalibrated else await _highest(model, cut, False)
        tails = (await run_in_threadpool(background.tail, raw))[:, columns]
    every = len(columns) == len(model.tasks)
    tasks = model.tasks if every else [model.tasks[i] for i in columns]
    return Table(cut.names, tasks, np.asarray(expit(highest[:, columns])), tails)


async def _highest(model: ServedModel, cut: Cut, recalibrated: bool) -> Floats:
    """The highest logit of each sequence's windows (n, tasks), kept for who asks again."""
    if recalibrated and model.model.calibration is None:
        raise NotServedError("this model has no calibration: recalibrated is not there")
    key = await aside(cut.windows.size, key_of, cut.windows, cut.edges, str(recalibrated))
    known = model.cache.get(key)
    if known is not None:
        model.meters.cached.inc()
        return known
    scores = await model.batcher.scores(cut.windows, recalibrated)
    highest = np.maximum.reduceat(scores, cut.edges, axis=0)
    model.cache.keep(key, highest)
    return highest


def _cut_places(places: Sequence[Where], genome: GenomeStore, model: ServedModel) -> Cut:
    rows = [(place.chrom, *place.region(), place.strand) for place in places]
    table = pd.DataFrame(rows, columns=["chrom", "start", "end", "strand"])
    with of_one(len(places) == 1):
        regions = read_regions(table, genome)
    length, step = model.model.sequence_length, _step(model)
    codes, edges, n = [], [], 0
    for part in windows_of_regions(regions, genome, length, step):
        codes.append(part.codes(0, int(part.edges[-1])))
        edges.append(part.edges[:-1] + n)
        n += len(codes[-1])
    names = [place.label() for place in places]
    return Cut(names, np.concatenate(codes), np.concatenate(edges))


def check_assembly(wanted: str | None, served: Served) -> None:
    """Refuse an assembly that the server's genome is not of.

    Raises:
        InputError: it is of another.
    """
    same = {"hg38": "GRCh38", "GRCh37": "hg19"}
    ours = served.config.assembly
    if wanted is not None and same.get(wanted, wanted) != same.get(ours, ours):
        raise InputError(f"assembly {wanted!r}: this server's genome is {ours}")


def _check_count(n: int, served: Served) -> None:
    if n > served.config.max_items:
        raise TooLargeError(f"{n:,} at once: this server takes {served.config.max_items:,}")


def _check_length(name: str, length: int, served: Served) -> None:
    if length > served.config.max_sequence_length:
        raise TooLargeError(
            f"{name} has {length:,} bases: this server takes {served.config.max_sequence_length:,}"
        )


def _step(model: ServedModel) -> int:
    return model.model._step
