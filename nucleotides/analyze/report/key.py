"""A legend of coloured dots in a figure, in columns of one width."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.figure import Figure

from nucleotides.analyze.report.canvas import MUTED, SMALL
from nucleotides.analyze.report.choose import elide
from nucleotides.analyze.report.theme import LIGHT, assay_colours

LINE = 18.0
_COLUMN, _LETTERS = 160.0, 21


def assay_key(assays: Iterable[str]) -> list[tuple[str, str]]:
    """(colour, name) of each assay, those beyond the colours of the theme as one."""
    rows: dict[str, list[str]] = {}
    for name, colour in assay_colours(assays).items():
        rows.setdefault(colour, []).append(name or "no assay named")
    return [
        (colour, names[0] if len(names) == 1 else f"{len(names)} other assays")
        for colour, names in rows.items()
    ]


def key_height(entries: list[tuple[str, str]], width: float) -> float:
    """How many pixels high `draw_key` is in a figure `width` wide."""
    columns = max(1, int(width // _COLUMN))
    return -(-len(entries) // columns) * LINE


def draw_key(figure: Figure, entries: list[tuple[str, str]], top: float) -> None:
    """Dots and names, `top` pixels below the upper edge.

    Args:
        figure: made by `canvas`.
        entries: (name of a colour of the theme, label).
        top: of the legend.
    """
    width, height = (float(inches) * 72 for inches in figure.get_size_inches())
    columns = max(1, int(width // _COLUMN))
    ax = figure.add_axes((0, 0, 1, 1), zorder=-1)
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.set_axis_off()
    for i, (colour, label) in enumerate(entries):
        x, y = (i % columns) * _COLUMN + 6, top + (i // columns + 0.5) * LINE
        ax.plot([x], [y], "o", color=LIGHT[colour], markersize=7, markeredgewidth=0)
        ax.text(x + 10, y, elide(label, _LETTERS), fontsize=SMALL + 0.5, color=MUTED,
                va="center", parse_math=False)  # fmt: skip
