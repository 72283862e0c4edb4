"""What reduced precision costs: against float32, on some of the windows at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nucleotides.predict.effects.score_pairs import Codes, PairScorer, Precision

if TYPE_CHECKING:
    from nucleotides.predict.model import Model

_PAIRS = 64


def tell_precision(
    model: Model, ref: Codes, alt: Codes, precision: Precision, *, both_strands: bool
) -> str:
    """By how much logits and their differences are off, in a sentence.

    Args:
        model: what reads the windows.
        ref, alt: codes (n, length); the first 64 pairs are read.
        precision: what is compared with float32.
        both_strands: whether logits are the mean of both strands'.
    """
    pairs = ref[:_PAIRS], alt[:_PAIRS]
    exact, rough = (
        PairScorer(model, both_strands=both_strands, precision=each)(*pairs)
        for each in ("float32", precision)
    )
    error, off = (np.abs(a - b) for a, b in zip(exact, rough, strict=True))
    known, found = exact[1].ravel(), rough[1].ravel()
    varied = known.std() > 0 and found.std() > 0
    alike = f"{np.corrcoef(known, found)[0, 1]:.4f}" if varied else "unknown"
    return (
        f"{precision} on {len(pairs[0])} alleles: logits are off by {np.median(error):.2g} in the "
        f"median and {error.max():.2g} at most, their differences by {np.median(off):.2g} and "
        f"{off.max():.2g}; correlation of differences with float32's {alike}"
    )
