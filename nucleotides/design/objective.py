"""What is asked of a sequence: which tasks are to be predicted, which not, and how strongly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from nucleotides.design.check_numbers import check_number
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
        place: where it was written, for messages.

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
    place: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tasks", _names(self.tasks))
        _known("role", self.role, Role)
        _known("join", self.join, Join)
        check_number("a weight", self.weight, 0, above=True)
        if (self.value is not None) != (self.role == "target"):
            raise InputError(f"a {self.role} term {_lacks(self.role == 'target')} a value")
        if (self.low is not None or self.high is not None) != (self.role == "range"):
            raise InputError(f"a {self.role} term {_lacks(self.role == 'range')} low or high")
        for name in ("value", "low", "high"):
            if getattr(self, name) is not None:
                check_number(name, getattr(self, name))
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InputError(f"a range from {self.low} to {self.high} holds no value")

    def in_words(self) -> str:
        """Role, tasks, and what is not usual, in words."""
        numbers = [
            f"{word} {number:g}"
            for word, number in (("value", self.value), ("low", self.low), ("high", self.high))
            if number is not None
        ]
        said = " ".join([self.role, ", ".join(self.tasks)])
        return ", ".join([said, *numbers]) + _how(self.weight, self.join)


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
        places: where keys were written, for messages.

    Raises:
        InputError: nothing is asked for, or a weight that means nothing.
        UnknownNameError: a scale, or a word for others, that there is not.
    """

    terms: tuple[Term, ...] = ()
    scale: Scale = "logit"
    others: Others = "masked"
    others_weight: float = 1.0
    others_join: Join = "mean"
    places: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", _terms(self.terms))
        _known("scale", self.scale, Scale)
        _known("others", self.others, Others)
        _known("others_join", self.others_join, Join)
        check_number("others_weight", self.others_weight, 0, above=True)
        if not self.terms and self.others == "masked":
            raise InputError("the objective asks for nothing: name tasks, positive or negative")

    def in_words(self) -> str:
        """What is asked for, in words."""
        said = [term.in_words() for term in self.terms]
        others = f"others {self.others}"
        if self.others != "masked":
            others += _how(self.others_weight, self.others_join)
        return "; ".join([*said, others, f"scale {self.scale}"])


def wish(positive: Any = (), negative: Any = (), **options: Any) -> Objective:
    """An objective of positive and negative tasks.

    Args:
        positive, negative: names or patterns, one or several.
        options: of `Objective`.
    """
    given = {"positive": positive, "negative": negative}
    terms = tuple(Term(_names(tasks), role) for role, tasks in given.items() if tasks)  # type: ignore[arg-type]
    return Objective(terms, **options)


def _terms(given: Any) -> tuple[Term, ...]:
    terms = tuple(given) if isinstance(given, Iterable) else (given,)
    if not all(isinstance(term, Term) for term in terms):
        raise InputError(f"an objective is made of terms, such as Term('*CTCF*'), not {given!r}")
    return terms


def _names(tasks: Any) -> tuple[str, ...]:
    names = (tasks,) if isinstance(tasks, str) or not isinstance(tasks, Iterable) else tuple(tasks)
    if not names or "" in names:
        raise InputError("a term names no task")
    if not all(isinstance(name, str) for name in names):
        raise InputError(f"tasks are names or patterns, not {tasks!r}")
    return names


def _known(kind: str, given: str, words: Any) -> None:
    if given not in get_args(words):
        raise UnknownNameError(kind, given, get_args(words))


def _how(weight: float, join: Join) -> str:
    return f", weight {weight:g}" * (weight != 1) + f", join {join}" * (join != "mean")


def _lacks(needed: bool) -> str:
    return "needs" if needed else "has no"
