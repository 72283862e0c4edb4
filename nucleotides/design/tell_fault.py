"""What is wrong with an objective's file, in words: file, line, key, and the form of its value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from nucleotides.encode.yamlfile import Lines
from nucleotides.errors import nearest

_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
_NAMES = 'a name or pattern, or a list of them, such as ["*CTCF*"]'
_NUMBER, _WHOLE = "a number", "a whole number"
_FORMS = {
    "positive": _NAMES,
    "negative": _NAMES,
    "tasks": _NAMES,
    "terms": "a list of terms, such as [{tasks: HepG2*, role: negative}]",
    **dict.fromkeys(("weight", "value", "low", "high"), _NUMBER),
    "others_weight": "a number above 0",
    "constraints": "keys and values, such as {max_edits: 20}",
    "protected": "ranges [FIRST, END], 0-based and half-open, such as [[100, 120]]",
    "protect_lower_case": "true or false",
    "allowed": "an IUPAC letter for each position, or letters by position, such as {17: R}",
    "gc": "a range [LOW, HIGH], such as [0.4, 0.6]",
    "max_edits": _WHOLE,
    "forbidden": "an IUPAC word or a list of them, such as [GAATTC]",
    "longest_homopolymer": _WHOLE,
    "distance_penalty": _NUMBER,
}
"""What the value of a key looks like."""


def tell_fault(
    error: ValidationError, name: str, lines: Lines, keys: Mapping[str, Sequence[str]]
) -> str:
    """The first fault; a key that is unknown before one that is missing, as it may be that one.

    Args:
        error: of pydantic.
        name: of the file.
        lines: of its keys.
        keys: those that are known, by the key that they stand below.
    """
    faults: list[Any] = list(error.errors())
    fault = min(faults, key=lambda one: one["type"] not in _UNKNOWN)
    loc = tuple(str(key) for key in fault["loc"])
    at = next((loc[:n] for n in range(len(loc), 0, -1) if loc[:n] in lines), ())
    where = f"{name} line {lines[at]}" if at else name
    named = [key for key in at if not key.isdigit()]
    key, value = ".".join(named) or "the file", fault["input"]
    if fault["type"] in _UNKNOWN:
        known = keys.get(loc[0], keys[""]) if len(loc) > 1 else keys[""]
        return f"{where}: unknown key '{loc[-1]}'{_choices(loc[-1], known)}"
    if fault["type"] in ("missing", "missing_argument"):
        return f"{where}: {key}: the key '{loc[-1]}' is missing: {_FORMS[loc[-1]]}"
    if fault["type"] == "literal_error":
        words = re.findall(r"'([^']+)'", fault["ctx"]["expected"])
        return f"{where}: {key} is {value!r}{_choices(str(value), words)}"
    if said := str(fault.get("ctx", {}).get("error", "")):
        return f"{where}: {key}: {said}"
    return f"{where}: {key} is {_FORMS[named[-1]]}, not {value!r}"


def _choices(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    guess = f"; did you mean '{near}'?" if near else ""
    return f"{guess} (choices: {', '.join(known)})"
