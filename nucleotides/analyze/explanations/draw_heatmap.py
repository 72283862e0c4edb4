"""Contributions as colours: tasks by positions, rows ordered by likeness; bases by positions."""

from __future__ import annotations

import base64
import io
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucleotides.analyze.report.canvas import (
    INK,
    MUTED,
    SMALL,
    TEXT,
    axes,
    canvas,
    set_ticks,
    write,
)
from nucleotides.explain.coordinates import Coordinates

RAISES, LOWERS = (47, 116, 208), (214, 96, 24)
"""Of what raises and what lowers a prediction; paper of any shade shines through what is near 0."""
_MOST_COLUMNS, _MOST_ROWS = 960, 60
_RIGHT, _SCALE, _WORDS = 36.0, 140.0, 110.0
"""Room for half a number; width of the scale of colours, and of what stands beside it."""


def as_pixels(values: NDArray[np.floating], highest: float | None = None) -> NDArray[np.uint8]:
    """RGBA (rows, columns, 4): the hue tells the sign, opacity the size, 1 at `highest`."""
    top = highest or float(np.abs(values).max(initial=0)) or 1.0
    part = np.clip(np.abs(values) / top, 0, 1)
    hue = np.where((values > 0)[..., None], RAISES, LOWERS)
    return np.concatenate([hue, np.round(255 * part**0.75)[..., None]], axis=-1).astype(np.uint8)


def as_address(pixels: NDArray[np.uint8]) -> str:
    """RGBA pixels as a PNG in a data: address."""
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(stream, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def order_rows(values: NDArray[np.floating]) -> NDArray[np.int64]:
    """Rows (n, columns) so that neighbours are alike: average linkage of 1 - correlation."""
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    if len(values) < 3:
        return np.arange(len(values))
    centred = values - values.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
    distance = np.clip(1 - unit.astype(np.float64) @ unit.T.astype(np.float64), 0, 2)
    distance = (distance + distance.T) / 2
    np.fill_diagonal(distance, 0)
    flat = squareform(distance, checks=False)
    return np.asarray(leaves_list(optimal_leaf_ordering(linkage(flat, "average"), flat)), np.int64)


def thin(values: NDArray[np.floating], columns: int = _MOST_COLUMNS) -> NDArray[np.floating]:
    """At most so many columns (rows, columns): of neighbours, the value that is largest by size."""
    length = values.shape[1]
    if length <= columns:
        return values
    edges = np.linspace(0, length, columns + 1).astype(int)
    out = np.empty((len(values), columns), values.dtype)
    for i, (first, end) in enumerate(pairwise(edges)):
        part = values[:, first:end]
        out[:, i] = np.take_along_axis(part, np.abs(part).argmax(axis=1)[:, None], 1)[:, 0]
    return out


def draw_heatmap(
    contributions: NDArray[np.floating], tasks: list[str], at: Coordinates, width: float
) -> Figure:
    """Tasks by positions, the most strongly explained 60 where there are more.

    Args:
        contributions: (tasks, length).
        tasks: their names.
        at: where the sequence lies.
        width: CSS pixels.
    """
    strong = np.sort(np.argsort(-np.abs(contributions).max(axis=1), kind="stable")[:_MOST_ROWS])
    rows = strong[order_rows(contributions[strong])]
    names = [_short(tasks[i], width) for i in rows]
    margin = min(max(map(len, names)) * 6.2 + 12, width * 0.42)
    height = 14.0 * len(rows)
    figure = canvas(width, height + 76)
    ax = axes(figure, margin, 4, width - margin - _RIGHT, height)
    ends = (at.start, at.end) if at.strand == "+" else (at.end, at.start)
    ax.imshow(
        as_pixels(thin(contributions[rows])),
        aspect="auto",
        interpolation="nearest",
        extent=(*ends, len(rows), 0),
    )
    for i, name in enumerate(names):
        write(
            ax, -0.008, 1 - (i + 0.5) / len(rows), name, transform=ax.transAxes, ha="right",
            color=INK, fontsize=SMALL,
        )  # fmt: skip
    ax.set_yticks([])
    ax.locator_params(axis="x", nbins=8 if width > 600 else 3, integer=True)
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}" if _is_edge(int(x), at) else "")
    ax.set_xlabel(at.axis, color=MUTED, fontsize=TEXT)
    left = min(margin, width - _SCALE - _WORDS)
    _draw_scale(figure, left, height + 48, float(np.abs(contributions[rows]).max()))
    return figure


def _is_edge(number: int, at: Coordinates) -> bool:
    """Whether a base begins or ends there."""
    return at.exists(number) or at.exists(number - 1)


def _draw_scale(figure: Figure, left: float, top: float, highest: float) -> None:
    """Which colour is which contribution."""
    ax = axes(figure, left, top, _SCALE, 8)
    ramp = np.linspace(-highest, highest, 128)[None]
    ax.imshow(as_pixels(ramp), aspect="auto", extent=(-highest, highest, 1, 0))
    ax.set_yticks([])
    set_ticks(ax, "x", (-highest, 0, highest), (f"−{highest:.2g}", "0", f"{highest:.2g}"))
    write(ax, 1.12, 0.5, "contribution", transform=ax.transAxes, color=MUTED, fontsize=SMALL)


def _short(name: str, width: float) -> str:
    most = 40 if width > 600 else 22
    return name if len(name) <= most else f"{name[: most - 1]}…"
