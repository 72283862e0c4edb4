"""An objective, and constraints that go with it, of a YAML file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.dataclasses import dataclass

from nucleotides.design.bind_objective import told_at
from nucleotides.design.constraints import Constraints
from nucleotides.design.objective import Join, Objective, Others, Role, Scale, Term
from nucleotides.design.tell_fault import tell_fault
from nucleotides.encode.yamlfile import Lines, read_yaml
from nucleotides.errors import InputError, PolicyError

_STRICT = ConfigDict(extra="forbid")


def _no_truth(value: Any) -> Any:
    """`true` is no number, though Python counts with it."""
    if isinstance(value, bool):
        raise ValueError
    return value


_Number = Annotated[float, BeforeValidator(_no_truth)]
_Whole = Annotated[int, BeforeValidator(_no_truth)]


@dataclass(config=_STRICT)
class _Term:
    tasks: str | list[str]
    role: Role = "positive"
    weight: _Number = 1.0
    join: Join = "mean"
    value: _Number | None = None
    low: _Number | None = None
    high: _Number | None = None

    def __post_init__(self) -> None:
        Term(**_given(self))


@dataclass(config=_STRICT)
class _Constraints:
    protected: list[tuple[_Whole, _Whole]] | None = None
    protect_lower_case: bool | None = None
    allowed: str | dict[_Whole, str] | None = None
    gc: tuple[_Number, _Number] | None = None
    max_edits: _Whole | None = None
    forbidden: str | list[str] | None = None
    longest_homopolymer: _Whole | None = None
    distance_penalty: _Number | None = None

    @field_validator("*")
    @classmethod
    def _check(cls, value: Any, info: ValidationInfo) -> Any:
        """Each rule by itself, so that the message is of its key."""
        if value is not None:
            Constraints(**{str(info.field_name): value})
        return value


@dataclass(config=_STRICT)
class _File:
    positive: str | list[str] | None = None
    negative: str | list[str] | None = None
    terms: list[_Term] | None = None
    scale: Scale = "logit"
    others: Others = "masked"
    others_weight: Annotated[_Number, Field(gt=0, allow_inf_nan=False)] = 1.0
    others_join: Join = "mean"
    constraints: _Constraints | None = None


_KEYS = {
    "terms": list(_Term.__dataclass_fields__),
    "constraints": list(_Constraints.__dataclass_fields__),
    "": list(_File.__dataclass_fields__),
}


class Asked(NamedTuple):
    """What a file asks for."""

    objective: Objective
    constraints: Constraints


def read_objective(path: Path) -> Asked:
    """Read keys `positive`, `negative` (tasks), `terms` (a list of `Term`s), those of `Objective`,
    and `constraints` (those of `Constraints`).

    Raises:
        InputError: a file that cannot be read, a key that is unknown or there twice, a value that
            means nothing; the message names file, line and key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputError(f"the objective {path} cannot be read: {reason}") from error
    return parse_objective(text, str(path))


def parse_objective(text: str, name: str) -> Asked:
    """The same of a YAML text; `name` is for messages.

    Raises:
        InputError: see `read_objective`.
    """
    try:
        content, lines = read_yaml(text, name, 'positive: "*CTCF*"')
    except PolicyError as error:
        raise InputError(str(error)) from error
    try:
        file = TypeAdapter(_File).validate_python({str(key): content[key] for key in content})
    except ValidationError as error:
        raise InputError(tell_fault(error, name, lines, _KEYS)) from error
    rules = Constraints(**_given(file.constraints)) if file.constraints else Constraints()
    places = {keys[0]: f"{name} line {n}: {keys[0]}" for keys, n in lines.items() if len(keys) == 1}
    terms = tuple(_terms(file, name, lines))
    with told_at(name):
        objective = Objective(
            terms, file.scale, file.others, file.others_weight, file.others_join, places
        )
    return Asked(objective, rules)


def _terms(file: _File, name: str, lines: Lines) -> Iterator[Term]:
    """Terms that know where they stand."""
    for role, tasks in (("positive", file.positive), ("negative", file.negative)):
        if tasks is not None:
            place = f"{name} line {lines[role,]}: {role}"
            with told_at(place):
                yield Term(tasks, role, place=place)  # type: ignore[arg-type]
    for i, term in enumerate(file.terms or []):
        yield Term(**_given(term), place=f"{name} line {lines['terms', str(i)]}: terms")


def _given(part: Any) -> dict[str, Any]:
    """What was said."""
    return {name: value for name, value in vars(part).items() if value is not None}
