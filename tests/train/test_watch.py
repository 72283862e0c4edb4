"""What one sees of a run while it goes on: TensorBoard's event file read back, and the bar."""

import dataclasses
import itertools
import re

import numpy as np
import pandas as pd
import pytest
from lightning.pytorch.callbacks import TQDMProgressBar
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from nucleotides.train.arguments import parse
from nucleotides.train.draw_curves import draw_precision_recall
from nucleotides.train.run import train
from nucleotides.train.show_progress import TrainingBar

ARGUMENTS = [
    *("--model_class", "deepsea", "--model.channels", "[8,8,8]", "--model.hidden", "8"),
    *("--validation", "chr20:5000000-6000000", "--test", "chr20:3000000-4000000"),
    *("--samples_per_epoch", "128", "--batch_size", "32", "--validation_size", "512"),
    *("--accelerator", "cpu", "--leakage", "false"),
]


@pytest.fixture(scope="module")
def watched(stores, tmp_path_factory):
    """A run of 2 epochs of 4 steps, and its events."""
    defaults = {**stores, "logs": str(tmp_path_factory.mktemp("logs"))}
    run = train(parse([*ARGUMENTS, "--max_epochs", "2"], defaults))
    events = EventAccumulator(str(run.folder), size_guidance={"images": 0, "histograms": 0})
    return run, events.Reload(), pd.read_parquet(run.folder / "task_metrics")


@pytest.mark.parametrize(("metric", "name"), [("auroc", "auroc"), ("average_precision", "ap")])
def test_curves_by_assay_are_medians_over_its_scored_tasks(watched, metric, name):
    run, events, by_task = watched
    assays = run.validation.table.set_index("task")["assay"]
    assert assays.nunique() == 3
    scored = by_task.dropna(subset="auroc")
    scored = scored.assign(assay=scored["task"].astype(str).map(assays))
    expected = scored.groupby(["assay", "step"])[metric].median()
    for assay in scored["assay"].unique():
        curve = events.Scalars(f"{name}_by_assay/{assay}")
        assert [event.step for event in curve] == [4, 8]
        values = [event.value for event in curve]
        np.testing.assert_allclose(values, expected[assay], rtol=1e-5)


@pytest.mark.parametrize(("metric", "name"), [("auroc", "auroc"), ("average_precision", "ap")])
def test_histograms_count_every_scored_task_once(watched, metric, name):
    _, events, by_task = watched
    found = events.Histograms(f"tasks/{name}")
    assert [event.step for event in found] == [4, 8]
    for event in found:
        values = by_task[by_task["step"] == event.step].dropna(subset="auroc")[metric]
        histogram = event.histogram_value
        assert histogram.num == len(values) > 0
        assert histogram.sum == pytest.approx(values.sum(), rel=1e-4)
        edges = np.array([-np.inf, *histogram.bucket_limit])
        counts = [((values > a) & (values <= b)).sum() for a, b in itertools.pairwise(edges)]
        assert sum(histogram.bucket) == sum(counts)
        np.testing.assert_allclose(histogram.bucket, counts, atol=1)  # on an edge


def test_precision_and_recall_are_a_picture_at_every_validation(watched):
    _, events, _ = watched
    images = events.Images("tasks/precision_recall")
    assert [image.step for image in images] == [4, 8]
    assert images[0].encoded_image_string.startswith(b"\x89PNG")
    assert (images[0].width, images[0].height) == (500, 500)


def test_dots_lie_at_their_precision_and_recall_and_nan_has_none():
    assays = np.array(["a", "a", "b"])
    none = draw_precision_recall(np.full(3, np.nan), np.full(3, np.nan), assays)
    high = draw_precision_recall(np.array([0.9, np.nan, np.nan]), np.array([0.2, 0.5, 0.5]), assays)
    low = draw_precision_recall(np.array([0.3, np.nan, np.nan]), np.array([0.8, 0.5, 0.5]), assays)

    def where(image):
        inside = (image != none).any(2)
        inside[:40] = False  # the title, which counts them
        inside[:, :60] = False
        inside[:90, 330:] = False  # the legend, likewise
        rows, columns = np.nonzero(inside)
        return rows.mean(), columns.mean()

    assert where(high)[0] < where(low)[0]
    assert where(high)[1] < where(low)[1]
    assert high.shape == (500, 500, 3)


