"""Methods by name, with their options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
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
    """A method by name, with options as text.

    Raises:
        UnknownNameError: a method or option that there is not; the message suggests the nearest.
        InputError: a value that an option cannot have.
    """
    if not isinstance(method, str):
        return method
    if method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    kind = METHODS[method]
    known = {f.name: f.default for f in fields(kind)}
    plain = [name for name, value in known.items() if isinstance(value, (int, float, str, tuple))]
    plain += ["motifs"] * ("motifs" in known)
    given: dict[str, Any] = {}
    for name, text in (options or {}).items():
        if name not in plain:
            raise UnknownNameError(f"option of {method}", name, dict.fromkeys(plain))
        given[name] = _value(name, text, known[name])
    made: Method = kind(**given)
    return made


def _value(name: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() not in ("true", "false"):
            raise InputError(f"the option {name} is true or false, not {text!r}")
        return text.lower() == "true"
    try:
        if isinstance(default, (int, float)):
            return type(default)(text)
    except ValueError:
        raise InputError(f"the option {name} is a number, not {text!r}") from None
    return tuple(text.split(",")) if isinstance(default, tuple) else text
