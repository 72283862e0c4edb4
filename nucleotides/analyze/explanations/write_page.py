"""One HTML page of explanations; it asks nothing of the network. Logos and heatmaps as files."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from nucleotides import __version__
from nucleotides.analyze.explanations.describe_sequence import (
    Described,
    Drawn,
    Sites,
    describe_predictions,
    draw_task,
    draw_tasks,
    strongest,
)
from nucleotides.analyze.explanations.draw_heatmap import draw_heatmap
from nucleotides.analyze.explanations.keep_explanations import Stored
from nucleotides.analyze.explanations.name_seqlets import Matches, name_seqlets
from nucleotides.analyze.report import theme
from nucleotides.analyze.report.gallery import file_name
from nucleotides.analyze.report.save_figure import save_figure
from nucleotides.errors import MissingDependencyError
from nucleotides.explain.draw_logo import draw_logo, save_logo
from nucleotides.explain.seqlets import find_seqlets
from nucleotides.files import replacing
from nucleotides.genome import one_hot
from nucleotides.progress import say, track

_TASKS = 3
"""Of a sequence that are drawn: those it was chosen for, then those that are predicted most."""


def write_page(
    stored: Stored, out: Path, shown: int = 20, links: tuple[tuple[str, str], ...] = ()
) -> Path:
    """`index.html` in the folder `out`, beside folders `logos` and `heatmaps` for what it shows.

    Args:
        stored: the explanations.
        out: the folder.
        shown: sequences on the page, the first ones.
        links: further files, their names and addresses.

    Raises:
        OutOfSpaceError: the disk is full.
    """
    n = min(shown, len(stored))
    tasks = {row: tasks_to_draw(stored, row) for row in range(n)}
    sites, named = _find_sites(stored, tasks)
    with replacing(out / "logos") as logos, replacing(out / "heatmaps") as maps:
        logos.mkdir()
        maps.mkdir()
        sequences = [
            _describe(stored, row, tasks[row], sites, logos, maps)
            for row in track(range(n), "sequences drawn")
        ]
    with replacing(out / "index.html") as temporary:
        temporary.write_text(_render(stored, sequences, named, links), encoding="utf-8")
    return out / "index.html"


def tasks_to_draw(stored: Stored, row: int) -> list[int]:
    """Numbers of tasks: all that the sequence was chosen for, and of others the most predicted."""
    top_of = str(stored.facts["top_of"].iloc[row]).split(";") if "top_of" in stored.facts else []
    chosen = [stored.tasks.index(task) for task in top_of]
    predicted = np.argsort(-stored.probability[row], kind="stable").tolist()
    return list(dict.fromkeys(chosen + predicted))[: max(_TASKS, len(chosen))]


def _find_sites(stored: Stored, tasks: dict[int, list[int]]) -> tuple[dict[int, Sites], bool]:
    """Seqlets of each task that is drawn, and whether they could be named."""
    rows = list(tasks)
    length = int(stored.lengths[rows].max())
    matches: Matches | None = None
    try:
        matches = Matches([stored.codes(row) for row in rows])
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
    stored: Stored, row: int, tasks: list[int], sites: dict[int, Sites], logos: Path, maps: Path
) -> Described:
    name = str(stored.facts["name"].iloc[row])
    stem = f"{row + 1:03d}_{file_name(name)}"
    note = str(stored.facts["note"].iloc[row]) if "note" in stored.facts else ""
    return Described(
        f"sequence{row + 1}",
        name,
        note,
        f"{stored.lengths[row]:,}",
        describe_predictions(stored, row),
        [_with_logos(stored, row, task, sites[task], logos, stem) for task in tasks],
        draw_tasks(stored, row, row),
        _save_heatmap(stored, row, maps, stem),
    )


def _with_logos(stored: Stored, row: int, task: int, sites: Sites, logos: Path, stem: str) -> Drawn:
    """The task's part of the page; all of it as SVG, the stretch shown as SVG and PNG."""
    contributions, codes = stored.contributions(row, task), stored.codes(row)
    heights = (one_hot(codes) * (codes < 4) * contributions).T
    shown, title = (
        strongest(contributions),
        f"{stored.facts['name'].iloc[row]}, {stored.tasks[task]}",
    )
    name = f"{stem}.{file_name(stored.tasks[task])}"
    whole = draw_logo(heights, title, width=10.0 * len(heights), height=100)
    (logos / f"{name}.whole.svg").write_text(whole, encoding="utf-8")
    for ending in ("svg", "png"):
        save_logo(logos / f"{name}.{ending}", heights[shown], title)
    files = [
        ("SVG", f"{name}.svg"),
        ("PNG", f"{name}.png"),
        ("all of it, SVG", f"{name}.whole.svg"),
    ]
    links = [(words, f"logos/{file}") for words, file in files]
    return replace(draw_task(stored, row, task, sites), files=links)


def _save_heatmap(stored: Stored, row: int, maps: Path, stem: str) -> list[tuple[str, str]]:
    if len(stored.tasks) < 2:
        return []
    figure = draw_heatmap(stored.contributions(row), stored.tasks, 0, 1080.0)
    return [
        (path.suffix[1:].upper(), f"heatmaps/{path.name}")
        for path in save_figure(figure, maps, stem)
    ]


def _render(
    stored: Stored, sequences: list[Described], named: bool, links: tuple[tuple[str, str], ...]
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
