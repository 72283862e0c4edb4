"""Maps and clusters of planted groups of tasks, of odd tasks, and of the demo's real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.cluster.hierarchy import cut_tree, is_valid_linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.metrics import adjusted_rand_score, silhouette_score

from nucleotides.analyze import cluster_tasks as clustering
from nucleotides.analyze.cluster_tasks import cluster_tasks
from nucleotides.analyze.map_tasks import map_tasks
from nucleotides.analyze.sample_bins import sampled_bins
from nucleotides.analyze.similarity import as_distance, jaccard, label_counts, labels_at
from nucleotides.analyze.write_task_map import make_task_map, read_task_map, write_task_map
from nucleotides.demo.files import FASTA, PEAKS
from nucleotides.errors import InputError, MismatchError
from nucleotides.preprocess.local import pre_process_local
from nucleotides.targets import TargetStore

GROUPS = np.repeat(np.arange(4), 15)


def planted(groups: np.ndarray = GROUPS, seed: int = 0) -> np.ndarray:
    """Jaccard similarity of tasks that share most positives with those of their group."""
    rng = np.random.default_rng(seed)
    shared = rng.random((3000, groups.max() + 1)) < 0.1
    kept = rng.random((3000, groups.size)) < 0.6
    noise = rng.random((3000, groups.size)) < 0.02
    return jaccard(label_counts([(shared[:, groups] & kept) | noise]))


def test_planted_groups_lie_apart_in_the_map() -> None:
    distance = as_distance(planted())
    places = map_tasks(distance)
    assert places.dtype == np.float32
    assert places.shape == (60, 2)
    assert silhouette_score(places, GROUPS) > 0.5


def test_the_seed_decides_the_map() -> None:
    distance = as_distance(planted())
    assert np.array_equal(map_tasks(distance, 1), map_tasks(distance, 1))
    assert not np.array_equal(map_tasks(distance, 1), map_tasks(distance, 2))


@pytest.mark.parametrize("n", [5, 6, 16])
@pytest.mark.parametrize("apart", [0.0, 0.5, 1.0])
def test_few_tasks_all_as_far_apart(n: int, apart: float) -> None:
    distance = (apart * (1 - np.eye(n))).astype(np.float32)
    assert np.isfinite(map_tasks(distance)).all()


def test_tasks_like_no_other_lie_below() -> None:
    similarity = np.eye(63, dtype=np.float32)
    similarity[:60, :60] = planted()
    places = map_tasks(as_distance(similarity))
    assert np.isfinite(places).all()
    assert (places[60:, 1] < places[:60, 1].min()).all()
    assert np.array_equal(places[:60], map_tasks(as_distance(planted())))


def test_too_few_tasks() -> None:
    with pytest.raises(InputError, match="a map of 4 tasks"):
        map_tasks(np.zeros((4, 4), np.float32))


def test_planted_groups_are_the_clusters() -> None:
    shuffled = np.random.default_rng(0).permutation(GROUPS)
    found = cluster_tasks(as_distance(planted(shuffled)))
    assert is_valid_linkage(found.linkage)
    assert sorted(found.order.tolist()) == list(range(60))
    assert adjusted_rand_score(shuffled, found.cluster) == 1
    assert found.cluster[found.order].tolist() == sorted(found.cluster)
    assert found.cluster.min() == 1
    oracle = cut_tree(found.linkage, 4)[:, 0]
    assert adjusted_rand_score(oracle, found.cluster) == 1


def test_clusters_count_in_the_order_of_leaves() -> None:
    """As scipy's own numbers do not, where some clusters are of one task."""
    for seed in range(20):
        points = np.random.default_rng(seed).normal(size=(12, 2))
        distance = squareform(pdist(points)).astype(np.float32)
        found = cluster_tasks(distance)
        assert found.cluster[found.order].tolist() == sorted(found.cluster)


