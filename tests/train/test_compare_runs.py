"""Runs side by side: what differs, what came of it, sorted; and names that there are not."""

import io
import json

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from nucleotides.cli.lazy import load
from nucleotides.cli.main import make_app
from nucleotides.cli.many_words import spread
from nucleotides.train.arguments import parse
from nucleotides.train.compare_runs import METRICS
from nucleotides.train.list_runs import natural_order
from nucleotides.train.run import train

COMMON = [
    *("--validation", "chr20:5000000-6000000", "--test", "chr20:3000000-4000000"),
    *("--samples_per_epoch", "64", "--batch_size", "32", "--validation_size", "512"),
    *("--max_epochs", "1", "--accelerator", "cpu", "--leakage", "false"),
    *("--model_class", "deepsea", "--model.channels", "[8,8,8]"),
]


@pytest.fixture(scope="module")
def logs(stores, tmp_path_factory):
    """Three real runs, one of another loss, and what is no run."""
    logs = tmp_path_factory.mktemp("logs")
    defaults = {**stores, "logs": str(logs)}
    for number, more in enumerate(
        (
            ["--model.hidden", "8", "--learning_rate", "0.01"],
            ["--model.hidden", "16", "--learning_rate", "0.002"],
            ["--model.hidden", "8", "--loss_type", "focal", "--learning_rate", "0.1"],
        )
    ):
        train(parse([*COMMON, *more, "--run_name", f"run_{[2, 10, 1][number]}"], defaults))
    (logs / "mine").mkdir()
    (logs / "mine" / "config.yaml").write_text("my: own\n")
    return logs


def shown(logs, *words):
    arguments = ["show-hyperparameters", *words, "--logs", str(logs)]
    return CliRunner().invoke(make_app(), arguments, env={"COLUMNS": "300"})


def table(logs, *words):
    result = shown(logs, *words, "--format", "csv")
    assert result.exit_code == 0, result.stderr
    return pd.read_csv(io.StringIO(result.stdout))


def test_what_differs_is_shown_and_an_absent_value_is_a_blank(logs):
    found = table(logs)
    assert found["run"].tolist() == ["run_1", "run_2", "run_10"]
    names = [name for name in found if name != "run" and name not in METRICS]
    assert set(names) == {
        *("learning_rate", "loss_type", "model.hidden"),
        *("loss.alpha", "loss.gamma"),
    }
    assert found["model.hidden"].tolist() == [8, 8, 16]
    assert found["loss.gamma"].isna().tolist() == [False, True, True]
    assert found["test_auroc"].isna().all()
    lines = shown(logs).stdout.splitlines()
    assert lines[0].split()[:2] == ["run", "loss_type"]
    assert "nan" not in shown(logs).stdout.lower()
    assert "None" not in shown(logs).stdout
    assert "test_auroc" not in lines[0]


def test_metrics_are_those_of_the_best_checkpoint(logs):
    scores = json.loads((logs / "run_2" / "validation.json").read_text())["summary"]["all"]
    row = table(logs, "run_2").iloc[0]
    assert row["val_auroc"] == pytest.approx(scores["auroc"]["median"])
    assert row["val_lift"] == pytest.approx(scores["lift"]["median"])
    assert row["epoch"] == 1
    assert row["train_loss"] > 0


def test_sorted_best_metric_first_least_hyperparameter_first(logs):
    by = {name: table(logs, "--sort", name)[name] for name in ("val_ap", "val_loss")}
    assert by["val_ap"].is_monotonic_decreasing
    assert by["val_loss"].is_monotonic_increasing
    assert by["val_ap"].nunique() > 1
    assert table(logs, "--sort", "learning_rate")["run"].tolist() == ["run_10", "run_2", "run_1"]
    by_gamma = table(logs, "--sort", "loss.gamma", "--hyperparameters", "seed")
    assert by_gamma["run"].tolist() == ["run_1", "run_2", "run_10"]  # those without it come last


