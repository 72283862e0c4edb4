"""How work of many is put together, with an engine that goes on when it is told to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nucleotides.api.batcher import Batcher
from nucleotides.api.engine import Codes, Scores
from nucleotides.api.measure import Measures, Meters
from nucleotides.errors import OverloadedError


class Gated:
    """Sums each window's codes; each batch waits for leave."""

    name = "sums"

    def __init__(self, batch_size: int = 4, coalesces: bool = True, gated: bool = True) -> None:
        self.batch_size, self.coalesces = batch_size, coalesces
        self.batches: list[list[int]] = []
        self.leave, self.begun = threading.Semaphore(0), threading.Semaphore(0)
        self._gated = gated

    def scores(self, windows: Codes, recalibrated: bool) -> Scores:
        self.begun.release()
        if self._gated:
            assert self.leave.acquire(timeout=30)
        if windows[0, 0] == 99:
            raise ValueError("cannot")
        self.batches.append(windows[:, 0].tolist())
        return windows.sum(1, dtype=np.float64, keepdims=True) * (-1 if recalibrated else 1)

    async def until_begun(self) -> None:
        await asyncio.to_thread(self.begun.acquire)


def windows(*numbers: int) -> Codes:
    return np.array([[n, 1, 2] for n in numbers], np.uint8)


def run(
    engine: Gated, use: Callable[[Batcher], Coroutine[Any, Any, None]], queue: int = 100
) -> None:
    """Use a batcher in an event loop of its own."""

    async def main() -> None:
        with ThreadPoolExecutor(1) as thread:
            batcher = Batcher(engine, thread, queue, 0.0, Meters(Measures(), "m"))
            batcher.start()
            try:
                await asyncio.wait_for(use(batcher), 30)
            finally:
                engine.leave.release(1000)
                await batcher.stop()

    asyncio.run(main())


async def submitted(*work: Awaitable[Any]) -> list[asyncio.Future[Any]]:
    """Tasks that have got as far as waiting."""
    tasks = [asyncio.ensure_future(one) for one in work]
    await asyncio.sleep(0)
    return tasks


def test_the_first_goes_at_once_and_the_rest_together() -> None:
    engine = Gated()

    async def use(batcher: Batcher) -> None:
        (first,) = await submitted(batcher.scores(windows(1), False))
        await engine.until_begun()
        rest = await submitted(*(batcher.scores(windows(i), False) for i in (2, 3, 4)))
        assert batcher.waiting == 3
        engine.leave.release(2)
        found = await asyncio.gather(first, *rest)
        assert [float(one[0, 0]) for one in found] == [4, 5, 6, 7]
        assert batcher.waiting == 0

    run(engine, use)
    assert engine.batches == [[1], [2, 3, 4]]


def test_a_small_request_does_not_wait_for_a_large_one() -> None:
    engine = Gated()

    async def use(batcher: Batcher) -> None:
        (large,) = await submitted(batcher.scores(windows(*range(10)), False))
        await engine.until_begun()
        (small,) = await submitted(batcher.scores(windows(50), False))
        engine.leave.release(2)
        assert float((await small)[0, 0]) == 53
        assert not large.done()
        engine.leave.release(10)
        assert (await large)[:, 0].tolist() == [n + 3 for n in range(10)]

    run(engine, use)
    assert engine.batches == [[0, 1, 2, 3], [4, 5, 6, 50], [7, 8, 9]]


def test_all_have_their_turn_where_a_batch_is_one_window() -> None:
    engine = Gated(batch_size=1)

    async def use(batcher: Batcher) -> None:
        tasks = await submitted(
            batcher.scores(windows(1, 2, 3), False),
            batcher.scores(windows(11, 12), False),
        )
        engine.leave.release(10)
        await asyncio.gather(*tasks)

    run(engine, use)
    assert engine.batches == [[1], [11], [2], [12], [3]]


def test_what_is_read_in_another_way_is_not_mixed() -> None:
    engine = Gated(batch_size=8)

    async def use(batcher: Batcher) -> None:
        work = [batcher.scores(windows(i), i % 2 == 0) for i in range(4)]
        tasks = await submitted(*work)
        engine.leave.release(10)
        found = await asyncio.gather(*tasks)
        assert [float(one[0, 0]) for one in found] == [-3, 4, -5, 6]

    run(engine, use)
    assert sorted(map(sorted, engine.batches)) == [[0, 2], [1, 3]]


