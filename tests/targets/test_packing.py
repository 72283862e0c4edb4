"""Intervals in few bytes come back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.genome.ranges import Ranges
from nucleotides.targets.packing import pack, unpack

steps = st.lists(st.integers(1, 2**40) | st.integers(1, 300), max_size=40).map(
    lambda steps: steps[: len(steps) // 2 * 2]
)


@given(steps, st.booleans())
def test_they_come_back(steps: list[int], from_zero: bool) -> None:
    places = np.cumsum(np.array(steps, np.int64))
    if from_zero and places.size:
        places -= places[0]
    ranges = Ranges(places[::2], places[1::2])
    packed = pack(ranges)
    again = unpack(packed, ranges.starts.size)
    assert np.array_equal(again.starts, ranges.starts)
    assert np.array_equal(again.ends, ranges.ends)


def test_a_peak_takes_few_bytes() -> None:
    starts = np.arange(100) * 60_000
    assert pack(Ranges(starts, starts + 300)).size < 5.01 * 100
    assert pack(Ranges(starts[:0], starts[:0])).size == 0
