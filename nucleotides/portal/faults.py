"""What a portal can do wrong, on demand."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from nucleotides.errors import InputError, UnknownNameError

AtRedirect = Literal["429", "500", "503", "403", "404", "page", "redirect_loop"]
InBody = Literal[
    "truncate", "wrong_bytes", "too_long", "too_short", "stall", "drip", "ignore_range", "changed"
]  # fmt: skip
OfTable = Literal["one_line", "cut", "table_page"]
Kind = Literal[AtRedirect, InBody, OfTable]
AT_REDIRECT, IN_BODY, OF_TABLE = (get_args(kind) for kind in (AtRedirect, InBody, OfTable))
KINDS = (*AT_REDIRECT, *IN_BODY, *OF_TABLE)


@dataclass
class Fault:
    """A fault of a file or a table.

    Attributes:
        name: of the file (ENCFF199YFA or ENCFF199YFA.bed.gz) or the table (dnase.tsv); * is any.
        kind: what goes wrong.
        times: how often, or None for always.
        value: of 429 and 503, Retry-After; of drip, bytes a second.
    """

    name: str
    kind: str
    times: int | None = None
    value: str = ""

    @classmethod
    def parse(cls, text: str) -> Fault:
        """From NAME:KIND[:TIMES[:VALUE]].

        Raises:
            InputError: it is not of this form.
        """
        name, _, rest = text.partition(":")
        kind, _, rest = rest.partition(":")
        times, _, value = rest.partition(":")
        if kind not in KINDS:
            raise UnknownNameError("fault", kind, KINDS, f"(in {text!r})")
        if times and not times.isdigit():
            raise InputError(f"fault {text!r}: {times!r} is no number of times")
        return cls(name, kind, int(times) if times else None, value)

    def concerns(self, file: str) -> bool:
        """Whether it is a fault of this file."""
        return self.name in ("*", file, file.partition(".")[0])


class Faults:
    """The faults of a portal; each is used up by the requests that meet it."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults, self._guard = list(faults), threading.Lock()

    def names(self) -> list[str]:
        """Of the files and tables that they concern."""
        return [fault.name for fault in self._faults]

    def add(self, fault: Fault) -> None:
        """One more."""
        with self._guard:
            self._faults.append(fault)

    def clear(self) -> None:
        """All is well again."""
        with self._guard:
            self._faults.clear()

    def meet(self, file: str, kinds: Iterable[str]) -> Fault | None:
        """The first fault of one of these kinds that a request for the file meets."""
        with self._guard:
            for fault in self._faults:
                if fault.kind in kinds and fault.concerns(file) and fault.times != 0:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None
