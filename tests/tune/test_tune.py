"""Searches of real trainings: found, resumed, retried, pruned, and refused."""

import dataclasses
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from typer.testing import CliRunner

from nucleotides.cli.main import make_app
from nucleotides.errors import BusyError, InputError
from nucleotides.hold import alone_in
from nucleotides.train import callbacks
from nucleotides.train.arguments import parse
from nucleotides.train.run import train
from nucleotides.tune import report_epochs, run_trial
from nucleotides.tune.open_study import import_optuna
from nucleotides.tune.search_space import Choices, FloatRange, IntRange
from nucleotides.tune.tune import Search, tune

CHILD = "tests.tune.killed"
ROOT = Path(__file__).parents[2]
SHORT = [
    *("--model_class", "deepsea", "--model.channels", "[8,8,8]"),
    *("--validation", "chr20:5000000-6000000", "--test", "chr20:3000000-4000000"),
    *("--samples_per_epoch", "64", "--batch_size", "32", "--validation_size", "256"),
    *("--max_epochs", "2", "--accelerator", "cpu", "--leakage", "false", "--monitor", "val_loss"),
]
SPACE = {
    "learning_rate": FloatRange(1e-3, 1e-1, log=True),
    "model.hidden": IntRange(8, 16),
}
SPACE_TEXT = """
learning_rate: {type: float, low: 0.001, high: 0.1, log: true}
model.hidden: {type: int, low: 8, high: 16}
"""


@pytest.fixture
def configure(stores):
    pytest.importorskip("optuna")
    return lambda words: parse(words, {**stores, "logs": "not/here"})


def shown(result):
    return result.trials.sort_values("trial").reset_index(drop=True)


def test_a_search_finds_the_best_and_goes_on_where_it_was(configure, stores, tmp_path):
    folder = tmp_path / "study"
    first = tune(Search(folder, SPACE, SHORT, trials=2, pruner="none"), configure)
    assert first.importance == {}
    found = tune(Search(folder, SPACE, SHORT, trials=5, pruner="none"), configure)
    trials = shown(found)
    assert trials["state"].tolist() == ["complete"] * 5
    assert trials["epochs"].tolist() == [2] * 5
    pd.testing.assert_frame_equal(trials[:2], shown(first))
    assert trials["learning_rate"].nunique() == 5  # going on does not draw the same again
    for row in trials.itertuples():
        epochs = pd.read_csv(folder / "trials" / row.run / "metrics.csv")
        assert row.value == pytest.approx(epochs["val_loss"].min(), rel=1e-4)
        config = yaml.safe_load((folder / "trials" / row.run / "config.yaml").read_text())
        assert config["learning_rate"] == row.learning_rate
    assert found.trials["value"].is_monotonic_increasing  # a loss: best first
    assert sum(found.importance.values()) == pytest.approx(1)
    assert set(found.importance) == set(SPACE)
    written = pd.read_csv(folder / "trials.tsv", sep="\t")
    assert written["run"].tolist() == found.trials["run"].tolist()
    config = parse(["--config", str(found.best)], {**stores, "logs": str(tmp_path / "logs")})
    best = found.trials.iloc[0]
    assert config.optimisation.learning_rate == best["learning_rate"]
    assert (config.options.run_name, config.options.ckpt_path) == (None, None)
    assert config.options.logs == str(tmp_path / "logs")
    run = train(config)
    again, then = (
        p / "checkpoints/last.ckpt" for p in (run.folder, folder / "trials" / best["run"])
    )
    ends = [torch.load(p, weights_only=True)["state_dict"] for p in (again, then)]
    torch.testing.assert_close(*ends, rtol=0, atol=0)


def command(folder, space, stores):
    paths = [word for key, path in stores.items() for word in (f"--{key}", path)]
    return ["--space", str(space), "--study", str(folder), "--trials", "2", *SHORT, *paths]


