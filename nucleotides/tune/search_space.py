"""The search space: a YAML file of arguments of `train` and where their values may lie."""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from nucleotides.errors import InputError, UnknownNameError


@dataclass(frozen=True)
class FloatRange:
    """From low to high, both included; on a logarithmic scale if `log`."""

    low: float
    high: float
    log: bool = False

    def suggest(self, name: str, trial: Any) -> str:
        """The value chosen for a trial, as a word of a command line."""
        return repr(trial.suggest_float(name, self.low, self.high, log=self.log))


@dataclass(frozen=True)
class IntRange:
    """Whole numbers from low to high, both included, in steps or on a logarithmic scale."""

    low: int
    high: int
    log: bool = False
    step: int = 1

    def suggest(self, name: str, trial: Any) -> str:
        """The value chosen for a trial, as a word of a command line."""
        return str(trial.suggest_int(name, self.low, self.high, log=self.log, step=self.step))


@dataclass(frozen=True)
class Choices:
    """One of several values of any kind, lists too."""

    choices: tuple[str, ...]

    def suggest(self, name: str, trial: Any) -> str:
        """The value chosen for a trial, as a word of a command line."""
        return str(trial.suggest_categorical(name, self.choices))


Range = FloatRange | IntRange | Choices
_KINDS: dict[str, type[FloatRange | IntRange | Choices]] = {
    "float": FloatRange,
    "int": IntRange,
    "categorical": Choices,
}
Space = dict[str, Range]


def read_space(path: Path) -> Space:
    """Read a search space: for each argument of `train` a type and what it takes.

    As `learning_rate: {type: float, low: 0.0001, high: 0.01, log: true}`; types are float and int
    (low, high, log; int also step) and categorical (choices).

    Raises:
        InputError: the file cannot be read, or an entry makes no sense; the message names it.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"no search space at {path}: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} is no YAML: {error}") from error
    if not isinstance(content, dict) or not content:
        raise InputError(f"{path} names no argument to search: see recipes/tune.yaml")
    return {str(name): _read(f"{path}: {name}", entry) for name, entry in content.items()}


def suggest(space: Space, trial: Any) -> list[str]:
    """What a trial is to be trained with, as words of the command line of `train`."""
    return [word for name, of in space.items() for word in (f"--{name}", of.suggest(name, trial))]


def _read(where: str, entry: Any) -> Range:
    if not isinstance(entry, dict) or "type" not in entry:
        raise InputError(f"{where} has no type: give {{type: float | int | categorical, ...}}")
    if entry["type"] not in _KINDS:
        raise UnknownNameError("type", str(entry["type"]), _KINDS, f"({where})")
    kind = _KINDS[entry["type"]]
    given = {key: value for key, value in entry.items() if key != "type"}
    known = {field.name: field for field in fields(kind)}
    for key in given:
        if key not in known:
            raise UnknownNameError("key", str(key), known, f"({where})")
    lacking = [n for n, f in known.items() if f.default is MISSING and n not in given]
    if lacking:
        raise InputError(f"{where} lacks {' and '.join(lacking)}")
    if kind is Choices:
        return _choices(where, given["choices"])
    return _range(where, kind, given)


def _choices(where: str, choices: Any) -> Choices:
    if not isinstance(choices, list) or len(choices) < 2:
        raise InputError(f"{where}: choices must be a list of two or more")
    words = tuple(c if isinstance(c, str) else json.dumps(c) for c in choices)
    if len(set(words)) < len(words):
        raise InputError(f"{where}: a choice is given twice")
    return Choices(words)


def _range(where: str, kind: type[Any], given: dict[str, Any]) -> FloatRange | IntRange:
    number = int if kind is IntRange else float
    numbers = {k: _number(f"{where}: {k}", given[k], number) for k in given if k != "log"}
    log = given.get("log", False)
    if not isinstance(log, bool):
        raise InputError(f"{where}: log is {log!r}, not true or false")
    low, high = numbers["low"], numbers["high"]
    if low >= high:
        raise InputError(f"{where}: low {low} is not below high {high}")
    if log and low <= 0:
        raise InputError(f"{where}: on a logarithmic scale low must be above 0, not {low}")
    step = numbers.get("step", 1)
    if step < 1 or (log and step > 1):
        raise InputError(f"{where}: step {step} is not possible{' with log' if log else ''}")
    found: FloatRange | IntRange = kind(**numbers, log=log)
    return found


def _number(where: str, value: Any, kind: type[int] | type[float]) -> float:
    """The number; YAML 1.1 takes 1e-4, without a point, for a word."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if isinstance(value, bool) or number != number or (kind is int and number % 1):
        what = "a whole number" if kind is int else "a number"
        raise InputError(f"{where} is {value!r}, not {what}")
    return kind(number)
