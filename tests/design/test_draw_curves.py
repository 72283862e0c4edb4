"""Optimisation curves: every number is within the figure."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from nucleotides.design import Budget, optimize, wish
from nucleotides.design.draw_curves import draw_curves
from tests.design import nets


@pytest.mark.parametrize("budget", [100, 2000])
@pytest.mark.parametrize("width", [358.0, 720.0])
def test_no_number_is_cut(budget: int, width: float) -> None:
    found = optimize(nets.linear(), nets.starts(2), wish("k562_ctcf"), "evolve",
                     budget=Budget(budget))  # fmt: skip
    figure = draw_curves(found.designs, width)
    pen = FigureCanvasAgg(figure)
    pen.draw()
    (ax,) = figure.axes
    labels = [label for label in ax.get_xticklabels() if label.get_text()]
    assert f"{budget:,}" in [label.get_text() for label in labels]
    for label in labels:
        box = label.get_window_extent(pen.get_renderer())
        assert 0 <= box.x0 < box.x1 <= width
