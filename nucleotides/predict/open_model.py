"""Open whatever holds a model, or several that are to be one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from nucleotides.bundle.layout import FORMAT
from nucleotides.errors import CorruptStoreError, InputError
from nucleotides.load_settings import load_settings
from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.predict.ensemble import Ensemble
from nucleotides.predict.fetch_model import fetch_model, is_elsewhere
from nucleotides.predict.model import Model
from nucleotides.predict.model import load as load_one
from nucleotides.read_json import read_json
from nucleotides.train.folders import run_of
from nucleotides.train.keep_calibration import read_calibration
from nucleotides.train.list_runs import natural_order, read_config


def load(
    path: str | Path | Sequence[str | Path],
    *,
    cache: Path | None = None,
    trust_code: bool = False,
) -> Model:
    """Open a trained model: a bundle, a checkpoint, the folder of a run, or several as one.

    One that lies elsewhere is given by its address, `s3://bucket/deployed` for what `upload-model`
    sent there, or that of a bundle; a verified copy is kept in `cache` (setting CACHE_DIR).

    Several are given as a list, or as a folder that holds them: bundles and runs, no matter whether
    they differ in seed, fold, network or loss. They predict their mean (see `Ensemble`).

    No code is run at a file's word: a model of a class that is not of this package is opened if its
    module was imported before, or with `trust_code`.

    Raises:
        InputError, StoreError: there is no model at `path`; the message says what is.
        MismatchError: several whose tasks or windows differ.
        UntrustedCodeError: a model of another class, and no `trust_code`.
        CorruptStoreError, DownloadError, SettingsError: a store that cannot be read.
    """
    given = [path] if isinstance(path, (str, Path)) else list(path)
    paths = [fetched(one, cache) for one in given]
    found = [member for one in paths for member in _members(one)]
    if not found:
        raise InputError("there is no model to load: the list is empty")
    if len(set(found)) < len(found):
        raise InputError("the same model is given twice: it would count twice in the mean")
    models = {str(one): _open(one, trust_code) for one in found}
    return Ensemble(models) if len(models) > 1 else next(iter(models.values()))


def fetched(address: str | Path, cache: Path | None = None) -> Path:
    """Where a model lies on this machine; of one that lies elsewhere, a verified copy.

    Raises:
        StoreError, CorruptStoreError, DownloadError, SettingsError: see `fetch_model`.
    """
    if not is_elsewhere(address):
        return Path(address)
    settings = load_settings()
    return fetch_model(address, cache or Path(settings.CACHE_DIR), settings.DEPLOY_ENDPOINT)


def _members(path: Path) -> list[Path]:
    """The models that `path` stands for."""
    if not path.exists():
        raise InputError(f"no checkpoint at {path}, nor a bundle or the folder of a run")
    if not path.is_dir() or _is_model(path):
        return [path]
    inside = sorted((p for p in path.iterdir() if p.is_dir()), key=natural_order)
    found = [folder for folder in inside if _is_model(folder)]
    if not found:
        raise InputError(
            f"{path} holds no model: give a bundle, a checkpoint, the folder of a run, or one that "
            "holds bundles or runs"
        )
    return found


def _is_model(folder: Path) -> bool:
    return _is_bundle(folder) or bool(read_config(folder))


def _is_bundle(folder: Path) -> bool:
    """Whether a folder is a bundle, be it damaged, and not a store of something else."""
    try:
        facts = read_json(folder / "manifest.json")
    except CorruptStoreError:
        return True
    except OSError:
        return False
    return bool(facts.get("format", FORMAT) == FORMAT)


def _open(path: Path, trust_code: bool) -> Model:
    if path.name == "best.ckpt" and path.is_file() and (run := run_of(path)):
        return _of_run(path, run, trust_code)
    if read_config(path):
        return load_run(path, trust_code=trust_code)
    return load_one(path, trust_code=trust_code)


def load_run(folder: Path, *, trust_code: bool = False) -> Model:
    """The best checkpoint of a run, with its task table and calibration.

    Raises:
        InputError: the run was not finished.
    """
    best = folder / "checkpoints" / "best.ckpt"
    if not (best.exists() and (folder / "validation.json").exists()):
        raise InputError(
            f"the run {folder} is not finished: go on with it (nucleotides train --run_name "
            f"{folder.name} --ckpt_path auto), or give one of its checkpoints"
        )
    return _of_run(best, folder, trust_code)


def _of_run(best: Path, folder: Path, trust_code: bool) -> Model:
    """A checkpoint with what its run knows of its tasks, as far as it was finished."""
    checkpoint = load_checkpoint(best, trust_code=trust_code)
    tasks = pd.read_csv(folder / "tasks.tsv", sep="\t", dtype=str, keep_default_na=False)
    calibration = read_calibration(folder, checkpoint.tasks)
    return Model(checkpoint.model, tasks, checkpoint.hyperparameters["bin"], calibration)
