"""Predictions over a large fixed sample of the genome, in one streaming pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nucleotides.data.plan import SamplePlan
from nucleotides.data.positions import Positions
from nucleotides.data.splits import Split
from nucleotides.errors import InputError
from nucleotides.metrics import ScoreRanks
from nucleotides.metrics.background import Background, Moments, background
from nucleotides.metrics.calibration import Recalibrates
from nucleotides.model.network import Network
from nucleotides.progress import track

SEED = 20_260_000  # of the sample; the same for every model, so that backgrounds can be compared
_AT_ONCE = 128
_TRIES = 100


def background_positions(plan: SamplePlan, n: int, source: str = "genome") -> Positions:
    """Windows of known bases only, whose bins are off the blacklist, on the forward strand.

    Args:
        plan: stores, blacklist and label rule; its split is not asked, for the background is of
            the whole genome.
        n: how many; the first n of a longer sample.
        source: genome, anywhere; or gc, outside of the training intervals and of like GC content.

    Raises:
        InputError: the genome has no such window, or too few.
    """
    kept: list[Positions] = []
    for some in _drawn(plan, n, source):
        starts = some.centres - plan.sequence_length // 2
        known = plan.genome.known_bases(some.contigs, starts, plan.sequence_length)
        kept.append(some.take(np.flatnonzero(known == plan.sequence_length)))
        if sum(part.centres.size for part in kept) >= n:
            return Positions(*(np.concatenate(column)[:n] for column in zip(*kept, strict=True)))
    raise InputError(
        f"the genome has hardly a window of {plan.sequence_length} known bases off the blacklist"
    )


def _drawn(plan: SamplePlan, n: int, source: str) -> Iterator[Positions]:
    """One endless sample of a source, cut off where it goes on in vain, n at a time."""
    whole = Split(plan.genome.contigs, (), ())
    alone = replace(
        plan, split=whole, sampling={source: 1.0}, max_shift=0, both_strands=False, seed=SEED
    )
    try:
        positions = alone.training_positions()
    except InputError as error:
        raise InputError(f"the genome has no window for this background: {error}") from error
    for number in range(_TRIES):
        yield positions.draw(0, np.arange(number * n, (number + 1) * n))


def predict_positions(
    model: Network, plan: SamplePlan, at: Positions, device: str, what: str
) -> Iterator[Tensor]:
    """Logits (batch, tasks) of windows, in evaluation mode, on the device; with progress."""
    model = model.to(device).eval()
    edges = range(0, at.centres.size, _AT_ONCE)
    with torch.inference_mode():
        for first in track(edges, what):
            part = at.take(np.arange(first, min(first + _AT_ONCE, at.centres.size)))
            yield model.logits(torch.from_numpy(_codes(plan, part)).to(device))


def _codes(plan: SamplePlan, at: Positions) -> NDArray[np.uint8]:
    length = plan.sequence_length
    return plan.genome.windows(at.contigs, at.centres - length // 2, length, at.reverse)


def genome_background(
    model: Network,
    tasks: list[str],
    plan: SamplePlan,
    n: int,
    source: str = "genome",
    device: str = "cpu",
    calibration: Recalibrates | None = None,
) -> Background:
    """Mean, standard deviation and quantiles of every task over n windows (see
    `background_positions`), in memory that does not grow with n.

    Raises:
        InputError: n below 1, or no such windows.
    """
    if n < 1:
        raise InputError(f"a background of {n} windows cannot be: give 1 or more")
    at = background_positions(plan, n, source)
    ranks = ScoreRanks(len(tasks), sync_on_compute=False).to(device)
    moments = Moments(len(tasks))
    calibrated = Moments(len(tasks)) if calibration else None
    for logits in predict_positions(model, plan, at, device, f"background ({source}) batches"):
        ranks.update(logits, torch.zeros_like(logits, dtype=torch.uint8))
        moments.update(logits)
        if calibration is not None and calibrated is not None:
            calibrated.update(calibration.apply(logits.double().cpu()))
    return background(tasks, ranks.ranked(), moments, calibrated)
