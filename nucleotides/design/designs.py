"""What came of a design."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.genome import decode

Codes = NDArray[np.uint8]


@dataclass(frozen=True)
class Design:
    """A start and what was made of it.

    Attributes:
        name: of the start, with the number of the copy where there are several.
        start: codes (length,), as given.
        begin: the same, repaired where it broke the constraints: what edits led from.
        codes: the design.
        score_before, score: of `begin` and of the design, penalties included.
        curve: float64 (k, 2), passes and the best score then, whenever it rose.
        passes, gradients: windows that went through networks, and those of them that went back.
        disagreement_before, disagreement: standard deviation of the models' scores, of `begin` and
            of the design; NaN of a single model.
        logits_before, logits: float32 (tasks,), of `begin` and of the design; of a longer sequence
            the highest of its windows, task by task.
    """

    name: str
    start: Codes
    begin: Codes
    codes: Codes
    score_before: float
    score: float
    curve: NDArray[np.float64]
    passes: int
    gradients: int
    disagreement_before: float
    disagreement: float
    logits_before: NDArray[np.float32]
    logits: NDArray[np.float32]

    @property
    def edits(self) -> pd.DataFrame:
        """Where the design differs from the start: position (from 0), from, to."""
        at = np.flatnonzero(self.codes != self.start)
        return pd.DataFrame(
            {
                "position": at,
                "from": list(decode(self.start[at])),
                "to": list(decode(self.codes[at])),
            }
        )

    @property
    def sequence(self) -> str:
        """The design's letters."""
        return decode(self.codes)


@dataclass(frozen=True)
class Designs:
    """Designs, one a start and copy, in order.

    Attributes:
        designs: each by itself.
        tasks: names of the model's tasks.
        asked: those that the objective names.
        values_before, values: tables (n, tasks) of probabilities, calibrated where the model knows
            how.
    """

    designs: list[Design]
    tasks: list[str]
    asked: list[str]
    values_before: pd.DataFrame = field(repr=False)
    values: pd.DataFrame = field(repr=False)

    def __len__(self) -> int:
        return len(self.designs)

    def __getitem__(self, i: int) -> Design:
        return self.designs[i]

    @property
    def sequences(self) -> dict[str, str]:
        """Letters by name."""
        return {design.name: design.sequence for design in self.designs}

    def table(self) -> pd.DataFrame:
        """A row a design: name, score_before, score, edits, passes, gradients, disagreement_before,
        disagreement; then `task:before` and `task:after` of the tasks asked for, then of the
        others, probabilities.
        """
        columns: dict[str, Any] = {
            "name": [one.name for one in self.designs],
            "score_before": [one.score_before for one in self.designs],
            "score": [one.score for one in self.designs],
            "edits": [len(one.edits) for one in self.designs],
            "passes": [one.passes for one in self.designs],
            "gradients": [one.gradients for one in self.designs],
            "disagreement_before": [one.disagreement_before for one in self.designs],
            "disagreement": [one.disagreement for one in self.designs],
        }
        for task in [*self.asked, *(task for task in self.tasks if task not in set(self.asked))]:
            columns[f"{task}:before"] = self.values_before[task].to_numpy()
            columns[f"{task}:after"] = self.values[task].to_numpy()
        return pd.DataFrame(columns)

    def edit_table(self) -> pd.DataFrame:
        """A row an edit: name, position (from 0), from, to."""
        return self._stacked([one.edits for one in self.designs])

    def curve_table(self) -> pd.DataFrame:
        """A row a rise: name, passes, score."""
        curves = [pd.DataFrame(one.curve, columns=["passes", "score"]) for one in self.designs]
        return self._stacked([curve.astype({"passes": np.int64}) for curve in curves])

    def _stacked(self, tables: list[pd.DataFrame]) -> pd.DataFrame:
        named = [
            table.assign(name=one.name) for one, table in zip(self.designs, tables, strict=True)
        ]
        whole = pd.concat(named, ignore_index=True)
        return whole[["name", *(column for column in whole if column != "name")]]
