"""Stretches of the genome by number."""

from __future__ import annotations

import numpy as np
import pytest

from nucleotides.analyze.blocks import genome_blocks
from nucleotides.errors import InputError, MismatchError


def test_a_stretch_starts_at_a_multiple_of_the_width_and_ends_with_the_contig() -> None:
    contigs = np.array(["chr9", "chr9", "chr9", "chr10", "chr10", "chr9"], dtype=object)
    centres = np.array([99_999, 100_000, 199_999, 0, 350_000, 0])
    found = genome_blocks(contigs, centres)
    assert found.dtype == np.int64
    groups = [found == block for block in np.unique(found)]
    assert sorted(tuple(np.flatnonzero(group)) for group in groups) == [(0, 5), (1, 2), (3,), (4,)]
    assert sorted(np.unique(found)) == [0, 1, 2, 3]
    assert len(np.unique(genome_blocks(contigs, centres, width=50_000))) == 6


def test_contigs_may_be_numbers() -> None:
    centres = np.array([10, 10, 250_000])
    by_name = genome_blocks(np.array(["a", "b", "b"]), centres)
    assert by_name.tolist() == genome_blocks(np.array([0, 1, 1]), centres).tolist()
    assert len(genome_blocks(np.zeros(0), np.zeros(0, np.int64))) == 0


def test_refused() -> None:
    with pytest.raises(InputError, match="blocks of 0 bases"):
        genome_blocks(np.array(["a"]), np.array([1]), width=0)
    with pytest.raises(MismatchError, match="1 contig names for 2"):
        genome_blocks(np.array(["a"]), np.array([1, 2]))
