"""One HTML file that shows the motifs a model uses, task by task; it asks nothing of the network.

write_motif_report(Path("motifs.html"), [find_motifs(model, codes, task) for task in tasks])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from nucleotides import __version__
from nucleotides.analyze.motifs.describe_pattern import Described, describe_own, describe_pattern
from nucleotides.analyze.motifs.draw_example import Example, choose_examples
from nucleotides.analyze.report import theme
from nucleotides.explain.find_motifs import TaskMotifs
from nucleotides.explain.methods import How
from nucleotides.files import replacing


@dataclass(frozen=True)
class Section:
    """A task's part of the page."""

    where: str
    task: str
    windows: int
    length: int
    seqlets: int
    own: str
    patterns: list[Described]
    examples: list[Example]


def write_motif_report(
    path: Path,
    found: Sequence[TaskMotifs],
    *,
    title: str = "Motifs that the model uses",
    motifs: str = "JASPAR 2024, vertebrates",
    contribution: str = How().contribution,
) -> Path:
    """Writes the motifs of tasks as one HTML file, whole or not at all.

    Of each task: its patterns as logos of contributions and of bits, how many seqlets each is of
    and in how many windows, the known motifs it is most like, and windows in which they are seen.

    Args:
        path: the file to write or replace.
        found: of each task.
        title: of the page.
        motifs: what patterns were compared with, in words.
        contribution: what a base contributes, in words (`How.contribution`).

    Raises:
        OutOfSpaceError: the disk is full; what was at `path` is unchanged.
    """
    with replacing(path) as temporary:
        temporary.write_text(render(found, title, motifs, contribution), encoding="utf-8")
    return path


def render(found: Sequence[TaskMotifs], title: str, motifs: str, contribution: str) -> str:
    """The report as HTML."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    shared = resources.files("nucleotides.analyze.report")
    own = resources.files("nucleotides.analyze.motifs")
    return environment.from_string(own.joinpath("motifs.html.j2").read_text("utf-8")).render(
        title=title,
        motifs=motifs,
        contribution=contribution,
        version=__version__,
        css=Markup(shared.joinpath("report.css").read_text("utf-8")),
        own_css=Markup(own.joinpath("motifs.css").read_text("utf-8")),
        light=theme.LIGHT,
        dark=theme.DARK,
        sections=[_section(i, task) for i, task in enumerate(found)],
    )


def _section(number: int, found: TaskMotifs) -> Section:
    n, length = found.codes.shape
    return Section(
        f"task{number + 1}",
        found.task,
        n,
        length,
        len(found.seqlets),
        describe_own(found),
        [describe_pattern(found, pattern) for pattern in found.patterns],
        choose_examples(found),
    )
