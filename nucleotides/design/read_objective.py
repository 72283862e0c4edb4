"""An objective, and constraints that go with it, of a YAML file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from nucleotides.design.constraints import Constraints
from nucleotides.design.objective import Join, Objective, Others, Role, Scale, Term
from nucleotides.encode.yamlfile import Lines, read_yaml
from nucleotides.errors import InputError, PolicyError, nearest

_STRICT = ConfigDict(extra="forbid")


@dataclass(config=_STRICT)
class _Term:
    tasks: str | list[str]
    role: Role = "positive"
    weight: float = 1.0
    join: Join = "mean"
    value: float | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        self.made = Term(**_given(self))


@dataclass(config=_STRICT)
class _Constraints:
    protected: list[tuple[int, int]] | None = None
    protect_lower_case: bool | None = None
    allowed: str | dict[int, str] | None = None
    gc: tuple[float, float] | None = None
    max_edits: int | None = None
    forbidden: str | list[str] | None = None
    longest_homopolymer: int | None = None
    distance_penalty: float | None = None

    def __post_init__(self) -> None:
        self.made = Constraints(**_given(self))


@dataclass(config=_STRICT)
class _File:
    positive: str | list[str] | None = None
    negative: str | list[str] | None = None
    terms: list[_Term] | None = None
    scale: Scale = "logit"
    others: Others = "masked"
    others_weight: float = 1.0
    others_join: Join = "mean"
    constraints: _Constraints | None = None


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
    try:
        content, lines = read_yaml(text, str(path))
    except PolicyError as error:
        raise InputError(str(error)) from error
    try:
        file = TypeAdapter(_File).validate_python(content)
    except ValidationError as error:
        raise InputError(_message(error, str(path), lines)) from error
    try:
        return Asked(_objective(file), file.constraints.made if file.constraints else Constraints())
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _objective(file: _File) -> Objective:
    terms = [
        Term(tasks, role)  # type: ignore[arg-type]
        for role, tasks in (("positive", file.positive), ("negative", file.negative))
        if tasks is not None
    ]
    terms += [term.made for term in file.terms or []]
    return Objective(tuple(terms), file.scale, file.others, file.others_weight, file.others_join)


def _given(part: Any) -> dict[str, Any]:
    """What was said, as immutable values."""
    return {name: value for name, value in vars(part).items() if value is not None}


def _message(error: ValidationError, name: str, lines: Lines) -> str:
    """The first fault: file, line, key, and what is wrong with it."""
    fault = error.errors()[0]
    keys = tuple(str(key) for key in fault["loc"])
    at = next((keys[:n] for n in range(len(keys), 0, -1) if keys[:n] in lines), ())
    where = f"{name} line {lines[at]}" if at else name
    here = [key for key in at if not key.isdigit()] or [k for k in keys if not k.isdigit()]
    key = ".".join(here) or "the file"
    if fault["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{where}: unknown key '{keys[-1]}'{_choices(keys[-1], _known(keys[:-1]))}"
    if fault["type"] == "literal_error":
        words = re.findall(r"'([^']+)'", fault["ctx"]["expected"])
        return f"{where}: {key} is {fault['input']!r}{_choices(str(fault['input']), words)}"
    said = fault["msg"].removeprefix("Value error, ")
    return f"{where}: {key}: {said[0].lower()}{said[1:]}"


def _choices(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    guess = f"; did you mean '{near}'?" if near else ""
    return f"{guess} (choices: {', '.join(known)})"


def _known(keys: tuple[str, ...]) -> list[str]:
    """Keys that may stand there."""
    part: Any = {"terms": _Term, "constraints": _Constraints}.get(keys[0] if keys else "", _File)
    return list(part.__dataclass_fields__)
