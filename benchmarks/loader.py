"""Training batches by the second: this package's loader beside others and beside copying.

One genome of 40 Mb, peaks of 100, 1,000 and 4,000 tasks, windows of 1,000 bp, labels of the
central 200 bp, batches of 64 and 512. Each loader runs in a process of its own, in an environment
of its own where it is another package's; they take turns, round by round, one at a time.

- ours: float32 one-hot (batch, 4, 1000) and float32 labels, places drawn anew, from the stores
  that `nucleotides pre-process` makes; one thread; with a thread that makes batches ahead; as
  codes and labels of one bit; by the torch operations of the GPU path, on the CPU;
- copying: finished float32 arrays of the same sizes, `array.copy()`; like ours with the allocator
  set as in training (benchmarks/allocator.py), which makes it several times faster where large;
- Selene: IntervalsSampler; gReLU, CREsted: 10,000 fixed windows with a dense label matrix made
  beforehand (that time is not counted); GenVarLoader: the sequence alone, no labels.

One thread each (OMP_NUM_THREADS=1), no worker processes. Rates are samples by second of the
process's processor time, all its threads together, which other jobs on the machine disturb least;
beside them those by the clock. Start-up is from the imports to the first batch. Peers lie in
--peers, made by peers.sh; those that do not are listed as not measured.

python benchmarks/loader.py --folder SCRATCH [--peers DIR] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from common import Row, configuration, parser, progress, ranged, report, row
from loader_data import facts, write_input

BATCHES = (64, 512)
ENVIRONMENTS = {
    "Selene": "venv-selene",
    "gReLU": "venv-grelu",
    "CREsted": "venv-crested",
    "GenVarLoader": "venv-gvl",
}
PACKAGES = {
    "Selene": "selene-sdk",
    "gReLU": "gReLU",
    "CREsted": "crested",
    "GenVarLoader": "genvarloader",
}
OURS = ("ours", "ours, a thread ahead", "ours, codes and bits", "ours, torch operations")
NAMES = (*OURS, "copying", *ENVIRONMENTS)
CHILD = Path(__file__).with_name("loader_peer.py")
HEAD = [
    "",
    "samples/s of processor",
    "samples/s of the clock",
    "of copying",
    "ours / it",
    "start-up, s",
    "peak memory, GB",
]


class Peer:
    """A loader in a process of its own that waits for its turn."""

    def __init__(self, name: str, folder: Path, peers: Path | None) -> None:
        self.name = name
        self.rates: dict[int, list[float]] = {batch: [] for batch in BATCHES}
        self.walls: dict[int, list[float]] = {batch: [] for batch in BATCHES}
        python = interpreter(name, peers)
        self.process = subprocess.Popen(
            [str(python), "-W", "ignore", str(CHILD), name, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"},
        )
        found = self._answer()
        self.startup, self.peak = found["startup"], found["peak_gb"]

    def turn(self, batch: int, seconds: float) -> None:
        """Make batches for some seconds."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{batch} {seconds}\n")
        self.process.stdin.flush()
        found = self._answer()
        self.rates[batch].append(found["rate"])
        self.walls[batch].append(found["wall"])
        self.peak = found["peak_gb"]

    def close(self) -> None:
        """End the process."""
        self.process.communicate()

    def _answer(self) -> dict[str, float]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise ChildProcessError(f"{self.name} ended")
        answer: dict[str, float] = json.loads(line)
        return answer


