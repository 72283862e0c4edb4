"""What is said of an allele, task by task: scores from logits of its two windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from nucleotides.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from nucleotides.metrics.background import Background

Floats = NDArray[np.float64]
Kind = TypeVar("Kind", np.float32, np.float64)


@dataclass(frozen=True, eq=False)
class Effects:
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

    @cached_property
    def probabilities(self) -> tuple[Floats, Floats]:
        """With REF and with ALT, (n, tasks) each."""
        return np.asarray(expit(self.ref)), np.asarray(expit(self.ref + self.difference))

    def of_tasks(self, columns: Sequence[int] | NDArray[np.int64]) -> Effects:
        """Of some tasks only, in the order of `columns`."""
        columns, known = np.asarray(columns, np.int64), self.background
        return Effects(
            take_columns(self.ref, columns),
            take_columns(self.difference, columns),
            None if self.spread is None else take_columns(self.spread, columns),
            None if known is None else background_of(known, columns.tolist()),
        )


def take_columns(values: NDArray[Kind], columns: NDArray[np.int64]) -> NDArray[Kind]:
    """Some columns, in memory row by row still (an index leaves them column by column)."""
    if np.array_equal(columns, np.arange(values.shape[1])):
        return values
    return np.take(values, columns, axis=1)


class Score(NamedTuple):
    """A score: what it is in words, how it is computed, and whether it needs a background."""

    says: str
    values: Callable[[Effects], Floats]
    needs_background: bool = False


def diff(effects: Effects) -> Floats:
    """Difference of probabilities, ALT less REF."""
    ref, alt = effects.probabilities
    return alt - ref


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
    "ref": Score("probability with REF", lambda effects: effects.probabilities[0]),
    "alt": Score("probability with ALT", lambda effects: effects.probabilities[1]),
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
