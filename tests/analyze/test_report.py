"""The report: complete, self-contained, true to the data, and unharmed by odd input."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from nucleotides.analyze.report import (
    choose,
    curves,
    figures,
    numbers,
    scores,
    svg,
    theme,
    tracks,
    write_report,
)
from nucleotides.analyze.report.evaluation import Evaluation, RunFacts
from nucleotides.errors import MismatchError

VOID = {"meta", "link", "br", "input", "img", "hr"}
LOADING = ("src", "srcset", "href", "xlink:href", "data")
KINDS = [
    ("TF ChIP-seq", "CTCF"),
    ("TF ChIP-seq", "MYC"),
    ("Histone ChIP-seq", "H3K27ac"),
    ("DNase-seq", ""),
]


class Page(HTMLParser):
    """Tags must nest; keeps attributes, ids, and the cells of every table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tables: list[list[list[str]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data


def evaluation(bins: int = 400, n_tasks: int = 12, seed: int = 0, **changed: Any) -> Evaluation:
    rng = np.random.default_rng(seed)
    labels = (rng.random((bins, n_tasks)) < 0.1).astype(np.uint8)
    labels[: bins // 2, changed.pop("empty", [])] = 0
    labels[bins // 2 :, changed.pop("without", [])] = 0
    logits = (2 * labels + rng.normal(-2, 1, labels.shape)).astype(np.float32)
    fields = {
        "tasks": score(labels, logits, changed.pop("names", None)),
        "contig": np.array(["chr20"] * bins, dtype=object),
        "centres": np.arange(bins, dtype=np.int64) * 200 + 3_000_100,
        "logits": logits,
        "labels": labels,
        "bin": 200,
    }
    return Evaluation(**{**fields, **changed})


def score(labels: np.ndarray, logits: np.ndarray, names: list[str] | None = None) -> pd.DataFrame:
    rows = []
    for i in range(labels.shape[1]):
        assay, target = KINDS[i % len(KINDS)]
        truth = labels[:, i]
        known = 0 < truth.sum() < len(truth)
        rows.append(
            {
                "task": names[i] if names else f"task{i:04d}",
                "assay": assay,
                "target": target,
                "biosample": f"cell{i}",
                "auroc": roc_auc_score(truth, logits[:, i]) if known else np.nan,
                "average_precision": average_precision_score(truth, logits[:, i])
                if known
                else np.nan,
                "prevalence": truth.mean(),
                "positives": truth.sum(),
            }
        )
    return pd.DataFrame(rows)


def facts(data: Evaluation, **changed: Any) -> RunFacts:
    epochs = np.arange(1, 6)
    history = pd.DataFrame(
        {
            "epoch": epochs,
            "train_loss": 1 / epochs,
            "val_loss": 1.1 / epochs,
            "val_auroc": [np.nan, 0.6, 0.7, 0.8, 0.75],
            "val_lift": 2.0 * epochs,
        }
    )
    fields = {
        "title": "A small network",
        "summary": summary(data),
        "provenance": {"Genome": "toy", "Seed": "1"},
        "history": history,
        "best_epoch": 4,
        "next_steps": [("nucleotides predict a < b", "Scores a region.")],
        "baselines": None,
    }
    return RunFacts(**{**fields, **changed})


def summary(data: Evaluation) -> dict[str, Any]:
    table = data.tasks.assign(lift=data.lift)

    def spread(rows: pd.DataFrame) -> dict[str, Any]:
        made: dict[str, Any] = {"n_tasks": len(rows), "n_scored": int(rows["auroc"].count())}
        for name in ("auroc", "average_precision", "lift"):
            quartiles = rows[name].quantile([0.25, 0.5, 0.75]).tolist()
            made[name] = dict(zip(("q1", "median", "q3"), quartiles, strict=True))
            made[name]["worst"] = float(rows[name].min())
        return made

    return {
        "all": spread(table),
        "by_assay": {name: spread(rows) for name, rows in table.groupby("assay")},
        "by_target": {name: spread(rows) for name, rows in table.groupby("target")},
        "training": {"seconds": 252.3, "samples": 24_000, "samples_per_second": 95.1},
    }


def page(data: Evaluation, **changed: Any) -> Page:
    return Page(write_report.render(data, facts(data, **changed)))


def assert_self_contained(text: str) -> None:
    """Nothing is loaded but pictures that the page holds itself; every reference has its id."""
    assert not re.search("https?:", text)
    parsed = Page(text)
    loads = [value for _, name, value in parsed.attributes if name in LOADING]
    assert all(value.startswith(("#", "data:,", "data:image/png;base64,")) for value in loads)
    assert len(parsed.ids) == len(set(parsed.ids))
    referred = {v[1:] for _, n, v in parsed.attributes if n == "href" and v.startswith("#")}
    referred |= {v[5:-1] for _, n, v in parsed.attributes if n == "clip-path"}
    assert referred <= set(parsed.ids)


def test_page_is_self_contained() -> None:
    data = evaluation()
    assert_self_contained(write_report.render(data, facts(data)))


def test_figures_follow_the_theme() -> None:
    data = evaluation()
    text = write_report.render(data, facts(data))
    drawn = re.findall(r"<svg class=.*?</svg>", text, flags=re.DOTALL)
    assert len(drawn) > 10
    assert not re.search(r"#[0-9a-f]{6}[;\"]", "".join(drawn))
    assert "font-family" not in "".join(drawn)
    assert len(set(theme.LIGHT.values())) == len(theme.LIGHT)
    assert set(theme.LIGHT) == set(theme.DARK)


def test_every_task_is_in_the_table_with_its_scores() -> None:
    data = evaluation()
    head, *rows = page(data).tables[1]
    assert head[:4] == ["Task", "Assay", "Target", "Biosample"]
    found = {row[0]: row for row in rows}
    for i, task in data.tasks.iterrows():
        row = found[task["task"]]
        assert row[4] == numbers.whole(task["positives"])
        assert row[6] == f"{task['auroc']:.3f}"
        assert row[7] == f"{task['average_precision']:.3f}"
        assert row[8] == numbers.times(data.lift[i])


def test_baselines_stand_beside_the_network() -> None:
    data = evaluation()
    rival = {"task0000": {"auroc": 0.625, "average_precision": 0.25}}
    parsed = page(data, baselines={"JASPAR scan": rival})
    groups, _, *rows = parsed.tables[1]
    assert "JASPAR scan" in groups
    found = {row[0]: row for row in rows}
    assert found["task0000"][-2:] == ["0.625", "0.250"]
    assert found["task0001"][-2:] == [numbers.DASH, numbers.DASH]
    ours = data.tasks.iloc[0]
    better = int(ours["average_precision"] < 0.25)
    told = f"JASPAR scan 0.62 against {ours['auroc']:.2f} (higher average precision in {better} of"
    assert any(told in words for words in parsed.words)


def test_task_names_are_text() -> None:
    names = ["<script>alert(1)</script>", 'a"onload="x', "cost $5 & $6", "日本", *"bcdefghi"]
    data = evaluation(n_tasks=12, names=names, seed=1)
    data.tasks["biosample"] = ""
    text = write_report.render(data, facts(data, title="<b>&", provenance={"<i>": "</dl>"}))
    assert text.count("<script>") == 1
    found = {row[0] for row in Page(text).tables[1]}
    assert set(names) <= found


def test_curve_points_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 500)
    ranks = np.round(labels + rng.normal(0, 1, 500), 1)
    counts = [np.bincount(np.unique(-ranks, return_inverse=True)[1], labels == k) for k in (1, 0)]
    recall, precision = curves.precision_recall(*counts)
    p, r, _ = precision_recall_curve(labels, ranks)
    np.testing.assert_allclose(np.c_[recall, precision], np.c_[r, p][::-1])
    false, true = curves.roc(*counts)
    f, t, _ = roc_curve(labels, ranks, drop_intermediate=False)
    np.testing.assert_allclose(np.c_[false, true], np.c_[f, t])


def lines(figure: Figure) -> list[np.ndarray]:
    return [np.asarray(line.get_xydata()) for line in figure.axes[0].get_lines()]


def test_drawn_precision_recall_is_the_average_precision() -> None:
    data = evaluation(bins=2000, n_tasks=3)
    picks = [choose.Pick(i, "") for i in range(3)]
    drawn = lines(figures.precision_recall_curves(data, picks, "assay0"))
    for i in range(3):
        prevalence, staircase = drawn[2 * i], drawn[2 * i + 1]
        assert prevalence[0, 1] == pytest.approx(data.labels[:, i].mean())
        p, r, _ = precision_recall_curve(data.labels[:, i], data.logits[:, i])
        exact = {(round(x, 9), round(y, 9)) for x, y in zip(r, p, strict=True)}
        assert {(round(x, 9), round(y, 9)) for x, y in staircase[1:]} <= exact
        area = np.sum(np.diff(staircase[:, 0]) * staircase[1:, 1])
        assert area == pytest.approx(data.tasks["average_precision"][i], abs=1e-6)


def test_thinned_curves_keep_ends_and_shape() -> None:
    x = np.linspace(0, 1, 10_000)
    few_x, few_y = curves.thin(x, x**2)
    assert len(few_x) <= 400
    assert (few_x[0], few_x[-1]) == (0, 1)
    assert np.abs(np.interp(x, few_x, few_y) - x**2).max() < 1e-4


def test_choice_of_tasks() -> None:
    data = evaluation(n_tasks=12)
    order = choose.ranked(data.tasks)
    roles = {pick.role: pick.task for pick in choose.best_median_worst(order)}
    assert roles == {"best": order[0], "median": order[5], "worst": order[-1]}
    shown = choose.for_tracks(data.tasks)
    assert 6 <= len(shown) <= 10
    assert {"CTCF", "H3K27ac", "DNase-seq"} <= {choose.subjects(data.tasks)[p.task] for p in shown}
    assert [p.role for p in choose.best_median_worst(order[:2])] == ["best", "worst"]


def test_columns_show_the_highest_bin() -> None:
    centres = np.array([100, 300, 500, 1900])
    highest = tracks.column_maxima(centres, np.array([0.1, 0.9, 0.3, 0.5]), 0, 2000, 5)
    np.testing.assert_array_equal(highest, [0.9, 0.3, np.nan, np.nan, 0.5])


def test_densest_window_holds_most_peaks() -> None:
    labels = np.zeros((2000, 1), np.uint8)
    labels[[5, 900, 910, 920, 1500]] = 1
    data = evaluation(bins=2000, n_tasks=1, labels=labels)
    whole = data.stretches[0]
    zoom = tracks.densest(data, whole, [choose.Pick(0, "")])
    assert zoom is not None
    assert zoom.end - zoom.start == tracks.ZOOM
    assert zoom.start <= data.centres[900] < data.centres[920] < zoom.end


def test_stretches_split_at_contigs_and_wide_gaps() -> None:
    centres = np.array([500, 100, 300, 5_000_100, 100])
    contig = np.array(["a", "a", "a", "a", "b"])
    data = evaluation(bins=5, n_tasks=1, contig=contig, centres=centres)
    found = [(str(s), s.rows.tolist()) for s in data.stretches]
    assert found == [("a:0-600", [1, 2, 0]), ("a:5,000,000-5,000,200", [3]), ("b:0-200", [4])]


@pytest.mark.parametrize(
    ("start", "end", "most", "expected"),
    [
        (3_000_000, 4_000_000, 5, ["3.0", "3.2", "3.4", "3.6", "3.8", "4.0"]),
        (0, 145_000_000, 4, ["0", "50", "100"]),
        (3_000_000, 3_002_000, 4, ["3.0000", "3.0005", "3.0010", "3.0015", "3.0020"]),
        (1_234_000_000, 1_236_000_000, 2, ["1,234", "1,235", "1,236"]),
    ],
)
def test_position_ticks(start: int, end: int, most: int, expected: list[str]) -> None:
    at, names = tracks.position_ticks(start, end, most)
    assert names == expected
    assert all(start <= position <= end for position in at)


@pytest.mark.parametrize("width", [358.0, 960.0])
@pytest.mark.parametrize("tasks", [1, 12, 80, 81])
def test_labels_never_overlap(width: float, tasks: int) -> None:
    data = evaluation(bins=1000, n_tasks=tasks)
    data.tasks.loc[0, "biosample"] = "a biosample with a very long name indeed, and then some"
    picks = choose.for_tracks(data.tasks)
    whole = data.stretches[0]
    for figure in (
        scores.score_figure(data, None, width),
        tracks.track_figure(data, whole, picks, width),
    ):
        figure.draw_without_rendering()
        boxes: list[tuple[str, Any]] = []
        for ax in figure.axes:
            texts = [*ax.texts, *ax.get_xticklabels(), ax.xaxis.label]
            texts += ax.get_yticklabels() if ax.yaxis.get_visible() else []
            boxes += [
                (t.get_text(), t.get_window_extent().padded(-1)) for t in texts if t.get_text()
            ]
        for i, (one, box) in enumerate(boxes):
            clashes = [other for other, place in boxes[:i] if box.overlaps(place)]
            assert not clashes, (one, clashes)


DEGENERATE = {
    "one task": (evaluation(n_tasks=1), {}),
    "a task without positives": (evaluation(empty=[2], without=[2]), {}),
    "one task without positives": (evaluation(n_tasks=1, empty=[0], without=[0]), {}),
    "ten bins": (evaluation(bins=10, seed=3), {}),
    "no history": (evaluation(), {"history": pd.DataFrame(), "best_epoch": None}),
    "history of one epoch": (
        evaluation(),
        {"history": pd.DataFrame({"epoch": [0], "val_loss": [0.3]}), "best_epoch": 0},
    ),
    "several contigs": (
        evaluation(contig=np.repeat(np.array(["chr1", "chr2", "chr3", "chr4"], object), 100)),
        {},
    ),
    "no next steps, no summary": (evaluation(), {"next_steps": [], "summary": {}}),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_input(case: str) -> None:
    data, changed = DEGENERATE[case]
    parsed = page(data, **changed)
    assert len(parsed.tables[1]) == len(data.tasks) + 1
    assert not [words for words in parsed.words if re.search(r"\bnan\b|\bNone\b", words)]


def test_task_without_positives_is_a_dash_and_in_no_curve() -> None:
    data = evaluation(empty=[2], without=[2])
    parsed = page(data)
    row = next(row for row in parsed.tables[1] if row[0] == "task0002")
    assert row[6:9] == [numbers.DASH] * 3
    assert any("not defined for 1 task " in words for words in parsed.words)
    chosen = [pick.task for picks in choose.for_curves(data.tasks).values() for pick in picks]
    assert 2 not in chosen


def test_missing_words_are_empty() -> None:
    data = evaluation()
    data.tasks[["target", "biosample"]] = np.nan
    assert "nan" not in {cell for row in page(data).tables[1] for cell in row}


def test_thousands_of_tasks_fit(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    data = evaluation(bins=50, n_tasks=4)
    table = pd.concat([data.tasks] * 1000, ignore_index=True)
    table["task"] = [f"ENCSR{i:06d}.a_rather_long_biosample_name.H3K27ac" for i in range(4000)]
    table["auroc"] = rng.uniform(0.4, 1, 4000)
    data = evaluation(
        bins=50, tasks=table, logits=np.tile(data.logits, 1000), labels=np.tile(data.labels, 1000)
    )
    path = write_report.write_report(tmp_path / "report.html", data, facts(data))
    assert path.stat().st_size < 5e6
    assert len(Page(path.read_text()).tables[1]) == 4001


def test_write_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = evaluation()
    path = tmp_path / "new" / "report.html"
    assert write_report.write_report(path, data, facts(data)) == path
    before = path.read_text()

    def refuse(*_: Any) -> None:
        raise OSError(5, "broken disk")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="broken disk"):
        write_report.write_report(path, data, facts(data, title="another"))
    assert path.read_text() == before
    assert list(path.parent.iterdir()) == [path]


def test_same_input_same_bytes() -> None:
    data = evaluation()
    assert write_report.render(data, facts(data)) == write_report.render(data, facts(data))


def test_figures_leave_matplotlib_as_it_was() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    svg.inline(scores.score_figure(evaluation(), None, 960), "a", "b")
    assert dict(mpl.rcParams) == before


def test_arrays_that_disagree_are_refused() -> None:
    data = evaluation()
    with pytest.raises(MismatchError, match=r"labels has shape \(400, 3\)"):
        evaluation(labels=data.labels[:, :3])
    with pytest.raises(MismatchError, match="lacks the columns prevalence"):
        evaluation(tasks=data.tasks.drop(columns="prevalence"))


def test_importing_the_package_is_cheap() -> None:
    heavy = "{'matplotlib', 'jinja2', 'pandas'}"
    code = f"import sys, nucleotides.analyze; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
