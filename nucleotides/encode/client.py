"""An HTTP client that keeps to a rate and holds back when a server says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import httpx2

from nucleotides import __version__
from nucleotides.encode.options import Options
from nucleotides.encode.trouble import GiveUpError, TryAgainError

_REDIRECTS = 10


class Client:
    """Requests to any host, each host with a rate and a time before which it is left alone."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._next: dict[bytes, float] = {}
        self._held: dict[bytes, float] = {}
        self._http = httpx2.AsyncClient(
            follow_redirects=True,
            max_redirects=_REDIRECTS,
            timeout=httpx2.Timeout(options.timeout),
            limits=httpx2.Limits(max_connections=4 * options.n_workers),
            headers={"User-Agent": f"nucleotides/{__version__}", "Accept-Encoding": "identity"},
            event_hooks={"request": [self._turn]},  # called for each redirect too
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[httpx2.Response]:
        """An answer whose body is still to be read.

        Raises:
            TryAgainError, GiveUpError: there was no answer, or it broke off.
        """
        try:
            async with self._http.stream("GET", url, headers=dict(headers)) as answer:
                yield answer
        except httpx2.TooManyRedirects:
            raise GiveUpError(f"more than {_REDIRECTS} redirects") from None
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise GiveUpError(str(error)) from None
        except httpx2.ConnectError as error:
            raise TryAgainError(f"no connection ({error})") from None
        except httpx2.TimeoutException:
            raise TryAgainError(f"no byte in {self.options.timeout:g} s") from None
        except httpx2.RequestError as error:
            raise TryAgainError(f"broken off ({error})") from None

    def hold_back(self, url: str, seconds: float) -> None:
        """Leave the host of an address alone for so long."""
        host, until = httpx2.URL(url).netloc, self.options.clock() + seconds
        self._held[host] = max(self._held.get(host, until), until)
        self._next[host] = max(self._next.get(host, until), until)

    async def _turn(self, request: httpx2.Request) -> None:
        """Wait until the host may be asked, also if it is held back while this waits.

        Raises:
            GiveUpError: that would be too long.
        """
        host, now, options = request.url.netloc, self.options.clock(), self.options
        while True:
            held = self._held.get(host, now) - now
            if held > options.longest_wait:
                raise GiveUpError(f"HTTP 429, asks to wait {held:,.0f} s")
            turn = max(self._next.get(host, now), now)
            self._next[host] = turn + 1 / options.requests_per_second
            if turn > now:
                await options.sleep(turn - now)
            now = turn
            if self._held.get(host, now) <= now:
                return
