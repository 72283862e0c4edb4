"""What the report says and draws of a pattern."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from nucleotides.explain.discover_motifs import Pattern
from nucleotides.explain.draw_logo import draw_logo, information
from nucleotides.explain.find_motifs import TaskMotifs
from nucleotides.explain.name_motifs import SIGNIFICANT

MARGIN = 2
_COLUMNS = ["motif", "q", "strand", "overlap", "rank", "own"]


@dataclass(frozen=True)
class Match:
    """A known motif that a pattern is like."""

    motif: str
    q: str
    strand: str
    overlap: int
    likely: bool
    rank: int
    own: bool

    @property
    def told(self) -> str:
        """A motif that has another before it, in words: HNF4A (MA0114.4), q = 0.002, rank 9."""
        identifier, *name = self.motif.split(" ", 1)
        what = f"{name[0]} ({identifier})" if name else identifier
        return f"{what}, q = {self.q}, rank {self.rank}"


@dataclass(frozen=True)
class Described:
    """A pattern as words, numbers and drawings."""

    name: str
    seqlets: int
    windows: int
    mean: str
    contributions: Markup
    probabilities: Markup
    matches: list[Match]

    @property
    def title(self) -> str:
        """The match that it is likely to be, or that there is none."""
        best = self.matches[0] if self.matches else None
        return best.motif.split(" ", 1)[-1] if best and best.likely else "like no known motif"

    @property
    def also(self) -> str:
        """The motif of the task's own target, if it is likely and another is more so."""
        own = next((match for match in self.matches if match.own and match.likely), None)
        return own.told if own and own.rank > 1 else ""


def describe_pattern(found: TaskMotifs, pattern: Pattern) -> Described:
    """Its core and two bases on either side, as contributions and as bits."""
    core, width = pattern.core(), len(pattern.contributions)
    shown = slice(max(core.start - MARGIN, 0), min(core.stop + MARGIN, width))
    what = f"{pattern.name} of {found.task}"
    contributions = pattern.contributions[shown]
    bits = information(pattern.probabilities[shown])
    per_site = float(pattern.contributions.sum())
    return Described(
        pattern.name,
        pattern.n_seqlets,
        int(pattern.sites["window"].nunique()),
        f"{per_site:+.2f}",
        Markup(draw_logo(contributions, f"mean contributions of {what}", height=76)),
        Markup(draw_logo(bits, f"bits of {what}", height=76, limits=(0, 2))),
        _matches(found, pattern),
    )


def describe_own(found: TaskMotifs) -> str:
    """The motif of the task's target that a pattern is most like, in words; or nothing."""
    own = found.names[found.names["own"].astype(bool) & (found.names["q"] < SIGNIFICANT)]
    if own.empty:
        return ""
    best = own.sort_values("q", kind="stable")
    pattern, *match = best[["pattern", *_COLUMNS]].to_numpy().tolist()[0]
    return f"{_match(*match).told} of {pattern}"


def _matches(found: TaskMotifs, pattern: Pattern) -> list[Match]:
    rows = found.names[found.names["pattern"] == pattern.name]
    return [_match(*row) for row in rows[_COLUMNS].to_numpy().tolist()]


def _match(motif: str, q: float, strand: str, overlap: int, rank: int, own: bool) -> Match:
    return Match(motif, _as_q(q), strand, overlap, q < SIGNIFICANT, rank, bool(own))


def _as_q(q: float) -> str:
    if q < 1e-4:
        digits, power = f"{q:.0e}".split("e")
        return f"{digits} × 10{str(int(power)).translate(_RAISED)}"
    return f"{q:.2g}"


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