def test_killed_and_called_again_the_trial_goes_on(configure, stores, tmp_path):
    del configure
    folder, space = tmp_path / "study", tmp_path / "space.yaml"
    space.write_text(SPACE_TEXT)
    child = [sys.executable, "-m", CHILD, "4", *command(folder, space, stores)]
    killed = subprocess.run(child, capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    result = CliRunner().invoke(make_app(), ["tune", *command(folder, space, stores)])
    assert result.exit_code == 0, result.stderr
    trials = pd.read_csv(folder / "trials.tsv", sep="\t").sort_values("trial")
    assert trials["state"].tolist() == ["fail", "complete", "complete"]
    assert trials["run"].tolist() == ["trial_0000", "trial_0000", "trial_0002"]
    assert trials["learning_rate"].iloc[0] == trials["learning_rate"].iloc[1]
    assert trials["epochs"].iloc[1] == 2
    epochs = pd.read_csv(folder / "trials" / "trial_0000" / "metrics.csv")
    assert trials["value"].iloc[1] == pytest.approx(epochs["val_loss"].min(), rel=1e-4)
    assert len(yaml.safe_load((folder / "trials/trial_0000/environment.json").read_text())) == 2
    assert "complete" in result.stdout
    assert f"best: nucleotides train --config {folder}/best.yaml" in result.stdout
    words = command(folder, space, stores)
    words[words.index("--trials") + 1] = "0"
    only_shown = CliRunner().invoke(make_app(), ["tune", *words])
    assert only_shown.stdout == result.stdout


def test_ctrl_c_stops_the_search_and_keeps_the_trial(configure, tmp_path, monkeypatch):
    search = Search(tmp_path, SPACE, SHORT, trials=1)
    real = callbacks.StopAtBatchEnd.on_train_batch_end

    def hook(self, trainer, *args):
        if trainer.global_step == 3:
            os.kill(os.getpid(), signal.SIGINT)
        real(self, trainer, *args)

    monkeypatch.setattr(callbacks.StopAtBatchEnd, "on_train_batch_end", hook)
    for _ in range(4):  # as often as one likes: it was not killed
        with pytest.raises(KeyboardInterrupt):
            tune(search, configure)
        monkeypatch.setattr(callbacks.StopAtBatchEnd, "on_train_batch_start", _interrupt)
    monkeypatch.undo()
    trials = shown(tune(search, configure))
    assert trials["state"].tolist() == ["fail"] * 4 + ["complete"]
    assert trials["run"].unique().tolist() == ["trial_0000"]


def _interrupt(*_):
    raise KeyboardInterrupt


def test_a_trial_that_kills_its_process_again_and_again_is_given_up(configure, tmp_path):
    optuna = import_optuna()
    tune(Search(tmp_path, SPACE, SHORT, trials=0), configure)
    for kills in range(3):
        study = optuna.load_study(study_name=None, storage=f"sqlite:///{tmp_path}/study.db")
        trial = study.ask()  # and then nothing, as a killed process does
        trial.suggest_float("learning_rate", 1e-3, 1e-1, log=True)
        trial.suggest_int("model.hidden", 8, 16)
        assert trial.user_attrs.get("kills", 0) == kills
        trial.set_user_attr("run", "trial_0000")
        study._storage.remove_session()
        study._storage._backend.engine.dispose()
        tune(Search(tmp_path, SPACE, SHORT, trials=1, timeout=-1), configure)
    trials = shown(tune(Search(tmp_path, SPACE, SHORT, trials=0), configure))
    assert trials["state"].tolist() == ["fail"] * 3


def reporting(monkeypatch, *values):
    """Let trials report these values, epoch after epoch."""
    reported = iter(values)
    monkeypatch.setattr(report_epochs, "float", lambda _: next(reported), raising=False)


def test_a_hopeless_trial_is_pruned_after_its_first_epoch(configure, tmp_path, monkeypatch):
    reporting(monkeypatch, 0.1, 0.09, 0.1, 0.09, 0.5)
    trials = shown(tune(Search(tmp_path, SPACE, SHORT, trials=3, n_random=2), configure))
    assert trials["state"].tolist() == ["complete", "complete", "pruned"]
    assert trials["epochs"].tolist() == [2, 2, 1]
    assert math.isnan(trials["value"].iloc[2])
    epochs = pd.read_csv(tmp_path / "trials" / "trial_0002" / "metrics.csv")
    assert epochs["epoch"].tolist() == [1]


def test_not_so_without_a_pruner(configure, tmp_path, monkeypatch):
    reporting(monkeypatch, 0.1, 0.09, 0.1, 0.09, 0.5, 0.4)
    search = Search(tmp_path, SPACE, SHORT, trials=3, n_random=2, pruner="none")
    assert shown(tune(search, configure))["value"].tolist() == [0.09, 0.09, 0.4]


def test_hyperband_prunes_too(configure, tmp_path, monkeypatch):
    reporting(monkeypatch, *(value for k in range(9) for value in (0.1 * k, 0.1 * k)))
    arguments = [*SHORT, "--samples_per_epoch", "32", "--validation_size", "64"]
    search = Search(tmp_path, SPACE, arguments, trials=9, pruner="hyperband")
    assert "pruned" in tune(search, configure).trials["state"].tolist()


def test_a_trial_whose_metric_is_no_number_has_failed(configure, tmp_path, monkeypatch):
    reporting(monkeypatch, math.nan, math.nan, math.nan, 0.2)
    trials = shown(tune(Search(tmp_path, SPACE, SHORT, trials=1), configure))
    assert trials["state"].tolist() == ["fail", "complete"]
    assert trials["value"].iloc[1] == 0.2


def test_trials_that_cannot_be_trained_fail_and_three_in_a_row_end_the_search(configure, tmp_path):
    search = Search(tmp_path, {"batch_size": Choices(("0", "-1"))}, SHORT, trials=9)
    with pytest.raises(InputError, match="--batch_size"):
        tune(search, configure)
    failed = shown(tune(dataclasses.replace(search, trials=0), configure))
    assert failed["state"].tolist() == ["fail"] * 3


def test_a_trial_that_runs_out_of_memory_does_not_end_the_search(configure, tmp_path, monkeypatch):
    real = run_trial.train

    def full(_):
        monkeypatch.setattr(run_trial, "train", real)
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(run_trial, "train", full)
    trials = shown(tune(Search(tmp_path, SPACE, SHORT, trials=1), configure))
    assert trials["state"].tolist() == ["fail", "complete"]


def test_nothing_is_begun_after_the_time_is_over(configure, tmp_path):
    assert len(tune(Search(tmp_path, SPACE, SHORT, timeout=0, trials=1), configure).trials) == 0


@pytest.mark.parametrize(
    ("space", "arguments", "says"),
    [
        ({"lerning_rate": FloatRange(0.1, 1)}, [], "lerning_rate"),
        ({"optimizer": Choices(("adagrad", "adam"))}, [], "optimizer"),
        (SPACE, ["--run_name", "mine"], "--run_name is not for `tune`"),
        ({"logs": Choices(("a", "b"))}, [], "--logs is not for `tune`"),
        (SPACE, ["--devices", "2"], "--devices 2.* one device"),
        (SPACE, ["--batch_sise", "2"], "batch_sise"),
    ],
)
def test_what_no_trial_could_take_is_refused_at_once(configure, tmp_path, space, arguments, says):
    with pytest.raises(InputError, match=says):
        tune(Search(tmp_path / "study", space, [*SHORT, *arguments]), configure)
    assert not (tmp_path / "study").exists()


def test_a_study_of_something_else_is_refused(configure, tmp_path):
    tune(Search(tmp_path, SPACE, SHORT, trials=0), configure)
    wider = {**SPACE, "learning_rate": FloatRange(1e-3, 1.0, log=True)}
    with pytest.raises(InputError, match=r"another --study"):
        tune(Search(tmp_path, wider, SHORT, trials=0), configure)
    with pytest.raises(InputError, match="max_epochs: 2 before, 3 now"):
        tune(Search(tmp_path, SPACE, [*SHORT, "--max_epochs", "3"], trials=0), configure)
    tune(Search(tmp_path, SPACE, [*SHORT, "--num_workers", "1"], trials=0), configure)


def test_one_process_at_a_time(configure, tmp_path):
    with alone_in(tmp_path), pytest.raises(BusyError):
        tune(Search(tmp_path, SPACE, SHORT), configure)


def test_without_optuna_it_says_what_brings_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    (tmp_path / "space.yaml").write_text(SPACE_TEXT)
    words = ["tune", "--space", str(tmp_path / "space.yaml"), "--study", str(tmp_path / "s")]
    result = CliRunner().invoke(make_app(), words)
    assert result.exit_code == 1
    assert "optuna is not installed: pip install 'nucleotides[tune]'" in result.stderr


def test_the_recipe_is_a_search_space_for_its_network(stores, tmp_path):
    pytest.importorskip("optuna")
    short = [
        *("--config", str(ROOT / "recipes" / "motifnet.yaml"), *SHORT[4:]),
        *("--max_epochs", "1", "--trials", "1", "--study", str(tmp_path / "study")),
    ]
    short[short.index("--batch_size") : short.index("--batch_size") + 2] = []
    paths = [word for key, path in stores.items() for word in (f"--{key}", path)]
    words = ["tune", "--space", str(ROOT / "recipes" / "tune.yaml"), *short, *paths]
    result = CliRunner().invoke(make_app(), words)
    assert result.exit_code == 0, result.stderr
    assert "weight_decay" in result.stdout
