"""Two runs on one set of bins: tasks are matched by name, and what is not fair is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

import nucleotides
from nucleotides.analyze.compare_runs import compare_with
from nucleotides.errors import InputError, MismatchError
from nucleotides.train.evaluate import Scored, evaluate
from nucleotides.train.reopen import Reopened, reopen
from tests.analyze.conftest import ODD_TASKS

OddRun = Callable[[int], Path]
Edit = Callable[..., Path]


@pytest.fixture(scope="module")
def run(odd_run: OddRun) -> Reopened:
    return reopen(odd_run(200))


@pytest.fixture(scope="module")
def scored(run: Reopened) -> Scored:
    return score(run)


def score(run: Reopened) -> Scored:
    bins = run.data.held_out_positions("test", run.data.test_size).centres.size
    model, tasks = run.checkpoint.model, run.checkpoint.tasks
    return evaluate(model, tasks, run.data, keep=np.arange(0, bins, 2))


def merits(labels: np.ndarray, logits: np.ndarray) -> list[float]:
    return [roc_auc_score(labels, logits), average_precision_score(labels, logits)]


def test_against_itself(run: Reopened, scored: Scored, odd_run: OddRun) -> None:
    found = compare_with(run, scored, odd_run(200), "cpu")
    assert found.tasks["task"].tolist() == ODD_TASKS
    assert (found.improved, found.worsened, found.unscored) == (0, 0, 1)
    known = found.tasks.dropna(subset="auroc_difference")
    assert (known[["auroc_difference", "average_precision_difference"]] == 0).all(axis=None)
    assert found.bins == scored.kept.size


def test_tasks_in_another_order_and_fewer(run: Reopened, scored: Scored, edit: Edit) -> None:
    other = edit(run.folder, tasks=["b", "silent", "a|b", "<i>"])
    found = compare_with(run, scored, other, "cpu").tasks.set_index("task")
    assert list(found.index) == ["a|b", "<i>", "silent"]
    theirs = {"a|b": 2, "<i>": 3}
    for task, output in theirs.items():
        mine = ODD_TASKS.index(task)
        labels = scored.labels[:, mine]
        row = found.loc[task]
        for model, column in {"a": output, "b": mine}.items():
            ours = [row[f"auroc_{model}"], row[f"average_precision_{model}"]]
            assert ours == pytest.approx(merits(labels, scored.logits[:, column]), abs=1e-5)


def test_a_network_of_longer_windows(run: Reopened, scored: Scored, odd_run: OddRun) -> None:
    longer = odd_run(301)
    found = compare_with(run, scored, longer / "checkpoints" / "best.ckpt", "cpu").tasks
    at = scored.positions.take(scored.kept)
    codes = run.data.genome.windows(at.contigs, at.centres - 150, 301)
    logits = nucleotides.load(longer).logits(codes)
    for i in range(3):
        ours = found.loc[i, ["auroc_a", "average_precision_a"]].tolist()
        assert ours == pytest.approx(merits(scored.labels[:, i], logits[:, i]), abs=1e-5)


def test_a_run_that_was_trained_on_the_bins(odd_run: OddRun) -> None:
    other = reopen(odd_run(200), {"test": "chr1:20000-30000"})
    with pytest.raises(InputError, match=r"trained on 50 of the 50 bins .* of one split"):
        compare_with(other, score(other), odd_run(200), "cpu")


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"tasks": ["1", "2", "3", "4"]}, MismatchError, "share no task"),
        ({"config": {"bin": 50}}, InputError, "bins of 50 bases at 0.5, this run's of 100 at 0.5"),
        ({"config": {"threshold": 1.0}}, InputError, "bins of 100 bases at 1, this"),
    ],
)
def test_what_cannot_be_compared(
    run: Reopened,
    scored: Scored,
    edit: Edit,
    changed: dict[str, Any],
    error: type[Exception],
    says: str,
) -> None:
    other = edit(run.folder, **changed)
    with pytest.raises(error, match=rf"--compare .*best\.ckpt: .*{says}"):
        compare_with(run, scored, other, "cpu")


def test_another_genome(run: Reopened, scored: Scored, demo_run: Path) -> None:
    with pytest.raises(MismatchError, match=r"--compare .*different genomes"):
        compare_with(run, scored, demo_run, "cpu")


def test_a_run_whose_stores_are_gone_uses_those_of_this_one(
    run: Reopened, scored: Scored, edit: Edit
) -> None:
    gone = {"genome": "/nowhere/genome", "targets": "/nowhere/targets"}
    found = compare_with(run, scored, edit(run.folder, config=gone), "cpu")
    assert found.unscored == 1


def test_what_is_no_run(run: Reopened, scored: Scored, tmp_path: Path) -> None:
    for path, says in {tmp_path / "none": "no checkpoint at", tmp_path: "no run with a"}.items():
        with pytest.raises(InputError, match=f"^--compare: .*{says}"):
            compare_with(run, scored, path, "cpu")
