"""One HTML page of explanations; it asks nothing of the network. Logos and heatmaps as files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from nucleotides import __version__
from nucleotides.analyze.explanations.describe_sequence import (
    Described,
    Sites,
    describe_place,
    describe_predictions,
    draw_task,
    draw_tasks,
)
from nucleotides.analyze.explanations.keep_explanations import Stored
from nucleotides.analyze.explanations.locate_items import Located, locate_items
from nucleotides.analyze.explanations.name_seqlets import Matches, name_seqlets
from nucleotides.analyze.explanations.save_drawings import save_heatmap, save_logos
from nucleotides.analyze.report import theme
from nucleotides.analyze.report.gallery import file_name
from nucleotides.errors import MissingDependencyError
from nucleotides.explain.seqlets import find_seqlets
from nucleotides.files import replacing
from nucleotides.model.motifs import SHIPPED_MOTIFS, known_as
from nucleotides.progress import say, track

_TASKS = 3
"""Of a sequence that are drawn: those it was chosen for, then those that are predicted most."""


def write_page(
    stored: Stored,
    out: Path,
    shown: int = 20,
    links: tuple[tuple[str, str], ...] = (),
    *,
    contigs: Mapping[str, int] | None = None,
    motifs: Path = SHIPPED_MOTIFS,
) -> Path:
    """`index.html` in the folder `out`, beside folders `logos` and `heatmaps` for what it shows.

    Args:
        stored: the explanations.
        out: the folder.
        shown: sequences on the page, the first ones.
        links: further files, their names and addresses.
        contigs: {name: length} of the genome that the sequences are of.
        motifs: a MEME file, to name seqlets by.

    Raises:
        OutOfSpaceError: the disk is full.
    """
    n = min(shown, len(stored))
    tasks = {row: tasks_to_draw(stored, row) for row in range(n)}
    sites, named = _find_sites(stored, tasks, motifs)
    items = locate_items(stored.facts, stored.lengths, contigs)
    with replacing(out / "logos") as logos, replacing(out / "heatmaps") as maps:
        logos.mkdir()
        maps.mkdir()
        sequences = [
            _describe(stored, row, tasks[row], sites, items[row], (logos, maps))
            for row in track(range(n), "sequences drawn")
        ]
    text = _render(stored, sequences, known_as(motifs) if named else "", links)
    with replacing(out / "index.html") as temporary:
        temporary.write_text(text, encoding="utf-8")
    return out / "index.html"


def tasks_to_draw(stored: Stored, row: int) -> list[int]:
    """Numbers of tasks: all that the sequence was chosen for, and of others the most predicted."""
    chosen = asked_for(stored, row)
    predicted = np.argsort(-stored.probability[row], kind="stable").tolist()
    return list(dict.fromkeys(chosen + predicted))[: max(_TASKS, len(chosen))]


def asked_for(stored: Stored, row: int) -> list[int]:
    """Numbers of the tasks that a sequence was chosen for."""
    top_of = str(stored.facts["top_of"].iloc[row]).split(";") if "top_of" in stored.facts else []
    return [stored.tasks.index(task) for task in top_of]


def _find_sites(
    stored: Stored, tasks: dict[int, list[int]], motifs: Path
) -> tuple[dict[int, Sites], bool]:
    """Seqlets of each task that is drawn, and whether they could be named."""
    rows = list(tasks)
    length = int(stored.lengths[rows].max())
    matches: Matches | None = None
    try:
        matches = Matches([stored.codes(row) for row in rows], motifs)
    except MissingDependencyError as error:
        say(f"motifs are not named: {error}")
    sites = {}
    for task in sorted({task for some in tasks.values() for task in some}):
        tracks = np.zeros((len(rows), length), np.float32)
        for row in rows:
            tracks[row, : stored.lengths[row]] = stored.contributions(row, task)
        seqlets = find_seqlets(tracks)
        names = [""] * len(seqlets) if matches is None else name_seqlets(seqlets, tracks, matches)
        sites[task] = Sites(seqlets, names)
    return sites, matches is not None


def _describe(
    stored: Stored,
    row: int,
    tasks: list[int],
    sites: dict[int, Sites],
    item: Located,
    folders: tuple[Path, Path],
) -> Described:
    logos, maps = folders
    stem = f"{row + 1:03d}_{file_name(str(stored.facts['name'].iloc[row]))}"
    note = str(stored.facts["note"].iloc[row]) if "note" in stored.facts else ""
    predicted = describe_predictions(stored, row, asked_for(stored, row))
    drawn = []
    for task in tasks:
        one = draw_task(stored, row, task, sites[task], item)
        files = [] if one.nothing else save_logos(stored, row, task, item, logos, stem)
        drawn.append(replace(one, files=files))
    return Described(
        f"sequence{row + 1}",
        item.label,
        describe_place(item, int(stored.lengths[row]), note),
        f"{len(predicted)} of {len(stored.tasks)}" if len(predicted) < len(stored.tasks) else "",
        predicted,
        drawn,
        draw_tasks(stored, row, item),
        save_heatmap(stored, row, item, maps, stem),
    )


def _render(
    stored: Stored, sequences: list[Described], named: str, links: tuple[tuple[str, str], ...]
) -> str:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    shared = resources.files("nucleotides.analyze.report")
    logo = resources.files("nucleotides.analyze.motifs")
    own = resources.files("nucleotides.analyze.explanations")
    return environment.from_string(own.joinpath("index.html.j2").read_text("utf-8")).render(
        version=__version__,
        css=Markup(shared.joinpath("report.css").read_text("utf-8")),
        logo_css=Markup(logo.joinpath("motifs.css").read_text("utf-8")),
        own_css=Markup(own.joinpath("index.css").read_text("utf-8")),
        light=theme.LIGHT,
        dark=theme.DARK,
        how=stored.how,
        told=stored.how.contribution,
        named=named,
        n=len(stored),
        n_tasks=len(stored.tasks),
        sequences=sequences,
        links=links,
    )
