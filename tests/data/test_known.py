"""Windows of too little known sequence, found from runs of N, beside counting in the string."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.data.known import unknown_centres
from nucleotides.data.positions import enough_known
from nucleotides.genome import GenomeStore
from tests import toy

CONTIGS = {
    "a": "N" * 30 + toy.odd_sequence(700, 1) + "N" * 200 + toy.sequence(300, 2),
    "n": "N" * 90,
    "b": toy.odd_sequence(400, 3),
    "short": "ACG",
    "c": toy.sequence(200, 5) + "N" * 50,
}


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> GenomeStore:
    return toy.genome_store(tmp_path_factory.mktemp("genome"), CONTIGS)


@given(st.integers(1, 160), st.integers(0, 25))
def test_as_counted_base_by_base(genome: GenomeStore, length: int, max_shift: int) -> None:
    found = unknown_centres(genome, length, max_shift)
    for number, (text, ranges) in enumerate(zip(CONTIGS.values(), found, strict=True)):
        centres = np.arange(len(text))
        bad = np.zeros(len(text), bool)
        for shift in range(-max_shift, max_shift + 1):
            contigs = np.full(len(text), number)
            bad |= ~enough_known(genome, contigs, centres + shift, length)
        ours = np.zeros(len(text), bool)
        for start, end in zip(*ranges, strict=True):
            ours[max(start, 0) : max(end, 0)] = True
        assert np.array_equal(ours, bad)


def test_a_genome_without_unknown_bases(tmp_path: Path) -> None:
    genome = toy.genome_store(tmp_path, {"a": toy.sequence(100)})
    ranges = unknown_centres(genome, 20)[0]
    clipped = [(max(s, 0), min(e, 100)) for s, e in zip(*ranges, strict=True)]
    assert [(s, e) for s, e in clipped if s < e] == [(0, 2), (99, 100)]
