"""The motifs that a model uses for a task: from windows to patterns with names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.explain.coordinates import Coordinates
from nucleotides.explain.discover_motifs import Pattern, discover_motifs
from nucleotides.explain.mutagenesis import saturation_mutagenesis
from nucleotides.explain.name_motifs import name_motifs
from nucleotides.explain.seqlets import find_seqlets
from nucleotides.explain.target_motifs import targets_of
from nucleotides.explain.weigh_bases import actual, hypothetical
from nucleotides.model.motifs import SHIPPED_MOTIFS, Motif

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained


@dataclass(frozen=True)
class TaskMotifs:
    """What recurs in the contributions of one task.

    Attributes:
        task: its name.
        codes: uint8 (n, length), the stretches that contributions are of.
        hypothetical: float32 (n, 4, length), contributions as `weigh_bases.hypothetical`.
        seqlets: as `find_seqlets`.
        patterns: as `discover_motifs`.
        names: as `name_motifs`.
        places: where stretches come from, in words; or none.
        coordinates: of each stretch; or none: then they are numbered from 0.
    """

    task: str
    codes: NDArray[np.uint8]
    hypothetical: NDArray[np.float32]
    seqlets: pd.DataFrame
    patterns: list[Pattern]
    names: pd.DataFrame
    places: list[str] = field(default_factory=list)
    coordinates: list[Coordinates] = field(default_factory=list)

    @property
    def contributions(self) -> NDArray[np.float32]:
        """Of the bases that are there: (n, length)."""
        return actual(self.hypothetical, self.codes)


def find_motifs(
    model: Explained,
    codes: NDArray[np.uint8],
    task: str,
    *,
    positions: tuple[int, int] | None = None,
    motifs: Path | Sequence[Motif] = SHIPPED_MOTIFS,
    precision: str = "float32",
    places: Sequence[str] = (),
) -> TaskMotifs:
    """Saturation mutagenesis of windows, TF-MoDISco, Tomtom.

    Args:
        model: any model.
        codes: uint8 (n, length), windows that the task is positive or predicted in; the more, the
            more motifs are found: 20 seqlets make a pattern.
        task: its name.
        positions: first and end of those exchanged (0-based, half-open); by default all. What is
            found lies within them.
        motifs: a MEME file, or motifs, to name patterns by.
        precision: as of `saturation_mutagenesis`.
        places: where the windows come from, in words.

    Raises:
        InputError, UnknownNameError: see `saturation_mutagenesis`.
        MotifFileError: a file without motifs.
        MissingDependencyError: the extra `motifs` is not installed.
    """
    effects = saturation_mutagenesis(model, codes, [task], precision=precision, positions=positions)
    within = codes[:, slice(*positions)] if positions else codes
    table = model.tasks.set_index("task")
    target = str(table["target"].fillna("")[task]) if "target" in table else ""
    would = hypothetical(effects[:, 0])
    return motifs_of(task, within, would, motifs=motifs, places=places, target=target)


def motifs_of(
    task: str,
    codes: NDArray[np.uint8],
    hypothetical: NDArray[np.float32],
    *,
    motifs: Path | Sequence[Motif] = SHIPPED_MOTIFS,
    places: Sequence[str] = (),
    coordinates: Sequence[Coordinates] = (),
    target: str = "",
) -> TaskMotifs:
    """As `find_motifs`, of contributions (n, 4, length) by whatever method.

    Args:
        task: its name.
        codes: uint8 (n, length).
        hypothetical: contributions.
        motifs: as `find_motifs`.
        places: as `find_motifs`.
        coordinates: of each sequence.
        target: of the task, whose own motif is told too; by default it is sought in its name.
    """
    patterns = discover_motifs(hypothetical, codes)
    seqlets = find_seqlets(actual(hypothetical, codes))
    names = name_motifs(patterns, motifs, targets=targets_of(task, target))
    return TaskMotifs(
        task, codes, hypothetical, seqlets, patterns, names, list(places), list(coordinates)
    )
