"""Several trained models as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.special import expit

from nucleotides.errors import InputError, MismatchError
from nucleotides.metrics.summary import NUMBERS
from nucleotides.model.checkpoint import task_difference
from nucleotides.model.mean_probability import MeanProbability, logit_of_mean
from nucleotides.predict.model import Model


class Ensemble(Model):
    """A model that predicts the arithmetic mean of its members' probabilities (`MeanProbability`).

    Recalibrated, it is the mean of the members' recalibrated probabilities. Of a sequence longer
    than the window, the mean is taken window by window, then the maximum over windows. What is
    done with the `network` of a model can be done with that of an ensemble.

    Args:
        members: models by name, at least one.

    Attributes:
        members: the models, by name.

    Raises:
        MismatchError: they differ in tasks, window or label bin; the message names who and how.
    """

    def __init__(self, members: Mapping[str, Model]) -> None:
        (first, model), *others = members.items()
        for name, other in others:
            if difference := _difference(model, other):
                raise MismatchError(f"{name} and {first} cannot be one model: {difference}")
        networks = [member.network for member in members.values()]
        facts = model.tasks.drop(columns=[c for c in NUMBERS if c in model.tasks])
        super().__init__(MeanProbability(networks).eval(), facts, model._step)
        self.members = dict(members)

    def standard_deviation(
        self,
        sequences: str | Sequence[str] | Mapping[str, str],
        *,
        recalibrated: bool = False,
    ) -> pd.DataFrame:
        """Standard deviation of the members' probabilities, over all members (not one less).

        Of a longer sequence, that at the window whose mean is the prediction, task by task.

        Args, returns and raises as `predict`.
        """
        names, windows, edges = self._cut(sequences)
        z = self._by_member(windows, recalibrated)
        probabilities = expit(z)
        mean, spread = probabilities.mean(0), probabilities.std(0)
        rows = [
            np.take_along_axis(spread[part], mean[part].argmax(0)[None], 0)[0]
            for part in map(slice, edges, [*edges[1:], len(windows)])
        ]
        return pd.DataFrame(np.stack(rows), names, list(self.tasks["task"]))

    def _scores(self, windows: NDArray[Any], recalibrated: bool) -> NDArray[np.float64]:
        members = torch.from_numpy(self._by_member(windows, recalibrated))
        return np.asarray(logit_of_mean(members).numpy())

    def calibrated(
        self, logits: NDArray[np.float32], recalibrated: bool = True
    ) -> NDArray[np.float64]:
        """As of a model; its members are calibrated each by itself, the mean of them is not.

        Raises:
            InputError: it is to be recalibrated.
        """
        if recalibrated:
            raise InputError("members are recalibrated each by itself: not with this engine")
        return logits.astype(np.float64)

    def _by_member(self, windows: NDArray[Any], recalibrated: bool) -> NDArray[np.float64]:
        """Logits (members, n, tasks)."""
        out = []
        for name, member in self.members.items():
            try:
                out.append(member._scores(windows, recalibrated))
            except InputError as error:
                raise InputError(f"{name}: {error}") from None
        return np.stack(out)


def _difference(one: Model, other: Model) -> str:
    """In what two models differ that must agree, or nothing."""
    if one.sequence_length != other.sequence_length:
        return f"windows of {other.sequence_length} and {one.sequence_length} bases"
    if one._step != other._step:
        return f"label bins of {other._step} and {one._step} bases"
    return task_difference(list(one.tasks["task"]), list(other.tasks["task"]))
