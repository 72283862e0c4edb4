"""Contigs on one axis of cells."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.targets.index import ROW
from nucleotides.targets.layout import Layout

genomes = st.lists(st.integers(1, 2000), min_size=1, max_size=6).map(
    lambda lengths: {f"c{i}": n for i, n in enumerate(lengths)}
)


@given(genomes, st.integers(1, 700))
def test_no_two_places_share_a_cell_and_no_bin_touches_two_contigs(
    contigs: dict[str, int], bin: int
) -> None:
    layout = Layout(contigs, bin)
    before = ROW - 1
    for number, length in enumerate(contigs.values()):
        positions = np.arange(-bin, length + bin)
        cells = layout.cells(np.full(positions.size, number), positions)
        assert (np.diff(cells) == 1).all()
        assert cells[0] > before
        before = cells[-1]
    assert before < layout.n_cells
    far = layout.cells(np.array([0, 0]), np.array([-(10**9), 10**9]))
    assert (far < ROW).all()
