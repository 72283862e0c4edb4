"""From a model and sequences to a folder of explanations: the work of `nucleotides explain`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nucleotides.analyze.explanations.explain_items import explain_items
from nucleotides.analyze.explanations.gather_items import Items
from nucleotides.analyze.explanations.keep_explanations import Stored
from nucleotides.analyze.explanations.locate_items import locate_items
from nucleotides.analyze.explanations.write_contributions import write_contributions
from nucleotides.analyze.explanations.write_page import write_page
from nucleotides.choose_tasks import choose_tasks
from nucleotides.errors import MissingDependencyError
from nucleotides.explain.explainer import Explainer
from nucleotides.explain.methods import How
from nucleotides.explain.overlap_windows import Overlap
from nucleotides.files import replacing
from nucleotides.model.motifs import SHIPPED_MOTIFS, known_as, read_meme
from nucleotides.progress import say, track

if TYPE_CHECKING:
    from nucleotides.predict import Model


@dataclass(frozen=True)
class Wanted:
    """What is to be made.

    Attributes:
        tasks: names of tasks.
        how: the method.
        step: bases from window to window of longer sequences, or None.
        shown: sequences on the page.
        npz: whether to write explanations.npz too.
        motifs: whether to look for motifs that recur.
        known: a MEME file of motifs, to name seqlets and what recurs by.
    """

    tasks: list[str]
    how: How
    step: int | None = None
    shown: int = 20
    npz: bool = False
    motifs: bool = False
    known: Path = SHIPPED_MOTIFS


def chosen_tasks(model: Model, wanted: Sequence[str]) -> list[str]:
    """Names of the tasks wanted: names or patterns, all for none.

    Raises:
        UnknownNameError: a task that the model does not have.
    """
    known = list(model.tasks["task"])
    return [known[i] for i in choose_tasks(wanted, known)]


def write_explanations(model: Model, items: Items, wanted: Wanted, out: Path) -> Path:
    """Explain `items` into the folder `out`; its page.

    `explanations.h5` (and `.npz`), `index.html` with `logos` and `heatmaps`, `contributions` with a
    bigWig a task where items lie on a genome, `motifs.html` where motifs are wanted. What was
    explained before a stop is kept until all of this is there.

    Raises:
        InputError: a step that is not possible.
        MotifFileError: a file that holds no motifs.
        MissingDependencyError: motifs are wanted and the extra is not installed.
        BusyError: another process is writing there.
        OutOfSpaceError: the disk is full.
    """
    overlap = Overlap.of(model.sequence_length, wanted.step)
    explainer = Explainer(model, wanted.tasks, wanted.how, overlap)
    read_meme(wanted.known)
    if wanted.motifs:
        _need_motifs()

    def finish(path: Path) -> None:
        with Stored(path) as stored:
            links = [("explanations.h5", "explanations.h5")]
            if wanted.npz:
                links.append(("explanations.npz", _write_npz(stored, out).name))
            if items.contigs and _write_tracks(stored, items.contigs, out):
                links.append(("bigWig by task", "contributions/"))
            if wanted.motifs:
                path = _write_motifs(stored, items, _targets(model), wanted.known, out)
                links.append(("motifs that recur", path.name))
            write_page(
                stored, out, wanted.shown, tuple(links), contigs=items.contigs, motifs=wanted.known
            )

    explain_items(model, items, explainer, out / "explanations.h5", finish)
    return out / "index.html"


def _write_npz(stored: Stored, out: Path) -> Path:
    path = out / "explanations.npz"
    with replacing(path) as temporary, temporary.open("wb") as file:
        arrays: dict[str, Any] = stored.all()
        np.savez_compressed(file, **arrays)
    return path


def _write_tracks(stored: Stored, contigs: dict[str, int], out: Path) -> bool:
    try:
        write_contributions(stored, contigs, out / "contributions")
    except MissingDependencyError as error:
        say(f"no bigWig: {error}")
        return False
    return True


def _need_motifs() -> None:
    from importlib.util import find_spec

    for package, module in (("modisco-lite", "modiscolite"), ("memelite", "memelite")):
        if find_spec(module) is None:
            raise MissingDependencyError(package, "motifs")


def _write_motifs(
    stored: Stored, items: Items, targets: Mapping[str, str], known: Path, out: Path
) -> Path:
    """Motifs that recur, task by task."""
    from nucleotides.analyze.motifs import write_motif_report
    from nucleotides.explain.find_motifs import motifs_of

    located = locate_items(stored.facts, stored.lengths, items.contigs)
    places, coordinates = zip(*located, strict=True)
    found = [
        motifs_of(
            task,
            codes,
            values,
            motifs=known,
            target=targets.get(task, ""),
            places=places,
            coordinates=coordinates,
        )
        for i, task in enumerate(track(stored.tasks, "motifs, tasks"))
        for values, codes in [stored.hypothetical(i)]
    ]
    return write_motif_report(
        out / "motifs.html",
        found,
        motifs=known_as(known),
        contribution=stored.how.contribution,
    )


def _targets(model: Model) -> dict[str, str]:
    """The target of each task, where the model's table has it."""
    if "target" not in model.tasks:
        return {}
    return dict(zip(model.tasks["task"], model.tasks["target"].fillna("").astype(str), strict=True))
