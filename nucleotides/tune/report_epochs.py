"""Tell the study how a trial does after each epoch, and stop it where others did better."""

from __future__ import annotations

from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer


class ReportEpochs(Callback):
    """Report the monitored metric at the end of each epoch (from 1) that was validated.

    Args:
        trial: of optuna.
        monitor: a logged metric.
        known: epochs whose value was reported already, before the trial was killed and retried.

    Attributes:
        pruned: whether the study stopped the trial.
    """

    def __init__(self, trial: Any, monitor: str, known: set[int]) -> None:
        self.trial, self.monitor, self.known = trial, monitor, known
        self.pruned = False

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Report; ask whether to go on."""
        epoch = trainer.current_epoch + 1
        if self.monitor not in trainer.callback_metrics or epoch in self.known:
            return
        self.known.add(epoch)
        self.trial.report(float(trainer.callback_metrics[self.monitor]), epoch)
        if self.trial.should_prune():
            self.pruned = trainer.should_stop = True
