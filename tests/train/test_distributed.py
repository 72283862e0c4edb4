"""Two processes see what one sees, and end with the same weights and metrics."""

import json
import os
import subprocess
import sys

import pytest
import torch

from nucleotides.errors import InputError
from nucleotides.train.arguments import RunOptions
from nucleotides.train.folders import new_folder

SAME = [
    *("--validation", "chr20:5000000-6000000", "--test", "chr20:3000000-4000000"),
    *("--background", "0.5", "--samples_per_epoch", "256", "--validation_size", "203"),
    *("--model_class", "deepsea", "--model.channels", "[16,16,16]", "--model.hidden", "32"),
    *("--model.dropout", "[0,0,0]", "--optimizer", "sgd", "--learning_rate", "0.05"),
    *("--max_epochs", "2", "--accelerator", "cpu", "--deterministic", "true"),
    *("--leakage", "false"),
]


def run(stores, logs, *more):
    paths = [word for key, path in stores.items() for word in (f"--{key}", path)]
    command = [sys.executable, "-m", "nucleotides", "train", *SAME, *paths, "--logs", str(logs)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("_NUCLEOTIDES_RUN_FOLDER", None)
    done = subprocess.run(
        [*command, *more], capture_output=True, text=True, timeout=300, env=environment
    )
    assert done.returncode == 0, done.stderr
    (folder,) = logs.iterdir()
    return folder, done


@pytest.fixture(scope="module")
def both(stores, tmp_path_factory):
    """A run in one process, and one of two at the same global batch."""
    one, two = (tmp_path_factory.mktemp(name) for name in ("one", "two"))
    return (
        run(stores, one, "--batch_size", "64"),
        run(stores, two, "--batch_size", "32", "--devices", "2", "--strategy", "ddp"),
    )


def test_weights_agree(both):
    ends = [
        torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
        for folder, _ in both
    ]
    torch.testing.assert_close(*ends, rtol=1e-4, atol=1e-6)


def test_metrics_agree_though_the_last_batch_of_one_process_is_empty(both):
    tables = [(folder / "metrics.csv").read_text().splitlines() for folder, _ in both]
    names = tables[0][0].split(",")
    for one, two in zip(*(table[1:] for table in tables), strict=True):
        for name, a, b in zip(names, one.split(","), two.split(","), strict=True):
            if name != "seconds":
                assert float(b) == pytest.approx(float(a), abs=1e-3)
    summaries = [json.loads((folder / "validation.json").read_text()) for folder, _ in both]
    for task, metrics in summaries[0]["tasks"].items():
        other = summaries[1]["tasks"][task]
        assert metrics["windows"] == other["windows"] == 203
        for name in ("auroc", "average_precision"):
            assert other[name] == (metrics[name] and pytest.approx(metrics[name], abs=1e-3))


def test_one_folder_one_summary_no_warning(both):
    (one, alone), (two, shared) = both
    assert {p.name for p in one.iterdir() if "events" not in p.name} == {
        p.name for p in two.iterdir() if "events" not in p.name
    }
    assert shared.stdout.count("checkpoint:") == alone.stdout.count("checkpoint:") == 1
    assert shared.stderr.count("run: ") == 1
    assert "recommended" not in shared.stderr


@pytest.mark.parametrize(
    "environment",
    [{"TORCHELASTIC_RUN_ID": "x", "WORLD_SIZE": "2"}, {"SLURM_NTASKS": "2"}],
)
def test_processes_started_from_outside_need_a_name(environment, monkeypatch, tmp_path):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match="give --run_name"):
        new_folder(RunOptions(logs=str(tmp_path)))
    monkeypatch.setenv("_NUCLEOTIDES_RUN_FOLDER", "")
    monkeypatch.setenv("RANK", "1")
    (tmp_path / "mine" / "checkpoints").mkdir(parents=True)
    named = RunOptions(logs=str(tmp_path), run_name="mine")
    assert new_folder(named) == tmp_path / "mine"
    monkeypatch.setenv("RANK", "0")
    with pytest.raises(InputError, match="holds a run already"):
        new_folder(named)
