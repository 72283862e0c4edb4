"""The work of a job of explanations: that of `nucleotides explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nucleotides.analyze.explanations.gather_items import Items, items_of_regions
from nucleotides.analyze.explanations.write_explanations import Wanted, write_explanations
from nucleotides.errors import InputError
from nucleotides.explain.methods import How
from nucleotides.genome import encode
from nucleotides.predict.of_one import of_one
from nucleotides.predict.regions.read_regions import read_regions
from nucleotides.schemas.jobs import ExplanationJob

if TYPE_CHECKING:
    from nucleotides.genome import GenomeStore
    from nucleotides.jobs.shelf import Shelf


def explain(shelf: Shelf, name: str, asked: ExplanationJob, tasks: list[str], out: Path) -> str:
    """Make the explanations, in `out`; there is nothing to be said of them.

    Args:
        shelf: models and genome.
        name: of the model.
        asked: what is wanted.
        tasks: those that the request means.
        out: a folder.
    """
    model = shelf.model(name)
    wanted = Wanted(tasks, How(asked.method, asked.scale), asked.step, asked.shown)
    genome = shelf.reference() if asked.regions else None
    write_explanations(model, items_of(asked, genome, model.sequence_length), wanted, out)
    return ""


def items_of(asked: ExplanationJob, genome: GenomeStore | None, length: int) -> Items:
    """What is to be explained, checked.

    Raises:
        InputError: a sequence shorter than the window.
        CoordinateError, UnknownNameError: a region that is not on the genome.
    """
    if asked.regions:
        assert genome is not None
        rows = [(one.chrom, one.start, one.end) for one in asked.regions]
        table = pd.DataFrame(rows, columns=["chrom", "start", "end"])
        with of_one(len(rows) == 1):
            return items_of_regions(read_regions(table, genome), genome, length)
    named = asked.named()
    for name, sequence in named.items():
        if len(sequence) < length:
            raise InputError(
                f"sequence {name} has {len(sequence)} bases; the model needs {length} or more"
            )
    codes = [np.asarray(encode(sequence)) for sequence in named.values()]
    return Items(pd.DataFrame({"name": list(named)}), codes)
