"""Tasks as points of a plane: what is alike lies together."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import InputError
from nucleotides.train.keep_threads import torch_keeps_its_threads

FEWEST = 5
_NEIGHBOURS = 15
_EXPECTED = ("using precomputed metric", "Spectral initialisation failed")


def map_tasks(distance: NDArray[np.float32], seed: int = 0) -> NDArray[np.float32]:
    """Places (tasks, 2) by UMAP (McInnes et al. 2018, arXiv:1802.03426), of 15 neighbours.

    The same for the same distances, seed, and release of umap-learn. Tasks that have nothing in
    common with any other (distance 1 or more) would be tied to neighbours that are none: they lie
    in a row below the others. Only who is near whom means something; axes and gaps do not.

    Args:
        distance: (tasks, tasks), as of `similarity.as_distance`.
        seed: of the optimisation.

    Raises:
        InputError: fewer than 5 tasks.
    """
    n = len(distance)
    if n < FEWEST:
        raise InputError(f"a map of {n} tasks shows nothing: it takes {FEWEST} or more")
    related = (distance + 2 * np.eye(n, dtype=np.float32)).min(1) < 1
    if related.sum() < FEWEST:
        related[:] = True
    places = np.empty((n, 2), np.float32)
    places[related] = _umap(distance[np.ix_(related, related)], seed)
    places[~related] = _row_below(places[related], n - int(related.sum()))
    return places


def _umap(distance: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    with torch_keeps_its_threads(), warnings.catch_warnings():
        for message in _EXPECTED:
            warnings.filterwarnings("ignore", message, UserWarning)
        places: NDArray[np.float32] = _umap_class()(
            n_neighbors=min(_NEIGHBOURS, len(distance) - 1),
            metric="precomputed",
            random_state=seed,
            n_jobs=1,
        ).fit_transform(distance)
    return places


def _umap_class() -> Any:
    """Imported late, since that takes seconds; it warns where there is no TensorFlow."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)
        from umap import UMAP
    return UMAP


def _row_below(places: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """Places (n, 2), evenly spread below the others."""
    low, high = places.min(0), places.max(0)
    x = low[0] + (high[0] - low[0]) * (np.arange(n) + 0.5) / max(n, 1)
    return np.stack([x, np.full(n, low[1] - 0.1 * (high[1] - low[1]))], 1).astype(np.float32)
