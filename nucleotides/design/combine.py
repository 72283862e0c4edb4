"""Motifs first, single bases then."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nucleotides.design.implant import Implant
from nucleotides.design.search import Budget, Search
from nucleotides.design.substitute import Substitute
from nucleotides.errors import InputError


@dataclass(frozen=True)
class Combine:
    """Implantation of motifs while it helps, for up to `share` of the passes; then `Substitute`.

    Attributes:
        share: of the passes, for implantation.
        first, then: the two methods.

    Raises:
        InputError: a share that is none.
    """

    share: float = 0.4
    first: Implant = field(default_factory=lambda: Implant(thorough=False))
    then: Substitute = field(default_factory=Substitute)

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise InputError(f"a share is between 0 and 1, not {self.share}")

    def improve(self, search: Search) -> None:
        """See `Method`."""
        whole = search.budget
        search.budget = Budget(max(1, int(whole.passes * self.share)), whole.steps)
        self.first.improve(search)
        search.budget = replace(whole)
        self.then.improve(search)
