"""Write motifs into windows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import InputError
from nucleotides.genome.alphabet import encode, reverse_complement
from nucleotides.model.motifs import Motif

Codes = NDArray[np.uint8]

_UNKNOWN = 4
_LETTERS = frozenset("ACGTUN")


def as_codes(motif: str | Motif, strand: str = "+") -> Codes:
    """Codes (width,) of a sequence, or of the likeliest one of a motif, as seen on `+` or `-`.

    An N means that the window's own base stays.

    Raises:
        InputError: nothing, or letters other than A C G T U N.
    """
    if isinstance(motif, Motif):
        codes = motif.probabilities.argmax(axis=1).astype(np.uint8)
    else:
        codes = np.asarray(encode(motif))
        if wrong := sorted(set(motif.upper()) - _LETTERS):
            raise InputError(
                f"{wrong[0]} in the motif {motif} stands for several bases: plant each sequence "
                "that it means, give a Motif, or N where the background's base should stay"
            )
    if not codes.size:
        raise InputError("an empty motif cannot be planted: give bases or a Motif")
    return np.asarray(codes if strand == "+" else reverse_complement(codes))


def plant(windows: Codes, motif: Codes, start: int) -> Codes:
    """Windows (n, length) with a motif (width,) from position `start` on.

    Raises:
        InputError: it does not fit.
    """
    if start < 0 or start + motif.size > windows.shape[1]:
        raise InputError(
            f"a motif of {motif.size} bases at position {start} reaches beyond windows of "
            f"{windows.shape[1]} bases"
        )
    out = windows.copy()
    known = np.flatnonzero(motif < _UNKNOWN)
    out[:, start + known] = motif[known]
    return out
