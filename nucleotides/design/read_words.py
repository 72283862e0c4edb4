"""Constraints and options of methods, as words of a command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from nucleotides.design.constraints import Constraints
from nucleotides.errors import InputError

_WHOLE = re.compile(r"(\d+)-(\d+)")
_SHARE = re.compile(r"(\d*\.?\d+)-(\d*\.?\d+)")


def changed_constraints(rules: Constraints, **given: Any) -> Constraints:
    """Constraints with those replaced that are given (not None): values, or words.

    Args:
        rules: those that hold otherwise.
        given: by name; `protected` as words FIRST-END, `gc` as LOW-HIGH.

    Raises:
        InputError: words or values that mean nothing.
    """
    known = {field.name: getattr(rules, field.name) for field in fields(rules) if field.init}
    new = {name: value for name, value in given.items() if value is not None}
    if "protected" in new:
        new["protected"] = [read_range(text) for text in new["protected"]]
    if "gc" in new:
        found = _SHARE.fullmatch(new["gc"])
        if not found:
            raise InputError(
                f"{new['gc']!r} is no range of GC content: give LOW-HIGH, as 0.35-0.65"
            )
        new["gc"] = float(found[1]), float(found[2])
    return Constraints(**{**known, **new})


def read_range(text: str) -> tuple[int, int]:
    """First and end of `FIRST-END`.

    Raises:
        InputError: it is no such range.
    """
    found = _WHOLE.fullmatch(text)
    if not found:
        raise InputError(
            f"{text!r} is no range of positions: give FIRST-END, 0-based and half-open, as 100-120"
        )
    return int(found[1]), int(found[2])


def read_options(words: Sequence[str] | None) -> dict[str, str]:
    """`NAME=VALUE` words by name.

    Raises:
        InputError: a word that is none.
    """
    options = {}
    for word in words or ():
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise InputError(f"--set {word}: give NAME=VALUE, such as population=100")
        options[name] = value
    return options
