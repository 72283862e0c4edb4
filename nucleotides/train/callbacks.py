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

from nucleotides.files import replacing
from nucleotides.progress import say

_COLUMNS = ("epoch", "step", "samples", "train_loss", "val_loss", "val_auroc", "val_ap", "val_lift")


class EpochTable(Callback):
    """Append a row an epoch to `metrics.csv`: losses, validation metrics, seconds of training.

    Epochs count from 1. Rows of epochs that a resumed run goes over again are replaced.
    """

    def __init__(self, path: Path, samples_per_epoch: int, echo: bool) -> None:
        self.path, self.samples_per_epoch, self.echo = path, samples_per_epoch, echo
        self._begin, self._batches = 0.0, 0
        self._paused = 0.0

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

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stop the clock."""
        self._paused = time.monotonic()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Let it go on."""
        self._begin += time.monotonic() - self._paused

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
        with replacing(self.path) as temporary, temporary.open("w", newline="") as file:
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

    A second signal stops at once. `last.ckpt` is also written before each validation, so that one
    may be stopped, and every `every` optimiser steps if that is asked for. The state of the random
    numbers that dropout uses is part of every checkpoint, so that a resumed run equals one that was
    never stopped.

    Where gradients of several batches are added up, "the batch" is the last one before a step: what
    was added up is not part of a checkpoint.
    """

    def __init__(self, checkpoint: Path, every: int | None = None) -> None:
        self.checkpoint, self.every = checkpoint, every
        self._asked = False
        self._before_validation = False
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
        """Save when it is time; stop if asked to. Where a validation is due, it saves first."""
        if _validation_is_due(trainer, batch_idx):
            return
        if (batch_idx + 1) % trainer.accumulate_grad_batches:
            return
        if self._asked or (self.every and trainer.global_step % self.every == 0):
            trainer.save_checkpoint(self.checkpoint)
        if self._asked:
            raise KeyboardInterrupt

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save what goes into the validation, before averaged weights are put in its place."""
        adding_up = (trainer.fit_loop.epoch_loop.batch_idx + 1) % trainer.accumulate_grad_batches
        if not trainer.sanity_checking and (trainer.is_last_batch or not adding_up):
            self._before_validation = True
            trainer.save_checkpoint(self.checkpoint)
            self._before_validation = False

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Stop if asked to: the validation is made anew by who resumes."""
        if self._asked and not trainer.sanity_checking:
            raise KeyboardInterrupt

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Let a checkpoint from before a validation be one from its first batch.

        Lightning resumes a validation that was stopped within, not one that had not begun.
        """
        if self._before_validation:
            progress = checkpoint["loops"]["fit_loop"]["epoch_loop.val_loop.batch_progress"]
            for part in ("total", "current"):
                progress[part] = {"ready": 1, "started": 1, "processed": 0, "completed": 0}
            progress["is_last_batch"] = False

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
        say("stopping after this batch (once more: at once)")


def _validation_is_due(trainer: Trainer, batch_idx: int) -> bool:
    every = trainer.val_check_batch
    return trainer.is_last_batch or (every is not None and (batch_idx + 1) % every == 0)
