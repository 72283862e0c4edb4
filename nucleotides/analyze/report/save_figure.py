"""A figure of the report as files for a talk or a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from nucleotides.files import replacing


def save_figure(figure: Figure, folder: Path, name: str) -> tuple[Path, Path]:
    """Writes `name`.svg and, at two pixels to one, `name`.png, on white.

    The same figure gives the same bytes, and is left as it was. Text stays text in the SVG.

    Args:
        figure: drawn in the colours of `theme.LIGHT`.
        folder: made if missing.
        name: without an ending.

    Returns:
        The paths of the two files.

    Raises:
        OutOfSpaceError: the disk is full; files that were there are unchanged.
    """
    svg, png = (Path(folder) / f"{name}.{ending}" for ending in ("svg", "png"))
    options: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": name}
    was_visible = figure.patch.get_visible()
    figure.patch.set_visible(True)
    try:
        with mpl.rc_context(options):
            _write(figure, svg, format="svg", metadata={"Date": None})
            _write(figure, png, format="png", dpi=144, metadata={"Software": None})
    finally:
        figure.patch.set_visible(was_visible)
    return svg, png


def _write(figure: Figure, path: Path, **how: Any) -> None:
    with replacing(path) as temporary:
        figure.savefig(temporary, facecolor="white", **how)
