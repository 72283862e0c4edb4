"""Another run, judged on the very bins that this one is judged on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nucleotides.analyze.blocks import genome_blocks
from nucleotides.analyze.compare import Comparison, compare
from nucleotides.analyze.genome_background import predict_positions
from nucleotides.data.positions import Positions
from nucleotides.errors import InputError, MismatchError, StoreError
from nucleotides.genome.ranges import covered_within
from nucleotides.train.evaluate import Scored
from nucleotides.train.reopen import Reopened, reopen


def compare_with(run: Reopened, scored: Scored, other: Path, device: str) -> Comparison:
    """This run (b) against another (a), task by task, for the tasks that both have.

    Args:
        run: this run.
        scored: its scores, of which the kept bins count.
        other: folder of the other run, or a checkpoint of it.
        device: where to predict.

    Raises:
        InputError: there is no such run; or it was trained on these bins, or labels other ones.
        MismatchError: the two share no task, or are of different genomes.
    """
    stores = {name: str(run.config[name]) for name in ("genome", "targets")}
    try:
        rival = reopen(other, fallback=stores)
    except (InputError, StoreError) as error:
        raise InputError(f"--compare: {error}") from error
    _check(run, rival, other)
    shared = [task for task in run.checkpoint.tasks if task in set(rival.checkpoint.tasks)]
    if not shared:
        raise MismatchError(f"--compare {other}: the two runs share no task")
    at = scored.positions.take(scored.kept)
    _check_held_out(rival, at, other)
    mine = [run.checkpoint.tasks.index(task) for task in shared]
    theirs = [rival.checkpoint.tasks.index(task) for task in shared]
    blocks = genome_blocks(at.contigs, at.centres)
    logits = _predict(run, rival, at, theirs, device)
    return compare(shared, scored.labels[:, mine], logits, scored.logits[:, mine], blocks)


def _predict(
    run: Reopened, rival: Reopened, at: Positions, outputs: list[int], device: str
) -> NDArray[np.float32]:
    """Logits (n, outputs) of the rival, in windows of its own length."""
    plan = replace(run.data.plan, sequence_length=rival.data.sequence_length)
    name = f"{rival.folder.name} batches"
    parts = [
        z[:, outputs].float().cpu()
        for z in predict_positions(rival.checkpoint.model, plan, at, device, name)
    ]
    return np.asarray(torch.cat(parts).numpy())


def _check(run: Reopened, rival: Reopened, other: Path) -> None:
    if rival.data.genome.contigs != run.data.genome.contigs:
        raise MismatchError(f"--compare {other}: the two runs are of different genomes")
    rules = [(r.data.bin, r.data.threshold) for r in (run, rival)]
    if rules[0] != rules[1]:
        raise InputError(
            f"--compare {other}: its labels are of bins of {rules[1][0]} bases at {rules[1][1]:g}, "
            f"this run's of {rules[0][0]} at {rules[0][1]:g}"
        )


def _check_held_out(rival: Reopened, at: Positions, other: Path) -> None:
    """Refuse to judge a model on what it was trained on."""
    trained = rival.data.split.training()
    seen = 0
    for number, ranges in enumerate(trained):
        centres = at.centres[at.contigs == number]
        seen += int(covered_within(ranges, centres, centres + 1).sum())
    if seen:
        raise InputError(
            f"--compare {other}: it was trained on {seen:,} of the {at.centres.size:,} bins on "
            "which the two would be compared; compare runs of one split"
        )
