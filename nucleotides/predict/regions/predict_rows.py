"""Predict the rows of an output, a batch of windows at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from nucleotides.choose_tasks import choose_tasks
from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore, reverse_complement
from nucleotides.genome.open_genome import open_genome
from nucleotides.predict.regions.place_windows import Codes, Windows, windows_of_regions
from nucleotides.predict.regions.read_regions import read_regions

if TYPE_CHECKING:
    from nucleotides.predict.model import Model

Join = Literal["max", "mean"]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class How:
    """How rows are predicted.

    Attributes:
        tasks: names or patterns of tasks (`choose_tasks`); all for none.
        recalibrated: whether to give probabilities that agree with frequencies.
        logits: whether to give logits instead of probabilities.
        both_strands: whether to average the logits of both strands.
        join: of a row with several windows, their maximum or the mean of the values given.
        batch_size: windows a step.

    Raises:
        InputError: a batch size below 1, or another way to join.
    """

    tasks: tuple[str, ...] = ()
    recalibrated: bool = False
    logits: bool = False
    both_strands: bool = False
    join: Join = "max"
    batch_size: int = 256

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.join not in get_args(Join):
            raise InputError(
                f"batch_size {self.batch_size} and join {self.join!r}: the first is 1 or more, "
                f"the second one of {', '.join(get_args(Join))}"
            )


class Predictor:
    """Predicts with one model in one way.

    Attributes:
        tasks: names of the tasks chosen.

    Raises:
        UnknownNameError: a task that the model has not.
    """

    def __init__(self, model: Model, how: How) -> None:
        names = list(model.tasks["task"])
        self._model, self._how = model, how
        self._columns = choose_tasks(how.tasks, names)
        self.tasks = [names[i] for i in self._columns]

    def windows(self, codes: Codes) -> Values:
        """Values (n, tasks) of windows: codes (n, length).

        Raises:
            InputError: they are to be recalibrated, and the model has no calibration.
        """
        recalibrated = self._how.recalibrated
        z = self._model._scores(codes, recalibrated)
        if self._how.both_strands:
            z = (z + self._model._scores(reverse_complement(codes), recalibrated)) / 2
        z = z[:, self._columns]
        return z if self._how.logits else expit(z)

    def rows(self, windows: Windows) -> Generator[None, None, Values]:
        """Values (rows, tasks), returned at the end; yields after each batch."""
        mean = self._how.join == "mean"
        join = np.add if mean else np.maximum
        out = np.full((len(windows.facts), len(self.tasks)), 0.0 if mean else -np.inf)
        for first, end in self.batches(windows):
            values = self.windows(windows.codes(first, end))
            row = np.searchsorted(windows.edges, np.arange(first, end), side="right") - 1
            begin = np.flatnonzero(np.diff(row, prepend=-1))
            joined = join.reduceat(values, begin, axis=0)
            out[row[begin]] = join(out[row[begin]], joined)
            yield
        return out / np.diff(windows.edges)[:, None] if mean else out

    def batches(self, windows: Windows) -> Iterator[tuple[int, int]]:
        """First and end of each batch of windows."""
        n, size = int(windows.edges[-1]), self._how.batch_size
        return ((first, min(first + size, n)) for first in range(0, n, size))


def predict_regions(
    model: Model, regions: str | Path | pd.DataFrame, genome: GenomeStore | str | Path, how: How
) -> pd.DataFrame:
    """Predictions for regions, as `Model.predict_regions` says."""
    if not isinstance(genome, GenomeStore):
        genome = open_genome(genome)
    table = read_regions(regions, genome)
    predictor = Predictor(model, how)
    parts = windows_of_regions(table, genome, model.sequence_length, model._step)
    values = [last_of(predictor.rows(part)) for part in parts]
    return pd.DataFrame(np.concatenate(values), table.index, predictor.tasks)


def last_of(steps: Generator[None, None, Values]) -> Values:
    """What a generator returns when it has been run to its end."""
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return np.asarray(ended.value)
