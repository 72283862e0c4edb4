"""An objective of a model: from its logits to one score a sequence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nucleotides.choose_tasks import choose_tasks
from nucleotides.design.objective import Objective, Term
from nucleotides.design.scales import Values
from nucleotides.errors import InputError

if TYPE_CHECKING:
    from nucleotides.predict import Model


@dataclass(frozen=True)
class _Bound:
    """A term and where its tasks are among the columns."""

    term: Term
    at: Tensor

    def score(self, values: Tensor) -> Tensor:
        each = _wanted(self.term, values.index_select(1, self.at))
        joined = each.mean(1) if self.term.join == "mean" else each.amin(1)
        return self.term.weight * joined


class Goal:
    """What a model's logits are worth, computed in torch for scores and for their derivatives.

    Args:
        objective: what is asked.
        model: whose tasks are meant.

    Attributes:
        columns: int64, the tasks that count, among the model's.
        tasks: their names.

    Raises:
        UnknownNameError: a task that the model does not have, or a pattern that fits none.
        InputError: a scale that the model cannot give; a task in two of the groups positive and
            negative; no other task where others are to count.
    """

    def __init__(self, objective: Objective, model: Model) -> None:
        known = list(model.tasks["task"])
        terms, places = list(objective.terms), list[NDArray[np.int64]]()
        for term in terms:
            with told_at(term.place):
                places.append(choose_tasks(term.tasks, known))
        _refuse_contradictions(terms, places, known)
        if objective.others != "masked":
            with told_at(objective.places.get("others", "")):
                term, others = _others(objective, places, known)
            terms.append(term)
            places.append(others)
        self.columns = np.unique(np.concatenate(places))
        self.tasks = [known[i] for i in self.columns]
        with told_at(objective.places.get("scale", "")):
            self._values = Values(model, objective.scale, self.columns)
        self._bound = [
            _Bound(term, torch.from_numpy(np.searchsorted(self.columns, at)))
            for term, at in zip(terms, places, strict=True)
        ]

    def score(self, logits: Tensor) -> Tensor:
        """Scores (n,), higher is better, of logits (n, columns) on the CPU."""
        values = self._values(logits)
        return torch.stack([bound.score(values) for bound in self._bound]).sum(0)

    def score_array(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        """The same of an array (n, columns), in float64."""
        return np.asarray(self.score(torch.from_numpy(np.asarray(logits, np.float64))).numpy())


@contextmanager
def told_at(place: str) -> Iterator[None]:
    """Errors of the block begin with a place, such as a file and a line, if there is one."""
    try:
        yield
    except InputError as error:
        if place:
            error.args = (f"{place}: {error}",)
        raise


def _wanted(term: Term, values: Tensor) -> Tensor:
    """What each value adds, before weights."""
    if term.role == "positive":
        return values
    if term.role == "negative":
        return -values
    if term.value is not None:
        return -(values - term.value).abs()
    missing = torch.zeros_like(values)
    if term.low is not None:
        missing = missing + (term.low - values).clamp(min=0)
    if term.high is not None:
        missing = missing + (values - term.high).clamp(min=0)
    return -missing


def _others(
    objective: Objective, places: list[NDArray[np.int64]], known: list[str]
) -> tuple[Term, NDArray[np.int64]]:
    named = np.concatenate([np.empty(0, np.int64), *places])
    others = np.setdiff1d(np.arange(len(known)), named)
    if not others.size:
        raise InputError(f"the terms name every task: no other can be {objective.others}")
    names = tuple(known[i] for i in others)
    assert objective.others != "masked"
    weight, join = objective.others_weight, objective.others_join
    return Term(names, objective.others, weight, join), others


def _refuse_contradictions(
    terms: list[Term], places: list[NDArray[np.int64]], known: list[str]
) -> None:
    other = {"positive": "negative", "negative": "positive"}
    asked: dict[tuple[str, int], Term] = {}
    for term, at in zip(terms, places, strict=True):
        for task in at.tolist() if term.role in other else ():
            asked[term.role, task] = term
            first = asked.get((other[term.role], task))
            if first is not None:
                also = f" ({first.role}: {first.place})" if first.place else ""
                with told_at(term.place):
                    raise InputError(f"the task {known[task]} is both positive and negative{also}")
