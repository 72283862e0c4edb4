"""Tasks in groups, and in an order in which alike ones stand side by side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_CLUSTERS = 20
_MOST_ORDERED = 1500  # the best order of leaves is cubic in time: 4 s for these


class Clusters(NamedTuple):
    """Linkage matrix of scipy (tasks - 1, 4); tasks from leaf to leaf; cluster of each task.

    Both int64 (tasks,); clusters count from 1, in the order of the leaves.
    """

    linkage: NDArray[np.float64]
    order: NDArray[np.int64]
    cluster: NDArray[np.int64]


def cluster_tasks(distance: NDArray[np.float32]) -> Clusters:
    """Hierarchical clustering by average linkage (Sokal and Michener 1958), and a cut of it.

    Leaves are put in the order that keeps neighbours closest (Bar-Joseph et al. 2001,
    10.1093/bioinformatics/17.suppl_1.S22) up to 1,500 tasks. The tree is cut into the number of
    clusters, 2 to 20, whose mean silhouette (Rousseeuw 1987, 10.1016/0377-0427(87)90125-7) is
    highest; one cluster where no cut has a silhouette above 0.

    Args:
        distance: (tasks, tasks), as of `similarity.as_distance`.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    n = len(distance)
    if n < 2:
        return Clusters(np.empty((0, 4)), np.arange(n), np.ones(n, np.int64))
    condensed = squareform(distance, checks=False)
    tree = linkage(condensed, "average", optimal_ordering=n <= _MOST_ORDERED)
    order = leaves_list(tree).astype(np.int64)
    return Clusters(tree, order, _numbered(_best_cut(tree, distance), order))


def _best_cut(tree: NDArray[np.float64], distance: NDArray[np.float32]) -> NDArray[np.int64]:
    from scipy.cluster.hierarchy import fcluster
    from sklearn.metrics import silhouette_score

    n = len(distance)
    best, highest = np.ones(n, np.int64), 0.0
    for most in range(2, min(MOST_CLUSTERS, n - 1) + 1):
        cut = fcluster(tree, most, "maxclust")
        if cut.max() == 1:  # ties are not cut
            continue
        score = silhouette_score(distance, cut, metric="precomputed")
        if score > highest:
            best, highest = cut, score
    return best


def _numbered(cut: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same clusters, from 1 in the order of their first leaves."""
    _, first, member = np.unique(cut[order], return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    numbers = np.empty(len(cut), np.int64)
    numbers[order] = rank[member] + 1
    return numbers
