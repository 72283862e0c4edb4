"""Saturation mutagenesis: this package beside Selene, gReLU and tangermeme.

All single exchanges of a sequence of 1000 bp, 919 tasks, the network of variants.py (DeepSEA of
random weights, of He's scale). Ways are processes of their own, in turn within every round, all on
the same sequence; a ratio is of one round. "Whole windows" is this package with every mutant read
as a whole; errors and correlations are to it, of differences of logits.

python benchmarks/mutagenesis.py --peers FOLDER [--threads 1] [--rounds 3] ...
(FOLDER holds the environments that peers.sh makes)
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from common import configuration, parser, progress, ranged, report, row, spread
from variants import LENGTH, N_TASKS, NAMES, PEERS, VERSIONS, answer, compared, start, write_input

PEER = Path(__file__).with_name("mutagenesis_peer.py")


def main() -> None:
    """Measure, print."""
    options = parser(__doc__)
    options.add_argument("--peers", type=Path, required=True)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--rounds", type=int, default=3)
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_input(folder)
        write_sequences(folder, arguments.rounds)
        seconds, memory = measure(folder, arguments)
        found = {way: np.load(folder / f"{way}.npy") for way in NAMES if way not in PEERS}
    known = found["ours_whole"]
    best = [min(seconds[peer]["wall"][i] for peer in PEERS) for i in range(arguments.rounds)]
    config = configuration(
        ("torch",),
        network=f"DeepSEA, {LENGTH} bp, {N_TASKS} tasks, He's initial weights",
        sequences=f"one a round, {arguments.rounds} rounds, {3 * LENGTH} mutants each",
        effects=f"standard deviation {known[known != 0].std():.2g}",
        threads=arguments.threads,
        peers=VERSIONS,
    )
    cells, rows = [], []
    for way, title in NAMES.items():
        wall, processor = seconds[way]["wall"], seconds[way]["processor"]
        ratio = [peer / ours for ours, peer in zip(wall, best, strict=True)]
        facts = compared(found[way], known) if way in found else [None] * 3
        told = [ranged(values) for values in (wall, processor, ratio)]
        cells.append([title, *told, *facts, memory[way]])
        rows += [row(f"{title}: a sequence", value, "s", config) for value in wall]
        rows.append(row(f"{title}: over the fastest peer", spread(ratio)["median"], "", config))
        if way in found:
            rows.append(row(f"{title}: largest error", facts[0], "", config))
            rows.append(row(f"{title}: correlation", float(facts[2]), "", config))
    head = ["mutagenesis by", "s a sequence", "processor s", "over the fastest peer"]
    head += ["largest error", "median error", "correlation", "peak GB"]
    report(arguments, head, cells, rows, config)


def write_sequences(folder: Path, n: int) -> None:
    """sequences.txt: random ones, a line each."""
    rng = np.random.default_rng(1)
    lines = ["".join(rng.choice(list("ACGT"), LENGTH)) for _ in range(n)]
    (folder / "sequences.txt").write_text("\n".join(lines) + "\n")


def measure(
    folder: Path, arguments: Any
) -> tuple[dict[str, dict[str, list[float]]], dict[str, float]]:
    """Seconds of all ways by round, and their most memory."""
    running = {way: start(way, folder, arguments, PEER) for way in NAMES}
    seconds: dict[str, dict[str, list[float]]] = {w: {"wall": [], "processor": []} for w in NAMES}
    memory = {way: answer(process)["peak_gb"] for way, process in running.items()}
    for i in range(arguments.rounds):
        for way, process in running.items():
            process.stdin.write(f"{i}\n")
            process.stdin.flush()
            facts = answer(process)
            memory[way] = facts["peak_gb"]
            progress(f"{way}: {facts['wall']:.1f} s")
            for key, values in seconds[way].items():
                values.append(facts[key])
    for process in running.values():
        process.stdin.close()
        process.wait()
    return seconds, memory


if __name__ == "__main__":
    main()
