"""An objective of a model: from its logits to one score a sequence."""

from __future__ import annotations

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
        places = [choose_tasks(term.tasks, known) for term in objective.terms]
        terms = list(objective.terms)
        _refuse_contradictions(terms, places, known)
        if objective.others != "masked":
            term, others = _others(objective, places, known)
            terms.append(term)
            places.append(others)
        self.columns = np.unique(np.concatenate(places))
        self.tasks = [known[i] for i in self.columns]
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
    groups: dict[str, set[int]] = {"positive": set(), "negative": set()}
    for term, at in zip(terms, places, strict=True):
        if term.role in groups:
            groups[term.role] |= set(at.tolist())
    both = sorted(groups["positive"] & groups["negative"])
    if both:
        raise InputError(f"the task {known[both[0]]} is both positive and negative")
