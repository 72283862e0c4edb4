"""What the processes of one training run tell one another through their environment.

Lightning starts processes that inherit the first one's environment; torchrun and SLURM start all of
them, each with its number in RANK or SLURM_PROCID.
"""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = "_NUCLEOTIDES_RUN_FOLDER"  # no setting: those begin without a bar


def rank() -> int:
    """The number of this process among those that torchrun or SLURM started; else 0."""
    return int(os.environ.get("RANK", os.environ.get("SLURM_PROCID", "0")))


def started_from_outside() -> bool:
    """Whether torchrun or SLURM started several processes."""
    tasks = os.environ.get("WORLD_SIZE" if "TORCHELASTIC_RUN_ID" in os.environ else "SLURM_NTASKS")
    return int(tasks or 1) > 1


def tell_folder(folder: Path) -> None:
    """Let the processes that Lightning will start know the run's folder."""
    os.environ[_FOLDER] = str(folder)


def told_folder() -> Path | None:
    """The run's folder in a process that Lightning started, else None."""
    started = os.environ.get("LOCAL_RANK", "0") != "0"
    return Path(os.environ[_FOLDER]) if started and _FOLDER in os.environ else None
