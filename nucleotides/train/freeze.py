"""Train the last layer only, for a while or for good."""

from __future__ import annotations

from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from torch.nn import Module, Parameter
from torch.nn.modules.batchnorm import _BatchNorm

from nucleotides.errors import InputError
from nucleotides.model.heads import task_dimensions
from nucleotides.model.lightning_model import FunctionalModel


class FrozenTrunk(Callback):
    """Keep the trunk as it is; its batch normalisation stays in evaluation mode.

    Args:
        until: the epoch, counted from 1, from which on the trunk is trained too; None for never.

    Raises:
        InputError: the trunk is to be unfrozen on several devices.
    """

    def __init__(self, until: int | None = None) -> None:
        self.until = until
        self._trunk: list[Parameter] = []
        self._norms: list[Module] = []

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Find the trunk; freeze it for good before the optimiser is made."""
        assert isinstance(pl_module, FunctionalModel)
        if self.until is not None and trainer.world_size > 1:
            raise InputError(
                "--unfreeze_at works on one device: train with --freeze_trunk, then again with "
                "--init_from"
            )
        heads = task_dimensions(pl_module)
        named = pl_module.named_parameters()
        self._trunk = [p for name, p in named if name not in heads and p.requires_grad]
        self._norms = [
            module
            for prefix, module in pl_module.named_modules()
            if isinstance(module, _BatchNorm)
            and not any(f"{prefix}.{name}" in heads for name, _ in module.named_parameters())
        ]
        if self.until is None:
            self._train_trunk(False)

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Freeze or unfreeze, as it is time; validation may have changed modes."""
        frozen = self.until is None or trainer.current_epoch + 1 < self.until
        if self.until is not None:
            self._train_trunk(not frozen)
        for norm in self._norms:
            norm.train(not frozen)

    def _train_trunk(self, yes: bool) -> None:
        for parameter in self._trunk:
            parameter.requires_grad_(yes)
