"""What the server measures of an engine before it trusts it, and what it keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.api.engines.open_engine import Choice, open_engine
from nucleotides.api.keep_answers import Cache, key_of
from nucleotides.api.measure_engine import quickest_batch, reads_alone_as_together
from nucleotides.predict import Model
from tests.api.test_batcher import Codes, Gated, Scores


class Leaky(Gated):
    """Its last bits depend on the windows read with it, as `how` tells for so many of them."""

    def __init__(self, how: Callable[[int], Any]) -> None:
        super().__init__(8, gated=False)
        self._how = how

    def scores(self, windows: Codes, recalibrated: bool) -> Scores:
        more = np.broadcast_to(self._how(len(windows)), len(windows))
        return super().scores(windows, recalibrated) * (1 + more[:, None] * 1e-15)


def test_the_model_itself(model: Model) -> None:
    engine = open_engine(model, Choice(batch_size=6))
    assert engine.batch_size in (1, 2, 4)
    assert engine.coalesces or torch.backends.cpu.get_cpu_capability() != "AVX512"
    windows = np.random.default_rng(1).integers(0, 5, (3, 1000), np.uint8)
    np.testing.assert_array_equal(engine.scores(windows, True), model._scores(windows, True))


@pytest.mark.parametrize(
    "how", [int, np.arange, lambda n: n == 1, lambda n: n == 2, lambda n: n == 3, lambda n: n < 4]
)
def test_bits_that_depend_on_the_batch_are_seen(how: Callable[[int], Any]) -> None:
    assert reads_alone_as_together(Gated(8, gated=False), 50)
    assert not reads_alone_as_together(Leaky(how), 50)


@pytest.mark.parametrize("most", [1, 2, 5, 32])
def test_no_batch_is_larger_than_asked_for(most: int) -> None:
    engine = Gated(gated=False)
    assert quickest_batch(engine, 20, most) <= most
    assert max(map(len, engine.batches)) <= most


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 40)), max_size=60))
def test_what_is_kept_is_bounded_and_right(steps: list[tuple[int, int]]) -> None:
    cache = Cache(800)
    for name, size in steps:
        key = key_of(np.array([name]), str(size))
        known = cache.get(key)
        assert known is None or known.tolist() == [name] * size
        cache.keep(key, np.full(size, float(name)))
        assert cache.get(key) is not None
        assert sum(values.nbytes for values in cache._kept.values()) <= 800


def test_the_longest_unused_goes_first_and_nothing_stays_where_there_is_no_room() -> None:
    cache, one = Cache(16), np.zeros(1)
    cache.keep(b"a", one)
    cache.keep(b"b", one)
    assert cache.get(b"a") is not None
    cache.keep(b"c", one)
    assert (cache.get(b"b"), len(cache)) == (None, 2)
    cache.keep(b"large", np.zeros(3))
    assert cache.get(b"large") is None
    nothing = Cache(0)
    nothing.keep(b"a", one)
    assert len(nothing) == 0


def test_keys_tell_apart_what_differs() -> None:
    a, b = np.arange(6, dtype=np.uint8), np.arange(6, dtype=np.uint8).reshape(2, 3)
    keys = {key_of(a), key_of(b), key_of(a, "x"), key_of(a, a), key_of(a.astype(np.int64))}
    assert len(keys) == 5
    assert key_of(a.copy()) in keys
