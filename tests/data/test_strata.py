"""Groups of positions: drawn by weight, then uniformly, from one number each."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.data.draws import uniform
from nucleotides.data.rates import density
from nucleotides.data.strata import Strata, cell_type
from nucleotides.data.strata_on_device import DeviceStrata
from nucleotides.genome.ranges import Ranges, merge
from nucleotides.targets.layout import Layout
from tests import toy

LAYOUT = Layout({"a": 300, "b": 200}, 20)


def ranges(*pairs: tuple[int, int]) -> Ranges:
    """Ranges on contig a, as cells."""
    array = np.array(pairs, np.int64).reshape(-1, 2) + LAYOUT.zero[0]
    return merge(array[:, 0], array[:, 1])


groups = st.lists(
    st.lists(st.tuples(st.integers(0, 250), st.integers(1, 50)), max_size=4), min_size=1, max_size=5
)


@given(groups, st.data())
def test_every_position_of_a_group_is_its_share_of_the_unit_square(
    spans: list[list[tuple[int, int]]], data: st.DataObject
) -> None:
    made = [ranges(*((start, start + width) for start, width in group)) for group in spans]
    weights = [data.draw(st.integers(0, 3)) for _ in made]
    if not any(w * r.total for w, r in zip(weights, made, strict=True)):
        return
    strata = Strata.of(LAYOUT, made, weights)
    possible = [w if r.total else 0 for w, r in zip(weights, made, strict=True)]
    assert strata.weights == pytest.approx(np.array(possible) / sum(possible))
    at = 0.0
    for weight, group in zip(strata.weights, made, strict=True):
        if weight:
            n = group.total
            where = np.repeat([at + 1e-9, at + weight - 1e-9], n)
            place = np.tile((np.arange(n) + 0.5) / n, 2)
            cells = [c for s, e in zip(*group, strict=True) for c in range(s, e)]
            assert strata.pick_cells(where, place).tolist() == cells * 2
        at += weight


def test_ends_of_the_unit_interval_stay_inside() -> None:
    strata = Strata.of(LAYOUT, [ranges(), ranges((5, 8)), ranges()], [1, 1, 1])
    edge = np.array([0.0, np.nextafter(1, 0)])
    assert (strata.pick_cells(edge, edge) - LAYOUT.zero[0]).tolist() == [5, 7]


def test_contigs_and_positions() -> None:
    cells = LAYOUT.join([merge(np.array([299]), np.array([300])), merge(np.array([0]), [2])])
    strata = Strata.of(LAYOUT, [cells], [1])
    contigs, positions = strata.pick(np.zeros(3), np.array([0, 0.4, 0.9]))
    assert contigs.tolist() == [0, 1, 1]
    assert positions.tolist() == [299, 0, 1]


def test_a_mixture_draws_by_weight_then_as_its_parts() -> None:
    one = Strata.of(LAYOUT, [ranges((0, 10)), ranges((10, 15))], [1, 3])
    two = Strata.of(LAYOUT, [ranges((5, 25))], [7])
    mixed = Strata.mix([(0.3, one), (0.7, two)])
    n = 100_000
    index = np.arange(n)
    cells = mixed.pick_cells(uniform(0, 0, index, 2), uniform(0, 0, index, 3)) - LAYOUT.zero[0]
    expected = np.zeros(25)
    expected[:10] += 0.3 * 0.25 / 10
    expected[10:15] += 0.3 * 0.75 / 5
    expected[5:25] += 0.7 / 20
    toy.assert_as_expected(np.bincount(cells, minlength=25), expected * n)
    measure = density(mixed)
    flat = np.zeros(25)
    for start, end, height in zip(*measure[:3], strict=True):
        flat[start - LAYOUT.zero[0] : end - LAYOUT.zero[0]] = height
    assert flat == pytest.approx(expected)
    assert Strata.mix([(0.2, one)]) is one


@given(groups, st.data())
def test_a_device_picks_the_same(spans: list[list[tuple[int, int]]], data: st.DataObject) -> None:
    made = [ranges(*((start, start + width) for start, width in group)) for group in spans]
    weights = [data.draw(st.integers(0, 3)) for _ in made]
    if not any(w * r.total for w, r in zip(weights, made, strict=True)):
        return
    strata = Strata.of(LAYOUT, made, weights)
    edges = [*strata.cumulative[:-1], *np.nextafter(strata.cumulative, 0), 0.0]
    where = np.concatenate([uniform(0, 0, np.arange(200), 0), [e for e in edges if 0 <= e < 1]])
    place = uniform(0, 0, np.arange(where.size), 1)
    there = DeviceStrata(strata, torch.device("cpu"))
    found = there.pick(torch.from_numpy(where), torch.from_numpy(place))
    for ours, theirs in zip(strata.pick(where, place), found, strict=True):
        assert np.array_equal(ours, theirs.numpy())


def test_words_are_small_where_the_genome_is() -> None:
    assert cell_type(LAYOUT) is np.uint32
    assert cell_type(Layout({"a": 1 << 32}, 20)) is np.int64
    large = Layout({"a": 1 << 33}, 20)
    far = Ranges(*(large.zero[0] + (1 << 32) + np.array([[7], [9]])))
    contigs, positions = Strata.of(large, [far], [1]).pick(np.zeros(2), np.array([0, 0.5]))
    assert contigs.tolist() == [0, 0]
    assert positions.tolist() == [(1 << 32) + 7, (1 << 32) + 8]
