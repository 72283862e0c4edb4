"""What is measured of an engine when the server starts."""

from __future__ import annotations

import time

import numpy as np
from scipy.special import expit

from nucleotides.api.engine import Codes, Engine

_SIZES = 2, 3
_WORTH = 0.9
_TIMES = 5


def quickest_batch(engine: Engine, length: int, most: int) -> int:
    """Of 1, 2, 4... up to `most` windows, the fewest that are read at about the best rate.

    More at once is quicker where weights are many, and slower where values are: they no longer fit
    a processor's cache.
    """
    windows = np.random.default_rng(0).integers(0, 4, (most, length), np.uint8)
    engine.scores(windows[:1], False)
    rates: dict[int, float] = {}
    size = 1
    while size <= most:
        begin = time.perf_counter()
        engine.scores(windows[:size], False)
        rates[size] = size / (time.perf_counter() - begin)
        size *= 2
    best = max(rates.values())
    return min(size for size, rate in rates.items() if rate >= _WORTH * best)


def seconds_of_one(engine: Engine, length: int) -> float:
    """What a window takes that comes alone: the quickest of some."""
    window = np.random.default_rng(0).integers(0, 4, (1, length), np.uint8)
    taken = []
    for _ in range(_TIMES):
        begin = time.perf_counter()
        engine.scores(window, False)
        taken.append(time.perf_counter() - begin)
    return min(taken)


def reads_alone_as_together(engine: Engine, length: int) -> bool:
    """Whether windows get the same bits alone, by a few, and in full batches, wherever there.

    Measured on random windows. A sum in another order differs in its last bits, which most windows
    show at once.
    """
    n = max(engine.batch_size, 12)
    windows = np.random.default_rng(0).integers(0, 5, (n, length), np.uint8)
    together = engine.scores(windows, False)
    some = windows[-12:]
    alone = np.concatenate([engine.scores(row[None], False) for row in some])
    by_few = [
        np.concatenate([engine.scores(some[i : i + size], False) for i in range(0, 12, size)])
        for size in _SIZES
    ]
    return all(np.array_equal(found, together[-12:]) for found in (alone, *by_few))


def largest_error(engine: Engine, exact: Engine, windows: Codes) -> float:
    """The largest difference of probabilities that two engines give windows; inf for NaN."""
    found, wanted = (expit(each.scores(windows, False)) for each in (engine, exact))
    error = float(np.abs(found - wanted).max(initial=0.0))
    return error if error == error else float("inf")
