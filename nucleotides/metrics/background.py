"""How a task's score stands among those of a genome: quantiles, mean and standard deviation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.special import expit

from nucleotides.arrays import Array, open_arrays, save_arrays
from nucleotides.errors import CorruptStoreError, MismatchError
from nucleotides.metrics.ranked import Ranked

Floats = NDArray[np.float64]

_RARE = 10.0 ** -np.arange(2, 8)
# Every percent, and 5, 2 and 1 of each power of ten below one percent; at last the highest score.
TAILS: Floats = np.unique(
    np.concatenate([np.arange(101) / 100, *([0.5 * t, 0.2 * t, 0.1 * t] for t in _RARE)])
)[::-1]
_NAMES, _CALIBRATED = "tasks", "calibrated_mean"
_LARGEST, _ROUNDED = 1e9, 1e-4


@dataclass(frozen=True)
class Background:
    """Scores of each task over windows of the genome.

    Attributes:
        tasks: names, in the order of the columns of logits.
        logits: float32 (tasks, len(TAILS)), rising: the logit that a part TAILS of the windows
            reaches.
        mean, std: float64 (tasks,), of the probabilities.
        windows: how many there were.
        calibrated_mean: float64 (tasks,), of the calibrated probabilities; None if none were known.
    """

    tasks: list[str]
    logits: NDArray[np.float32] = field(repr=False)
    mean: Floats = field(repr=False)
    std: Floats = field(repr=False)
    windows: int
    calibrated_mean: Floats | None = field(default=None, repr=False)

    def tail(self, logits: NDArray[Any]) -> Floats:
        """The part of the genome's windows that score as high or higher.

        Linear between the quantiles kept; of a score that many windows have, all of those count.
        Never below 1 / (windows + 1), which is all that can be said of a score above all of them
        (North et al. 2002, 10.1086/341527).

        Args:
            logits: (n, tasks).

        Returns:
            float64 (n, tasks), between 0 and 1; 0.001 is the top 0.1 % of the genome.
        """
        columns = [
            np.interp(-z, -known[::-1], TAILS[::-1])  # at ties the last, which is the largest part
            for z, known in zip(
                np.asarray(logits, np.float64).T, self.logits.astype(np.float64), strict=True
            )
        ]
        return np.asarray(np.maximum(np.stack(columns, 1), 1 / (self.windows + 1)))

    def z_score(self, probabilities: NDArray[Any]) -> Floats:
        """Standard deviations above the mean, (n, tasks) of probabilities (n, tasks).

        NaN where all of the genome scores the same.
        """
        spread = np.where(self.std > 0, self.std, np.nan)
        return np.asarray((probabilities - self.mean) / spread, np.float64)

    def table(self) -> pd.DataFrame:
        """task, mean_prediction, std_prediction, and the probabilities of some quantiles.

        NaN for the top of the genome that is less than one of the windows.
        """
        shown = {"median": 0.5, "top 1%": 0.01, "top 0.1%": 0.001}
        places = {name: int(np.argmin(np.abs(TAILS - tail))) for name, tail in shown.items()}
        quantiles = {
            name: expit(self.logits[:, at].astype(np.float64))
            if shown[name] * self.windows >= 1
            else np.nan
            for name, at in places.items()
        }
        columns = {"task": self.tasks, "mean_prediction": self.mean, "std_prediction": self.std}
        if self.calibrated_mean is not None:
            columns["mean_calibrated"] = self.calibrated_mean
        return pd.DataFrame({**columns, **quantiles})

    def save(self, path: Path) -> None:
        """Write as safetensors; wrap in `files.replacing`."""
        names = "\n".join(self.tasks).encode()
        arrays: dict[str, Array] = {
            "logits": self.logits,
            "mean": self.mean,
            "std": self.std,
            "windows": np.array([self.windows], np.int64),
            _NAMES: np.frombuffer(names, np.uint8),
        }
        if self.calibrated_mean is not None:
            arrays[_CALIBRATED] = self.calibrated_mean
        save_arrays(path, arrays)

    @classmethod
    def open(cls, path: Path, tasks: Sequence[str]) -> Background:
        """Read what `save` wrote.

        Raises:
            CorruptStoreError: the file is damaged, or its numbers cannot be those of a model; the
                message names the array.
            MismatchError: it is of other tasks, or of another version's quantiles.
        """
        arrays = open_arrays(path)
        try:
            names = arrays[_NAMES].tobytes().decode().split("\n")
            logits, mean, std = (np.array(arrays[name]) for name in ("logits", "mean", "std"))
            windows = arrays["windows"]
        except (KeyError, UnicodeDecodeError) as error:
            raise CorruptStoreError(f"{path} holds no background: make it again") from error
        if names != list(tasks):
            raise MismatchError(f"{path} is of other tasks: run `nucleotides post-process` again")
        if logits.shape != (len(names), len(TAILS)):
            raise MismatchError(f"{path} is of another version: run post-process again")
        calibrated = np.array(arrays[_CALIBRATED]) if _CALIBRATED in arrays else None
        made = cls(names, logits, mean, std, _count(windows), calibrated)
        if wrong := made._unsound():
            raise CorruptStoreError(f"{path} is damaged: {wrong}. Make it again")
        return made

    def _unsound(self) -> str | None:
        """What cannot be so of any model, or None."""
        if self.windows < 1:
            return "windows is no count"
        shares = {"mean": self.mean, "std": self.std, _CALIBRATED: self.calibrated_mean}
        for name, values in shares.items():
            if values is None:
                continue
            if values.shape != (len(self.tasks),) or values.dtype.kind != "f":
                return f"{name} is not one number a task"
            if not ((values >= 0) & (values <= 1)).all():  # NaN is neither
                return f"{name} is not between 0 and 1, as probabilities are"
        if self.logits.dtype.kind != "f" or not (np.abs(self.logits) < _LARGEST).all():
            return f"logits are not numbers below {_LARGEST:g}"
        if (np.diff(self.logits) < -_ROUNDED).any():
            return "logits do not rise from quantile to quantile"
        return None


def _count(values: Array) -> int:
    """The whole number that an array holds; 0 if it is none."""
    return int(values[0]) if values.shape == (1,) and values.dtype.kind in "iu" else 0


class Moments:
    """Mean and standard deviation of probabilities by task, batch by batch (Chan et al. 1983)."""

    def __init__(self, n_tasks: int) -> None:
        self.n = 0
        self.mean = torch.zeros(n_tasks, dtype=torch.float64)
        self.squares = torch.zeros(n_tasks, dtype=torch.float64)

    def update(self, logits: torch.Tensor) -> None:
        """Add a batch (n, tasks)."""
        p = logits.double().sigmoid().to("cpu")
        n, total = len(p), self.n + len(p)
        gap = p.mean(0) - self.mean
        self.squares += ((p - p.mean(0)) ** 2).sum(0) + gap**2 * (self.n * n / total)
        self.mean += gap * (n / total)
        self.n = total

    @property
    def std(self) -> torch.Tensor:
        """Of the windows themselves (not an estimate from a sample), (tasks,)."""
        return (self.squares / max(self.n, 1)).sqrt()


def background(
    tasks: Sequence[str], ranked: Ranked, moments: Moments, calibrated: Moments | None = None
) -> Background:
    """From ranked scores, whatever their labels, and moments of the same windows.

    Quantiles are numpy's default (linear between ranks) of the groups' scores: exact up to 8,192
    windows, beyond within a group of `metrics.ranked`, a few thousandths of the rank.
    """
    windows = ranked.windows
    last = windows.cumsum(1).cpu().numpy()
    n = int(last[0, -1])
    at = TAILS * (n - 1)
    scores = ranked.scores.cpu().numpy()
    logits = np.empty((len(scores), TAILS.size), np.float32)
    for row, (values, ends) in enumerate(zip(scores, last, strict=True)):
        low, high = (values[np.searchsorted(ends, r, "right")] for r in (np.floor(at), np.ceil(at)))
        logits[row] = low + (at - np.floor(at)) * (high - low)
    mean, std = moments.mean.numpy().copy(), moments.std.numpy().copy()
    calibrated_mean = None if calibrated is None else calibrated.mean.numpy().copy()
    return Background(list(tasks), logits, mean, std, n, calibrated_mean)
