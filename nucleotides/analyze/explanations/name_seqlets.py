"""Which known motifs the sequence of seqlets matches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.errors import MissingDependencyError
from nucleotides.genome import one_hot
from nucleotides.model.motifs import SHIPPED_MOTIFS, read_meme

P = 1e-4
_COVERED = 0.6


def find_matches(
    codes: Sequence[NDArray[np.uint8]], motifs: Path = SHIPPED_MOTIFS, p: float = P
) -> pd.DataFrame:
    """Where motifs match sequences on either strand, by FIMO (Grant et al. 2011; memelite).

    Args:
        codes: uint8 (length,) each.
        motifs: a MEME file.
        p: of a match at a place by chance; of 879 motifs some match anywhere at 0.0001.

    Returns:
        `row` (which sequence), `start`, `end` (0-based, half-open), `strand`, `motif`, `p`.

    Raises:
        MissingDependencyError: the extra `motifs` is not installed.
        MotifFileError: a file without motifs.
    """
    try:
        from memelite import fimo
    except ImportError as error:
        raise MissingDependencyError("memelite", "motifs") from error
    length = max(one.size for one in codes)
    padded = np.full((len(codes), length), 4, np.uint8)
    for i, one in enumerate(codes):
        padded[i, : one.size] = one
    known = {motif.name: motif.probabilities.T for motif in read_meme(motifs)}
    there = one_hot(padded) * (padded < 4)[:, None]
    hits = pd.concat(fimo(known, there.astype(np.int8), threshold=p), ignore_index=True)
    hits = hits.rename(columns={"sequence_name": "row", "motif_name": "motif", "p-value": "p"})
    hits = hits.astype({"row": int, "start": int, "end": int, "p": float, "score": float})
    return hits.loc[hits["score"] > 0, ["row", "start", "end", "strand", "motif", "p"]]


def name_seqlets(seqlets: pd.DataFrame, matches: pd.DataFrame) -> list[str]:
    """The best match of each seqlet that holds most of it, as `CTCF +`; else nothing.

    Args:
        seqlets: as of `find_seqlets`, `window` being the row of the sequence.
        matches: as of `find_matches`.
    """
    names = []
    for seqlet in seqlets.itertuples():
        near = matches[matches["row"] == seqlet.window]
        shared = np.minimum(near["end"], seqlet.end) - np.maximum(near["start"], seqlet.start)
        near = near[shared >= _COVERED * (seqlet.end - seqlet.start)]
        if near.empty:
            names.append("")
            continue
        best = near.loc[near["p"].idxmin()]
        names.append(f"{str(best['motif']).split(' ', 1)[-1]} {best['strand']}")
    return names
