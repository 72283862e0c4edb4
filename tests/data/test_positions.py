"""Which positions are sampled: pure, uniform, known; every held-out bin once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.data.positions import Positions, TrainingPositions, tile
from nucleotides.data.strata import Strata
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Ranges, merge
from nucleotides.targets.layout import Layout
from tests import toy

LENGTH = 100
MASKED = {
    "a": toy.sequence(700, 1) + "N" * 300 + toy.sequence(500, 2),
    "b": toy.sequence(900, 3),
    "n": "N" * 400,
}


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> GenomeStore:
    return toy.genome_store(tmp_path_factory.mktemp("genome"), MASKED)


def ranges(*pairs: tuple[int, int]) -> Ranges:
    array = np.array(pairs, np.int64).reshape(-1, 2)
    return merge(array[:, 0], array[:, 1])


INTERVALS = [ranges((50, 60), (100, 190), (600, 760)), ranges((10, 40), (300, 301)), ranges()]
EVERYWHERE = [ranges((0, 1500)), ranges((0, 900)), ranges((0, 400))]


def training(background: float = 0.0, **options: Any) -> TrainingPositions:
    layout = Layout({name: len(text) for name, text in MASKED.items()}, 20)
    groups = [layout.join(EVERYWHERE), layout.join(INTERVALS)]
    strata = Strata.of(layout, groups, [background, 1 - background])
    return TrainingPositions(strata, **options)


def known(contig: int, start: int, length: int) -> int:
    """Known bases of a window, counted in the string."""
    text = list(MASKED.values())[contig][max(start, 0) : max(start + length, 0)]
    return len(text) - text.count("N")


def same(a: Positions, b: Positions) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@given(
    st.integers(0, 5),
    st.integers(0, 5),
    st.lists(st.integers(0, 10_000), min_size=1, max_size=40),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.integers(0, 30),
)
def test_a_sample_depends_on_seed_epoch_and_index_only(
    seed: int, epoch: int, index: list[int], background: float, shift: int
) -> None:
    positions = training(seed=seed, background=background, max_shift=shift)
    whole = positions.draw(epoch, np.arange(10_001))
    assert same(positions.draw(epoch, np.array(index)), whole.take(np.array(index)))


def test_seeds_and_epochs_differ() -> None:
    index = np.arange(500)
    first = training(seed=0).draw(0, index)
    assert not same(training(seed=0).draw(1, index), first)
    assert not same(training(seed=1).draw(0, index), first)


@pytest.mark.parametrize("background", [0.0, 0.3, 1.0])
def test_drawn_in_proportion_to_length_and_uniformly_within(background: float) -> None:
    n = 200_000
    drawn = training(background).draw(0, np.arange(n))
    weight = np.zeros((3, 1500))
    for contig, (inside, anywhere) in enumerate(zip(INTERVALS, EVERYWHERE, strict=True)):
        for start, end in zip(*inside, strict=True):
            weight[contig, start:end] += (1 - background) / 291
        for start, end in zip(*anywhere, strict=True):
            weight[contig, start:end] += background / 2800
    assert weight.sum() == pytest.approx(1)
    counts = np.zeros_like(weight)
    np.add.at(counts, (drawn.contigs, drawn.centres), 1)
    assert not counts[weight == 0].any()
    toy.assert_as_expected(counts[weight > 0], weight[weight > 0] * n)


def test_strands_and_shifts_are_uniform_and_independent() -> None:
    n = 50_000
    drawn = training(max_shift=3).draw(0, np.arange(n))
    counts = np.zeros((2, 7))
    np.add.at(counts, (drawn.reverse.astype(int), drawn.shifts + 3), 1)
    toy.assert_as_expected(counts.ravel(), np.full(14, n / 14))
    assert abs(np.corrcoef(drawn.shifts, drawn.centres)[0, 1]) < 5 / np.sqrt(n)
    assert not training(both_strands=False).draw(0, np.arange(99)).reverse.any()
    assert not training().draw(0, np.arange(99)).shifts.any()


def all_bins(regions: list[Ranges], bin: int, length: int) -> list[tuple[int, int]]:
    """Contig and first base of each bin whose window is known enough."""
    return [
        (contig, first)
        for contig, part in enumerate(regions)
        for start, end in zip(*part, strict=True)
        for first in range(start, end - bin + 1, bin)
        if known(contig, first + bin // 2 - length // 2, length) >= 0.6 * length
    ]


@pytest.mark.parametrize("bin", [1, 20, 33, 100])
@pytest.mark.parametrize("length", [100, 201])
def test_tile_covers_every_bin_once(bin: int, length: int, genome: GenomeStore) -> None:
    regions = [ranges((0, 333), (500, 1500)), ranges((7, 8), (100, 900)), ranges((0, 400))]
    tiled = tile(genome, regions, sequence_length=length, bin=bin)
    found = list(zip(tiled.contigs.tolist(), (tiled.centres - bin // 2).tolist(), strict=True))
    assert found == all_bins(regions, bin, length)
    assert not tiled.reverse.any()
    assert not tiled.shifts.any()


def test_a_part_of_the_tiles_is_chosen_by_the_seed_alone(genome: GenomeStore) -> None:
    def some(size: int | None, seed: int = 0) -> list[tuple[int, int]]:
        tiled = tile(genome, EVERYWHERE, sequence_length=LENGTH, bin=20, size=size, seed=seed)
        return list(zip(tiled.contigs.tolist(), tiled.centres.tolist(), strict=True))

    whole = some(None)
    for size in (1, 10, len(whole) - 1, len(whole), len(whole) + 5):
        part = some(size)
        assert len(part) == min(size, len(whole))
        assert part == sorted(part)
        assert set(part) <= set(whole)
        assert some(size) == part
        assert set(part) >= set(some(max(size - 1, 1)))
    assert some(10, seed=1) != some(10)


def test_no_regions_no_tiles(genome: GenomeStore) -> None:
    assert tile(genome, [ranges()] * 3, sequence_length=9, bin=3).centres.size == 0


def test_tiles_left_out_leave_the_others_where_they_are(genome: GenomeStore) -> None:
    options: dict[str, Any] = {"sequence_length": LENGTH, "bin": 20}
    whole = tile(genome, EVERYWHERE, **options)
    left = [ranges((0, 30), (111, 131)), ranges(), ranges()]
    some = tile(genome, EVERYWHERE, **options, without=left)
    out = (whole.contigs == 0) & ((whole.centres < 30) | (abs(whole.centres - 120.5) < 10))
    assert whole.centres[out].tolist() == [10, 130]
    assert same(some, whole.take(np.flatnonzero(~out)))
