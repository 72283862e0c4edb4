"""Score a model on held-out bins."""

from __future__ import annotations

from collections.abc import Iterator
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
from nucleotides.metrics.calibration import Recalibrates, calibration_error
from nucleotides.metrics.ranked import Ranked
from nucleotides.metrics.summary import as_metrics_json, by_task
from nucleotides.model.checkpoint import check_tasks
from nucleotides.model.network import Network
from nucleotides.progress import track


@dataclass(frozen=True)
class Scored:
    """A model's scores on one held-out part.

    Attributes:
        part: validation or test.
        table: a row a task with its metrics (see `ScoreRanks.compute`), `calibration_error`
            and, where a calibration was given, `recalibrated_error`.
        ranked: the windows of each task in the order of their logits.
        positions: the bins, n of them.
        folds: as `ranked`, of contiguous parts of the bins, as many as were asked for.
        kept: int64 (k,) numbers of the bins whose logits and labels were kept.
        logits: float32 (k, tasks).
        labels: uint8 (k, tasks).
    """

    part: str
    table: pd.DataFrame
    ranked: Ranked
    positions: Positions
    folds: list[Ranked]
    kept: NDArray[np.int64]
    logits: NDArray[np.float32]
    labels: NDArray[np.uint8]


def evaluate(
    model: Network,
    tasks: list[str],
    data: DataModule,
    part: str = "test",
    *,
    device: str = "cpu",
    keep: NDArray[np.int64] | None = None,
    calibration: Recalibrates | None = None,
    n_folds: int = 0,
) -> Scored:
    """Predict every bin of a held-out part and score it task by task.

    Args:
        model: the network; it is put in evaluation mode.
        tasks: names of its outputs.
        data: where the bins and labels are.
        part: validation or test.
        device: where to predict.
        keep: numbers, rising, of the bins whose logits and labels are kept, 5 bytes a task each.
        calibration: what was fitted on another part.
        n_folds: in so many contiguous parts the bins are ranked once more.

    Raises:
        MismatchError: the tasks of model and data differ.
    """
    check_tasks(tasks, data.tasks, str(data.targets.path))
    positions = held_out(data, part)
    total = positions.centres.size
    keep = np.empty(0, np.int64) if keep is None else keep
    scores = ScoreRanks(len(tasks), sync_on_compute=False).to(device)
    folds = [ScoreRanks(len(tasks), sync_on_compute=False).to(device) for _ in range(n_folds)]
    logits = np.empty((keep.size, len(tasks)), np.float32)
    labels = np.empty((keep.size, len(tasks)), np.uint8)
    done = 0
    for z, y in _predictions(model, data, part, device):
        scores.update(z, y)
        if folds:
            folds[min(done * n_folds // total, n_folds - 1)].update(z, y)
        low, high = np.searchsorted(keep, [done, done + len(z)])
        rows = keep[low:high] - done
        logits[low:high], labels[low:high] = z.float().cpu().numpy()[rows], y.cpu().numpy()[rows]
        done += len(z)
    ranked = scores.ranked()
    table = by_task(data.targets.tasks, {**scores.compute(), **_errors(ranked, calibration)})
    ranked_folds = [fold.ranked() for fold in folds]
    return Scored(part, table, ranked, positions, ranked_folds, keep, logits, labels)


def held_out(data: DataModule, part: str) -> Positions:
    """The bins of a part, as many as the data module takes of them.

    Raises:
        InputError: there is none.
    """
    size = data.test_size if part == "test" else data.validation_size
    return data.held_out_positions(part, size)


def _predictions(
    model: Network, data: DataModule, part: str, device: str
) -> Iterator[tuple[Tensor, Tensor]]:
    """Logits and labels of a part, batch by batch."""
    loader = data.test_dataloader() if part == "test" else data.val_dataloader()
    model = model.to(device).eval()
    with torch.inference_mode():
        for batch in track(loader, f"{part} batches"):
            yield model.logits(batch["codes"].to(device)), batch["labels"].to(device)


def _errors(ranked: Ranked, calibration: Recalibrates | None) -> dict[str, Tensor]:
    errors = {"calibration_error": calibration_error(ranked)}
    if calibration is not None:
        errors["recalibrated_error"] = calibration_error(ranked, calibration)
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