def shown(text):
    """The bars that stay: what stands on a line when the next one begins."""
    lines = [line.split("\r")[-1] for line in text.split("\n")]
    return [line for line in lines if line.startswith("Epoch ")]


def test_the_bar_tells_speed_metrics_and_time_left(stores, tmp_path, capsys):
    defaults = {**stores, "logs": str(tmp_path)}
    words = ["--max_epochs", "2", "--enable_progress_bar", "true"]
    train(parse([*ARGUMENTS, *words], defaults))
    text = capsys.readouterr()
    lines = shown(text.err + text.out)
    last = [line for line in lines if line.startswith("Epoch 1")][-1]
    for name in ("samples/s", "val_loss", "val_auroc", "val_lift", "left"):
        assert f"{name}=" in last
    assert "v_num" not in last
    assert float(re.search(r"samples/s=([\d,]+)", last)[1].replace(",", "")) > 0
    assert "left=0:00:00" in last
    ends = ["Epoch 0: 100%", "Epoch 1: 100%"]
    assert [line[:13] for line in lines] == [*ends[:1] * 2, *ends[1:] * 2]  # stays after validation
    assert "epoch 1/2:" not in text.err  # not told twice


class Clocked(TrainingBar):
    """The bar by a clock that ticks a second a batch, and ten in a validation."""

    def __init__(self):
        self.now = 0.0
        self.seen = []
        super().__init__(32, clock=lambda: self.now)

    def on_train_batch_end(self, trainer, *arguments):
        self.now += 1
        super().on_train_batch_end(trainer, *arguments)
        self.seen.append(self.get_metrics(trainer, trainer.lightning_module))

    def on_validation_end(self, *arguments):
        self.now += 10
        super().on_validation_end(*arguments)


def test_speed_is_that_of_training_and_time_left_counts_validations(stores, tmp_path):
    config = parse([*ARGUMENTS, "--max_epochs", "3"], {**stores, "logs": str(tmp_path)})
    bar = Clocked()
    more = {"callbacks": [bar], "enable_progress_bar": True}
    train(dataclasses.replace(config, trainer={**config.trainer, **more}))
    assert [s["samples/s"] for s in bar.seen[1:]] == ["32"] * 11  # a batch of 32 a second
    left = [s["left"] for s in bar.seen]
    assert left[:3] == ["0:00:11", "0:00:10", "0:00:09"]
    # After batch 5 of 12, 15 of which seconds were spent on 5 batches and a validation: 7 x 3.
    assert left[4] == "0:00:21"
    assert left[-1] == "0:00:00"


def test_max_steps_end_it_sooner(stores, tmp_path):
    words = ["--max_epochs", "3", "--max_steps", "6"]
    config = parse([*ARGUMENTS, *words], {**stores, "logs": str(tmp_path)})
    bar = Clocked()
    more = {"callbacks": [bar], "enable_progress_bar": True}
    train(dataclasses.replace(config, trainer={**config.trainer, **more}))
    assert [s["left"] for s in bar.seen[:2]] == ["0:00:05", "0:00:04"]


def test_a_bar_of_ones_own_takes_its_place(stores, tmp_path, capsys):
    config = parse([*ARGUMENTS, "--max_epochs", "1"], {**stores, "logs": str(tmp_path)})
    more = {"callbacks": [TQDMProgressBar()], "enable_progress_bar": True}
    train(dataclasses.replace(config, trainer={**config.trainer, **more}))
    text = capsys.readouterr()
    assert "Epoch 0" in text.err + text.out
    assert "samples/s=" not in text.err + text.out
