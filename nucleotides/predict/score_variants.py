"""What is said of an allele, task by task: scores from logits of its two windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from nucleotides.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from nucleotides.metrics.background import Background

Floats = NDArray[np.float64]


class Effects(NamedTuple):
    """Logits of n alleles' reference windows, and what ALT changes; NaN where unscored.

    Attributes:
        ref: logits of the reference windows (n, tasks).
        difference: logits of the alternate windows less these (n, tasks).
        spread: standard deviation over several networks of the difference of probabilities
            (n, tasks), or None where it was not asked for.
        background: what the genome scores, of these tasks, or None where nobody knows.
    """

    ref: Floats
    difference: Floats
    spread: Floats | None = None
    background: Background | None = None

    def of_tasks(self, columns: Sequence[int]) -> Effects:
        """Of some tasks only, in the order of `columns`."""
        at = list(columns)
        known = self.background
        return Effects(
            self.ref[:, at],
            self.difference[:, at],
            None if self.spread is None else self.spread[:, at],
            None if known is None else background_of(known, at),
        )


class Score(NamedTuple):
    """A score: what it is in words, how it is computed, and whether it needs a background."""

    says: str
    values: Callable[[Effects], Floats]
    needs_background: bool = False


def diff(effects: Effects) -> Floats:
    """Difference of probabilities, ALT less REF."""
    return np.asarray(expit(effects.ref + effects.difference) - expit(effects.ref))


def log_fold_change(effects: Effects) -> Floats:
    """log2 of the ratio of probabilities, ALT to REF, however small they are."""
    change = log_expit(effects.ref + effects.difference) - log_expit(effects.ref)
    return np.asarray(change / np.log(2))


def z_score(effects: Effects) -> Floats:
    """`diff` in standard deviations of the genome's predictions; NaN where these are all one."""
    assert effects.background is not None
    spread = effects.background.std
    return diff(effects) / np.where(spread > 0, spread, np.nan)


def _ref_tail(effects: Effects) -> Floats:
    assert effects.background is not None
    return effects.background.tail(effects.ref)


def _alt_tail(effects: Effects) -> Floats:
    assert effects.background is not None
    return effects.background.tail(effects.ref + effects.difference)


def _spread(effects: Effects) -> Floats:
    assert effects.spread is not None
    return effects.spread


SCORES: dict[str, Score] = {
    "diff": Score("probability with ALT less that with REF", diff),
    "logit_diff": Score(
        "logit with ALT less that with REF, the logarithm of the odds ratio",
        lambda effects: effects.difference,
    ),
    "log_fold_change": Score(
        "log2 of the probability with ALT over that with REF", log_fold_change
    ),
    "ref": Score("probability with REF", lambda effects: expit(effects.ref)),
    "alt": Score("probability with ALT", lambda effects: expit(effects.ref + effects.difference)),
    "z_score": Score(
        "difference of probabilities in standard deviations of the genome's predictions",
        z_score,
        needs_background=True,
    ),
    "ref_tail": Score(
        "part of the genome that scores as high as the window with REF",
        _ref_tail,
        needs_background=True,
    ),
    "alt_tail": Score(
        "part of the genome that scores as high as the window with ALT",
        _alt_tail,
        needs_background=True,
    ),
    "diff_std": Score("standard deviation of the difference over passes or members", _spread),
}
"""Scores by name, in the order in which they are listed.

With REF and ALT exchanged (their windows too), diff, logit_diff, log_fold_change and z_score change
their sign; of an allele that changes nothing they are 0.
"""


def score(name: str, effects: Effects) -> NDArray[np.float32]:
    """One score of all alleles and tasks, (n, tasks); NaN where unscored."""
    return SCORES[name].values(effects).astype(np.float32)


def check_scores(names: Sequence[str], *, background: bool, spread: bool) -> None:
    """Refuse scores that nobody knows, or that cannot be had.

    Args:
        names: scores asked for.
        background: whether the model knows what the genome scores.
        spread: whether there are several networks: passes of dropout, or members.

    Raises:
        UnknownNameError: no such score; the nearest is named.
        InputError: a score without what it needs.
    """
    for name in names:
        if name not in SCORES:
            raise UnknownNameError("score", name, SCORES)
        if SCORES[name].needs_background and not background:
            raise InputError(
                f"{name} compares with the genome, and this model knows no background: use the "
                "bundle that `nucleotides post-process` leaves"
            )
        if name == "diff_std" and not spread:
            raise InputError(
                "diff_std needs several networks: ask for passes of dropout (--dropout-passes 20), "
                "or load several models as one"
            )


def background_of(known: Background, columns: Sequence[int]) -> Background:
    """A background of some of its tasks."""
    at = list(columns)
    calibrated = known.calibrated_mean
    return replace(
        known,
        tasks=[known.tasks[i] for i in at],
        logits=known.logits[at],
        mean=known.mean[at],
        std=known.std[at],
        calibrated_mean=None if calibrated is None else calibrated[at],
    )
