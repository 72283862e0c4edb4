"""Post-processing from end to end: all that is promised, true, and what is left out is told."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

import nucleotides
from nucleotides.analyze import post_process as whole
from nucleotides.analyze.examine import Findings, Wanted, examine
from nucleotides.analyze.genome_background import background_positions
from nucleotides.analyze.post_process import PostProcessed, post_process
from nucleotides.analyze.report.assemble_evaluation import assemble_evaluation
from nucleotides.analyze.report.state_facts import Told
from nucleotides.bundle import read_bundle
from nucleotides.errors import OutOfSpaceError
from nucleotides.genome import decode
from nucleotides.train.evaluate import evaluate
from nucleotides.train.reopen import Reopened, reopen
from nucleotides.train.retest import retest
from tests import toy
from tests.analyze.conftest import ODD_TASKS, odd_stores
from tests.analyze.test_report import Page, assert_self_contained

OddRun = Callable[[int], Path]
QUICK = Wanted(background=64, map_bins=2000)
BY_TASK = (
    "tables/tasks.tsv",
    "tables/long_tail.tsv",
    "tables/calibration.tsv",
    "tables/mean_predictions_gc_matched.tsv",
    "tables/comparison.tsv",
    "tables/genome_prevalence.tsv",
    "mean_predictions.tsv",
    "distinct_features_umap.tsv",
)


@pytest.fixture(scope="module")
def opened(demo_run: Path) -> Reopened:
    return reopen(demo_run)


@pytest.fixture(scope="module")
def done(opened: Reopened, tmp_path_factory: pytest.TempPathFactory) -> PostProcessed:
    """With every part, the run compared with itself."""
    out = tmp_path_factory.mktemp("out") / "of"
    return post_process(opened, out, replace(QUICK, compare=opened.folder))


def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", keep_default_na=False, na_values=["NaN"])


def test_nothing_is_left_out(done: PostProcessed) -> None:
    assert done.absent == {}
    assert {path.name for path in done.folder.iterdir()} == {
        *("report.html", "model_card.md", "metrics.json", "model", "figures", "tables"),
        *("mean_predictions.tsv", "distinct_features_umap.tsv"),
    }
    assert not [name for name in toy.listing(done.folder) if ".part" in name]


def test_tables_have_the_tasks(done: PostProcessed) -> None:
    tasks = done.table["task"].tolist()
    for name in BY_TASK:
        assert table(done.folder / name)["task"].tolist() == tasks, name
    others = {path.name for path in (done.folder / "tables").iterdir()}
    others -= {Path(name).name for name in BY_TASK}
    assert others == {"by_assay.tsv", "history.tsv", "baselines.tsv", "leakage.tsv"}
    assert table(done.folder / "tables/by_assay.tsv")["n_tasks"].iloc[-1] == 40
    assert set(table(done.folder / "tables/baselines.tsv")["task"]) <= set(tasks)


def test_every_figure_is_a_file_of_both_kinds(done: PostProcessed) -> None:
    files = list((done.folder / "figures").iterdir())
    names = {path.stem for path in files}
    assert {path.name for path in files} == {
        f"{n}.{kind}" for n in names for kind in ("png", "svg")
    }
    for part in (
        *("scores", "roc", "precision-recall", "learning", "tracks", "reliability"),
        *("calibration_errors", "similarity", "long_tail", "comparison", "task_map"),
    ):
        assert any(name.startswith(part) for name in names), part
    for path in files:
        begin = path.read_bytes()[:8]
        assert begin == b"\x89PNG\r\n\x1a\n" if path.suffix == ".png" else begin[:1] == b"<", path


def test_the_report_has_every_section_and_needs_nothing_else(done: PostProcessed) -> None:
    text = done.report.read_text(encoding="utf-8")
    assert_self_contained(text)
    parsed = Page(text)
    sections = {"data", "learning", "scores", "rare", "curves", "calibration", "map"}
    assert sections | {"similarity", "comparison", "tracks"} <= set(parsed.ids)
    assert not [words for words in parsed.words if re.search(r"\bnan\b|\bNone\b", words)]


def test_scores_are_those_of_nucleotides_test(
    done: PostProcessed, demo_run: Path, tmp_path: Path
) -> None:
    _, _, path = retest(demo_run, "test", changed={}, out=tmp_path, device="cpu")
    again, found = (json.loads(x.read_text()) for x in (path, done.metrics))
    assert found["tasks"] == again["tasks"]
    assert found["summary"] == again["summary"]
    assert found["config"]["samples_per_second"] > 0
    assert read_bundle(done.model).metrics == found


def test_scores_are_those_of_scikit_learn(done: PostProcessed, opened: Reopened) -> None:
    model, tasks = opened.checkpoint.model, opened.checkpoint.tasks
    scored = evaluate(model, tasks, opened.data, keep=np.arange(512))
    known = 0
    for i, row in done.table.iterrows():
        y, z = scored.labels[:, i], scored.logits[:, i]
        assert row["positives"] == y.sum()
        if y.any():
            known += 1
            assert row["auroc"] == pytest.approx(roc_auc_score(y, z), abs=1e-6)
            exact = average_precision_score(y, z)
            assert row["average_precision"] == pytest.approx(exact, abs=1e-6)
    assert known > 20


def test_the_bundle_knows_the_genome(done: PostProcessed, opened: Reopened) -> None:
    """By windows of the background itself: quantiles by numpy, tails by counting."""
    model = nucleotides.load(done.model)
    at = background_positions(opened.data.plan, 64)
    codes = opened.data.genome.windows(at.contigs, at.centres - 500, 1000)
    logits = model.logits(codes).astype(float)
    p = 1 / (1 + np.exp(-logits))
    kept = table(done.folder / "mean_predictions.tsv")
    np.testing.assert_allclose(kept["mean_prediction"], p.mean(0), rtol=1e-4)
    np.testing.assert_allclose(kept["std_prediction"], p.std(0), rtol=1e-3)
    np.testing.assert_allclose(kept["median"], np.median(p, 0), rtol=1e-4)
    tails = model.genome_tail([decode(window) for window in codes])
    assert list(tails.columns) == opened.checkpoint.tasks
    counted = (logits[None] >= logits[:, None]).mean(1)
    np.testing.assert_allclose(tails, counted, atol=1 / 64 + 0.01)
    long = model.genome_tail(decode(codes[0]) + decode(codes[1]))
    assert (long.to_numpy() <= tails.iloc[:2].min().to_numpy() + 1e-9).all()


def test_the_bundle_predicts_as_calibrated(done: PostProcessed, demo_run: Path) -> None:
    text = toy.sequence(1000)
    found, expected = (nucleotides.load(x) for x in (done.model, demo_run))
    a, b = (model.predict(text, recalibrated=True) for model in (found, expected))
    np.testing.assert_allclose(a, b, rtol=1e-5)
    assert found.tasks[["umap1", "mean_prediction", "auroc"]].dtypes.eq(float).all()


def test_compared_with_itself_nothing_changed(done: PostProcessed) -> None:
    found = table(done.folder / "tables/comparison.tsv")
    assert set(found["verdict"]) <= {"undecided", "unscored"}
    known = found[found["verdict"] == "undecided"]
    assert (known["auroc_difference"] == 0).all()
    assert (known["auroc_p"].dropna() == 1).all()


@pytest.mark.parametrize("source", ["predictions", "weights"])
def test_other_maps(opened: Reopened, source: Any) -> None:
    from nucleotides.analyze.examine import _map

    found = _map(opened, replace(QUICK, map_from=source))
    assert found["task"].tolist() == opened.checkpoint.tasks
    assert found[["umap1", "umap2"]].notna().all(axis=None)


# Odd runs: four tasks, of which one has no positive where it is tested.


def test_few_odd_tasks(odd_run: OddRun, tmp_path: Path) -> None:
    told = Told(licence="CC0", limits=["Toys only."], next_steps=[("sleep", "Rest.")])
    done = post_process(reopen(odd_run(200)), tmp_path / "out", QUICK, told)
    assert list(done.absent) == ["map of the tasks"]
    assert "5 or more" in done.absent["map of the tasks"]
    assert not (done.folder / "distinct_features_umap.tsv").exists()
    silent = done.table.set_index("task").loc["silent"]
    assert silent["positives"] == 0
    assert np.isnan([silent["auroc"], silent["average_precision"]]).all()
    parsed = Page(done.report.read_text(encoding="utf-8"))
    assert set(ODD_TASKS) <= {row[0] for rows in parsed.tables for row in rows}
    assert "map" not in parsed.ids
    assert not [words for words in parsed.words if re.search(r"\bnan\b|\bNone\b", words)]
    card = done.card.read_text(encoding="utf-8")
    assert "CC0" in card
    assert "Toys only." in card
    assert "accessions (4): ENCFF000, ENCFF001" in card
    assert "map of the tasks: " in card
    assert nucleotides.load(done.model).tasks["task"].tolist() == ODD_TASKS


def test_bins_to_draw_are_those_kept_and_all_are_judged(odd_run: OddRun) -> None:
    run = reopen(odd_run(200))
    keep = np.arange(3, 150, 2)
    scored = evaluate(run.checkpoint.model, ODD_TASKS, run.data, keep=keep)
    found = assemble_evaluation(run, scored)
    assert set(found.contig) == {"chr3"}
    np.testing.assert_array_equal(found.centres, scored.positions.centres[keep])
    model = nucleotides.load(run.path)
    codes = run.data.genome.windows(np.full(keep.size, 2), found.centres - 100, 200)
    np.testing.assert_allclose(found.logits, model.logits(codes), atol=1e-5)
    at = (np.full(keep.size, 2), found.centres, 100, 0.5)
    np.testing.assert_array_equal(found.labels, run.data.targets.labels_at(*at))
    assert found.judged.bins == scored.positions.centres.size == 200
    assert [str(region) for region in found.judged.regions] == ["chr3:0-20,000"]


def findings(run: Reopened, **wanted: Any) -> Findings:
    return examine(run, replace(QUICK, background=16, leakage=False, **wanted))


def copy_of(run: Path, folder: Path) -> Path:
    shutil.copytree(run, folder)
    return folder


def test_without_a_validation_part(odd_run: OddRun, tmp_path: Path) -> None:
    run = copy_of(odd_run(200), tmp_path / "run")
    (run / "calibration.safetensors").unlink()
    found = findings(reopen(run, {"validation": ""}))
    assert set(found.absent) == {"calibration", "map of the tasks", "baselines"}
    for part in ("calibration", "baselines"):
        assert "no validation part: hold one out with --validation" in found.absent[part]
    assert found.scored is not None
    assert "recalibrated_error" not in found.scored.table


def test_a_calibration_that_was_not_kept_is_fitted(odd_run: OddRun, tmp_path: Path) -> None:
    run = copy_of(odd_run(200), tmp_path / "run")
    kept = findings(reopen(run)).calibration
    (run / "calibration.safetensors").unlink()
    found = findings(reopen(run)).calibration
    assert kept is not None
    assert found is not None
    z = np.linspace(-9, 9, 50)[:, None] + np.zeros(4)
    np.testing.assert_allclose(found.apply(z), kept.apply(z), atol=1e-5)


def test_without_a_test_part(odd_run: OddRun, tmp_path: Path) -> None:
    run = reopen(odd_run(200), {"test": ""})
    done = post_process(run, tmp_path, replace(QUICK, compare=odd_run(200)))
    parts = {"scores", "map of the tasks", "baselines", "comparison"}
    assert set(done.absent) == parts
    assert "no test part: hold one out with --test" in done.absent["scores"]
    assert "could not be scored" in done.absent["comparison"]
    page = Page(done.report.read_text(encoding="utf-8"))
    words = "".join(page.words)
    assert "it is not judged on held-out bins" in words
    assert "nothing can be scored" not in words
    assert not re.search(r"\bnan\b|\bNone\b", words)
    assert all(part in words for part in parts)
    assert json.loads(done.metrics.read_text())["summary"]["all"]["n_scored"] == 0
    assert nucleotides.load(done.model).background is not None


def test_targets_of_other_tasks(odd_run: OddRun, tmp_path: Path) -> None:
    other = odd_stores(tmp_path / "stores", ["a|b", "other", "x"])["targets"]
    found = findings(reopen(odd_run(200), {"targets": other}))
    parts = {
        "scores",
        "map of the tasks",
        "baselines",
        "training positives",
        "prevalence in the genome",
    }
    assert set(found.absent) == parts
    for part in parts:
        assert "3 of the model's tasks are not in it" in found.absent[part]
        assert "Use the targets that the model was trained on" in found.absent[part]
    assert found.genome is not None


def test_nonsense_to_compare_with(odd_run: OddRun, tmp_path: Path) -> None:
    found = findings(reopen(odd_run(200)), compare=tmp_path / "nonsense")
    assert re.match(r"--compare: no checkpoint at .*nonsense", found.absent["comparison"])
    assert found.scored is not None


def test_stopped_in_the_middle(
    odd_run: OddRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there is whole; run again, nothing of before or of the broken one is left."""
    run, out = reopen(odd_run(200)), tmp_path / "out"
    found = findings(run, compare=odd_run(200))
    monkeypatch.setattr(whole, "examine", lambda run, wanted: found)
    post_process(run, out, QUICK)
    before = toy.listing(out)
    assert "figures/comparison.png" in before
    for name in ("write_report", "list_tables"):
        with monkeypatch.context() as patch:
            patch.setattr(whole, name, _disk_is_full)
            with pytest.raises(OutOfSpaceError):
                post_process(run, out, QUICK)
        after = toy.listing(out)
        assert after.keys() == before.keys()
        assert name != "write_report" or after == before
        nucleotides.load(out / "model")
    less = replace(found, comparison=None, genome=None)
    monkeypatch.setattr(whole, "examine", lambda run, wanted: less)
    post_process(run, out, QUICK)
    gone = before.keys() - toy.listing(out).keys()
    comparison = {"figures/comparison.png", "figures/comparison.svg", "tables/comparison.tsv"}
    assert gone == comparison | {"mean_predictions.tsv", "model/background.safetensors"}


def _disk_is_full(*_: Any) -> None:
    raise OutOfSpaceError("full")
