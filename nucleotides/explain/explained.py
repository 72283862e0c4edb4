"""What has to be known of a model to explain it; `predict.Model` knows it."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.model.local import LocalEvaluator
from nucleotides.model.network import Network


class Explained(Protocol):
    """A model with one logit a task.

    Attributes:
        tasks: a row an output, with a column `task`.
        sequence_length: bases of a window.
        network: in evaluation mode.
    """

    tasks: pd.DataFrame
    sequence_length: int
    network: Network

    def logits(self, sequences: NDArray[Any]) -> NDArray[np.float32]:
        """Logits (n, tasks) of codes (n, length) or one-hot (n, 4, length)."""

    def evaluator(self, precision: str = "float32") -> LocalEvaluator | None:
        """What computes differences between windows that are alike, if anything can."""
