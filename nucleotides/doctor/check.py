"""One row of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands; only `error` makes the doctor's exit code 1."""

    OK = "ok"
    ABSENT = "absent"
    """Not there yet, or optional; nothing is wrong."""
    WARNING = "warning"
    """Works, but not for the largest jobs."""
    ERROR = "error"
    """Does not work, or contradicts something else."""


@dataclass(frozen=True)
class Check:
    """What was looked at, what was found, and what to do about it (empty: nothing)."""

    group: str
    name: str
    state: State
    found: str
    advice: str = ""
