"""One HTML page of designs; it asks nothing of the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from nucleotides import __version__
from nucleotides.analyze.report import theme
from nucleotides.analyze.report.gallery import file_name
from nucleotides.analyze.report.svg import inline
from nucleotides.design.designs import Designs
from nucleotides.design.draw_curves import draw_curves
from nucleotides.design.draw_pair import Pair, draw_pairs
from nucleotides.design.novelty import PIECE, Novelty
from nucleotides.files import replacing
from nucleotides.progress import track

if TYPE_CHECKING:
    from nucleotides.predict import Model

_TASKS, _COLUMNS = 2, 4
FILES = (
    *("designs.fasta", "designs.tsv", "starts.tsv", "edits.tsv"),
    *("curves.tsv", "curves.svg", "curves.png"),
)
_NOTHING = "\N{EN DASH}"


@dataclass(frozen=True)
class Told:
    """What the page says of how designs were made, in words, and what it shows.

    Attributes:
        facts: names and words.
        shown: designs with attributions, the first ones.
        method: of attributions.
    """

    facts: list[tuple[str, str]]
    shown: int = 10
    method: str = "input_x_gradient"


@dataclass(frozen=True)
class Row:
    """A design in the table; values of tasks before and after."""

    where: str
    name: str
    numbers: list[str]
    values: list[tuple[str, str]]
    pairs: list[Pair] = field(default_factory=list)


def write_page(
    model: Model, designs: Designs, told: Told, out: Path, novelty: Novelty | None = None
) -> Path:
    """`index.html` in the folder `out`, beside a folder `logos`.

    Raises:
        OutOfSpaceError: the disk is full.
    """
    shown = min(told.shown, len(designs))
    with replacing(out / "logos") as folder:
        folder.mkdir()
        pairs = [
            draw_pairs(
                model, designs[i], designs.asked[:_TASKS], told.method, folder,
                f"{i + 1:03d}_{file_name(designs[i].name)}",
            )
            for i in track(range(shown), "designs explained")
        ]  # fmt: skip
    rows = [_row(designs, i, novelty, pairs[i] if i < shown else []) for i in range(len(designs))]
    with replacing(out / "index.html") as temporary:
        temporary.write_text(_render(designs, rows, told, novelty), encoding="utf-8")
    return out / "index.html"


def _row(designs: Designs, i: int, novelty: Novelty | None, pairs: list[Pair]) -> Row:
    one = designs[i]
    numbers = [f"{one.score_before:.3f}", f"{one.score:.3f}", f"{len(one.edits):,}"]
    numbers.append(f"{one.passes:,}")
    if not np.isnan(one.disagreement):
        numbers += [f"{one.disagreement_before:.3f}", f"{one.disagreement:.3f}"]
    if novelty is not None:
        share = novelty.share[i]
        numbers.append(_NOTHING if np.isnan(share) else f"{100 * share:.1f}")
        numbers.append(f"{novelty.longest[i]:,}")
    values = [
        (f"{designs.values_before[task].iloc[i]:.3f}", f"{designs.values[task].iloc[i]:.3f}")
        for task in designs.asked[:_COLUMNS]
    ]
    return Row(f"design{i + 1}", one.name, numbers, values, pairs)


def _headings(designs: Designs, novelty: Novelty | None) -> list[str]:
    headings = ["score before", "score", "edits", "passes"]
    if not np.isnan(designs[0].disagreement):
        headings += ["disagreement before", "disagreement"]
    if novelty is not None:
        headings += [f"% of {PIECE}-mers in the genome", "longest stretch in the genome"]
    return headings


def _render(designs: Designs, rows: list[Row], told: Told, novelty: Novelty | None) -> str:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

    def read(package: str, name: str) -> str:
        return resources.files(package).joinpath(name).read_text("utf-8")

    curves = [
        Markup(
            inline(
                draw_curves(designs.designs, width),
                f"curves{width:g}",
                "the best score of each design by forward passes",
            )
        )
        for width in (1080.0, 358.0)
    ]
    return environment.from_string(read("nucleotides.design", "index.html.j2")).render(
        version=__version__,
        css=Markup(read("nucleotides.analyze.report", "report.css")),
        logo_css=Markup(read("nucleotides.analyze.motifs", "motifs.css")),
        why_css=Markup(read("nucleotides.analyze.explanations", "index.css")),
        own_css=Markup(read("nucleotides.design", "index.css")),
        light=theme.LIGHT,
        dark=theme.DARK,
        told=told,
        rows=rows,
        headings=_headings(designs, novelty),
        tasks=designs.asked[:_COLUMNS],
        n_tasks=len(designs.asked),
        files=FILES,
        curves=curves,
    )
