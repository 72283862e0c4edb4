"""What a run's folder says of it: configuration, tasks, data, environment."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
import yaml

from nucleotides.data.datamodule import DataModule
from nucleotides.files import replacing, write_json
from nucleotides.train.arguments import TrainConfig
from nucleotides.train.describe_environment import describe_environment
from nucleotides.train.list_runs import CONFIG
from nucleotides.train.lock_data import DATA, LOCK, find_lock, lock_data


def explain_run(folder: Path, config: TrainConfig, data: DataModule, device: torch.device) -> None:
    """Write all that is known before the first step.

    config.yaml (what `--config` takes to repeat it), tasks.tsv, data.json (stores, checksums,
    split), lock.json (where pre-processing left one of that target store), and environment.json, a
    list: a run that was gone on with has one entry for each start.
    """
    with replacing(folder / CONFIG) as temporary:
        temporary.write_text(yaml.safe_dump(config.plain, sort_keys=False))
    with replacing(folder / "tasks.tsv") as temporary:
        data.targets.tasks.to_csv(temporary, sep="\t", index=False)
    write_json(folder / DATA, lock_data(data, config.data))
    lock = find_lock(data.targets.path)
    if lock:
        with replacing(folder / LOCK) as temporary:
            shutil.copyfile(lock, temporary)
    path = folder / "environment.json"
    write_json(path, [*_starts(path), describe_environment(Path.cwd(), device)])


def _starts(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    starts: list[dict[str, Any]] = json.loads(path.read_text())
    return starts
