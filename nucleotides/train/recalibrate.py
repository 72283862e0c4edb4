"""The recalibration of a run: fitted on its validation part, kept beside its checkpoints."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import torch

from nucleotides.errors import MismatchError
from nucleotides.files import replacing
from nucleotides.metrics.calibration import Recalibration

_FILE = "recalibration.tsv"


def write_recalibration(folder: Path, tasks: list[str], line: Recalibration) -> None:
    """Write `recalibration.tsv`: a row a task with slope and offset of its logits."""
    columns = {"task": tasks, "slope": line.slope.cpu(), "offset": line.offset.cpu()}
    with replacing(folder / _FILE) as temporary:
        pd.DataFrame(columns).to_csv(temporary, sep="\t", index=False, float_format="%.9g")


def read_recalibration(folder: Path, tasks: list[str]) -> Recalibration | None:
    """That of a run, or None where it has none.

    Raises:
        MismatchError: it is of other tasks.
    """
    path = folder / _FILE
    if not path.is_file():
        return None
    table = pd.read_csv(path, sep="\t", dtype={"task": str}, keep_default_na=False)
    if table["task"].tolist() != tasks:
        raise MismatchError(f"{path} is of other tasks than the model: train again")
    columns = (torch.tensor(table[name], dtype=torch.float64) for name in ("slope", "offset"))
    return Recalibration(*columns)