def test_requests_are_not_joined_where_that_changes_bits() -> None:
    engine = Gated(coalesces=False)

    async def use(batcher: Batcher) -> None:
        work = [batcher.scores(windows(*range(n)), False) for n in (6, 1, 2)]
        tasks = await submitted(*work)
        engine.leave.release(10)
        await asyncio.gather(*tasks)

    run(engine, use)
    assert engine.batches == [[0, 1, 2, 3, 4, 5], [0], [0, 1]]


def test_too_much_is_refused_and_what_was_accepted_is_done() -> None:
    engine = Gated()

    async def use(batcher: Batcher) -> None:
        (first,) = await submitted(batcher.scores(windows(*range(8)), False))
        await engine.until_begun()
        (fits,) = await submitted(batcher.scores(windows(1), False))
        with pytest.raises(OverloadedError, match="5 windows wait already, of 5") as refused:
            await batcher.scores(windows(1), False)
        assert refused.value.retry_after >= 1
        engine.leave.release(10)
        assert len(await first) == 8
        assert len(await fits) == 1

    run(engine, use, queue=5)


def test_windows_of_those_who_left_are_not_read() -> None:
    engine = Gated()

    async def use(batcher: Batcher) -> None:
        (first,) = await submitted(batcher.scores(windows(1), False))
        await engine.until_begun()
        gone, stays = await submitted(
            batcher.scores(windows(2, 3), False), batcher.scores(windows(4), False)
        )
        gone.cancel()
        await asyncio.sleep(0)
        assert batcher.waiting == 1
        engine.leave.release(10)
        await asyncio.gather(first, stays)

    run(engine, use)
    assert engine.batches == [[1], [4]]


def test_a_call_has_the_model_for_itself_and_hears_when_nobody_waits() -> None:
    engine = Gated()
    seen: list[bool] = []
    begun, go_on = threading.Event(), threading.Event()

    def work(job: Any) -> int:
        seen.append(job.dropped)
        begun.set()
        assert go_on.wait(30)
        seen.append(job.dropped)
        return 7

    async def use(batcher: Batcher) -> None:
        engine.leave.release(10)
        (task,) = await submitted(batcher.call(work, 3))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        await asyncio.sleep(0)
        go_on.set()
        assert await batcher.call(lambda _: 8, 1) == 8

    run(engine, use)
    assert seen == [False, True]


def test_a_failure_is_that_of_its_batch_only() -> None:
    engine = Gated(batch_size=1)

    async def use(batcher: Batcher) -> None:
        engine.leave.release(10)
        work = (batcher.scores(windows(n), False) for n in (1, 99, 2))
        found = await asyncio.gather(*work, return_exceptions=True)
        assert isinstance(found[1], ValueError)
        assert [float(found[i][0, 0]) for i in (0, 2)] == [4, 5]  # type: ignore[index]

    run(engine, use)


@settings(max_examples=40)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=12),
    batch=st.integers(1, 8),
    coalesces=st.booleans(),
)
def test_everyone_gets_their_own_whatever_is_joined(
    sizes: list[int], batch: int, coalesces: bool
) -> None:
    engine = Gated(batch, coalesces, gated=False)
    asked = [windows(*range(i, i + size)) for i, size in enumerate(sizes)]

    async def use(batcher: Batcher) -> None:
        ways = [i % 3 == 0 for i in range(len(asked))]
        work = [batcher.scores(*one) for one in zip(asked, ways, strict=True)]
        found = await asyncio.gather(*work)
        for one, codes, way in zip(found, asked, ways, strict=True):
            wanted = codes.sum(1, dtype=np.float64) * (-1 if way else 1)
            assert one[:, 0].tolist() == wanted.tolist()

    run(engine, use, queue=1000)
    assert sum(map(len, engine.batches)) == sum(sizes)
    assert all(len(one) <= batch for one in engine.batches) or not coalesces
