"""Standard errors of sums over bins that are independent between blocks only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BlockSums:
    """The bins of one task, summed by block.

    Attributes:
        of_positives, of_negatives: float64 (blocks,), sums of the influences of such bins.
        positives, negatives: float64 (blocks,), number of such bins.
    """

    of_positives: Floats
    of_negatives: Floats
    positives: Floats
    negatives: Floats

    @classmethod
    def of(
        cls, influence: Floats, labels: NDArray[Any], blocks: NDArray[np.int64], n_blocks: int
    ) -> BlockSums:
        """From influences, labels of 0 and 1, and blocks numbered from 0, each (n,)."""
        hits, everything = (labels != 0).astype(np.float64), np.ones(len(labels))
        of_positives, of_all, positives, bins = (
            np.bincount(blocks, weights, n_blocks).astype(np.float64)
            for weights in (influence * hits, influence, hits, everything)
        )
        return cls(of_positives, of_all - of_positives, positives, bins - positives)

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the standard errors: the effective number of blocks, less one.

        (sum m)^2 / sum m^2 over blocks with m positives (or negatives, where that is less): K
        blocks that hold as many each count as K, and fewer where most are in a few (Carter,
        Schnepel and Steigerwald 2017, 10.1162/REST_a_00639). 0 where one block has them all, NaN
        where there are none.
        """
        with np.errstate(invalid="ignore"):
            held = [m.sum() ** 2 / (m @ m) for m in (self.positives, self.negatives)]
        return float(np.min(held)) - 1

    def auroc_error(self) -> float:
        """Of an AUROC, or a difference of two on the same bins; NaN without `freedom`.

        The variance for clustered ROC data of Obuchowski 1997 (Biometrics 53:567-578,
        10.2307/2533958). It is bilinear in the structural components, so that differences of
        components give the variance of the difference. Where every bin is a block it is DeLong's.
        """
        if not self.freedom > 0:
            return np.nan
        u, w = self.of_positives, self.of_negatives
        held = (self.positives, self.negatives, self.positives + self.negatives)
        squares = (u @ u, w @ w, 2 * (u @ w))
        return float(np.sqrt(sum(_unbiased(m) * s for m, s in zip(held, squares, strict=True))))

    def average_precision_error(self) -> float:
        """Of an average precision, or a difference of two on the same bins; NaN without `freedom`.

        The infinitesimal jackknife over blocks: root of the sum of their squared influences, with
        the factor K / (K - 1) for the K blocks that hold positives.
        """
        if not self.freedom > 0:
            return np.nan
        sums = self.of_positives + self.of_negatives
        return float(np.sqrt(_unbiased(self.positives) * (sums @ sums)))


def _unbiased(held: Floats) -> float:
    """K / (K - 1) of the K blocks that hold any."""
    k = np.count_nonzero(held)
    return k / (k - 1)
