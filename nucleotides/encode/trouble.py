"""What went wrong with a request, and whether it is worth asking again."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class TroubleError(Exception):
    """A request that brought no file; `reason` says what the server did."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GiveUpError(TroubleError):
    """Asking this address again would bring the same."""


class TryAgainError(TroubleError):
    """The next try may work.

    Attributes:
        wait: seconds that the server asked for, or None.
        everyone: whether it asked all requests to wait (429).
        url: of the answer, where that was not the address asked (a redirect).
        anew: whether what was fetched so far must be thrown away.
    """

    def __init__(
        self, reason: str, wait: float | None = None, everyone: bool = False, anew: bool = False
    ) -> None:
        super().__init__(reason)
        self.wait, self.everyone, self.anew = wait, everyone, anew
        self.url: str | None = None


def of_status(status: int, retry_after: str | None) -> TroubleError | None:
    """The trouble that a status tells of; none for 200 and 206."""
    if status in (200, 206):
        return None
    if status == 416:
        return TryAgainError("416 range not satisfiable", anew=True)
    if status in (408, 425, 429) or status >= 500:
        wait = read_retry_after(retry_after)
        return TryAgainError(f"HTTP {status}", wait, everyone=status == 429)
    return GiveUpError(f"HTTP {status}")


def read_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for, given as seconds or as a date; None if none."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:  # as of "-0000"
        until = until.replace(tzinfo=UTC)
    return max((until - (now or datetime.now(UTC))).total_seconds(), 0.0)