def test_named_runs_and_hyperparameters(logs):
    words = ["run_10", str(logs / "run_1"), "--hyperparameters", "seed", "model.hidden"]
    found = table(logs, *words)
    assert found["run"].tolist() == ["run_10", "run_1"]
    assert found.columns.tolist() == ["run", "seed", "model.hidden", *METRICS]
    assert table(logs, "--hyperparameters", "patience")["patience"].isna().all()  # given to none
    alone = table(logs, "run_10")
    assert alone["learning_rate"].tolist() == [0.002]
    (record,) = json.loads(shown(logs, "run_10", "--format", "json").stdout)
    assert record["test_ap"] is None
    assert record["batch_size"] == 32


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--hyperparameters", "lerning_rate"], "did you mean 'learning_rate'"),
        (["--hyperparameters", "gamma"], "loss.gamma"),
        (["--hyperparameters", "epochs"], "did you mean 'max_epochs'"),
        (["--hyperparameters", "size"], "batch_size"),
        (["--sort", "val_aurocs"], "did you mean 'val_auroc'"),
        (["run_3"], "unknown run 'run_3'; did you mean 'run_"),
        (["mine"], "unknown run 'mine'"),
    ],
)
def test_unknown_names_are_answered_with_close_ones(logs, words, says):
    result = shown(logs, *words)
    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.parametrize(
    ("monitor", "mode", "best"),
    [("val_ap", None, 1), ("val_loss", None, 2), ("val_loss", "max", 3), ("other", None, 3)],
)
def test_all_of_a_row_is_of_the_best_epoch(logs, tmp_path, monitor, mode, best):
    run = tmp_path / "unfinished"
    run.mkdir()
    config = yaml.safe_load((logs / "run_2" / "config.yaml").read_text())
    config |= {"monitor": monitor, "monitor_mode": mode}
    (run / "config.yaml").write_text(yaml.safe_dump(config))
    epochs = pd.DataFrame(
        {
            "epoch": [1, 2, 3],
            "train_loss": [0.5, 0.4, 0.3],
            "val_loss": [0.5, 0.4, 0.6],
            "val_auroc": [0.6, 0.7, 0.8],
            "val_ap": [0.3, 0.2, 0.1],
        }
    )
    epochs.to_csv(run / "metrics.csv", index=False)
    row = table(tmp_path).iloc[0]
    assert row[epochs.columns].tolist() == pytest.approx(epochs.iloc[best - 1].tolist())


def test_no_runs_is_a_message(tmp_path):
    result = shown(tmp_path)
    assert result.exit_code == 2
    assert "run `nucleotides train` first" in result.stderr


def test_natural_order():
    names = ["version_10", "a/version_2", "version_9", "version_1b"]
    assert sorted(map(str, names), key=natural_order) == [
        *("a/version_2", "version_1b", "version_9", "version_10"),
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["r", "--n", "a", "b", "--x", "c"], ["r", "--n", "a", "--n", "b", "--x", "c"]),
        (["--n", "a", "--n", "b", "c"], ["--n", "a", "--n", "b", "--n", "c"]),
        (["--n=a", "b"], ["--n=a", "b"]),
    ],
)
def test_words_after_a_repeatable_option_are_its_own(words, expected):
    assert spread(words, {"--n"}) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("x --n a b --f", "x --n a --n b --f"),
        ("--f x --n a b", "--f x --n a --n b"),
        ("--o 1 - --n a b", "--o 1 - --n a --n b"),
        ("--o -1,0 x --n a b", "--o -1,0 x --n a --n b"),
        ("--n a x --n b c", "--n a x --n b --n c"),
        ("--n a x", "--n a x"),
    ],
)
def test_arguments_come_before_the_further_words_of_options(words, expected):
    assert spread(words.split(), {"--n"}, {"--f"}, arguments=1) == expected.split()
    assert load("show-hyperparameters").name == "show-hyperparameters"
