"""Which answers are worth asking again, and when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nucleotides.encode.options import Options
from nucleotides.encode.trouble import GiveUpError, TryAgainError, of_status, read_retry_after

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Thu, 01 Jan 2026 12:02:00 GMT", 120.0),
        ("Thu, 01 Jan 2026 12:02:00 -0000", 120.0),
        ("Thu, 01 Jan 2026 13:02:00 +0100", 120.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("Thu, 99 Jan 2026 12:02:00 GMT", None),
        ("Thu, 01 Jan 2026 12:02:00 +9999999999", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, NOW) == seconds


def test_retry_after_counts_from_now() -> None:
    assert read_retry_after("Thu, 01 Jan 1970 00:00:00 GMT") == 0.0
    assert (read_retry_after("Fri, 01 Jan 2500 00:00:00 GMT") or 0) > 1e9


@pytest.mark.parametrize("status", [200, 206])
def test_no_trouble(status: int) -> None:
    assert of_status(status, None) is None


@pytest.mark.parametrize("status", [408, 416, 425, 429, 500, 502, 503, 504, 599])
def test_worth_asking_again(status: int) -> None:
    trouble = of_status(status, "7")
    assert isinstance(trouble, TryAgainError)
    assert (trouble.everyone, trouble.anew) == (status == 429, status == 416)
    assert trouble.wait == (None if status == 416 else 7.0)


@pytest.mark.parametrize("status", [204, 301, 304, 400, 401, 403, 404, 405, 410, 451])
def test_not_worth_it(status: int) -> None:
    trouble = of_status(status, "7")
    assert isinstance(trouble, GiveUpError)
    assert trouble.reason == f"HTTP {status}"


def test_waits_double_up_to_the_longest_with_full_jitter() -> None:
    steady = Options(back_off=2.0, longest_wait=20.0, chance=lambda: 1.0)
    assert [steady.wait_after(n) for n in range(1, 7)] == [2, 4, 8, 16, 20, 20]
    assert Options(back_off=2.0, chance=lambda: 0.25).wait_after(2) == 1.0
    assert len({Options().wait_after(3) for _ in range(20)}) == 20
    assert all(0 <= Options().wait_after(3) <= 4 for _ in range(20))
