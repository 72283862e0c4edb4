"""Which known motifs seqlets are: their sequence matches, and the same bases matter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.errors import MissingDependencyError
from nucleotides.genome import one_hot, reverse_complement
from nucleotides.model.motifs import SHIPPED_MOTIFS, read_meme
from nucleotides.train.keep_threads import torch_keeps_its_threads

P = 1e-4
_COVERED, _FLANK = 0.6, 4

Codes = NDArray[np.uint8]


class Matches:
    """Where motifs match sequences on either strand, by FIMO (Grant et al. 2011; memelite).

    Args:
        codes: uint8 (length,) each.
        motifs: a MEME file.
        p: of a match at a place by chance; of 879 motifs some match anywhere at 0.0001.

    Attributes:
        table: `row` (which sequence), `start`, `end` (0-based, half-open), `strand`, `motif`, `p`.

    Raises:
        MissingDependencyError: the extra `motifs` is not installed.
        MotifFileError: a file without motifs.
    """

    def __init__(self, codes: Sequence[Codes], motifs: Path = SHIPPED_MOTIFS, p: float = P) -> None:
        try:
            from memelite import fimo
        except ImportError as error:
            raise MissingDependencyError("memelite", "motifs") from error
        known = read_meme(motifs)
        self._codes = list(codes)
        self._log_odds = {motif.name: motif.log_odds() for motif in known}
        padded = np.full((len(codes), max(one.size for one in codes)), 4, np.uint8)
        for i, one in enumerate(codes):
            padded[i, : one.size] = one
        there = one_hot(padded) * (padded < 4)[:, None]
        matrices = {motif.name: motif.probabilities.T for motif in known}
        with torch_keeps_its_threads():
            found = fimo(matrices, there.astype(np.int8), threshold=p)
        hits = pd.concat(found, ignore_index=True)
        hits = hits.rename(
            columns={"sequence_name": "row", "motif_name": "motif", "p-value": "p"}
        ).astype({"row": int, "start": int, "end": int, "p": float, "score": float})
        lengths = np.array([one.size for one in codes])
        inside = hits["end"] <= lengths[hits["row"]]  # the padding too is searched
        columns = ["row", "start", "end", "strand", "motif", "p"]
        self.table = hits.loc[inside & (hits["score"] > 0), columns].reset_index(drop=True)

    def near(self, row: int, start: int, end: int) -> pd.DataFrame:
        """Those in a sequence that hold most of a stretch."""
        table: pd.DataFrame = self.table[self.table["row"] == row]
        shared = np.minimum(table["end"], end) - np.maximum(table["start"], start)
        held: pd.DataFrame = table[shared >= _COVERED * (end - start)]
        return held

    def likeness(self, match: Any, contributions: NDArray[Any], first: int) -> float:
        """Cosine of what the bases of a match weigh in its motif and of what they contribute.

        Args:
            match: a row of `table`.
            contributions: of a stretch of its sequence; what the match lacks weighs 0.
            first: where the stretch begins.
        """
        weights = np.zeros(contributions.size)
        codes = self._codes[match.row][match.start : match.end]
        turned = match.strand == "-"
        codes = reverse_complement(codes) if turned else codes
        own = self._log_odds[match.motif][np.minimum(codes, 3), np.arange(codes.size)]
        own = np.where(codes < 4, np.maximum(own, 0), 0)
        at = np.arange(match.start, match.end) - first
        inside = (at >= 0) & (at < weights.size)
        weights[at[inside]] = (own[::-1] if turned else own)[inside]
        lengths = np.linalg.norm(weights) * np.linalg.norm(contributions)
        return float(weights @ np.abs(contributions) / lengths) if lengths else 0.0


def name_seqlets(
    seqlets: pd.DataFrame, contributions: NDArray[np.floating], matches: Matches
) -> list[str]:
    """Of each seqlet the match that is most like it, as `CTCF +`; nothing where none holds it.

    Args:
        seqlets: as of `find_seqlets`, `window` being the row of the sequence.
        contributions: (rows, length), those that they were found in.
        matches: in the same sequences.
    """
    names = []
    for row, start, end in seqlets[["window", "start", "end"]].to_numpy(np.int64).tolist():
        first = max(start - _FLANK, 0)
        stretch = contributions[row, first : end + _FLANK]
        near: list[Any] = list(matches.near(row, start, end).itertuples())
        like = [matches.likeness(match, stretch, first) for match in near]
        best = near[int(np.argmax(like))] if near else None
        names.append(f"{best.motif.split(' ', 1)[-1]} {best.strand}" if best else "")
    return names
