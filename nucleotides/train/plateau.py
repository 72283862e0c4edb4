"""Lower the learning rate when a metric no longer improves."""

from __future__ import annotations

import math
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from torch.optim.lr_scheduler import LambdaLR


class Plateau(Callback):
    """After a validation, look at the metric; lower the base rates of the schedule at need.

    Lightning steps torch's ReduceLROnPlateau after the checkpoint of the same epoch is written, so
    that a resumed run would go on without that step. Here it comes first, and the schedule's state,
    which is part of every checkpoint, holds the rates.

    Args:
        monitor: a logged metric.
        mode: min or max, what counts as better.
        factor: what the rates are multiplied by.
        patience: validations without improvement that are borne.
    """

    def __init__(self, monitor: str, mode: str, factor: float, patience: int) -> None:
        self.monitor, self.factor, self.patience = monitor, factor, patience
        self._sign = 1.0 if mode == "max" else -1.0
        self._best, self._waited = -math.inf, 0

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Count, and lower the rates when there was no improvement for too long."""
        if trainer.sanity_checking:
            return
        value = self._sign * float(trainer.callback_metrics[self.monitor])
        if value > self._best:
            self._best, self._waited = value, 0
            return
        self._waited += 1
        if self._waited > self.patience:
            self._waited = 0
            for config in trainer.lr_scheduler_configs:
                lower(config.scheduler, self.factor)  # type: ignore[arg-type]

    def state_dict(self) -> dict[str, Any]:
        """The best value so far and how long ago it was."""
        return {"best": self._best, "waited": self._waited}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on counting."""
        self._best, self._waited = state_dict["best"], state_dict["waited"]


def lower(schedule: LambdaLR, factor: float) -> None:
    """Multiply a schedule's rates, from the next step on."""
    schedule.base_lrs = [rate * factor for rate in schedule.base_lrs]
    for group in schedule.optimizer.param_groups:
        group["lr"] *= factor
