"""The LightningModule that all models inherit from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from lightning.pytorch import LightningModule
from torch import Tensor
from torchmetrics import MeanMetric

from nucleotides.errors import InputError
from nucleotides.loss import BCELoss, MultiTaskLoss
from nucleotides.metrics import ScoreRanks
from nucleotides.model.encoding import one_hot, reverse_complement
from nucleotides.model.motifs import Motif
from nucleotides.model.optimisation import (
    Optimisation,
    count_steps,
    create_optimizer,
    create_schedule,
)

Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Start:
    """What a model may look at before its first step.

    Attributes:
        rates: (tasks,) part of the training samples that is positive.
        codes: uint8 (n, length) of some training windows.
        motifs: those of `--init_motifs`, or none.
    """

    rates: Tensor
    codes: Tensor
    motifs: list[Motif] | None = None


class FunctionalModel(LightningModule):
    """From sequence to the logits of every task.

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
        both_strands: whether evaluation averages the logits of a window and of its reverse
            complement.
    """

    logged: ClassVar[tuple[str, ...]] = ("val_loss", "val_auroc", "val_ap", "val_lift")

    def __init__(self, n_tasks: int, sequence_length: int = 1000) -> None:
        super().__init__()
        if n_tasks < 1:
            raise InputError(f"a model of {n_tasks} tasks cannot be: give 1 or more")
        self.n_tasks, self.sequence_length = n_tasks, sequence_length
        self.both_strands = False
        self.loss: MultiTaskLoss = BCELoss()
        self.optimisation = Optimisation()
        self.scores = ScoreRanks(n_tasks)
        self.mean_loss = MeanMetric()

    def prepare_training(self, loss: MultiTaskLoss, optimisation: Optimisation) -> None:
        """Set what to minimise and how."""
        self.loss, self.optimisation = loss, optimisation

    def initialise(self, start: Start) -> None:
        """Set initial weights from what training will see; a model may leave them as they are.

        Raises:
            InputError: motifs were given, and this model cannot start from them.
        """
        if start.motifs:
            raise InputError(f"--init_motifs: {type(self).__name__} cannot start from motifs")

    def logits(self, codes: Tensor) -> Tensor:
        """Evaluation's logits (batch, tasks) of codes uint8 (batch, length)."""
        x = one_hot(codes)
        logits: Tensor = self(x)
        if self.both_strands:
            logits = (logits + self(reverse_complement(x))) / 2
        return logits

    def training_logits(self, codes: Tensor) -> Tensor:
        """What the loss is taken of: logits (k n, tasks), k in a row for each window of n."""
        logits: Tensor = self(one_hot(codes))
        return logits

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
