"""Which positions are sampled: pure, uniform, known; every held-out bin once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.data.positions import Pool, Positions, TrainingPositions, tile
from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import Ranges, merge
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


def training(genome: GenomeStore, **options: Any) -> TrainingPositions:
    options = {"sequence_length": LENGTH} | options
    return TrainingPositions(genome, INTERVALS, EVERYWHERE, **options)


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
    genome: GenomeStore, seed: int, epoch: int, index: list[int], background: float, shift: int
) -> None:
    positions = training(genome, seed=seed, background=background, max_shift=shift)
    whole = positions.draw(epoch, np.arange(10_001))
    assert same(positions.draw(epoch, np.array(index)), whole.take(np.array(index)))


def test_seeds_and_epochs_differ(genome: GenomeStore) -> None:
    index = np.arange(500)
    first = training(genome, seed=0).draw(0, index)
    assert not same(training(genome, seed=0).draw(1, index), first)
    assert not same(training(genome, seed=1).draw(0, index), first)


@pytest.mark.parametrize("background", [0.0, 0.3, 1.0])
def test_drawn_in_proportion_to_length_and_uniformly_within(
    background: float, genome: GenomeStore
) -> None:
    n = 200_000
    drawn = training(genome, background=background).draw(0, np.arange(n))
    weight = np.zeros((3, 1500))
    for contig, (inside, anywhere) in enumerate(zip(INTERVALS, EVERYWHERE, strict=True)):
        for start, end in zip(*inside, strict=True):
            weight[contig, start:end] += (1 - background) / 291
        for start, end in zip(*anywhere, strict=True):
            weight[contig, start:end] += background / 2800
        for centre in range(1500):
            if known(contig, centre - LENGTH // 2, LENGTH) < 0.6 * LENGTH:
                weight[contig, centre] = 0
    weight /= weight.sum()
    counts = np.zeros_like(weight)
    np.add.at(counts, (drawn.contigs, drawn.centres), 1)
    assert not counts[weight == 0].any()
    expected = weight[weight > 0] * n
    statistic = ((counts[weight > 0] - expected) ** 2 / expected).sum()
    freedom = expected.size - 1
    assert abs(statistic / freedom - 1) < 5 * np.sqrt(2 / freedom)


def test_strands_and_shifts_are_uniform_and_independent(genome: GenomeStore) -> None:
    n = 50_000
    drawn = training(genome, max_shift=3).draw(0, np.arange(n))
    counts = np.zeros((2, 7))
    np.add.at(counts, (drawn.reverse.astype(int), drawn.shifts + 3), 1)
    statistic = ((counts - n / 14) ** 2 / (n / 14)).sum()
    assert abs(statistic / 13 - 1) < 5 * np.sqrt(2 / 13)
    assert abs(np.corrcoef(drawn.shifts, drawn.centres)[0, 1]) < 5 / np.sqrt(n)
    assert not training(genome, both_strands=False).draw(0, np.arange(99)).reverse.any()
    assert not training(genome).draw(0, np.arange(99)).shifts.any()


@pytest.mark.parametrize("length", [99, 100])
@pytest.mark.parametrize("max_shift", [0, 40])
def test_windows_of_unknown_sequence_are_never_drawn(
    length: int, max_shift: int, genome: GenomeStore
) -> None:
    options = {"sequence_length": length, "background": 0.8, "max_shift": max_shift}
    drawn = training(genome, **options).draw(0, np.arange(5000))
    for contig, centre, _, shift in zip(*drawn, strict=True):
        assert known(contig, centre - length // 2 + shift, length) >= 0.6 * length


def test_nothing_to_draw_from(genome: GenomeStore) -> None:
    nothing = [ranges()] * 3
    with pytest.raises(InputError, match="no training interval lies in the training part"):
        TrainingPositions(genome, nothing, EVERYWHERE, sequence_length=LENGTH)
    masked = [ranges(), ranges(), ranges((0, 400))]
    positions = TrainingPositions(genome, masked, masked, sequence_length=LENGTH)
    with pytest.raises(InputError, match="less than 60% known bases"):
        positions.draw(0, np.arange(5))


def test_pool_numbers_every_position_once() -> None:
    pool = Pool(INTERVALS)
    contigs, positions = pool.at(np.arange(pool.size))
    found = list(zip(contigs.tolist(), positions.tolist(), strict=True))
    expected = [
        (contig, position)
        for contig, part in enumerate(INTERVALS)
        for start, end in zip(*part, strict=True)
        for position in range(start, end)
    ]
    assert found == expected


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
