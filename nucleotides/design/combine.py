"""Motifs first, single bases then."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nucleotides.design.check_numbers import check_number
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
    first: Implant = field(default_factory=Implant)
    then: Substitute = field(default_factory=Substitute)

    def __post_init__(self) -> None:
        check_number("share", self.share, 0, 1, above=True)
        if self.share == 1:
            raise InputError("a share of 1 leaves no pass for what comes then: give less")

    def improve(self, search: Search) -> None:
        """See `Method`."""
        whole = search.budget
        search.budget = Budget(max(1, int(whole.passes * self.share)), whole.steps)
        self.first.improve(search, thorough=False)
        search.budget = replace(whole)
        self.then.improve(search)
