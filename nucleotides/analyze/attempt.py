"""Parts of a whole that may fail one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from nucleotides.errors import NucleotidesError, OutOfSpaceError
from nucleotides.progress import say

Result = TypeVar("Result")


class Attempts:
    """Runs the parts, and keeps why one could not be had.

    Attributes:
        absent: name of a part to the reason, in the order in which they were tried.
    """

    def __init__(self) -> None:
        self.absent: dict[str, str] = {}

    def __call__(self, name: str, work: Callable[[], Result]) -> Result | None:
        """What `work` returns; None, with the reason told and kept, where it raises an error that
        this package raises on purpose. A full disk ends all."""
        try:
            return work()
        except OutOfSpaceError:
            raise
        except NucleotidesError as error:
            self.absent[name] = str(error)
            say(f"left out: {name}: {error}")
            return None


def by_reason(absent: dict[str, str]) -> list[tuple[str, str]]:
    """Names of parts, listed, and the reason that they share; in the order of the first of each."""
    names: dict[str, list[str]] = {}
    for name, why in absent.items():
        names.setdefault(why, []).append(name)
    return [(", ".join(parts), why) for why, parts in names.items()]
