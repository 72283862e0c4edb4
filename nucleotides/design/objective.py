"""What is asked of a sequence: which tasks are to be predicted, which not, and how strongly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

from nucleotides.errors import InputError, UnknownNameError

Role = Literal["positive", "negative", "target", "range"]
Join = Literal["mean", "worst"]
Scale = Literal["logit", "quantile", "probability"]
Others = Literal["masked", "positive", "negative"]


@dataclass(frozen=True)
class Term:
    """One wish: of some tasks, that their values be high, low, near a number or within a range.

    What it adds to the score, times its weight: the value of a positive task; minus that of a
    negative one; minus the distance to a target value, or to a range. Of several tasks the mean,
    so that terms weigh alike however many tasks they name; or the worst of them.

    Attributes:
        tasks: names or patterns such as `*CTCF*`, at least one.
        role: positive, negative, target or range.
        weight: above 0.
        join: mean or worst.
        value: of a target, on the objective's scale.
        low, high: of a range; one of them may be left out.

    Raises:
        InputError: an option that means nothing.
        UnknownNameError: a role or join that there is not.
    """

    tasks: tuple[str, ...]
    role: Role = "positive"
    weight: float = 1.0
    join: Join = "mean"
    value: float | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "tasks", _names(self.tasks))
        _known("role", self.role, Role)
        _known("join", self.join, Join)
        if not (math.isfinite(self.weight) and self.weight > 0):
            raise InputError(f"a weight is above 0, not {self.weight}: a role says what is lowered")
        if (self.value is not None) != (self.role == "target"):
            raise InputError(f"a {self.role} term {_lacks(self.role == 'target')} a value")
        if (self.low is not None or self.high is not None) != (self.role == "range"):
            raise InputError(f"a {self.role} term {_lacks(self.role == 'range')} low or high")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InputError(f"a range from {self.low} to {self.high} holds no value")
        numbers = [n for n in (self.value, self.low, self.high) if n is not None]
        if not all(map(math.isfinite, numbers)):
            raise InputError("value, low and high are finite numbers")


@dataclass(frozen=True)
class Objective:
    """All wishes together; the score is the sum of its terms, higher is better.

    Attributes:
        terms: at least one, unless others are not masked.
        scale: what values are: `logit`, the model's own log-odds; `probability`, calibrated where
            the model knows how; `quantile`, minus the decimal logarithm of the part of the genome
            that scores as high or higher (3 is its top 0.1 %), of models that know their
            background.
        others: what is wanted of tasks that no term names: nothing (masked), or they are one more
            term.
        others_weight, others_join: of that term.

    Raises:
        InputError: nothing is asked for, or a weight that means nothing.
        UnknownNameError: a scale, or a word for others, that there is not.
    """

    terms: tuple[Term, ...] = ()
    scale: Scale = "logit"
    others: Others = "masked"
    others_weight: float = 1.0
    others_join: Join = "mean"

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", tuple(self.terms))
        _known("scale", self.scale, Scale)
        _known("others", self.others, Others)
        _known("others_join", self.others_join, Join)
        if not (math.isfinite(self.others_weight) and self.others_weight > 0):
            raise InputError(f"others_weight is above 0, not {self.others_weight}")
        if not self.terms and self.others == "masked":
            raise InputError("the objective asks for nothing: name tasks, positive or negative")


def wish(positive: Any = (), negative: Any = (), **options: Any) -> Objective:
    """An objective of positive and negative tasks.

    Args:
        positive, negative: names or patterns, one or several.
        options: of `Objective`.
    """
    given = {"positive": positive, "negative": negative}
    terms = tuple(Term(_names(tasks), role) for role, tasks in given.items() if tasks)  # type: ignore[arg-type]
    return Objective(terms, **options)


def _names(tasks: Any) -> tuple[str, ...]:
    names = (tasks,) if isinstance(tasks, str) else tuple(tasks)
    if not names or not all(names):
        raise InputError("a term names no task")
    return names


def _known(kind: str, given: str, words: Any) -> None:
    if given not in get_args(words):
        raise UnknownNameError(kind, given, get_args(words))


def _lacks(needed: bool) -> str:
    return "needs" if needed else "has no"
