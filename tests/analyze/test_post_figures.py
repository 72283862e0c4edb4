"""The figures of post-processing: every task drawn, nothing odd in the SVG, whatever the input."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from jinja2 import Environment, FunctionLoader, StrictUndefined
from matplotlib.figure import Figure

from nucleotides.analyze.report import (
    choose,
    draw_reliability,
    long_tail,
    post_sections,
    theme,
    write_report,
)
from nucleotides.analyze.report.draw_errors import error_figure
from nucleotides.analyze.report.draw_reliability import pool, reliability_figure
from nucleotides.analyze.report.draw_similarity import (
    MOST,
    shown_tasks,
    similarity_figure,
    triangle_correlation,
)
from nucleotides.analyze.report.gallery import Gallery
from nucleotides.analyze.report.key import assay_key
from nucleotides.analyze.report.save_figure import save_figure
from nucleotides.analyze.report.svg import inline
from tests.analyze.test_report import Page

ASSAYS = ("TF ChIP-seq", "Histone ChIP-seq", "DNase-seq")
WIDTHS = (358.0, 960.0)


@dataclass(frozen=True)
class Groups:
    expected: np.ndarray
    observed: np.ndarray
    windows: np.ndarray
    low: np.ndarray
    high: np.ndarray


def groups(tasks: int, seed: int = 0, size: int = 8) -> Groups:
    rng = np.random.default_rng(seed)
    expected = np.sort(10 ** rng.uniform(-5, 0, (tasks, size)), 1)
    observed = rng.random((tasks, size)) * expected
    observed[:, 0] = 0
    windows = rng.integers(1, 1000, (tasks, size)).astype(float)
    expected[0, 1] = observed[0, 1] = np.nan
    return Groups(expected, observed, windows, observed / 2, np.minimum(1, observed * 2))


def table(tasks: int, assays: tuple[str, ...] = ASSAYS, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    kinds = [assays[i % len(assays)] for i in range(tasks)]
    return pd.DataFrame(
        {
            "task": [f"task{i:04d}" for i in range(tasks)],
            "assay": kinds,
            "target": [f"T{i % 12}" if kind != "DNase-seq" else "" for i, kind in enumerate(kinds)],
            "biosample": [f"cell{i}" for i in range(tasks)],
            "auroc": rng.uniform(0.5, 1, tasks),
            "average_precision": rng.uniform(0.05, 0.5, tasks),
        }
    )


def likeness(tasks: int, seed: int = 0) -> np.ndarray:
    return np.atleast_2d(np.corrcoef(np.random.default_rng(seed).normal(size=(tasks, 6))))


def everything(tasks: pd.DataFrame, width: float) -> dict[str, Figure]:
    count = len(tasks)
    rng = np.random.default_rng(1)
    by_assay = choose.by_assay(tasks)
    colours = theme.assay_colours(by_assay)
    names, assays = choose.short_names(tasks), tasks["assay"].tolist()
    own = [colours[assay] for assay in assays]
    errors = 10 ** rng.uniform(-4, -1, (2, count))
    errors[0, 0] = np.nan if tasks["auroc"].isna().all() else errors[0, 0]
    lift = tasks["average_precision"].to_numpy() / 0.02
    picks = list(range(min(count, 3)))
    one, two = likeness(count), likeness(count, 1)
    positives = rng.integers(0, 10_000, count)
    return {
        "reliability": reliability_figure(
            groups(count), groups(count, 1), names, own, picks, width
        ),
        "error": error_figure(errors[0], errors[1], by_assay, colours, width),
        "similarity": similarity_figure(
            one, two, rng.permutation(count), names, assays, colours, width
        ),
        "long tail": long_tail.long_tail_figure(
            positives, tasks["auroc"].to_numpy(), lift, assays, colours, width
        ),
    }


UNSCORED = table(9).assign(auroc=np.nan, average_precision=np.nan)
CASES = {
    "one task": table(1),
    "one assay": table(12, ("TF ChIP-seq",)),
    "no score": UNSCORED,
    "odd names": table(6, ("a & <b>", "$x$ per $y$", "")),
    "many": table(300, tuple(f"assay {i}" for i in range(11))),
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", CASES)
def test_svg_is_sound(case: str, width: float) -> None:
    for name, figure in everything(CASES[case], width).items():
        text = inline(figure, name.replace(" ", ""), name)
        parsed = Page(text)
        assert not re.search(r"\bnan\b|\binf\b", text, re.IGNORECASE), name
        assert "http" not in text
        links = [v for _, attribute, v in parsed.attributes if attribute == "href"]
        assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)
        assert not re.search(r"#[0-9a-f]{6}[;\"]", text), name


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("tasks", [1, 12, 40, 81])
def test_labels_never_overlap_and_stay_inside(width: float, tasks: int) -> None:
    data = table(tasks)
    data.loc[0, "biosample"] = "a biosample with a very long name indeed, and then some"
    for name, figure in everything(data, width).items():
        figure.draw_without_rendering()
        boxes = []
        for ax in figure.axes:
            ticks = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.xaxis.label]
            texts = [*ax.texts, *(ticks if ax.axison else [])]
            boxes += [(t.get_text(), t.get_window_extent()) for t in texts if t.get_text()]
        for i, (one, box) in enumerate(boxes):
            inner = box.padded(-1.6)
            clashes = [other for other, place in boxes[:i] if inner.overlaps(place.padded(-1.6))]
            assert not clashes, (name, one, clashes)
            assert box.x0 > -1, (name, one)
            assert box.x1 < width + 1, (name, one)


def test_no_panel_is_empty() -> None:
    drawn = everything(UNSCORED, 960)
    said = [text.get_text() for ax in drawn["long tail"].axes for text in ax.texts]
    assert said.count("not defined for any task") == 2
    nothing = np.full(2, np.nan)
    figure = error_figure(nothing, nothing, {"a": [0, 1]}, {"a": "assay0"}, 358)
    assert "not defined for any task" in [text.get_text() for text in figure.axes[0].texts]
    assert "nan" not in inline(figure, "a", "b")


def test_pooled_groups_are_weighted_by_windows() -> None:
    some = groups(20)
    edges = np.geomspace(1e-4, 1, 5)
    expected, observed = pool(some, edges)
    for i in range(4):
        low, high = (0 if i == 0 else edges[i]), (2 if i == 3 else edges[i + 1])
        inside = (some.expected >= low) & (some.expected < high)
        weights = some.windows[inside]
        assert expected[i] == pytest.approx(np.average(some.expected[inside], weights=weights))
        assert observed[i] == pytest.approx(np.average(some.observed[inside], weights=weights))


def test_pool_without_windows_is_nan() -> None:
    some = groups(3)
    empty = replace(some, windows=np.zeros_like(some.windows))
    assert all(np.isnan(values).all() for values in pool(empty, np.array([0.0, 0.5, 1.0])))


@pytest.mark.parametrize("width", WIDTHS)
def test_panels_show_pool_and_picks(width: float) -> None:
    before, after = groups(9, 2), groups(9, 3)
    colours = ["assay1"] * 9
    names = [f"name {i}" for i in range(9)]
    figure = reliability_figure(before, after, names, colours, [4, 2], width)
    titles = [ax.texts[0].get_text() for ax in figure.axes]
    assert titles == ["all 9 tasks", "name 4", "name 2"]
    marks = [line for line in figure.axes[1].get_lines() if line.get_marker() == "o"]
    for line, source in zip(marks, (before, after), strict=True):
        x, y = np.asarray(line.get_xydata()).T
        least = draw_reliability.LEAST
        np.testing.assert_allclose(x, np.maximum(source.expected[4], least))
        assert sorted(y) == pytest.approx(sorted(np.maximum(source.observed[4], least)))
    assert marks[0].get_markerfacecolor() == theme.LIGHT["paper"]
    assert marks[1].get_markerfacecolor() == theme.LIGHT["assay1"]


def test_triangles_correlate_as_numpy_says() -> None:
    one, two = likeness(15), likeness(15, 1)
    above = np.triu_indices(15, 1)
    exact = np.corrcoef(one[above], two[above])[0, 1]
    assert triangle_correlation(one, two) == pytest.approx(exact)
    np.fill_diagonal(two, 7)
    two[0, 1] = np.nan
    exact = np.corrcoef(one[above][1:], two[above][1:])[0, 1]
    assert triangle_correlation(one, two) == pytest.approx(exact)
    assert triangle_correlation(one, one) == pytest.approx(1)
    assert np.isnan(triangle_correlation(one, np.ones((15, 15))))
    assert np.isnan(triangle_correlation(one[:1, :1], two[:1, :1]))


def test_heat_maps_show_the_tasks_in_order() -> None:
    values = np.clip(likeness(10), 0, 1)
    order = np.random.default_rng(0).permutation(10)
    names = [f"n{i}" for i in range(10)]
    figure = similarity_figure(
        values, values.T / 2, order, names, ["DNase-seq"] * 10, {"DNase-seq": "assay2"}, 960
    )
    maps = [ax for ax in figure.axes if ax.images and ax.images[0].get_array().shape == (10, 10)]
    for ax, source in zip(maps, (values, values.T / 2), strict=True):
        shown = np.asarray(ax.images[0].get_array())
        np.testing.assert_allclose(shown, source[np.ix_(order, order)], atol=0.5 / 63 + 1e-9)
    labels = [text.get_text() for text in maps[0].texts if text.get_text() in names]
    assert labels == [names[i] for i in order]


def test_many_tasks_are_thinned_in_order() -> None:
    order = np.random.default_rng(0).permutation(1000)
    shown = shown_tasks(order)
    assert len(shown) == MOST
    place = np.argsort(order)[shown]
    assert (place[0], place[-1]) == (0, 999)
    assert set(np.diff(place)) <= {8, 9}
    assert shown_tasks(order[:MOST]).tolist() == order[:MOST].tolist()


def test_long_tail_table_by_hand() -> None:
    positives = np.array([5, 1000, 10, 400, 0, 300, 7])
    auroc = np.array([0.6, 0.9, np.nan, 0.8, 0.5, 0.7, 0.65])
    precision = auroc / 2
    lift = np.array([20, 1, np.nan, 3, 200, 4, 6.0])
    found = long_tail.long_tail_table(positives, auroc, precision, lift)
    assert [(row.heading, *row.cells) for row in found.rows] == [
        ("Head", "3", "300 – 1,000", "0.800", "0.400", "3.0×"),
        ("Medium", "2", "7 – 10", "0.650", "0.325", "6.0×"),
        ("Tail", "2", "0 – 5", "0.550", "0.275", "110×"),
    ]
    assert all(len(row.cells) == len(found.columns) for row in found.rows)
    assert sum(span for _, span in found.groups) == len(found.columns)


def test_thirds_hold_every_task_once() -> None:
    positives = np.random.default_rng(0).integers(0, 9, 100)
    parts = long_tail.thirds(positives)
    assert sorted(np.concatenate(parts)) == list(range(100))
    assert [len(part) for part in parts] == [34, 33, 33]
    assert positives[parts[0]].min() >= positives[parts[1]].max()
    one = long_tail.long_tail_table(np.array([3]), *(np.array([np.nan]),) * 3)
    assert [(row.heading, row.cells) for row in one.rows] == [("Head", ["1", "3", "—", "—", "—"])]


def test_long_tail_draws_every_scored_task() -> None:
    tasks = table(30)
    tasks.loc[3, "auroc"] = np.nan
    positives = np.arange(30) * 10
    figure = long_tail.long_tail_figure(
        positives,
        tasks["auroc"].to_numpy(),
        np.full(30, 2.0),
        tasks["assay"].tolist(),
        theme.assay_colours(ASSAYS),
        960,
    )
    counts = [
        sum(len(patch.get_path()) // 2 for patch in ax.artists + ax.patches if not patch.get_fill())
        for ax in figure.axes[:2]
    ]
    assert counts == [29, 30]


def test_thirds_too_narrow_for_their_name_have_none() -> None:
    positives = np.array([1, 990, 1000, 1010, 1020, 100_000])
    scores = np.linspace(0.6, 0.9, 6)
    figure = long_tail.long_tail_figure(positives, scores, scores, ["a"] * 6, {"a": "assay0"}, 358)
    said = [text.get_text() for text in figure.axes[0].texts]
    assert "tail" in said
    assert "medium" not in said


def test_every_dot_of_many_is_in_the_svg() -> None:
    drawn = everything(table(300), 358)
    assert inline(drawn["long tail"], "a", "b").count("h0") == 600
    assert inline(drawn["error"], "a", "b").count("h0") == 900


def test_errors_join_before_and_after_of_every_known_task() -> None:
    before = np.array([0.1, 0.02, np.nan, 0.3])
    after = np.array([0.01, 0.03, 0.1, 0.02])
    rows = {"DNase-seq": [0, 1], "ATAC-seq": [2, 3]}
    figure = error_figure(before, after, rows, theme.assay_colours(rows), 358)
    drawn = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    levels = sorted(np.concatenate([patch.get_path().vertices[:, 1] for patch in drawn[::4]]))
    assert levels == pytest.approx(sorted([0.1, 0.01, 0.02, 0.03, 0.3, 0.02]))


def test_key_gathers_assays_without_a_colour_of_their_own() -> None:
    key = assay_key([f"assay {i}" for i in range(11)])
    assert len(key) == 7
    assert key[-1] == (theme.OTHER, "5 other assays")
    assert assay_key([""]) == [("assay4", "no assay named")]


def test_saved_figures_are_white_and_leave_the_figure_as_it_was(tmp_path: Path) -> None:
    figure = everything(table(12), 358)["long tail"]
    before = inline(figure, "a", "b")
    settings = dict(mpl.rcParams)
    svg, png = save_figure(figure, tmp_path / "new", "tail")
    first = svg.read_bytes()
    assert inline(figure, "a", "b") == before
    assert dict(mpl.rcParams) == settings
    assert save_figure(figure, tmp_path / "new", "tail") == (svg, png)
    assert svg.read_bytes() == first
    assert b"var(--" not in first
    assert b"positive bins in training" in first
    pixels = mpl.image.imread(png)
    assert pixels.shape[1] == 2 * 358
    assert (pixels[0, 0] == 1).all()
    assert len(list((tmp_path / "new").iterdir())) == 2


def test_partial_templates_render() -> None:
    tasks = table(130)
    rng = np.random.default_rng(0)
    errors = np.full(130, 0.02), np.full(130, 0.004)
    context = {
        "calibration": post_sections.calibrated(
            tasks, groups(130), groups(130, 1), *errors, Gallery()
        ),
        "similarity": post_sections.similarity(
            tasks, likeness(130), likeness(130), rng.permutation(130), Gallery()
        ),
        "long_tail": post_sections.long_tail(
            tasks, rng.integers(0, 99, 130), rng.uniform(1, 9, 130), Gallery()
        ),
    }
    text = render(context)
    parsed = Page(text)
    assert len(parsed.ids) == len(set(parsed.ids))
    words = " ".join(parsed.words)
    assert "2.00% before and 0.40% after" in words
    assert "a correlation of 1.00" in words
    assert "120 of the 130 tasks" in words
    assert [row[0] for row in parsed.tables[0][2:]] == ["Head", "Medium", "Tail"]


def render(context: dict[str, object]) -> str:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(write_report._shipped),
    )
    macros = write_report._shipped("report.html.j2").split("<!DOCTYPE")[0]
    parts = "".join(f'{{% include "report_{name}.html.j2" %}}' for name in context)
    return environment.from_string(macros + parts).render(**context)
