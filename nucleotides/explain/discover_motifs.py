"""The motifs that recur in contributions: TF-MoDISco."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.errors import MissingDependencyError
from nucleotides.genome import one_hot
from nucleotides.train.keep_threads import torch_keeps_its_threads

Floats = NDArray[np.float64]

_FEWEST, _MOST = 20, 20_000
_WIDTH, _FLANK = 21, 10


@dataclass(frozen=True)
class Pattern:
    """A motif that recurs in contributions.

    Attributes:
        name: positive 1, positive 2, ..., negative 1, ..., from many to few seqlets.
        probabilities: of bases in its seqlets (PPM), (width, 4), columns A C G T.
        contributions: of the bases that are there, their mean (CWM), (width, 4).
        hypothetical: of bases, were they there, their mean (width, 4).
        sites: a row a seqlet: `window`, `start`, `end` (0-based, half-open, in the window),
            `strand` (+ or -, the pattern's as against the window's).
    """

    name: str
    probabilities: Floats
    contributions: Floats
    hypothetical: Floats
    sites: pd.DataFrame

    @property
    def n_seqlets(self) -> int:
        """How many seqlets it is made of."""
        return len(self.sites)

    def core(self, part: float = 0.3) -> slice:
        """From the first to the last position that contributes `part` of what the highest does.

        As the report of TF-MoDISco trims motifs.
        """
        height = np.abs(self.contributions).sum(axis=1)
        high = np.flatnonzero(height >= part * height.max())
        return slice(int(high[0]), int(high[-1]) + 1)


def discover_motifs(
    hypothetical: NDArray[Any],
    codes: NDArray[np.uint8],
    *,
    fdr: float = 0.2,
    most_seqlets: int = _MOST,
) -> list[Pattern]:
    """Cluster seqlets into patterns (Shrikumar et al. 2018, arXiv 1811.00416; modisco-lite).

    Seqlets are 21 bases and 10 on either side; a pattern has 20 of them or more. Seqlets stand out
    by the false discovery rate alone: none need be found, as in a network that learned nothing.

    Args:
        hypothetical: contributions of one task (n, 4, length), as `weigh_bases.hypothetical`.
        codes: uint8 (n, length), where the contributions were computed.
        fdr: false discovery rate of seqlets.
        most_seqlets: those used, of each sign.

    Returns:
        Patterns that raise the logit, then those that lower it, the commonest first.

    Raises:
        MissingDependencyError: the extra `motifs` is not installed.
    """
    try:
        from modiscolite.tfmodisco import TFMoDISco
    except ImportError as error:
        raise MissingDependencyError("modisco-lite", "motifs") from error
    if codes.shape[1] < _WIDTH + 2 * _FLANK or not np.any(hypothetical):
        return []
    known = codes < 4
    there = np.swapaxes(one_hot(codes) * known[:, None, :], 1, 2).astype(np.float32)
    scores = np.swapaxes(hypothetical * known[:, None, :], 1, 2).astype(np.float32)
    with torch_keeps_its_threads():
        found = TFMoDISco(
            *(np.ascontiguousarray(array) for array in (there, scores)),
            sliding_window_size=_WIDTH,
            flank_size=_FLANK,
            min_metacluster_size=_FEWEST,
            max_seqlets_per_metacluster=most_seqlets,
            target_seqlet_fdr=fdr,
            min_passing_windows_frac=0.0,
        )
    return [
        _pattern(f"{sign} {i + 1}", pattern)
        for sign, patterns in zip(("positive", "negative"), found, strict=True)
        for i, pattern in enumerate(_by_size(patterns or ()))
    ]


def _by_size(patterns: Iterable[Any]) -> list[Any]:
    return sorted(patterns, key=lambda pattern: -len(pattern.seqlets))


def _pattern(name: str, found: Any) -> Pattern:
    rows = [(s.example_idx, s.start, s.end, "-" if s.is_revcomp else "+") for s in found.seqlets]
    sites = pd.DataFrame(rows, columns=["window", "start", "end", "strand"])
    return Pattern(
        name,
        np.asarray(found.sequence, np.float64),
        np.asarray(found.contrib_scores, np.float64),
        np.asarray(found.hypothetical_contribs, np.float64),
        sites,
    )
