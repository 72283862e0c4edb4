"""Clients that ask again as soon as they are answered; driven by serving.py and serving_soak.py.

PORT PATH CLIENTS SECONDS SEED: prints a line of JSON, by status how many answers, and seconds of
each answer of status 200. Each client has one connection, and every sequence is asked once only.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time

LENGTH = 1000


def main() -> None:
    """Ask, print."""
    port, path, clients, seconds, seed = sys.argv[1:]
    found = asyncio.run(ask(int(port), path, int(clients), float(seconds), int(seed)))
    print(json.dumps(found), flush=True)  # noqa: T201


async def ask(port: int, path: str, clients: int, seconds: float, seed: int) -> dict[str, object]:
    """All clients at once."""
    statuses: dict[int, int] = {}
    answered: list[float] = []
    begin = time.perf_counter()
    end = begin + seconds
    draw = random.Random(seed)

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            asked = time.perf_counter()
            writer.write(request(path, "".join(draw.choices("ACGT", k=LENGTH))))
            status = await answer(reader)
            statuses[status] = statuses.get(status, 0) + 1
            if status == 200:
                answered.append(time.perf_counter() - asked)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return {"statuses": statuses, "answered": answered, "wall": time.perf_counter() - begin}


def request(path: str, sequence: str) -> bytes:
    """As it goes over the wire."""
    body = json.dumps({"sequence": sequence}).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def answer(reader: asyncio.StreamReader) -> int:
    """The status of the next answer, which is read whole."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = head.split(b"content-length:")[1].split(b"\r\n")[0]
    await reader.readexactly(int(size))
    return int(head.split()[1])


if __name__ == "__main__":
    main()
