"""Small parts of post-processing: attempts, kept bins, baselines, figures as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from nucleotides.analyze import keep_bins as keeping
from nucleotides.analyze.attempt import Attempts
from nucleotides.analyze.judge_baselines import SHOWN, judge_baselines
from nucleotides.analyze.keep_bins import keep_bins
from nucleotides.analyze.report.canvas import axes, canvas
from nucleotides.analyze.report.gallery import NARROW, WIDE, Gallery, file_name
from nucleotides.analyze.report.map_figure import map_figure
from nucleotides.data.positions import Positions
from nucleotides.errors import InputError, MismatchError, OutOfSpaceError
from nucleotides.genome.alphabet import UNKNOWN
from nucleotides.train.reopen import reopen
from tests.analyze.conftest import ODD_TASKS


def fail(error: Exception) -> Callable[[], int]:
    def work() -> int:
        raise error

    return work


def test_an_attempt_that_fails_is_told_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    attempt = Attempts()
    assert attempt("one", lambda: 1) == 1
    assert attempt("two", fail(MismatchError("of other tasks"))) is None
    assert attempt("three", fail(InputError("no such part"))) is None
    assert list(attempt.absent.items()) == [("two", "of other tasks"), ("three", "no such part")]
    assert "left out: two: of other tasks" in capsys.readouterr().err


@pytest.mark.parametrize("error", [OutOfSpaceError("full"), ZeroDivisionError(), OSError("disk")])
def test_an_attempt_hides_no_full_disk_and_no_bug(error: Exception) -> None:
    attempt = Attempts()
    with pytest.raises(type(error)):
        attempt("one", fail(error))
    assert attempt.absent == {}


def bins(*stretches: tuple[int, int, int]) -> Positions:
    """Bins of 100 bases side by side: (contig, first base, how many) of each stretch."""
    contigs = np.concatenate([np.full(n, contig) for contig, _, n in stretches])
    centres = np.concatenate([first + 50 + 100 * np.arange(n) for _, first, n in stretches])
    nothing = np.zeros(contigs.size, np.int64)
    return Positions(contigs, centres, nothing.astype(bool), nothing)


def test_few_bins_are_all_kept() -> None:
    np.testing.assert_array_equal(keep_bins(bins((0, 0, 30), (1, 0, 5)), 100, 7), np.arange(35))


@given(room=st.integers(1, 200), tasks=st.integers(1, 5))
def test_of_many_bins_the_beginnings_of_the_longest_stretches(room: int, tasks: int) -> None:
    at = bins((0, 0, 20), (0, 5_000_000, 60), (1, 0, 40), (2, 0, 80))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "_MOST_SCORES", room * tasks)
        kept = keep_bins(at, 100, tasks)
    assert (np.diff(kept) > 0).all()
    if room >= 200:
        assert kept.size == 200
        return
    assert kept.size <= max(room, 3)
    each = max(room // 3, 1)
    begins = {first: kept[(kept >= first) & (kept < first + n)] for first, n in LONGEST.items()}
    for first, n in LONGEST.items():
        np.testing.assert_array_equal(begins[first], first + np.arange(min(each, n)))
    assert sum(map(len, begins.values())) == kept.size


LONGEST = {20: 60, 80: 40, 120: 80}


def test_baselines_are_those_of_scikit_learn(odd_run: Callable[[int], Path]) -> None:
    data = reopen(odd_run(200)).data
    found = judge_baselines(ODD_TASKS, data)
    assert tuple(found) == SHOWN
    parts = {part: data.held_out_positions(part) for part in ("validation", "test")}
    gc, labels = {}, {}
    for part, at in parts.items():
        codes = data.genome.windows(at.contigs, at.centres - 100, 200)
        gc[part] = np.isin(codes, (1, 2)).sum(1) / (codes < UNKNOWN).sum(1)
        labels[part] = data.targets.labels_at(at.contigs, at.centres, 100, 0.5)
    scores = found["GC content of the window"]
    assert list(scores) == ODD_TASKS[:3]  # the last is silent
    for i, task in enumerate(ODD_TASKS[:3]):
        up = roc_auc_score(labels["validation"][:, i], gc["validation"]) >= 0.5
        x, y = gc["test"] if up else -gc["test"], labels["test"][:, i]
        assert scores[task]["auroc"] == pytest.approx(roc_auc_score(y, x))
        assert scores[task]["average_precision"] == pytest.approx(average_precision_score(y, x))
    with pytest.raises(MismatchError, match="another order"):
        judge_baselines(ODD_TASKS[::-1], data)


def test_a_gallery_saves_what_it_shows(tmp_path: Path) -> None:
    def draw(width: float) -> object:
        figure = canvas(width, 50)
        axes(figure, 0, 0, width, 50)
        return figure

    saved, plain = Gallery(tmp_path), Gallery()
    for gallery in (saved, plain):
        assert gallery.one(draw(100), "one", "a & b").count("<svg") == 1
        wide, narrow = gallery.both(draw, "two", "what")
        assert f'width="{WIDE:g}' in wide or f"0 0 {WIDE:g}" in wide
        assert f'width="{NARROW:g}' in narrow or f"0 0 {NARROW:g}" in narrow
        gallery.save(draw(100), "three")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        f"{name}.{kind}" for name in ("one", "two", "three") for kind in ("png", "svg")
    }


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("ROC", "TF ChIP-seq"), "roc_tf_chip-seq"),
        (("a/b", "../c"), "a_b_c"),
        (("", "x|y: é"), "x_y"),
    ],
)
def test_names_of_files(words: tuple[str, ...], name: str) -> None:
    assert file_name(*words) == name


@pytest.mark.parametrize("tasks", [1, 5, 400])
def test_every_task_is_a_dot_of_its_assays_colour(tasks: int) -> None:
    points = np.random.default_rng(0).normal(size=(tasks, 2)).astype(np.float32)
    kinds = ["DNase-seq" if i % 3 else "TF | ChIP" for i in range(tasks)]
    names = [f"t{i}" for i in range(tasks)]
    table = pd.DataFrame(
        {"task": names, "assay": kinds, "auroc": 0.5, "target": "", "biosample": ""}
    )
    figure = map_figure(points, table)
    figure.draw_without_rendering()
    (dots,) = figure.axes[0].collections
    np.testing.assert_allclose(np.asarray(dots.get_offsets()), points)
    colours = [tuple(colour) for colour in np.asarray(dots.get_facecolors())]
    assert len(set(colours)) == len(set(kinds))
    assert len(set(zip(kinds, colours, strict=True))) == len(set(kinds))
    assert figure.get_facecolor()[:3] != colours[0][:3]
