"""The figure, the table and the sentences of a comparison say what the comparison does."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from nucleotides.analyze.compare import Comparison, compare
from nucleotides.analyze.report import svg
from nucleotides.analyze.report.comparison_figure import comparison_figure
from nucleotides.analyze.report.comparison_words import comparison_sentences, comparison_table
from nucleotides.analyze.report.theme import LIGHT

ASSAYS = (
    ["TF ChIP-seq"] * 9 + ["DNase-seq"] * 5 + ["an assay with quite a long name"] * 3 + [""] * 3
)
LONG = ("runs/2026-11-25_a-very-long-name-of-a-run", "another $run$ with_a_long_name & more <b>")


def comparison(seed: int = 0, gain: float = 0.4, without: int = 0, n: int = 1200) -> Comparison:
    """Of 20 tasks, the first `without` of which have no positives; some clearly better in B."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((n, 20)) < 0.05).astype(np.uint8)
    labels[:, :without] = 0
    shared = rng.normal(size=(n, 20))
    a, b = (
        (shared + rng.normal(size=(n, 20)) / 3 + (1 + more) * labels).astype(np.float32)
        for more in (np.zeros(20), gain * np.linspace(-1, 2, 20))
    )
    return compare([f"task{k}" for k in range(20)], labels, a, b, np.arange(n) // 40)


def dots(ax: Axes) -> list[tuple[float, float, str, bool]]:
    """Of each dot: its place, its colour, and whether it is filled."""
    found = []
    for line in ax.lines:
        if line.get_marker() == "o":
            filled = line.get_markerfacecolor() != "none"
            colour = to_hex(line.get_color())
            found += [(x, y, colour, filled) for x, y in line.get_xydata().tolist()]
    return sorted(found)


def test_a_dot_a_task_filled_where_sure() -> None:
    found = comparison()
    _, *panels = comparison_figure(found.tasks, ASSAYS, 960).axes
    colours = {"TF ChIP-seq": "assay0", "DNase-seq": "assay2"}
    prevalence = found.tasks["prevalence"].to_numpy()
    units = {"auroc": np.ones(20), "average_precision": prevalence}
    for ax, (score, unit) in zip(panels, units.items(), strict=True):
        a, b, q = (found.tasks[f"{score}_{x}"].to_numpy() for x in "abq")
        assert 0 < (q < 0.05).sum() < 20
        expected = sorted(zip(a / unit, b / unit, q < 0.05, ASSAYS, strict=True))
        drawn = dots(ax)
        np.testing.assert_allclose([d[:2] for d in drawn], [e[:2] for e in expected])
        assert [d[3] for d in drawn] == [e[2] for e in expected]
        for (*_, colour, _), (*_, assay) in zip(drawn, expected, strict=True):
            if assay in colours:
                assert colour == LIGHT[colours[assay]]
    assert [ax.get_xscale() for ax in panels] == ["linear", "log"]
    assert all(ax.get_xlim() == ax.get_ylim() for ax in panels)


def boxes(figure: Figure) -> dict[str, tuple[float, float, float, float]]:
    """Of each text, ticks included, the box that it takes."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    found = {}
    for i, ax in enumerate(figure.axes):
        ticks = [*ax.get_xticklabels(), *ax.get_yticklabels()] if ax.axison else []
        for j, text in enumerate([*ax.texts, *ticks]):
            found[f"{i}.{j} {text.get_text()}"] = text.get_window_extent().extents
    return found


@pytest.mark.parametrize("names", [("run A", "run B"), LONG], ids=["short", "long"])
@pytest.mark.parametrize("gain", [0.0, 0.4, 8.0])
@pytest.mark.parametrize("width", [960, 358])
def test_no_text_overlaps_or_leaves_the_figure(
    width: int, gain: float, names: tuple[str, str]
) -> None:
    figure = comparison_figure(comparison(gain=gain).tasks, ASSAYS, width, names)
    height = figure.get_size_inches()[1] * 72
    found = boxes(figure)
    assert len(found) > 15
    for name, (left, bottom, right, top) in found.items():
        assert left >= -1, name
        assert bottom >= -1, name
        assert right <= width + 1, name
        assert top <= height + 1, name
        assert right - left < width / 2 or "better" not in name, f"{name} crosses the diagonal"
    items = list(found.items())
    for i, (one, (left, bottom, right, top)) in enumerate(items):
        for other, (x0, y0, x1, y1) in items[i + 1 :]:
            apart = right <= x0 or x1 <= left or top <= y0 or y1 <= bottom
            assert apart, f"{one} over {other}"


@pytest.mark.parametrize("without", [0, 19, 20])
def test_inline_in_the_colours_of_the_page(without: int) -> None:
    figure = comparison_figure(comparison(without=without).tasks, ASSAYS, 358, LONG)
    text = svg.inline(figure, "comparison", "a figure")
    assert not re.search("#[0-9a-f]{6}", text)
    assert "$run" in text
    assert ("no task is scored" in text) == (without == 20)


def test_table() -> None:
    found = comparison(without=2)
    table = comparison_table(found, ASSAYS, LONG)
    assert sum(width for _, width in table.groups) == len(table.columns)
    assert {len(row.cells) for row in table.rows} == {len(table.columns)}
    by_task = found.tasks.set_index("task")
    differences = [by_task.loc[row.heading, "auroc_difference"] for row in table.rows]
    assert sorted(differences[:18], reverse=True) == differences[:18]
    assert np.isnan(differences[18:]).all()
    for row in table.rows:
        k = int(row.heading.removeprefix("task"))
        record = by_task.loc[row.heading]
        assert row.cells[0] == ASSAYS[k]
        assert row.cells[1] == record["verdict"]
        if k >= 2:
            assert float(row.cells[4]) == pytest.approx(record["auroc_difference"], abs=6e-4)
            assert float(row.cells[6]) == pytest.approx(record["auroc_q"], rel=0.06)
            assert row.cells[5] == f"{record['auroc_low']:+.3f} to {record['auroc_high']:+.3f}"
            assert float(row.cells[8]) == pytest.approx(record["average_precision_b"], abs=6e-4)
    assert table.rows[-1].cells[2:] == ["—"] * 10


def test_sentences() -> None:
    found = comparison(without=2)
    first, second = comparison_sentences(found, ("old", "new"))
    assert found.improved > 0
    assert first.startswith(
        f"Of 18 tasks, new ranks bins better than old in {found.improved} and worse in "
        f"{found.worsened}; in {found.undecided} "
    )
    assert "1,200 bins in 30 blocks" in first
    assert f"{found.auroc_difference:+.3f}" in second
    assert f"{found.average_precision_difference:+.3f}" in second
    assert len(comparison_sentences(comparison(without=20))) == 1
