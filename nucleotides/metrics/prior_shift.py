"""Probabilities for a place where a task is rarer, or commoner, than where they were calibrated."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def prior_shift(validation: ArrayLike, genome: ArrayLike) -> NDArray[np.float64]:
    """What to add to calibrated logits, float64 (tasks,), given to `Calibration.shifted`.

    The logit of the new prevalence less that of the old (Saerens et al. 2002,
    10.1162/089976602753284446, equation 4). It is right where positives look as they did and
    negatives too, and only their numbers changed. Where prevalence changed because sequences did
    (a region rich in genes), the logits have said so already, and the shift counts it twice.

    Args:
        validation: part of positive windows where the logits were calibrated, (tasks,).
        genome: part of positive windows where they are to be used, (tasks,).

    Returns:
        0 where a task has one class only, on either side, or a prevalence is unknown (NaN).
    """
    old, new = (np.asarray(part, np.float64) for part in (validation, genome))
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.log(new / (1 - new)) - np.log(old / (1 - old))
    return np.where(np.isfinite(shift), shift, 0.0)
