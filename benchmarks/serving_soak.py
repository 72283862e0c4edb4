"""The server for a quarter of an hour under mixed load, under overload, and fed with nonsense.

One server with the demo's model on loopback. `soak`: clients that ask for predictions, variants,
explanations, tables and tasks, leave in the middle, send halves, watch jobs; meanwhile jobs are
handed in, and a worker is killed every so often: every job has to end. `overload`: requests arrive
at ten times the rate at which they are answered, to a queue of 256 windows. `fuzz`: 10,000 requests
made from examples by damaging them. Counted are statuses, seconds, and of the server and its
workers memory and open files.

python benchmarks/serving_soak.py --model BUNDLE --genome STORE [--minutes 15] [--fuzzed 10000]
    [--parts soak overload fuzz] ...
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from common import configuration, parser, report, row
from serving_load import ask

import nucleotides
from nucleotides.client import Client

PLACE = {"chrom": "chr20", "position": 1104061}
VARIANT = {"chrom": "chr20", "pos": 1104061, "ref": "T"}
TASKS = ["*CTCF*"]
HEAD = ("", "")
Counts = Counter[str]


def main() -> None:
    """Do each part, print."""
    options = parser(__doc__)
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--genome", type=Path, required=True)
    options.add_argument("--minutes", type=float, default=15)
    options.add_argument("--fuzzed", type=int, default=10_000)
    options.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS)
    arguments = options.parse_args()
    config = configuration(("torch",), minutes=arguments.minutes, fuzzed=arguments.fuzzed)
    cells: list[list[Any]] = []
    for part in arguments.parts:
        cells += [[f"{part}: {name}", value] for name, value in PARTS[part](arguments).items()]
    rows = [row(n, v, "", config) for n, v in cells if isinstance(v, int | float)]
    report(arguments, HEAD, cells, rows, config)


@contextmanager
def serve(arguments: Any, *options: str, **settings: str) -> Any:
    """A server: its process, its port."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "nucleotides", "serve", "--port", "0", *options]
        command += ["--model", f"demo={arguments.model}", "--genome", str(arguments.genome)]
        known = {f"NUCLEOTIDES_{name}": value for name, value in settings.items()}
        known |= {"NUCLEOTIDES_JOBS_DIR": f"{folder}/jobs", "OMP_NUM_THREADS": "1"}
        log = Path(folder) / "log"
        with log.open("w") as file:
            process = subprocess.Popen(command, stderr=file, env=os.environ | known)
        try:
            while not (found := re.search(r"http://\S+:(\d+)", log.read_text())):
                if process.poll() is not None:
                    raise RuntimeError(log.read_text())
                time.sleep(0.5)
            yield process, int(found[1])
        finally:
            process.terminate()
            process.wait()


def soak(arguments: Any) -> dict[str, Any]:
    """Mixed load."""
    with serve(arguments, "--job-workers", "1") as (process, port):
        return asyncio.run(mix(process, port, 60 * arguments.minutes))


async def mix(process: Any, port: int, seconds: float) -> dict[str, Any]:
    """All kinds of clients at once, and who watches the server."""
    end, counts = time.perf_counter() + seconds, Counter[str]()
    sizes: list[tuple[float, int]] = []
    jobs: dict[str, str] = {}
    await asyncio.gather(
        *(client(port, end, counts, seed) for seed in range(6)),
        *(rude(port, end, counts, seed) for seed in range(2)),
        asyncio.to_thread(submit, port, end, jobs),
        asyncio.to_thread(kill_workers, process.pid, end, counts),
        asyncio.to_thread(watch, process.pid, end, sizes),
    )
    states = Counter(await asyncio.to_thread(wait_for_jobs, port, jobs))
    quarters = np.array_split(np.array(sizes), 4)
    return {
        "seconds": round(seconds),
        "answers": dict(sorted(counts.items())),
        "workers killed": counts["killed"],
        "jobs": f"{len(jobs)} handed in: {dict(states)}",
        "server's memory by quarter, median, MB": " ".join(
            f"{np.median(part[:, 0]):.0f}" for part in quarters
        ),
        "open files by quarter, most": " ".join(f"{part[:, 1].max():.0f}" for part in quarters),
    }


async def client(port: int, end: float, counts: Counts, seed: int) -> None:
    """Asks for this and that."""
    draw = random.Random(seed)
    while time.perf_counter() < end:
        method, path, body = wish(draw)
        with suppress(OSError, asyncio.IncompleteReadError):
            status = await once(port, method, path, body)
            counts[f"{path.split('?')[0]} {status}"] += 1


