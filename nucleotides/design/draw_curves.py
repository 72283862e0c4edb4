"""Optimisation curves: the best score by passes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from nucleotides.analyze.report.canvas import MUTED, TEXT, axes, canvas, grid
from nucleotides.analyze.report.theme import LIGHT
from nucleotides.design.designs import Design

_HEIGHT, _DIGIT = 300.0, 6.5


def draw_curves(designs: Sequence[Design], width: float = 720.0) -> Figure:
    """A line a design, in steps; the median of all of them in bold where there are several.

    Args:
        designs: with their curves.
        width: CSS pixels.
    """
    end = max(design.passes for design in designs)
    right = _DIGIT * len(f"{end:,}") / 2 + 4  # the last number is centred at the edge of the axes
    figure = canvas(width, _HEIGHT)
    ax = axes(figure, 52, 8, width - 52 - right, _HEIGHT - 56)
    alone = len(designs) == 1
    for design in designs:
        passes, score = design.curve.T
        ax.step(
            np.append(passes, end), np.append(score, score[-1]), where="post",
            color=LIGHT["assay0"], linewidth=1.8 if alone else 1.0, alpha=1.0 if alone else 0.45,
        )  # fmt: skip
    if not alone:
        at = np.unique(np.concatenate([design.curve[:, 0] for design in designs] + [[end]]))
        ax.step(at, median_curve(designs, at), where="post", color=LIGHT["ink"], linewidth=2.0)
    grid(ax, "y")
    ax.set_xlim(0, end)
    ax.set_xlabel("forward passes", color=MUTED, fontsize=TEXT)
    ax.set_ylabel("best score", color=MUTED, fontsize=TEXT)
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
    ax.locator_params(axis="x", nbins=8 if width > 600 else 4)
    return figure


def median_curve(designs: Sequence[Design], at: np.ndarray) -> np.ndarray:
    """The median over designs of the best score after so many passes."""
    rows = []
    for design in designs:
        passes, score = design.curve.T
        rows.append(score[np.searchsorted(passes, at, side="right").clip(1) - 1])
    return np.asarray(np.median(rows, axis=0))
