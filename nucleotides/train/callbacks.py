"""What happens along the way of a training run."""

from __future__ import annotations

import csv
import signal
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from nucleotides.progress import say

_COLUMNS = ("epoch", "step", "samples", "train_loss", "val_loss", "val_auroc", "val_ap", "val_lift")


class EpochTable(Callback):
    """Append a row an epoch to `metrics.csv`: losses, validation metrics, seconds, samples/s.

    Epochs count from 1. Rows of epochs that a resumed run goes over again are replaced.
    """

    def __init__(self, path: Path, samples_per_epoch: int, echo: bool) -> None:
        self.path, self.samples_per_epoch, self.echo = path, samples_per_epoch, echo
        self._begin, self._batches = 0.0, 0

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock of a run that goes on within an epoch."""
        self._begin, self._batches = time.monotonic(), 0

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self._begin, self._batches = time.monotonic(), 0

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Count what this process did of the epoch."""
        self._batches += 1

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the row."""
        if not trainer.is_global_zero:
            return
        seconds = time.monotonic() - self._begin
        epoch = trainer.current_epoch + 1
        facts = {
            "epoch": epoch,
            "step": trainer.global_step,
            "samples": epoch * self.samples_per_epoch,
        }
        metrics = trainer.callback_metrics
        logged = {"train_loss": metrics.get("train_loss_epoch")} | {
            name: metrics.get(name) for name in _COLUMNS[4:]
        }
        numbers = {k: f"{float(v):.6g}" for k, v in logged.items() if v is not None}
        row = facts | numbers | {"seconds": f"{seconds:.3f}"}
        earlier = [r for r in self._rows() if int(r["epoch"]) < epoch]
        with self.path.open("w", newline="") as file:
            writer = csv.DictWriter(file, [*_COLUMNS, "seconds"])
            writer.writeheader()
            writer.writerows([*earlier, row])
        if self.echo:
            told = ", ".join(f"{k} {float(v):.4f}" for k, v in numbers.items())
            part = self._batches / max(int(trainer.num_training_batches), 1)
            rate = self.samples_per_epoch * part / seconds
            say(f"epoch {epoch}/{trainer.max_epochs}: {told}; {rate:,.0f} samples/s")

    def _rows(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        with self.path.open(newline="") as file:
            return list(csv.DictReader(file))


class StopAtBatchEnd(Callback):
    """On Ctrl-C or SIGTERM, finish the batch, save `last.ckpt`, then stop; resuming goes on there.

    A second signal stops at once. The state of the random numbers that dropout uses is part of
    every checkpoint, so that a resumed run equals one that was never stopped.
    """

    def __init__(self, checkpoint: Path) -> None:
        self.checkpoint = checkpoint
        self._asked = False
        self._before: dict[int, Any] = {}
        self._random: torch.Tensor | None = None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Listen for the signals."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._ask)

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Go on with the random numbers of the checkpoint that was loaded, if any."""
        if self._random is not None:
            torch.set_rng_state(self._random)
            self._random = None

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Save and stop, if asked to; after an epoch's last batch, its validation comes first."""
        if self._asked and not trainer.is_last_batch:
            trainer.save_checkpoint(self.checkpoint)
            raise KeyboardInterrupt

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Listen no more."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def state_dict(self) -> dict[str, Any]:
        """The state of torch's random numbers."""
        return {"random": torch.get_rng_state()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Keep the state until the first batch."""
        self._random = state_dict["random"].cpu()

    def _ask(self, signum: int, frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        say("stopping after this batch (Ctrl-C again: at once)")
