"""What a run's folder tells of it: data, environment, code, and metrics by task and epoch."""

import gzip
import json
import os
import shutil
import signal
import subprocess
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nucleotides.errors import BusyError
from nucleotides.files import sha256
from nucleotides.hold import alone_in
from nucleotides.train import callbacks
from nucleotides.train.arguments import parse
from nucleotides.train.describe_environment import describe_repository
from nucleotides.train.run import train


def read(path):
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def explained(stores, tmp_path_factory):
    """A run on a copy of the stores, beside a lock that is of the target store."""
    here = tmp_path_factory.mktemp("explained")
    paths = {name: shutil.copytree(path, here / name) for name, path in stores.items()}
    lock = {"store": read(paths["targets"] / "manifest.json")["sha256"], "recipe": "..."}
    (here / "lock.json").write_text(json.dumps(lock))
    blacklist = here / "blacklist.bed.gz"
    blacklist.write_bytes(gzip.compress(b"chr20\t1000\t2000\n"))
    arguments = [
        *("--model_class", "deepsea", "--model.channels", "[8,8,8]", "--model.hidden", "8"),
        *("--validation", "chr20:5000000-6000000", "--test", "chr20:3000000-4000000"),
        *("--samples_per_epoch", "128", "--batch_size", "32", "--validation_size", "512"),
        *("--max_epochs", "2", "--accelerator", "cpu", "--blacklist", str(blacklist)),
    ]
    defaults = {**{k: str(v) for k, v in paths.items()}, "logs": str(here / "logs")}
    return train(parse(arguments, defaults)), arguments, defaults


def test_the_data_are_locked(explained):
    run, arguments, defaults = explained
    locked = read(run.folder / "data.json")
    for name in ("genome", "targets"):
        assert locked[name]["path"] == defaults[name]
        assert locked[name]["manifest"] == read(Path(defaults[name]) / "manifest.json")
    checksums = locked["targets"]["manifest"]["sha256"]
    assert checksums["peaks.safetensors"]
    assert locked["split"]["validation"] == "chr20:5,000,000-6,000,000"
    blacklist = arguments[-1]
    assert list(locked["files"]) == ["blacklist"]
    assert locked["files"]["blacklist"]["path"] == blacklist
    assert locked["files"]["blacklist"]["sha256"] == sha256(Path(blacklist))


def test_the_lock_of_that_store_goes_with_it_and_no_other(explained):
    run, arguments, defaults = explained
    beside = run.folder.parents[1] / "lock.json"
    assert (run.folder / "lock.json").read_bytes() == beside.read_bytes()
    kept = beside.read_text()
    try:
        beside.write_text(json.dumps({"store": {"peaks.safetensors": "another"}}))
        other = train(parse([*arguments, "--max_epochs", "1"], defaults))
    finally:
        beside.write_text(kept)
    assert not (other.folder / "lock.json").exists()


def test_the_environment_is_told(explained):
    run, *_ = explained
    (start,) = read(run.folder / "environment.json")
    assert start["packages"]["torch"] == version("torch")
    assert start["packages"]["numpy"] == np.__version__
    assert start["device"] == "cpu"
    assert start["python"].startswith("3.")
    assert start["machine"] == os.uname().nodename


def git(folder, *words):
    config = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", "-C", str(folder), *config, *words], check=True, capture_output=True)


def test_the_users_repository_is_named_and_changes_are_flagged(tmp_path):
    assert describe_repository(tmp_path) is None
    git(tmp_path, "init", "--initial-branch", "mine")
    none_yet = {"commit": None, "branch": "mine", "dirty": False}
    assert describe_repository(tmp_path) == none_yet
    (tmp_path / "net.py").write_text("a")
    assert describe_repository(tmp_path) == {**none_yet, "dirty": True}
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    clean = describe_repository(tmp_path)
    assert len(clean["commit"]) == 40
    assert not clean["dirty"]
    (tmp_path / "net.py").write_text("b")
    assert describe_repository(tmp_path) == {**clean, "dirty": True}


def test_without_git_there_is_no_version(tmp_path, monkeypatch):
    git(tmp_path, "init")
    monkeypatch.setenv("PATH", "/nowhere")
    assert describe_repository(tmp_path) is None


def test_metrics_by_task_are_kept_for_every_validation(explained):
    run, *_ = explained
    table = pd.read_parquet(run.folder / "task_metrics")
    assert table["epoch"].unique().tolist() == [1, 2]
    assert table["step"].unique().tolist() == [4, 8]
    assert len(table) == 2 * 40
    assert table["task"].iloc[:40].tolist() == run.validation.table["task"].tolist()
    epochs = pd.read_csv(run.folder / "metrics.csv").set_index("epoch")
    scored = table.dropna(subset="auroc").groupby("epoch")
    medians = scored[["auroc", "average_precision"]].median()
    np.testing.assert_allclose(medians["auroc"], epochs["val_auroc"], rtol=1e-5)
    np.testing.assert_allclose(medians["average_precision"], epochs["val_ap"], rtol=1e-5)
    best = table[table["epoch"] == epochs["val_ap"].idxmax()]
    np.testing.assert_allclose(best["auroc"], run.validation.table["auroc"], rtol=1e-5)
    sizes = [path.stat().st_size for path in (run.folder / "task_metrics").iterdir()]
    assert len(sizes) == 2
    assert max(sizes) < 10_000


def test_a_resumed_run_tells_of_both_starts_and_keeps_each_validation_once(explained, monkeypatch):
    run, arguments, defaults = explained
    count = iter(range(1, 100))
    real = callbacks.StopAtBatchEnd.on_train_batch_end

    def hook(self, *args):
        if next(count) == 6:
            os.kill(os.getpid(), signal.SIGINT)
        real(self, *args)

    monkeypatch.setattr(callbacks.StopAtBatchEnd, "on_train_batch_end", hook)
    named = [*arguments, "--run_name", "stopped"]
    with pytest.raises(KeyboardInterrupt):
        train(parse(named, defaults))
    monkeypatch.undo()
    kept = run.folder.parent / "stopped" / "task_metrics"
    (kept / "000000099.parquet").write_bytes(b"of a run that went further and was gone back on")
    resumed = train(parse([*named, "--ckpt_path", "last"], defaults))
    assert len(read(resumed.folder / "environment.json")) == 2
    once = pd.read_parquet(run.folder / "task_metrics")
    pd.testing.assert_frame_equal(pd.read_parquet(kept), once)


def test_a_folder_is_held_while_it_is_trained_in(explained):
    run, arguments, defaults = explained
    again = [*arguments, "--run_name", run.folder.name, "--ckpt_path", "last"]
    config = parse([*again, "--max_epochs", "3"], defaults)
    with alone_in(run.folder), pytest.raises(BusyError, match=run.folder.name):
        train(config)
