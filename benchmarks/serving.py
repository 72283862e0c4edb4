"""The server under load, beside plain FastAPI and LitServe, on loopback.

One network, one core and thread for each server, clients on another core; servers take turns
within every round, the others being idle. Clients ask again as soon as they are answered, each
time another sequence; answers are probabilities of all tasks, by name. Throughput and latency of 1,
8, 32 and 128 clients, and ratios to plain FastAPI (a call of the network for each request) of the
same round. "Bound" is what the engine reads in batches of its choice with nobody asking, beside a
window at a time by torch as the plain server reads it. Then ten times as many clients as the queue
lets wait: what is refused, and how long the others wait.

python benchmarks/serving.py --peers FOLDER [--model BUNDLE] [--rounds 3] [--seconds 8] ...
(FOLDER holds the environments that peers.sh makes; without a model, DeepSEA's network, 919 tasks)
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
from common import configuration, parser, progress, ranged, report, row
from design import export
from open_bundle import write

import nucleotides

HERE = Path(__file__).parent
OURS = {
    "nucleotides, float32": ["--precision", "float32"],
    "nucleotides, float32, --no-exact": ["--no-exact"],
    "nucleotides, bfloat16": ["--precision", "bfloat16"],
}
PEERS = {"FastAPI, plain": "plain", "LitServe": "litserve"}
CLIENTS = (1, 8, 32, 128)
Servers = dict[str, tuple[Any, int, str]]
HEAD = ("server", "clients", "requests/s", "of plain FastAPI's", "p50, ms", "p99, ms")


def main() -> None:
    """Serve, ask, print."""
    options = parser(__doc__)
    options.add_argument("--peers", type=Path, required=True)
    options.add_argument("--model", type=Path)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=8)
    options.add_argument("--clients", type=int, nargs="+", default=list(CLIENTS))
    options.add_argument("--cores", type=int, nargs=2, default=(0, 1), help="of servers, clients")
    arguments = options.parse_args()
    os.environ |= {"OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle = arguments.model or write(folder)
        model = nucleotides.load(bundle)
        (folder / "tasks.txt").write_text("\n".join(map(str, model.tasks["task"])))
        export(model.network, folder / "network.pt2")
        servers: Servers = {}
        try:
            start(servers, bundle, folder, arguments)
            bounds = measure_bounds(bundle, arguments)
            rounds = [ask_all(servers, i, arguments) for i in range(arguments.rounds)]
        finally:
            for process, _, _ in servers.values():
                os.killpg(process.pid, signal.SIGKILL)
    config = configuration(
        ("torch",),
        network=f"{type(model.network).__name__}, 1,000 bp, {len(model.tasks)} tasks",
        peers="fastapi 0.165.0, litserve 0.2.19, uvicorn 0.54.0 (uvloop, httptools), torch 2.13.0",
        statistic=f"median (min-max) over {arguments.rounds} rounds of {arguments.seconds:g} s",
        bounds={k: f"{v:.1f} windows/s" for k, v in bounds.items()},
    )
    cells, rows = [], []
    for server in servers:
        for clients in arguments.clients:
            facts = [one[server, clients] for one in rounds]
            plain = [one["FastAPI, plain", clients] for one in rounds]
            rate = [f["rate"] for f in facts]
            ratio = [f["rate"] / p["rate"] for f, p in zip(facts, plain, strict=True)]
            waits = [[f[key] for f in facts] for key in ("p50", "p99")]
            cells.append([server, clients, ranged(rate), ranged(ratio), *map(ranged, waits)])
            title = f"{server}, {clients} clients"
            rows += [row(title, value, "requests/s", config) for value in rate]
            rows += [row(f"{title}: p99", value, "ms", config) for value in waits[1]]
    report(arguments, HEAD, cells, rows, config)


def start(known: Servers, bundle: Path, folder: Path, arguments: Any) -> None:
    """Servers by name: process, port, path; all of them ready."""
    port = 8960
    for name, options in OURS.items():
        command = [sys.executable, "-m", "nucleotides", "serve", "--model", f"m={bundle}"]
        command += ["--job-workers", "0", "--port", str(port), "--log-level", "warning", *options]
        known[name] = (open_server(command, arguments), port, "/predictions_for_sequence")
        port += 1
    python = str(arguments.peers / "venv-litserve" / "bin" / "python")
    for name, way in PEERS.items():
        command = [python, str(HERE / "serving_peer.py"), way, str(folder), str(port)]
        known[name] = (open_server(command, arguments), port, "/predict")
        port += 1
    for name, (process, number, path) in known.items():
        progress(f"waiting for {name}")
        until_ready(process, number, path)


def open_server(command: list[str], arguments: Any) -> Any:
    """A process on the core of servers."""
    core = ["taskset", "-c", str(arguments.cores[0])]
    return subprocess.Popen([*core, *command], stdout=subprocess.DEVNULL, start_new_session=True)


def until_ready(process: Any, port: int, path: str) -> None:
    """Until it answers."""
    body = json.dumps({"sequence": "ACGT" * 250}).encode()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", body, {"Content-Type": "application/json"}
    )
    while process.poll() is None:
        try:
            urllib.request.urlopen(asked, timeout=60).read()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise RuntimeError(f"a server stopped: {process.args}")


def ask_all(servers: Servers, i: int, arguments: Any) -> dict[tuple[str, int], dict[str, float]]:
    """Every server with every number of clients, once."""
    found = {}
    for clients in arguments.clients:
        for j, (name, (_, port, path)) in enumerate(servers.items()):
            seed = 1000 * i + 10 * clients + j
            facts = load(port, path, clients, arguments.seconds, seed, arguments.cores[1])
            answered = facts["answered"]
            found[name, clients] = {
                "rate": len(answered) / facts["wall"],
                "p50": 1000 * float(np.quantile(answered, 0.5)),
                "p99": 1000 * float(np.quantile(answered, 0.99)),
            }
            told = ", ".join(f"{k} {v:.1f}" for k, v in found[name, clients].items())
            progress(f"{name}, {clients}: {told} {facts['statuses']}")
    return found


def load(port: int, path: str, clients: int, seconds: float, seed: int, core: int) -> Any:
    """What serving_load.py says."""
    words = [str(word) for word in (port, path, clients, seconds, seed)]
    command = ["taskset", "-c", str(core), sys.executable, str(HERE / "serving_load.py"), *words]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


BOUND = """
import json, sys, time, numpy as np, torch, nucleotides
from nucleotides.api.engines.open_engine import Choice, open_engine
from nucleotides.train.allocator import keep_freed_memory
keep_freed_memory()
torch.set_num_threads(1)
model = nucleotides.load(sys.argv[1])
read = {}
for precision in ("float32", "bfloat16"):
    engine = open_engine(model, Choice(precision=precision))
    read[f"{precision}, batches of {engine.batch_size}"] = engine, engine.batch_size
read["float32, one by one"] = open_engine(model, Choice("eager")), 1
out = {}
for name, (engine, size) in read.items():
    codes = np.random.default_rng(0).integers(0, 4, (size, model.sequence_length), np.uint8)
    engine.scores(codes, False)
    n, begin = 0, time.perf_counter()
    while time.perf_counter() < begin + float(sys.argv[2]):
        engine.scores(codes, False)
        n += size
    out[name] = n / (time.perf_counter() - begin)
print(json.dumps(out))
"""


def measure_bounds(bundle: Path, arguments: Any) -> dict[str, float]:
    """Windows a second without HTTP, on the core of servers."""
    core = ["taskset", "-c", str(arguments.cores[0])]
    command = [*core, sys.executable, "-c", BOUND, str(bundle), str(arguments.seconds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    main()
