"""Make sequences that do what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from nucleotides.design.check_numbers import check_number, check_whole
from nucleotides.design.constraints import Constraints
from nucleotides.design.designs import Design, Designs
from nucleotides.design.judge import Judge
from nucleotides.design.methods import DEFAULT, open_method
from nucleotides.design.objective import Objective
from nucleotides.design.permit import Permit
from nucleotides.design.repair import feasible_start
from nucleotides.design.search import Budget, Method, Search, Watch, rng_of
from nucleotides.design.voice import Voice
from nucleotides.errors import InputError, MismatchError
from nucleotides.genome import encode
from nucleotides.progress import track

if TYPE_CHECKING:
    from nucleotides.predict import Model

Codes = NDArray[np.uint8]
Sequences = str | Sequence[str] | Mapping[str, str] | Codes


def optimize(
    model: Model,
    sequences: Sequences,
    objective: Objective,
    method: str | Method = DEFAULT,
    *,
    constraints: Constraints | None = None,
    budget: Budget | None = None,
    seed: int = 0,
    copies: int = 1,
    check: Model | None = None,
    disagreement_penalty: float = 0.0,
    repair: bool = False,
    watch: Watch | None = None,
) -> Designs:
    """Change sequences until a model predicts what is asked.

    What comes of a start depends on it, the seed and the number of the copy alone. A design is
    never worse than what it was made of.

    Args:
        model: predicts.
        sequences: starts, one, several or several by name, letters in any case, N allowed; or
            codes, uint8 (n, length). As long as the model's window or longer; the length stays.
        objective: what is asked.
        method: `substitute`, `combine`, `gradient`, `implant`, `evolve`, `anneal`, or one with
            options of its own, such as `Evolve(population=100)`.
        constraints: what holds for every sequence on the way.
        budget: passes and steps for each start.
        seed: of all random numbers.
        copies: designs of each start, with different random numbers. All but the first of seed 0
            are made different where a method would hardly draw any: `substitute` begins with some
            exchanges drawn from the most promising ones, `implant` leaves out half of the places.
        check: a second model, or an ensemble, whose members are compared one by one: where models
            disagree about a sequence, it may be one that fools the first (adversarial).
        disagreement_penalty: what a unit of disagreement costs in the score; 0 reports it only.
        repair: whether a start that breaks the constraints is changed, by the fewest edits, rather
            than refused.
        watch: called with every sequence that a method goes through, and its score.

    Raises:
        InputError: a start that is too short or has letters that are none; constraints that are
            impossible, or that the start breaks; an objective or option that means nothing. All
            before any work.
        UnknownNameError: a task or method that there is not.
        MismatchError: a check that does not know the tasks, or reads other windows.
    """
    designer = Designer(
        model, objective, open_method(method), constraints or Constraints(), budget or Budget(),
        seed, check, disagreement_penalty, repair, watch,
    )  # fmt: skip
    starts = designer.starts(sequences, copies)
    made = [designer.design(start) for start in track(starts, "sequences designed")]
    return gather(model, designer.asked, made)


class Start(NamedTuple):
    """A start that was checked: `begin` is permitted, and is where a method begins."""

    name: str
    copy: int
    codes: Codes
    begin: Codes
    permit: Permit


@dataclass(frozen=True)
class Designer:
    """All that a design depends on besides its start; see `optimize`.

    Raises:
        InputError, UnknownNameError, MismatchError: see `optimize`.
    """

    model: Model
    objective: Objective
    method: Method
    constraints: Constraints
    budget: Budget
    seed: int = 0
    check: Model | None = None
    disagreement_penalty: float = 0.0
    repair: bool = False
    watch: Watch | None = None

    def __post_init__(self) -> None:
        _check_kinds(self)
        check_whole("the seed", self.seed, 0)
        check_number("the penalty of disagreement", self.disagreement_penalty, 0)
        if self.disagreement_penalty and self.check is None:
            raise InputError("a penalty of disagreement needs a model to check with")
        for other in _checkers(self.check):
            _check_fits(self.model, other)
        self._voices(self.model.sequence_length)

    @property
    def asked(self) -> list[str]:
        """Names of the tasks that the objective is about."""
        return self._voices(self.model.sequence_length)[0].goal.tasks

    def starts(self, sequences: Sequences, copies: int = 1) -> list[Start]:
        """Starts, all checked.

        Raises:
            InputError: see `optimize`.
        """
        check_whole("the number of copies of each start", copies, 1)
        named = _named(sequences)
        found = [self._start(name, given) for name, given in track(named, "starts checked")]
        if copies == 1:
            return found
        return [
            start._replace(name=f"{start.name}.{copy + 1}", copy=copy)
            for start in found
            for copy in range(copies)
        ]

    def design(self, start: Start) -> Design:
        """One design."""
        model, *others = self._voices(start.codes.size)
        judge = Judge(
            model, others, start.codes, self.disagreement_penalty,
            self.constraints.distance_penalty,
        )  # fmt: skip
        rng = rng_of(self.seed, start.codes, start.copy)
        stir = (self.seed, start.copy) != (0, 0)
        search = Search(start.begin, judge, start.permit, self.budget, rng, self.watch, stir=stir)
        before = search.score
        self.method.improve(search)
        passes, gradients = judge.passes, judge.gradients
        codes, score = search.codes, float(judge.scores(search.codes[None])[0])
        if score < before:  # by what sums of floating-point numbers are off
            codes, score = start.begin, before
        both = np.stack([start.begin, codes])
        return Design(
            start.name, start.codes, start.begin, codes, before, score, np.array(search.curve),
            passes, gradients, *judge.disagreement(both).tolist(), *model.every_logit(both),
        )  # fmt: skip

    def _start(self, name: str, given: str | Codes) -> Start:
        codes, soft_masked = _codes(name, given)
        if codes.size < self.model.sequence_length:
            raise InputError(
                f"sequence {name} has {codes.size} bases; the model needs "
                f"{self.model.sequence_length} or more"
            )
        try:
            permit = Permit(self.constraints, codes, soft_masked)
        except InputError as error:
            raise InputError(f"sequence {name}: {error}") from None
        begin = feasible_start(permit, name, repair=self.repair)
        if not permit.free.any():
            raise InputError(f"sequence {name}: the constraints leave no base that may change")
        return Start(name, 0, codes, begin, permit)

    def _voices(self, length: int) -> list[Voice]:
        models = [self.model, *_checkers(self.check)]
        return [Voice(model, self.objective, length) for model in models]


def gather(model: Model, asked: list[str], made: Sequence[Design]) -> Designs:
    """Designs with their predictions.

    Raises:
        InputError: there is none.
    """
    if not made:
        raise InputError("there is no sequence to start from")
    tasks = list(model.tasks["task"])
    names = [one.name for one in made]

    def values(logits: list[NDArray[np.float32]]) -> pd.DataFrame:
        z = np.stack(logits).astype(np.float64)
        z = z if model.calibration is None else model.calibration.apply(z)
        return pd.DataFrame(expit(z), names, tasks)

    before, after = [one.logits_before for one in made], [one.logits for one in made]
    return Designs(list(made), tasks, asked, values(before), values(after))


def _check_kinds(designer: Designer) -> None:
    kinds = {"objective": Objective, "constraints": Constraints, "budget": Budget}
    for name, kind in kinds.items():
        given: Any = getattr(designer, name)
        if not isinstance(given, kind):
            made = "wish('*CTCF*')" if kind is Objective else f"{kind.__name__}(...)"
            raise InputError(f"{name} is made by {made}, not {given!r}")
    if not hasattr(designer.method, "improve"):
        raise InputError(f"a method has a name, or a function `improve`, not {designer.method!r}")


def _checkers(check: Model | None) -> list[Model]:
    """The models that a check consists of."""
    members: Mapping[str, Model] = getattr(check, "members", {})
    return list(members.values()) or ([] if check is None else [check])


def _check_fits(model: Model, other: Model) -> None:
    missing = set(model.tasks["task"]) - set(other.tasks["task"])
    if missing:
        raise MismatchError(f"the model to check with does not know the task {min(missing)}")
    if model.sequence_length != other.sequence_length:
        raise MismatchError(
            f"the model to check with reads windows of {other.sequence_length} bases, the model "
            f"{model.sequence_length}"
        )


def _named(sequences: Sequences) -> list[tuple[str, str | Codes]]:
    given = [sequences] if isinstance(sequences, str) else sequences
    pairs = list(given.items() if isinstance(given, Mapping) else enumerate(given))
    if not pairs:
        raise InputError("there is no sequence to start from")
    return [(str(name), one) for name, one in pairs]


def _codes(name: str, given: str | Codes) -> tuple[Codes, NDArray[np.bool_]]:
    """Codes, and which letters were lower case."""
    if isinstance(given, str):
        try:
            codes = np.asarray(encode(given))
        except InputError as error:
            raise InputError(f"sequence {name}: {error}") from None
        return codes, np.array([letter.islower() for letter in given], np.bool_)
    codes = np.asarray(given)
    if codes.dtype != np.uint8 or codes.ndim != 1 or (codes.size and codes.max() > 4):
        raise InputError(f"sequence {name}: give letters, or codes uint8 (n, length) of 0 to 4")
    return codes, np.zeros(codes.size, np.bool_)