def test_order_beyond_what_is_put_in_the_best_one(monkeypatch: pytest.MonkeyPatch) -> None:
    distance = as_distance(planted(seed=1))
    best = cluster_tasks(distance)
    monkeypatch.setattr(clustering, "_MOST_ORDERED", 10)
    plain = cluster_tasks(distance)
    assert np.array_equal(plain.cluster[plain.order], best.cluster[best.order])

    def steps(order: np.ndarray) -> float:
        return float(distance[order[:-1], order[1:]].sum())

    assert steps(best.order) < steps(plain.order)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("apart", [0.0, 1.0])
def test_tasks_without_groups_are_one_cluster(n: int, apart: float) -> None:
    found = cluster_tasks((apart * (1 - np.eye(n))).astype(np.float32))
    assert found.linkage.shape == (n - 1, 4)
    assert sorted(found.order.tolist()) == list(range(n))
    assert found.cluster.tolist() == [1] * n


def test_the_table_as_read_back(tmp_path: Path) -> None:
    tasks = [f"t{i}" for i in range(59)] + ["NA"]
    table = make_task_map(tasks, planted())
    path = tmp_path / "map" / "tasks.tsv"
    write_task_map(path, table)
    back = read_task_map(path, tasks)
    pd.testing.assert_frame_equal(back, table, check_dtype=False, rtol=1e-5)
    in_order = back.sort_values("order")
    assert in_order["order"].tolist() == list(range(60))
    assert in_order["cluster"].is_monotonic_increasing
    assert [path.name for path in path.parent.iterdir()] == ["tasks.tsv"]


def test_a_table_of_other_tasks(tmp_path: Path) -> None:
    tasks = [f"t{i}" for i in range(60)]
    path = tmp_path / "tasks.tsv"
    write_task_map(path, make_task_map(tasks, planted()))
    with pytest.raises(MismatchError, match="1 of the model's tasks are not in it"):
        read_task_map(path, [*tasks[:-1], "other"])
    with pytest.raises(MismatchError, match="in another order"):
        read_task_map(path, tasks[::-1])


@pytest.mark.parametrize("content", [None, "", "task\tumap1\nx\t1\n", "task\tcluster\nx\ty\n"])
def test_what_is_no_map(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "tasks.tsv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match="is no map of tasks"):
        read_task_map(path, ["x"])


def test_cohesin_and_ctcf_of_the_demo_lie_together(tmp_path: Path) -> None:
    """Its 7 CTCF tasks and RAD21 (it has no SMC3), from seven cell types and two sources.

    In the map, by each of eight seeds, TEAD4 of H1-hESC lies among them: no task is close to it
    (its highest Jaccard index is 0.06), and those that are closest are CTCF's.
    """
    where = ("chr20:5000000-6000000", "chr20:3000000-4000000")
    targets = TargetStore.open(pre_process_local(FASTA, PEAKS, tmp_path, *where).target_store)
    tasks = targets.tasks["task"].tolist()
    similarity = jaccard(label_counts(labels_at(targets, sampled_bins(targets, 10**6))))
    anchors = targets.tasks["target"].isin(["CTCF", "RAD21"]).to_numpy()
    assert anchors.sum() == 8
    assert anchors[np.argsort(-similarity[anchors])[:, 1]].all()

    table = make_task_map(tasks, similarity)
    clusters = table["cluster"][anchors]
    assert clusters.nunique() == 1
    order = np.sort(table["order"][anchors])
    assert np.array_equal(order, np.arange(order[0], order[0] + 8))

    places = table[["umap1", "umap2"]].to_numpy()
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    others = anchors | np.array(["TEAD4" in task for task in tasks])
    assert others[np.argsort(apart[anchors])[:, 1]].all()
    assert (
        np.median(apart[np.ix_(anchors, anchors)]) < np.median(apart[np.ix_(anchors, ~anchors)]) / 3
    )


def test_torch_keeps_its_threads() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)  # not the number that numba would set
    try:
        map_tasks(as_distance(np.eye(6, dtype=np.float32)))
        assert torch.get_num_threads() == threads + 1
    finally:
        torch.set_num_threads(threads)
