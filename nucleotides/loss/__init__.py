"""Losses for many tasks at once."""

from nucleotides.loss.loss import LOSSES, BCELoss, MultiTaskLoss, WeightedBCELoss, create_loss

__all__ = ["LOSSES", "BCELoss", "MultiTaskLoss", "WeightedBCELoss", "create_loss"]
