"""Metrics of every task at every validation, in one small file each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer

from nucleotides.files import replacing
from nucleotides.model.lightning_model import FunctionalModel

KEPT = ("auroc", "average_precision")
"""Prevalence, and with it lift, is the same at every validation: see validation.tsv."""


class TaskMetrics(Callback):
    """Write `STEP.parquet` after each validation.

    Columns are epoch (from 1), step, task, auroc and average_precision (float32, NaN where
    undefined); `pandas.read_parquet(folder)` reads all validations as one table. Files are replaced
    whole, and those of steps that a resumed run goes over again are removed.

    Args:
        folder: of the files.
        tasks: names of the model's outputs.
    """

    def __init__(self, folder: Path, tasks: list[str]) -> None:
        self.folder, self.tasks = folder, pd.Categorical(tasks, categories=tasks)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the file, in the first process."""
        if trainer.sanity_checking:
            return
        assert isinstance(pl_module, FunctionalModel)
        metrics = pl_module.scores.compute()  # by all processes: it sums over them
        if not trainer.is_global_zero:
            return
        step = trainer.global_step
        for path in self.folder.glob("*.parquet"):
            if int(path.stem) > step:
                path.unlink()
        n = len(self.tasks)
        table = pd.DataFrame(
            {
                "epoch": np.full(n, trainer.current_epoch + 1, np.int32),
                "step": np.full(n, step, np.int64),
                "task": self.tasks,
                **{name: metrics[name].float().cpu().numpy() for name in KEPT},
            }
        )
        with replacing(self.folder / f"{step:09d}.parquet") as temporary:
            table.to_parquet(temporary, index=False, compression="zstd")
