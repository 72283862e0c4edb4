"""Stretches of the genome, within which bins are not independent."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import InputError, MismatchError


def genome_blocks(
    contigs: NDArray[Any], centres: NDArray[Any], width: int = 100_000
) -> NDArray[np.int64]:
    """The number of the stretch of the genome that each bin lies in, int64 (n,), from 0.

    Neighbouring bins share peaks and sequence, so that they are not independent; stretches much
    longer than a peak nearly are.

    Args:
        contigs: (n,) name or number of the contig of each bin.
        centres: (n,) 0-based centre of each bin, in bases.
        width: of a stretch in bases; stretches start at multiples of it.

    Raises:
        InputError: a width below 1.
        MismatchError: not as many contigs as centres.
    """
    if width < 1:
        raise InputError(f"blocks of {width:,} bases: give a width of at least 1")
    if len(contigs) != len(centres):
        raise MismatchError(f"{len(contigs)} contig names for {len(centres)} bin centres")
    if not len(centres):
        return np.zeros(0, dtype=np.int64)
    _, contig = np.unique(np.asarray(contigs), return_inverse=True)
    place = np.asarray(centres, dtype=np.int64) // width
    _, block = np.unique(contig * (place.max() + 1) + place, return_inverse=True)
    return block.astype(np.int64)
