"""Turns at a host: its rate, and a time before which it is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx2
import pytest

from nucleotides.encode.client import Client
from nucleotides.encode.trouble import GiveUpError, TroubleError, TryAgainError
from nucleotides.portal.server import Portal
from tests.encode.serving import Time, http, scripted

A, B = "http://a.org/x", "http://b.org:8000/x"


def run(time: Time, work: Callable[[Client], Coroutine[Any, Any, None]], **options: Any) -> None:
    async def inside() -> None:
        async with Client(time.options(**options)) as client:
            await work(client)

    asyncio.run(inside())


def turn(client: Client, url: str) -> Coroutine[Any, Any, None]:
    return client._turn(httpx2.Request("GET", url))


def test_each_host_has_its_rate(time: Time) -> None:
    async def work(client: Client) -> None:
        for _ in range(3):
            await turn(client, A)
            await turn(client, B)

    run(time, work, requests_per_second=4.0)
    assert time.slept == [0.25, 0.25]


def test_who_waits_already_is_held_back_too(time: Time) -> None:
    turns: list[float] = []

    async def work(client: Client) -> None:
        async def one() -> None:
            await turn(client, A)
            turns.append(time.now)

        await turn(client, A)
        waiting = asyncio.create_task(one())  # until 1000.5
        await asyncio.sleep(0)
        assert time.slept == [0.5]
        client.hold_back(A, 60.0)
        client.hold_back(A, 20.0)  # makes it no shorter
        await waiting
        await one()
        await turn(client, B)

    run(time, work, requests_per_second=2.0)
    assert turns == [1060.0, 1060.5]


def test_held_back_for_too_long_is_given_up(time: Time) -> None:
    async def work(client: Client) -> None:
        client.hold_back(A, 301.0)
        with pytest.raises(GiveUpError, match="HTTP 429, asks to wait 301 s"):
            await turn(client, A)
        await turn(client, B)
        time.now += 1.0
        await turn(client, A)

    run(time, work)
    assert time.now == 1301.0


def test_it_says_who_asks_and_wants_plain_bytes(time: Time) -> None:
    async def work(client: Client) -> None:
        async with client.get(script.url, {"Range": "bytes=1-"}) as answer:
            assert await answer.aread() == b"ok"

    with scripted(http("200 OK", b"ok")) as script:
        run(time, work)
    (asked,) = script.asked
    assert "User-Agent: nucleotides/" in asked
    assert "Accept-Encoding: identity" in asked
    assert "Range: bytes=1-" in asked


def test_redirects_carry_the_range_on(time: Time, portal: Portal) -> None:
    async def work(client: Client) -> None:
        url = f"{portal.url}files/ENCFF000BBB/@@download/ENCFF000BBB.bed.gz"
        async with client.get(url, {"Range": "bytes=1000-"}) as answer:
            assert len(await answer.aread()) == 234

    run(time, work)
    assert [asked.range for asked in portal.requests] == ["bytes=1000-"] * 2


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (b"", TryAgainError, r"broken off \(.*"),
        (b"nonsense\r\n\r\n", TryAgainError, r"broken off \(.*"),
        (http("302 Found", location="gopher://x/"), GiveUpError, ".*unsupported protocol.*"),
        (http("302 Found", location="/file"), GiveUpError, "more than 10 redirects"),
        (
            http("200 OK", b"no gzip", content_encoding="gzip"),
            TryAgainError,
            r"broken off \(.*",
        ),
    ],
)
def test_what_goes_wrong_is_trouble(
    answer: bytes, kind: type[TroubleError], reason: str, time: Time
) -> None:
    async def work(client: Client) -> None:
        async with client.get(script.url, {}) as found:
            await found.aread()

    with scripted(answer) as script, pytest.raises(kind) as caught:
        run(time, work)
    assert type(caught.value) is kind
    import re

    assert re.fullmatch(reason, caught.value.reason)
