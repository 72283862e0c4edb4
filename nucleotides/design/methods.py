"""Methods by name, with their options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from nucleotides.design.anneal import Anneal
from nucleotides.design.combine import Combine
from nucleotides.design.evolve import Evolve
from nucleotides.design.follow_gradient import FollowGradient
from nucleotides.design.implant import Implant
from nucleotides.design.search import Method
from nucleotides.design.substitute import Substitute
from nucleotides.errors import InputError, UnknownNameError

METHODS: dict[str, type[Any]] = {
    "substitute": Substitute,
    "combine": Combine,
    "gradient": FollowGradient,
    "implant": Implant,
    "evolve": Evolve,
    "anneal": Anneal,
}
DEFAULT = "substitute"


def open_method(method: str | Method, options: Mapping[str, str] | None = None) -> Method:
    """A method by name, with options as text: its own, or those of the methods that it consists of.

    Raises:
        UnknownNameError: a method or option that there is not; the message suggests the nearest.
        InputError: a value that an option cannot have.
    """
    if not isinstance(method, str):
        return method
    if method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    kind, given = METHODS[method], dict(options or {})
    known = _options(kind)
    for name in given:
        if name not in known:
            raise UnknownNameError(f"option of {method}", name, known)
    made: Method = _made(kind, {name: _value(name, given[name], known[name]) for name in given})
    return made


def _options(kind: type[Any]) -> dict[str, Any]:
    """Names and defaults of a method's options; its own, then those of its parts."""
    found = _defaults(kind)
    for part in _parts(kind).values():
        found = _options(part) | found
    return found


def _made(kind: type[Any], given: Mapping[str, Any]) -> Any:
    """A method of options by name, each given to the part that has it."""
    own = {name: value for name, value in given.items() if name in _defaults(kind)}
    rest = {name: value for name, value in given.items() if name not in own}
    parts = {
        name: _made(part, {key: rest[key] for key in rest if key in _options(part)})
        for name, part in _parts(kind).items()
    }
    return kind(**own, **parts)


def _defaults(kind: type[Any]) -> dict[str, Any]:
    return {f.name: f.default for f in fields(kind) if f.default is not MISSING}


def _parts(kind: type[Any]) -> dict[str, type[Any]]:
    """Methods that a method consists of."""
    made: dict[str, Any] = {f.name: f.default_factory for f in fields(kind)}
    return {name: part for name, part in made.items() if part in _KINDS}


_KINDS = frozenset(METHODS.values())


def _value(name: str, text: str, default: Any) -> Any:
    try:
        if isinstance(default, (int, float)):
            return type(default)(text)
    except ValueError:
        what = "whole number" if isinstance(default, int) else "number"
        raise InputError(f"the option {name} is a {what}, not {text!r}") from None
    return tuple(text.split(",")) if isinstance(default, tuple) else text