def wish(draw: random.Random) -> tuple[str, str, Any]:
    """A request that can be answered."""
    place = {"chrom": "chr20", "position": draw.randrange(100_000, 9_900_000)}
    sequence = "".join(draw.choices("ACGT", k=1000))
    few = {"tasks": TASKS}
    kinds: list[tuple[str, str, Any]] = [
        ("POST", "/predictions_for_position", place),
        ("POST", "/predictions_for_position", place | few | {"top": 3, "genome_tail": True}),
        ("POST", "/predictions_for_sequence", {"sequence": sequence}),
        ("POST", "/predictions_for_sequences", {"sequences": [sequence] * 3}),
        ("POST", "/variant_effect_prediction", VARIANT | {"alt": draw.choice("ACG")}),
        ("POST", "/explanations_for_sequence", {"sequence": sequence, "tasks": ["HepG2.CTCF*"]}),
        ("POST", "/sequence", {"chrom": "chr20", "start": 1_000_000, "end": 1_002_000}),
        ("GET", "/predicted_features_description", None),
        ("GET", "/metrics", None),
        ("GET", "/", None),
    ]
    return draw.choices(kinds, [8, 8, 8, 4, 4, 1, 4, 1, 1, 1])[0]


async def once(port: int, method: str, path: str, body: Any) -> int:
    """The status of a request over a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(message(method, path, body))
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.read()
        return int(head.split()[1])
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def message(method: str, path: str, body: Any) -> bytes:
    """A request whose connection ends with the answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


