"""Score a model on held-out bins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from nucleotides.data.datamodule import DataModule
from nucleotides.data.positions import Positions
from nucleotides.errors import SettingsError
from nucleotides.files import replacing, write_json
from nucleotides.metrics import ScoreRanks
from nucleotides.metrics.calibration import Recalibration, calibration_error
from nucleotides.metrics.ranked import Ranked
from nucleotides.metrics.summary import as_metrics_json, by_task
from nucleotides.model.checkpoint import check_tasks
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.progress import track


@dataclass(frozen=True)
class Scored:
    """A model's scores on one held-out part.

    Attributes:
        part: validation or test.
        table: a row a task with its metrics (see `ScoreRanks.compute`), `calibration_error`
            and, where a recalibration was given, `recalibrated_error`.
        ranked: the windows of each task in the order of their logits.
        positions: the bins, n of them.
        logits: float32 (n, tasks), or None where they were not kept.
        labels: uint8 (n, tasks), likewise.
    """

    part: str
    table: pd.DataFrame
    ranked: Ranked
    positions: Positions
    logits: NDArray[np.float32] | None
    labels: NDArray[np.uint8] | None


def evaluate(
    model: FunctionalModel,
    tasks: list[str],
    data: DataModule,
    part: str = "test",
    *,
    device: str = "cpu",
    keep: bool = False,
    line: Recalibration | None = None,
) -> Scored:
    """Predict every bin of a held-out part and score it task by task.

    Args:
        model: the network; it is put in evaluation mode.
        tasks: names of its outputs.
        data: where the bins and labels are.
        part: validation or test.
        device: where to predict.
        keep: whether to keep logits and labels, n x tasks x 5 bytes.
        line: the recalibration that was fitted on another part.

    Raises:
        MismatchError: the tasks of model and data differ.
    """
    check_tasks(tasks, data.tasks, str(data.targets.path))
    size = data.test_size if part == "test" else data.validation_size
    positions = data.held_out_positions(part, size)
    loader = data.test_dataloader() if part == "test" else data.val_dataloader()
    scores = ScoreRanks(len(tasks), sync_on_compute=False).to(device)
    model = model.to(device).eval()
    logits, labels = [], []
    with torch.inference_mode():
        for batch in track(loader, f"{part} batches"):
            z = model.logits(batch["codes"].to(device))
            scores.update(z, batch["labels"].to(device))
            if keep:
                logits.append(z.float().cpu().numpy())
                labels.append(batch["labels"].numpy())
    ranked = scores.ranked()
    return Scored(
        part,
        by_task(data.targets.tasks, {**scores.compute(), **_errors(ranked, line)}),
        ranked,
        positions,
        np.concatenate(logits) if keep else None,
        np.concatenate(labels) if keep else None,
    )


def _errors(ranked: Ranked, line: Recalibration | None) -> dict[str, Tensor]:
    errors = {"calibration_error": calibration_error(ranked)}
    if line is not None:
        errors["recalibrated_error"] = calibration_error(ranked, line)
    return errors


def write_scores(scored: Scored, folder: Path, config: dict[str, Any]) -> Path:
    """Write `<part>.tsv` (a row a task) and `<part>.json` (the shape of metrics.json)."""
    with replacing(folder / f"{scored.part}.tsv") as temporary:
        scored.table.to_csv(temporary, sep="\t", index=False, float_format="%.6g", na_rep="NaN")
    path = folder / f"{scored.part}.json"
    write_json(path, as_metrics_json(scored.table, config))
    return path


def pick_device(wanted: str | None = None) -> str:
    """`wanted`, or what there is: cuda, mps, else cpu.

    Raises:
        SettingsError: a device that torch does not know, or that this machine lacks.
    """
    if wanted and wanted != "auto":
        try:
            torch.empty(0, device=wanted)
        except (RuntimeError, AssertionError, NotImplementedError) as error:
            raise SettingsError(
                f"device {wanted} cannot be used here: {str(error).splitlines()[0]}"
            ) from error
        return wanted
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
