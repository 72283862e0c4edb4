"""Items made ahead: the same, in order, and nothing left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from nucleotides.data.prefetch import ahead


@pytest.mark.parametrize("depth", [1, 2, 7])
@pytest.mark.parametrize("n", [0, 1, 2, 30])
def test_the_same_items_in_order(depth: int, n: int) -> None:
    assert list(ahead(iter(range(n)), depth)) == list(range(n))


def test_no_more_than_depth_are_made_ahead() -> None:
    made: list[int] = []
    third = threading.Event()

    def items() -> Iterator[int]:
        for i in range(100):
            made.append(i)
            if len(made) == 3:
                third.set()
            yield i

    running = ahead(items(), 2)
    assert next(running) == 0
    assert third.wait(60)  # one taken, two ahead
    running.close()
    assert made in ([0, 1, 2], [0, 1, 2, 3])


def test_an_error_comes_where_it_happened() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise RuntimeError("broken")

    running = ahead(items(), 2)
    assert next(running) == 1
    with pytest.raises(RuntimeError, match="broken"):
        next(running)


def test_the_thread_ends_with_the_iterator() -> None:
    before = threading.active_count()
    running = ahead(iter(range(10**9)), 2)
    next(running)
    assert threading.active_count() == before + 1
    running.close()
    assert threading.active_count() == before
