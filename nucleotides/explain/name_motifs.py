"""Names of patterns: the known motifs that they are most like."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.errors import MissingDependencyError
from nucleotides.explain.discover_motifs import Pattern
from nucleotides.explain.target_motifs import is_motif_of
from nucleotides.model.motifs import SHIPPED_MOTIFS, Motif, read_meme
from nucleotides.train.keep_threads import torch_keeps_its_threads

COLUMNS = ["pattern", "motif", "p", "q", "strand", "overlap", "rank", "own"]
SIGNIFICANT = 0.05
"""Of q."""


def name_motifs(
    patterns: Sequence[Pattern],
    motifs: Path | Sequence[Motif] = SHIPPED_MOTIFS,
    *,
    best: int = 3,
    targets: frozenset[str] = frozenset(),
) -> pd.DataFrame:
    """The known motifs that patterns are most like, on either strand, by Tomtom.

    Tomtom (Gupta et al. 2007, 10.1186/gb-2007-8-2-r24; memelite) gives the part of chance
    alignments with a motif that are as good as the best one. q is by Benjamini and Hochberg over
    all motifs of the file, for each pattern by itself, as in MEME's Tomtom: of the motifs called
    like a pattern at q < 0.05, 5 % are expected to be so by chance. Patterns are trimmed to what
    contributes (`Pattern.core`) and compared by their probabilities.

    Args:
        patterns: as discovered.
        motifs: a MEME file, or motifs; by default JASPAR 2024, vertebrates.
        best: matches a pattern.
        targets: names of the protein (`targets_of`) of which the best motif is told too, wherever
            it stands, if q < 0.05: members of a family have much the same motif, so that another
            member is often the best.

    Returns:
        `pattern`, `motif`, `p`, `q`, `strand` of the motif against the pattern, `overlap` in
        bases, `rank` among all motifs from 1, `own`: whether it is a motif of `targets`; by
        pattern, the best first.

    Raises:
        MotifFileError: a file without motifs.
        MissingDependencyError: the extra `motifs` is not installed.
    """
    known = read_meme(motifs) if isinstance(motifs, str | Path) else list(motifs)
    if not patterns:
        return pd.DataFrame(columns=COLUMNS)
    p, overlaps, turned = _compare([trimmed(pattern) for pattern in patterns], known)
    own = [is_motif_of(motif.name, targets) for motif in known]
    rows = []
    for i, pattern in enumerate(patterns):
        q, waiting = _q_values(p[i]), any(own)
        for rank, j in enumerate(np.argsort(p[i], kind="stable").tolist()):
            if rank >= best and (not waiting or q[j] >= SIGNIFICANT):
                break
            if rank < best or own[j]:
                strand, overlap = "-" if turned[i, j] else "+", int(overlaps[i, j])
                told = (known[j].name, p[i, j], q[j], strand, overlap, rank + 1, own[j])
                rows.append((pattern.name, *told))
                waiting = waiting and not own[j]
    return pd.DataFrame(rows, columns=COLUMNS)


def trimmed(pattern: Pattern) -> NDArray[np.float64]:
    """Probabilities of the part of a pattern that contributes: (4, width)."""
    rows = pattern.probabilities[pattern.core()]
    return np.ascontiguousarray((rows / rows.sum(axis=1, keepdims=True)).T)


def _compare(
    queries: list[NDArray[np.float64]], known: Sequence[Motif]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """p, overlap, and whether the motif is turned: (patterns, motifs) each."""
    try:
        from memelite import tomtom
    except ImportError as error:
        raise MissingDependencyError("memelite", "motifs") from error
    targets = [np.ascontiguousarray(motif.probabilities.T) for motif in known]
    with torch_keeps_its_threads():
        p, _, _, overlap, strand = tomtom(queries, targets)
    return np.clip(p, np.finfo(float).tiny, 1), overlap, strand


def _q_values(p: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(p))
