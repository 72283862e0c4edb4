"""The LightningModule that every model is in training."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import torch
from lightning.pytorch import LightningModule
from torch import Tensor
from torchmetrics import MeanMetric

from nucleotides.loss import BCELoss, MultiTaskLoss
from nucleotides.metrics import ScoreRanks
from nucleotides.model.network import Network, Start
from nucleotides.model.optimisation import (
    Optimisation,
    count_steps,
    create_optimizer,
    create_schedule,
)

__all__ = ["Batch", "FunctionalModel", "Start", "trainable"]

Batch = dict[str, Tensor]


class FunctionalModel(Network, LightningModule):
    """A network that Lightning can train: from sequence to the logits of every task.

    A model of one's own derives from this class, builds its layers in `__init__`, and implements
    `forward(x: (batch, 4, length)) -> logits (batch, tasks)`; channel order A C G T, unknown
    bases 0.25. Its `__init__` takes `n_tasks` and `sequence_length` and whatever else it needs,
    as plain numbers, strings and lists, so that a checkpoint can name them.

    Args:
        n_tasks: number of tasks.
        sequence_length: bases of a window.

    Attributes:
        logged: metrics that are known after a validation, for `--monitor`; a model that logs more
            adds their names.
    """

    logged: ClassVar[tuple[str, ...]] = ("val_loss", "val_auroc", "val_ap", "val_lift")

    def __init__(self, n_tasks: int, sequence_length: int = 1000) -> None:
        super().__init__(n_tasks, sequence_length)
        self.loss: MultiTaskLoss = BCELoss()
        self.optimisation = Optimisation()
        self.scores = ScoreRanks(n_tasks)
        self.mean_loss = MeanMetric()

    def prepare_training(self, loss: MultiTaskLoss, optimisation: Optimisation) -> None:
        """Set what to minimise and how."""
        self.loss, self.optimisation = loss, optimisation

    def batch_loss(self, batch: Batch) -> Tensor:
        """Loss of a batch {"codes": uint8 (n, length), "labels": uint8 (n, tasks)}.

        A batch with "mask" (n, tasks) leaves out the labels where that is 0.
        """
        logits = self.training_logits(batch["codes"])
        repeats = len(logits) // len(batch["labels"])
        labels, mask = (
            None if values is None else values.repeat_interleave(repeats, 0)
            for values in (batch["labels"], batch.get("mask"))
        )
        loss: Tensor = self.loss(logits, labels, mask)
        return loss

    def training_step(self, batch: Batch, _: int) -> Tensor:
        """Loss of a batch, logged."""
        self.loss.start_step(self.current_epoch, self.global_step)
        loss = self.batch_loss(batch)
        size = len(batch["labels"])
        self.log("train_loss", loss, on_step=True, on_epoch=True, batch_size=size, sync_dist=True)
        return loss

    def validation_step(self, batch: Batch, _: int) -> None:
        """Add a batch to the validation's loss and scores."""
        if not len(batch["codes"]):  # the last batch of a process may be empty
            return
        logits = self.logits(batch["codes"])
        loss = self.loss(logits, batch["labels"], batch.get("mask"))
        self.mean_loss.update(loss, len(logits))
        self.scores.update(logits, batch["labels"])

    def on_validation_epoch_start(self) -> None:
        """Forget the scores of the last validation."""
        self.scores.reset()
        self.mean_loss.reset()

    def on_validation_epoch_end(self) -> None:
        """Log val_loss, and medians over the tasks that have both classes.

        They are val_auroc, val_ap and val_lift; of all processes together.
        """
        self.log("val_loss", self.mean_loss.compute(), prog_bar=True)
        metrics = self.scores.compute()
        scored = ~metrics["auroc"].isnan()
        names = {"auroc": "val_auroc", "average_precision": "val_ap", "lift": "val_lift"}
        for metric, name in names.items():
            values = metrics[metric][scored]
            median = values.quantile(0.5) if len(values) else torch.tensor(torch.nan)
            self.log(name, median.float(), prog_bar=metric != "average_precision")

    def predict_step(self, batch: Batch, *_: Any) -> Tensor:
        """Logits (n, tasks) of a batch."""
        return self.logits(batch["codes"])

    def configure_optimizers(self) -> Any:
        """Lightning's hook: the optimiser, and its schedule step by step."""
        optimizer = create_optimizer(self, self.optimisation)
        schedule = create_schedule(optimizer, self.optimisation, count_steps(self.trainer))
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


@cache
def trainable(network: type[Network]) -> type[FunctionalModel]:
    """The class of a network that can be trained: itself, or the same with what Lightning needs.

    Its module is `nucleotides.model.trainable`, where pickle finds it for processes of its own.
    """
    if issubclass(network, FunctionalModel):
        return network
    facts = {"__module__": "nucleotides.model.trainable", "__doc__": network.__doc__}
    return type(network.__name__, (network, FunctionalModel), facts)
