"""Logos and heatmaps of a sequence as files for a talk or a paper."""

from __future__ import annotations

from pathlib import Path

from nucleotides.analyze.explanations.describe_sequence import strongest
from nucleotides.analyze.explanations.draw_heatmap import draw_heatmap
from nucleotides.analyze.explanations.keep_explanations import Stored
from nucleotides.analyze.explanations.locate_items import Located
from nucleotides.analyze.report.gallery import file_name
from nucleotides.analyze.report.save_figure import save_figure
from nucleotides.explain.save_logo import save_logo
from nucleotides.genome import one_hot

Files = list[tuple[str, str]]
"""Names and addresses."""
_STEP = 10.0


def save_logos(
    stored: Stored, row: int, task: int, item: Located, folder: Path, stem: str
) -> Files:
    """A task's letters in `folder`: all of them as SVG, the stretch shown as SVG and PNG."""
    contributions, codes = stored.contributions(row, task), stored.codes(row)
    heights = (one_hot(codes) * (codes < 4) * contributions).T
    shown, everything = strongest(contributions), slice(0, codes.size)
    name, scale = f"{stem}.{file_name(stored.tasks[task])}", f"contribution ({stored.how.scale})"
    files = []
    for words, ending, part in (
        ("SVG", "svg", shown),
        ("PNG", "png", shown),
        ("all of it, SVG", "whole.svg", everything),
    ):
        at = item.coordinates.part(part)
        place = [] if at.told in item.label else [at.told]
        title = " | ".join((item.label, *place, stored.tasks[task]))
        width = _STEP * codes.size if part is everything else None
        path = folder / f"{name}.{ending}"
        save_logo(path, heights[part], title, coordinates=at, scale=scale, width=width)
        files.append((words, f"logos/{path.name}"))
    return files


def save_heatmap(stored: Stored, row: int, item: Located, folder: Path, stem: str) -> Files:
    """Tasks by positions in `folder`; nothing of one task, or where there is nothing to see."""
    contributions = stored.contributions(row)
    if len(stored.tasks) < 2 or not contributions.any():
        return []
    figure = draw_heatmap(contributions, stored.tasks, item.coordinates, 1080.0)
    return [
        (path.suffix[1:].upper(), f"heatmaps/{path.name}")
        for path in save_figure(figure, folder, stem)
    ]
