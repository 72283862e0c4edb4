"""The progress bar of a training: samples a second, validation metrics, time left."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import TQDMProgressBar


class TrainingBar(TQDMProgressBar):
    """Lightning's bar; a line stays for each epoch.

    `samples/s` is that of training, on all devices together; `left` is for the whole training,
    validations included, as they took so far.

    Args:
        batch_size: samples of a batch, on each device.
        clock: seconds.
    """

    def __init__(self, batch_size: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(leave=True)
        self._batch_size, self._clock = batch_size, clock
        self._begin = 0.0
        self._done = 0
        self._mark: float | None = None
        self._timed, self._seconds = 0, 0.0

    def on_train_start(self, *arguments: Any) -> None:
        """Start the clock."""
        super().on_train_start(*arguments)
        self._begin, self._done, self._mark = self._clock(), 0, None
        self._timed, self._seconds = 0, 0.0

    def on_train_batch_end(self, *arguments: Any) -> None:
        """Count a batch; the time since the one before is training, if nothing came between."""
        now = self._clock()
        self._done += 1
        if self._mark is not None:
            self._timed += 1
            self._seconds += now - self._mark
        self._mark = now
        super().on_train_batch_end(*arguments)

    def on_validation_start(self, *arguments: Any) -> None:
        """What follows is not training."""
        super().on_validation_start(*arguments)
        self._mark = None

    def get_metrics(self, trainer: Trainer, pl_module: LightningModule) -> dict[str, Any]:
        """What stands at the end of the bar."""
        shown = super().get_metrics(trainer, pl_module)
        shown.pop("v_num", None)
        if self._seconds > 0:
            rate = self._timed * self._batch_size * trainer.world_size / self._seconds
            shown["samples/s"] = f"{rate:,.0f}"
        if self._done and (remaining := batches_left(trainer)) is not None:
            left = (self._clock() - self._begin) / self._done * remaining
            shown["left"] = str(timedelta(seconds=round(left)))
        return shown


def batches_left(trainer: Trainer) -> int | None:
    """Batches to go until max_epochs or max_steps, or None where neither is set."""
    per_epoch = int(trainer.num_training_batches)
    ends = []
    if trainer.max_epochs is not None and trainer.max_epochs >= 0:
        begun = trainer.fit_loop.epoch_loop.batch_progress.current.ready
        ends.append((trainer.max_epochs - trainer.current_epoch) * per_epoch - begun)
    if trainer.max_steps >= 0:
        ends.append((trainer.max_steps - trainer.global_step) * trainer.accumulate_grad_batches)
    return max(min(ends), 0) if ends else None
