"""The map of the tasks: an SVG of one dot a task, which the page's script makes interactive."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.analyze.report import choose, numbers
from nucleotides.analyze.report.colour_tasks import Colouring, by_steps, by_word
from nucleotides.analyze.report.evaluation import text
from nucleotides.analyze.report.theme import assay_colours
from nucleotides.errors import MismatchError

WIDTH = 720.0
_HEIGHTS = (480.0, 640.0)
_MARGIN = 14.0


@dataclass(frozen=True)
class TaskMap:
    """What `report_map.html.j2` shows.

    Attributes:
        svg: a dot a task with its name as <title>, in the colours of the assays.
        colourings: the ways to colour the dots, with their legends; the assay first.
        data: JSON of what the script needs, the tasks in the order of the dots.
        tasks: how many.
    """

    svg: str
    colourings: list[Colouring]
    data: str
    tasks: int


def task_map(
    points: NDArray[np.floating], tasks: pd.DataFrame, cluster: NDArray[np.integer] | None = None
) -> TaskMap:
    """The map of the tasks, to be coloured by assay, biosample, target, cluster or AUROC.

    Args:
        points: (tasks, 2) finite places; both axes in one unit, which is kept to scale.
        tasks: a row a task: task, assay, biosample, target (words, may be empty), auroc (may
            be NaN).
        cluster: (tasks,) number of each task's cluster, negative for none.

    Raises:
        MismatchError: not one finite place and one cluster a task.
    """
    _check(points, tasks, cluster)
    words = {name: text(tasks, name) for name in ("assay", "target", "biosample")}
    assays = assay_colours(choose.by_assay(tasks))
    auroc = tasks["auroc"].to_numpy(dtype=float)
    colourings = [
        by_word("assay", "assay", words["assay"], assays),
        by_word("target", "target", words["target"]),
        by_word("biosample", "biosample", words["biosample"]),
    ]
    if cluster is not None:
        names = [f"cluster {number}" if number >= 0 else "" for number in cluster.tolist()]
        colourings.append(by_word("cluster", "cluster", names))
    colourings.append(by_steps("auroc", "AUROC", auroc))
    # The commonest assay lies lowest, so that the rare ones are seen.
    order = np.argsort(colourings[0].codes, kind="stable")
    names = text(tasks, "task")
    svg = _svg(points, order, names, words["assay"], assays)
    return TaskMap(svg, colourings, _data(colourings, auroc, order), len(tasks))


def _check(
    points: NDArray[np.floating], tasks: pd.DataFrame, cluster: NDArray[np.integer] | None
) -> None:
    if points.shape != (len(tasks), 2) or not np.isfinite(points).all():
        raise MismatchError(
            f"the map's points have shape {points.shape}: needed are two finite numbers for each "
            f"of {numbers.counted(len(tasks), 'task')}"
        )
    if cluster is not None and cluster.shape != (len(tasks),):
        raise MismatchError(
            f"{len(cluster)} cluster numbers for {numbers.counted(len(tasks), 'task')}"
        )


def _svg(
    points: NDArray[np.floating],
    order: NDArray[np.integer],
    names: list[str],
    assays: list[str],
    colours: dict[str, str],
) -> str:
    places, height = _fit(points)
    dot = float(np.clip(60 / np.sqrt(max(len(names), 1)), 4.5, 11))
    groups: dict[str, list[str]] = {}
    for task in order.tolist():
        name = html.escape(" ".join(names[task].split()), quote=False)
        x, y = (f"{value:.1f}".removesuffix(".0") for value in places[task])
        mark = f'<path d="M{x} {y}h0"><title>{name}</title></path>'
        groups.setdefault(assays[task], []).append(mark)
    body = "".join(f'<g class="{colours[a]}">{"".join(dots)}</g>' for a, dots in groups.items())
    label = f"Map of {numbers.counted(len(names), 'task')}: near ones are alike"
    return (
        f'<svg class="figure" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'style="--dot:{dot:.1f}px" aria-label="{label}"><g class="dots">{body}</g></svg>'
    )


def _fit(points: NDArray[np.floating]) -> tuple[NDArray[np.float64], float]:
    """Places in pixels of a box `WIDTH` wide, both axes to one scale; the height of the box."""
    places = np.asarray(points, dtype=np.float64)
    low, high = (places.min(0), places.max(0)) if len(places) else (np.zeros(2), np.ones(2))
    span = np.maximum(high - low, 1e-9 + 1e-6 * np.abs(places).max(initial=0))
    inner = WIDTH - 2 * _MARGIN
    height = float(np.clip(inner * span[1] / span[0] + 2 * _MARGIN, *_HEIGHTS))
    scale = min(inner / span[0], (height - 2 * _MARGIN) / span[1])
    centred = (places - (low + high) / 2) * scale * (1, -1)
    return centred + np.array([WIDTH / 2, height / 2]), round(height)


def _data(
    colourings: Sequence[Colouring], auroc: NDArray[np.float64], order: NDArray[np.integer]
) -> str:
    """JSON that may stand inside of <script>."""
    content = {
        "colours": {c.name: c.colours for c in colourings},
        "words": {c.name: c.words for c in colourings},
        "codes": {c.name: [c.codes[i] for i in order] for c in colourings},
        "auroc": [numbers.fixed(float(auroc[i])) for i in order],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
