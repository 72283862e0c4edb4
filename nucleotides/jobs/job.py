"""A job: what is known of it at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["variants", "explanations", "designs"]
State = Literal["arriving", "waiting", "running", "done", "failed", "cancelled"]
ENDED = ("done", "failed", "cancelled")


class File(NamedTuple):
    """A file of a result: its name, which may have folders in it, and its bytes."""

    name: str
    size: int


@dataclass(frozen=True)
class Job:
    """A row of the queue.

    Attributes:
        id: 32 hexadecimal digits, drawn at random.
        owner: a digest of the key that made it; "" where the server wants no keys.
        model: the name of the model that it is for.
        created, started, ended: seconds since 1970.
        token: of the worker that has it; another one has it once this changes.
        attempts: how often a worker began with it.
        version: grows with every change that somebody might want to see.
        doing, done, total: how far it is: what is done, of how many.
        size: bytes on disk.
        message: why it failed, or what a reader of the result must know.
        files: of the result, the one first that is given where none is named.
    """

    id: str
    owner: str
    kind: Kind
    model: str
    state: State
    created: float
    started: float | None
    ended: float | None
    token: str
    attempts: int
    version: int
    doing: str
    done: int
    total: int | None
    size: int
    message: str
    files: tuple[File, ...]

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes."""
        return self.state in ENDED