async def rude(port: int, end: float, counts: Counts, seed: int) -> None:
    """Leaves in the middle, sends halves and nonsense."""
    draw = random.Random(-seed - 1)
    while time.perf_counter() < end:
        data = message(*wish(draw))
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data[: draw.choice([len(data), len(data) // 2, 7])])
        with suppress(OSError):
            await writer.drain()
            await asyncio.sleep(draw.choice([0, 0.01, 0.3]))
            writer.close()
            await writer.wait_closed()
        counts["left in the middle"] += 1


def submit(port: int, end: float, jobs: dict[str, str]) -> None:
    """Hand in a design or an explanation now and then."""
    with Client(f"http://127.0.0.1:{port}") as here:
        draw = random.Random(0)
        while time.perf_counter() < end - 60:
            if draw.random() < 0.5:
                job = here.submit_designs(positive=TASKS, random=2, budget=100, shown=0)
            else:
                sequence = "".join(draw.choices("ACGT", k=1500))
                job = here.submit_explanations(
                    sequences=[sequence], method="input_x_gradient", tasks=["HepG2.CTCF*"]
                )
            jobs[job.id] = "handed in"
            time.sleep(20)


def wait_for_jobs(port: int, jobs: dict[str, str]) -> list[str]:
    """How each ended."""
    with Client(f"http://127.0.0.1:{port}") as here:
        return [here.job(name).wait(900).state for name in jobs]


def kill_workers(pid: int, end: float, counts: Counts) -> None:
    """A worker of jobs dies every 100 seconds."""
    while time.perf_counter() < end - 120:
        time.sleep(100)
        for child in children(pid)[:1]:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                counts["killed"] += 1


def children(pid: int) -> list[int]:
    """Processes that one started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in tasks for child in path.read_text().split()]


def watch(pid: int, end: float, sizes: list[tuple[float, int]]) -> None:
    """Memory in MB and open files of the server, every two seconds."""
    while time.perf_counter() < end:
        sizes.append((memory_of(pid), files_of(pid)))
        time.sleep(2)


def memory_of(pid: int) -> float:
    """Resident, MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def files_of(pid: int) -> int:
    """Open files and sockets."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def overload(arguments: Any) -> dict[str, Any]:
    """Ten times what can be answered."""
    with serve(arguments, "--job-workers", "0", MAX_QUEUE="256") as (process, port):
        path = "/predictions_for_sequence"
        calm: Any = asyncio.run(ask(port, path, 32, 10, 1))
        rate = len(calm["answered"]) / calm["wall"]
        before, sizes = memory_of(process.pid), [0.0]
        statuses, seconds = asyncio.run(flood(process.pid, port, 10 * rate, 30, sizes))
        after: Any = asyncio.run(ask(port, path, 32, 10, 2))
    return {
        "answered a second by 32 clients before": rate,
        "asked a second": 10 * rate,
        "statuses": dict(sorted(statuses.items())),
        "answered 200 a second": statuses["200"] / 30,
        "seconds of those, median": float(np.median(seconds)),
        "seconds of those, largest": float(np.max(seconds)),
        "memory before and at most, MB": f"{before:.0f} {max(sizes):.0f}",
        "answered a second by 32 clients after": len(after["answered"]) / after["wall"],
    }


async def flood(
    pid: int, port: int, rate: float, seconds: float, sizes: list[float]
) -> tuple[Counts, list[float]]:
    """Requests at a rate, whoever waits."""
    counts, taken, draw = Counter[str](), list[float](), random.Random(3)
    waiting: set[asyncio.Task[None]] = set()

    async def one(sequence: str) -> None:
        begin = time.perf_counter()
        try:
            status = await once(port, "POST", "/predictions_for_sequence", {"sequence": sequence})
        except (OSError, asyncio.IncompleteReadError):
            counts["connection refused or cut"] += 1
            return
        counts[str(status)] += 1
        if status == 200:
            taken.append(time.perf_counter() - begin)

    begin, n = time.perf_counter(), 0
    while (now := time.perf_counter() - begin) < seconds:
        while n < now * rate:
            task = asyncio.create_task(one("".join(draw.choices("ACGT", k=1000))))
            waiting.add(task)
            task.add_done_callback(waiting.discard)
            n += 1
        sizes.append(memory_of(pid))
        await asyncio.sleep(0.01)
    await asyncio.gather(*waiting)
    return counts, taken


def fuzz(arguments: Any) -> dict[str, Any]:
    """Damaged requests."""
    with serve(arguments, "--job-workers", "0", READ_TIMEOUT="2") as (process, port):
        before = memory_of(process.pid)
        counts, slowest = asyncio.run(damage(port, arguments.fuzzed))
        after, files = memory_of(process.pid), files_of(process.pid)
        with Client(f"http://127.0.0.1:{port}") as here:
            found = here.predictions_for_position("chr20", 1104061)
        wanted = nucleotides.load(arguments.model).predict_regions(
            region_of(PLACE), arguments.genome
        )
        same = found.predictions == wanted.iloc[0].to_dict()
    return {
        "requests": sum(counts.values()),
        "statuses": dict(sorted(counts.items())),
        "slowest, s": slowest,
        "memory before and after, MB": f"{before:.0f} {after:.0f}",
        "open files after": files,
        "answers are still those of the Python API": str(same),
    }


def region_of(place: dict[str, Any]) -> Any:
    """A table of the one base."""
    import pandas as pd

    start = place["position"]
    return pd.DataFrame({"chrom": [place["chrom"]], "start": [start], "end": [start + 1]})


async def damage(port: int, n: int) -> tuple[Counts, float]:
    """Statuses of n damaged requests, eight at a time, and the slowest."""
    counts, slowest, numbers = Counter[str](), [0.0], iter(range(n))

    async def some() -> None:
        for number in numbers:
            draw = random.Random(number)
            data = damaged(draw)
            begin = time.perf_counter()
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(data)
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 100)
                await reader.read()
                counts[head.split()[1].decode()] += 1
                writer.close()
            except (OSError, asyncio.IncompleteReadError):
                counts["closed without an answer"] += 1
            slowest[0] = max(slowest[0], time.perf_counter() - begin)

    await asyncio.gather(*(some() for _ in range(8)))
    return counts, slowest[0]


ODD: list[Any] = [
    None,
    -1,
    10**30,
    1e308,
    "NaN",
    "",
    "chr99",
    [],
    {},
    [[[[]]]],
    True,
    "\u0000",
    "N" * 5000,
]
ODD += ["ACGT" * 100 + "!", -0.5, "../../etc/passwd", "http://x", "*" * 300, {"a": {"b": {}}}]


def damaged(draw: random.Random) -> bytes:
    """A request of which a value, a key, some bytes or the head are otherwise than they should."""
    while (made := wish(draw))[0] != "POST":
        pass
    method, path, body = made
    way = draw.randrange(5)
    if way < 2:
        body = {**body, draw.choice([*body, "other"]): draw.choice(ODD)}
    elif way == 2:
        body.pop(draw.choice(list(body)))
    data = bytearray(message(method, path, body))
    if way >= 3:
        first = data.index(b"\r\n\r\n") + 4 if way == 3 else 0
        for _ in range(draw.randrange(1, 6)):
            data[draw.randrange(first, len(data))] = draw.randrange(256)
    return bytes(data)


PARTS = {"soak": soak, "overload": overload, "fuzz": fuzz}

if __name__ == "__main__":
    main()
