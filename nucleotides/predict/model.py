"""A trained model as users hold it: sequences in, probabilities by task out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nucleotides.bundle import read_bundle
from nucleotides.errors import InputError
from nucleotides.genome import encode
from nucleotides.metrics.background import Background
from nucleotides.metrics.monotone import Calibration
from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.model.encoding import one_hot, reverse_complement
from nucleotides.model.lightning_model import FunctionalModel

_BATCH = 256


class Model:
    """A trained model.

    Attributes:
        tasks: a table with a row an output, column `task`.
        sequence_length: bases of the model's window.
        network: the torch module.
        calibration: what `predict(recalibrated=True)` applies, or None.
        background: what the genome scores, or None; bundles of `post-process` have it.
    """

    def __init__(
        self,
        network: FunctionalModel,
        tasks: pd.DataFrame,
        step: int,
        calibration: Calibration | None = None,
        background: Background | None = None,
    ) -> None:
        self.network, self.tasks = network, tasks
        self.calibration, self.background = calibration, background
        self.sequence_length = network.sequence_length
        self._step = step

    def predict(
        self,
        sequences: str | Sequence[str] | Mapping[str, str],
        *,
        recalibrated: bool = False,
    ) -> pd.DataFrame:
        """Probabilities of every task.

        A sequence longer than the model's window is read window by window, a bin apart, first and
        last included; its probability is the maximum over them, task by task.

        Args:
            sequences: one, several, or several by name; letters in any case, N allowed.
            recalibrated: whether to give probabilities that agree with frequencies on the
                validation part of the genome, whatever mixture of samples and whatever loss the
                model was trained with.

        Returns:
            (n, tasks), rows by name or number, columns by task.

        Raises:
            InputError: a sequence shorter than the window, or with letters that are none; or no
                calibration is known.
        """
        names, windows, edges = self._cut(sequences)
        highest = np.maximum.reduceat(self._scores(windows, recalibrated), edges, axis=0)
        probabilities = 1 / (1 + np.exp(-highest))
        return pd.DataFrame(probabilities, names, list(self.tasks["task"]))

    def genome_tail(self, sequences: str | Sequence[str] | Mapping[str, str]) -> pd.DataFrame:
        """The part of the genome's windows that score as high or higher, task by task.

        0.001 says: in the top 0.1 % of the genome. Of a sequence longer than the window, that of
        its highest window.

        Returns:
            (n, tasks), as `predict`.

        Raises:
            InputError: as `predict`; or the model knows no background.
        """
        if self.background is None:
            raise InputError(
                "this model knows no background: use the bundle that `post-process` leaves"
            )
        names, windows, edges = self._cut(sequences)
        highest = np.maximum.reduceat(self._scores(windows, recalibrated=False), edges, axis=0)
        return pd.DataFrame(self.background.tail(highest), names, list(self.tasks["task"]))

    def logits(self, sequences: NDArray[Any]) -> NDArray[np.float32]:
        """Logits (n, tasks) of windows: codes uint8 (n, length) or one-hot (n, 4, length).

        Raises:
            InputError: an array of another shape.
        """
        array = np.asarray(sequences)
        one_hot_given = array.ndim == 3 and array.shape[1] == 4
        if not (one_hot_given or array.ndim == 2) or array.shape[-1] != self.sequence_length:
            raise InputError(
                f"an array of shape {array.shape} is neither codes (n, {self.sequence_length}) "
                f"nor one-hot (n, 4, {self.sequence_length})"
            )
        out = [self._batch(array[i : i + _BATCH]) for i in range(0, len(array), _BATCH)]
        return np.concatenate(out) if out else np.empty((0, len(self.tasks)), np.float32)

    def _cut(
        self, sequences: str | Sequence[str] | Mapping[str, str]
    ) -> tuple[list[Any], NDArray[np.uint8], NDArray[np.int64]]:
        """Names of sequences, all of their windows, and where each one's begin."""
        named = _by_name(sequences)
        windows = [self._windows(name, sequence) for name, sequence in named.items()]
        edges = np.cumsum([0, *map(len, windows)])[:-1]
        return list(named), np.concatenate(windows), edges

    def _scores(self, windows: NDArray[Any], recalibrated: bool) -> NDArray[np.float64]:
        """Logits (n, tasks) whose probabilities are the prediction; the larger, the more likely."""
        logits = self.logits(windows).astype(np.float64)
        if not recalibrated:
            return logits
        if self.calibration is None:
            raise InputError(
                "this model has no calibration: use a run that was finished, or a bundle"
            )
        return self.calibration.apply(logits)

    def _batch(self, array: NDArray[Any]) -> NDArray[np.float32]:
        device = self.network.device
        with torch.inference_mode():
            tensor = torch.from_numpy(np.ascontiguousarray(array)).to(device)
            x = one_hot(tensor) if array.ndim == 2 else tensor.float()
            z = self.network(x)
            if self.network.both_strands:
                z = (z + self.network(reverse_complement(x))) / 2
        return np.asarray(z.float().cpu().numpy())

    def _windows(self, name: str, sequence: str) -> NDArray[np.uint8]:
        length = self.sequence_length
        if len(sequence) < length:
            raise InputError(
                f"sequence {name} has {len(sequence)} bases; the model needs {length} or more"
            )
        try:
            codes = encode(sequence)
        except InputError as error:
            raise InputError(f"sequence {name}: {error}") from None
        last = codes.size - length
        starts = np.unique(np.append(np.arange(0, last + 1, self._step), last))
        windows: NDArray[np.uint8] = sliding_window_view(codes, length)[starts]
        return windows


def load(path: str | Path) -> Model:
    """Open a model bundle (a folder) or a checkpoint (a file).

    Raises:
        InputError, StoreError: neither is at `path`; the message says what is.
    """
    path = Path(path)
    if path.is_dir():
        bundle = read_bundle(path)
        known, step = bundle.known, bundle.facts["bin"]
        return Model(bundle.model, bundle.tasks, step, known.calibration, known.background)
    checkpoint = load_checkpoint(path)
    tasks = pd.DataFrame({"task": checkpoint.tasks})
    return Model(checkpoint.model, tasks, checkpoint.hyperparameters["bin"])


def _by_name(sequences: str | Sequence[str] | Mapping[str, str]) -> dict[Any, str]:
    if isinstance(sequences, str):
        return {0: sequences}
    named = dict(sequences) if isinstance(sequences, Mapping) else dict(enumerate(sequences))
    if not named:
        raise InputError("there is no sequence to predict")
    return named
