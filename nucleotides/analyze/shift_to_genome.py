"""Calibrated probabilities for the whole genome, where a task may be rarer than in validation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nucleotides.data.plan import SamplePlan
from nucleotides.data.splits import Split
from nucleotides.errors import InputError
from nucleotides.genome.ranges import Ranges
from nucleotides.metrics.monotone import Calibration
from nucleotides.metrics.prior_shift import prior_shift


def shift_to_genome(calibration: Calibration, plan: SamplePlan) -> Calibration:
    """The same, with logits moved by how much rarer a task is in the genome (see `prior_shift`).

    Raises:
        InputError: there is no validation part.
    """
    held_out = plan.layout.join(plan.split.held_out("validation"))
    if not held_out.total:
        raise InputError("there is no validation part whose prevalence could be shifted from")
    return calibration.shifted(prior_shift(_prevalence(plan, held_out), genome_prevalence(plan)))


def genome_prevalence(plan: SamplePlan) -> NDArray[np.float64]:
    """Part of all positions of the genome at which each task is positive, (tasks,): counted, not
    sampled, where sequence is known and off the blacklist."""
    whole = replace(plan, split=Split(plan.genome.contigs, (), ()), max_shift=0)
    return _prevalence(plan, whole.allowed)


def _prevalence(plan: SamplePlan, cells: Ranges) -> NDArray[np.float64]:
    regions = plan.layout.split(cells)
    positive = plan.targets.count_positive(regions, plan.bin, plan.threshold)
    return np.asarray(positive / max(cells.total, 1), np.float64)
