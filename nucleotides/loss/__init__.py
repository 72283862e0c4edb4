"""Losses for many tasks at once, most of them rarely positive."""

from nucleotides.loss.bce import BCELoss, WeightedBCELoss
from nucleotides.loss.class_balanced import ClassBalancedLoss
from nucleotides.loss.deferred import DeferredLoss
from nucleotides.loss.distribution_balanced import DistributionBalancedLoss
from nucleotides.loss.focal import FocalLoss
from nucleotides.loss.logit_adjusted import LogitAdjustedLoss
from nucleotides.loss.loss import LOSSES, LossOptions, create_loss
from nucleotides.loss.multi_task_loss import MultiTaskLoss
from nucleotides.loss.random_weighting import RandomLossWeighting
from nucleotides.loss.task_balanced import TaskBalancedLoss

__all__ = [
    "LOSSES",
    "BCELoss",
    "ClassBalancedLoss",
    "DeferredLoss",
    "DistributionBalancedLoss",
    "FocalLoss",
    "LogitAdjustedLoss",
    "LossOptions",
    "MultiTaskLoss",
    "RandomLossWeighting",
    "TaskBalancedLoss",
    "WeightedBCELoss",
    "create_loss",
]
