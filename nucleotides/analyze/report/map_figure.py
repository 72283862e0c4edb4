"""The map of the tasks as a plain figure, for a talk or a paper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucleotides.analyze.report import choose
from nucleotides.analyze.report.canvas import axes, canvas, set_ticks
from nucleotides.analyze.report.evaluation import text
from nucleotides.analyze.report.key import assay_key, draw_key, key_height
from nucleotides.analyze.report.theme import LIGHT, assay_colours

_WIDTH, _HEIGHT = 720.0, 560.0


def map_figure(points: NDArray[np.floating[Any]], tasks: pd.DataFrame) -> Figure:
    """A dot a task in the colour of its assay, with a key.

    Args:
        points: (tasks, 2) places.
        tasks: as in `Evaluation`.
    """
    assays = text(tasks, "assay")
    colours = assay_colours(choose.by_assay(tasks))
    key = assay_key(colours)
    top = key_height(key, _WIDTH) + 14
    figure = canvas(_WIDTH, _HEIGHT + top)
    ax = axes(figure, 10, top, _WIDTH - 20, _HEIGHT - 10)
    ax.spines["bottom"].set_visible(False)
    for axis in ("x", "y"):
        set_ticks(ax, axis, [], [])
    size = float(np.clip(2400 / len(tasks), 8, 60))
    ax.scatter(
        points[:, 0],
        points[:, 1],
        s=size,
        c=[LIGHT[colours[assay]] for assay in assays],
        linewidths=0,
    )
    ax.set_aspect("equal", adjustable="datalim")
    draw_key(figure, key, 4)
    return figure
