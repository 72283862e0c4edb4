"""How politely and how patiently files are asked for."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Limits of requests.

    Attributes:
        n_workers: files fetched at once.
        requests_per_second: to one host, at most; the portal asks for 10.
        timeout: seconds without a byte after which a request is given up.
        attempts: tries of an address in a row that bring no byte, before it is given up.
        back_off: seconds of the first wait; doubled each time, a random part of it is waited.
        longest_wait: seconds; a server that asks for more is given up.
        sleep, clock, chance: how waiting is done, timed and drawn; tests have their own.
    """

    n_workers: int = 4
    requests_per_second: float = 10.0
    timeout: float = 60.0
    attempts: int = 6
    back_off: float = 1.0
    longest_wait: float = 300.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def wait_after(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row: exponential, with full jitter."""
        return min(self.back_off * 2.0 ** (failures - 1), self.longest_wait) * self.chance()
