"""Interval arithmetic against arrays with one element a base, and against bioframe."""

from __future__ import annotations

import bioframe
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.genome.ranges import (
    _MANY,
    Ranges,
    covered_before,
    covered_within,
    intersect,
    merge,
    subtract,
)

LOW, HIGH = -20, 60
raw = st.lists(
    st.tuples(st.integers(-12, 40), st.integers(-2, 12)).map(lambda x: (x[0], x[0] + x[1])),
    max_size=12,
)


def ranges(pairs: list[tuple[int, int]]) -> Ranges:
    array = np.array(pairs, np.int64).reshape(-1, 2)
    return merge(array[:, 0], array[:, 1])


def bases(pairs: list[tuple[int, int]]) -> np.ndarray:
    """Which of the bases LOW to HIGH are covered: bool, one a base."""
    out = np.zeros(HIGH - LOW, bool)
    for start, end in pairs:
        out[start - LOW : max(end, start) - LOW] = True
    return out


def check(found: Ranges, expected: np.ndarray) -> None:
    """`found` covers exactly the expected bases, sorted, disjoint and not touching."""
    assert np.array_equal(bases(list(zip(*found, strict=True))), expected)
    assert (found.ends > found.starts).all()
    assert (found.starts[1:] > found.ends[:-1]).all()
    assert found.total == expected.sum()
    assert found.starts.dtype == found.ends.dtype == np.int64


@given(raw)
def test_merge(pairs: list[tuple[int, int]]) -> None:
    check(ranges(pairs), bases(pairs))


@given(raw, raw)
def test_intersect_and_subtract(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    check(intersect(ranges(a), ranges(b)), bases(a) & bases(b))
    check(subtract(ranges(a), ranges(b)), bases(a) & ~bases(b))


@given(raw, st.lists(st.tuples(st.integers(LOW, HIGH), st.integers(LOW, HIGH)), max_size=9))
def test_covered(pairs: list[tuple[int, int]], windows: list[tuple[int, int]]) -> None:
    before = np.concatenate([[0], np.cumsum(bases(pairs))])
    starts, ends = np.array(windows, np.int64).reshape(-1, 2).T
    merged = ranges(pairs)
    assert np.array_equal(covered_before(merged, starts), before[starts - LOW])
    expected = before[ends - LOW] - before[starts - LOW]
    assert np.array_equal(covered_within(merged, starts, ends), expected)


def frame(found: Ranges) -> pd.DataFrame:
    return pd.DataFrame({"chrom": "c", "start": found.starts, "end": found.ends})


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # bioframe calls pandas as it was
@pytest.mark.parametrize("seed", range(3))
def test_as_bioframe_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = (
        pd.DataFrame({"chrom": "c", "start": start, "end": start + rng.integers(1, 90, start.size)})
        for start in (rng.integers(0, 10_000, 200), rng.integers(0, 10_000, 150))
    )
    ra, rb = (merge(t["start"].to_numpy(), t["end"].to_numpy()) for t in (a, b))
    merged = bioframe.merge(a, min_dist=0)[["chrom", "start", "end"]]
    pd.testing.assert_frame_equal(frame(ra), merged.reset_index(drop=True), check_dtype=False)
    left = bioframe.subtract(frame(ra), frame(rb)).reset_index(drop=True)
    pd.testing.assert_frame_equal(frame(subtract(ra, rb)), left, check_dtype=False)
    both = bioframe.overlap(frame(ra), frame(rb), how="inner", return_overlap=True)
    both = both[["overlap_start", "overlap_end"]].sort_values("overlap_start")
    found = intersect(ra, rb)
    assert np.array_equal(found.starts, both["overlap_start"])
    assert np.array_equal(found.ends, both["overlap_end"])
    nearby = bioframe.coverage(frame(rb), frame(ra))["coverage"]
    assert np.array_equal(covered_within(ra, rb.starts, rb.ends), nearby)


@pytest.mark.parametrize("size", [_MANY - 1, _MANY, 30_000])
@pytest.mark.parametrize(("low", "high"), [(0, 10**4), (-(10**9), 10**9), (0, 2**40), (7, 8)])
def test_many_intervals_are_merged_as_few_are(size: int, low: int, high: int) -> None:
    rng = np.random.default_rng(size)
    starts = rng.integers(low, high, size)
    ends = starts + rng.integers(0, max((high - low) // size, 2) * 2, size)
    found = merge(starts, ends)
    order = np.argsort(starts, kind="stable")
    expected: list[list[int]] = []
    for start, end in zip(starts[order].tolist(), ends[order].tolist(), strict=True):
        if end > start:
            if expected and start <= expected[-1][1]:
                expected[-1][1] = max(expected[-1][1], end)
            else:
                expected.append([start, end])
    assert [list(pair) for pair in zip(*found, strict=True)] == expected