def main() -> None:
    """Make the input, let all take turns, print."""
    options = parser(__doc__)
    options.add_argument("--folder", type=Path, required=True, help="scratch for the input")
    options.add_argument("--peers", type=Path, help="folder of the peers' environments")
    options.add_argument("--tasks", type=int, nargs="*", default=[100, 1000, 4000])
    options.add_argument("--seconds", type=float, default=0.5, help="of each turn, at least")
    options.add_argument("--rounds", type=int, default=5)
    arguments = options.parse_args()
    cells: list[list[Any]] = []
    rows: list[Row] = []
    config = configuration(
        ("numpy", "numba", "torch"),
        peers={name: found_version(name, arguments.peers) for name in ENVIRONMENTS},
        window=1000,
        bin=200,
        genome=40_000_000,
        threads=1,
        rounds=arguments.rounds,
        statistic="median (min-max) over rounds; ratios round by round",
    )
    for n_tasks in arguments.tasks:
        folder = arguments.folder / f"tasks{n_tasks}"
        write_input(folder, n_tasks)
        peers = measure(folder, arguments)
        for batch in BATCHES:
            own = {**config, **facts(folder), "batch": batch}
            cells += lines(n_tasks, batch, peers)
            rows += as_rows(n_tasks, batch, peers, own)
    report(arguments, HEAD, cells, rows, config)


def measure(folder: Path, arguments: Any) -> dict[str, Peer]:
    """Start all loaders that can be, and let them take turns."""
    peers: dict[str, Peer] = {}
    for name in NAMES:
        progress(f"{folder.name}: starting {name}")
        try:
            peers[name] = Peer(name, folder, arguments.peers)
        except (OSError, ChildProcessError) as error:
            progress(f"not measured: {error}")
    for number in range(arguments.rounds):
        progress(f"{folder.name}: round {number + 1} of {arguments.rounds}")
        for batch in BATCHES:
            for peer in peers.values():
                peer.turn(batch, arguments.seconds)
    for peer in peers.values():
        peer.close()
    return peers


def interpreter(name: str, peers: Path | None) -> Path:
    """The Python of a loader's environment."""
    if name not in ENVIRONMENTS:
        return Path(sys.executable)
    if peers is None:
        raise FileNotFoundError(f"{name}: no --peers")
    return peers / ENVIRONMENTS[name] / "bin" / "python"


def found_version(name: str, peers: Path | None) -> str:
    """The version of a peer, or that it was not measured."""
    try:
        python = interpreter(name, peers)
        code = f"from importlib.metadata import version; print(version('{PACKAGES[name]}'))"
        return subprocess.check_output([str(python), "-c", code], text=True).strip()
    except (OSError, subprocess.CalledProcessError):
        return "not measured"


def lines(n_tasks: int, batch: int, peers: dict[str, Peer]) -> list[list[Any]]:
    """A line a loader."""
    out: list[list[Any]] = []
    for name in NAMES:
        head = f"{n_tasks:,} tasks, batch {batch}: {name}"
        if name not in peers:
            out.append([head, "not measured", *[None] * 5])
            continue
        peer = peers[name]
        gain = None if name in OURS[:1] else ranged(ratios("ours", name, batch, peers))
        share = ranged(ratios(name, "copying", batch, peers)) if name in OURS[:2] else None
        rates = ranged(peer.rates[batch]), ranged(peer.walls[batch])
        out.append([head, *rates, share, gain, peer.startup, peer.peak])
    return out


def ratios(a: str, b: str, batch: int, peers: dict[str, Peer]) -> list[float]:
    """Rates of one loader over those of another, round by round."""
    pairs = zip(peers[a].rates[batch], peers[b].rates[batch], strict=True)
    return [x / y for x, y in pairs]


def as_rows(n_tasks: int, batch: int, peers: dict[str, Peer], config: dict[str, Any]) -> list[Row]:
    """The same as rows."""
    out = []
    for name, peer in peers.items():
        head = f"{n_tasks} tasks, batch {batch}: {name}"
        for name_of, found in (("", peer.rates), (", by the clock", peer.walls)):
            out.append(row(head + name_of, statistics.median(found[batch]), "samples/s", config))
        out.append(row(f"{head}, start-up", peer.startup, "s", config))
        out.append(row(f"{head}, peak memory", peer.peak, "GB", config))
        if name != "ours":
            gain = statistics.median(ratios("ours", name, batch, peers))
            out.append(row(f"{head}, ours over it", gain, "ratio", config))
    return out


if __name__ == "__main__":
    main()
