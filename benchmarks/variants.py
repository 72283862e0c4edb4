"""Effects of single-base variants: this package beside Selene, gReLU and tangermeme.

The same network (DeepSEA, 1000 bp, 919 tasks, random weights of He's scale), the same variants of
the demo's genome, whatever each makes of a VCF or a table of them: reading, windows, the network,
and differences of probabilities for all tasks, as Selene's HDF5, gReLU's AnnData, tangermeme's
tensors, our tables. Scorers are processes of their own, in turn within every round; rates are
variants a second, by the clock and of processor time; ratios are of one round. "Whole windows" is
this package with both windows of each variant read as a whole; errors and correlations are to it.
Selene's and gReLU's are to windows one base further right, which theirs are, or nearly.

python benchmarks/variants.py --peers FOLDER [--threads 1] [--rounds 5] ...
(FOLDER holds the environments that peers.sh makes)
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import configuration, parser, progress, ranged, report, row, spread
from torch import nn

from nucleotides.demo.files import FASTA
from nucleotides.genome import GenomeStore, decode
from nucleotides.model.deepsea import DeepSEA

PEER = Path(__file__).with_name("variants_peer.py")
N_TASKS, LENGTH = 919, 1000
PEERS = {"selene": "selene", "grelu": "grelu", "tangermeme": "tanger"}
OURS = {
    "ours": "nucleotides, float32",
    "ours_bfloat16": "nucleotides, bfloat16",
    "ours_whole": "nucleotides, whole windows",
}
NAMES = {**OURS, "selene": "Selene", "grelu": "gReLU", "tangermeme": "tangermeme"}
MOVED = ("selene", "grelu")
CHECKED = 64  # as in variants_peer.py
Effects = np.ndarray[Any, Any]
VERSIONS = "selene 0.6.0, gReLU 1.1.0, tangermeme 1.6.0, torch 2.13.0"


def main() -> None:
    """Measure, print."""
    options = parser(__doc__)
    options.add_argument("--peers", type=Path, required=True)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--variants", type=int, default=512, help="a round, of ours; peers: half")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_input(folder)
        rates, memory = measure(folder, arguments)
        differences = {scorer: np.load(folder / f"{scorer}.npy") for scorer in NAMES}
        moved = np.load(folder / "moved.npy")
    known = differences["ours_whole"]
    best = [max(rates[peer]["wall"][i] for peer in PEERS) for i in range(arguments.rounds)]
    config = configuration(
        ("torch",),
        network=f"DeepSEA, {LENGTH} bp, {N_TASKS} tasks, He's initial weights",
        variants=f"{arguments.variants} single-base variants a round, {arguments.rounds} rounds",
        batch="64, ours 128",
        effects=f"of {CHECKED} variants: standard deviation {known.std():.2g}",
        threads=arguments.threads,
        peers=VERSIONS,
    )
    cells, rows = [], []
    for scorer, title in NAMES.items():
        wall, processor = rates[scorer]["wall"], rates[scorer]["processor"]
        ratio = [ours / peer for ours, peer in zip(wall, best, strict=True)]
        facts = compared(differences[scorer], moved if scorer in MOVED else known)
        told = [ranged(values) for values in (wall, processor, ratio)]
        cells.append([title, *told, *facts, memory[scorer]])
        rows += [row(f"{title}: rate", value, "variants/s", config) for value in wall]
        rows.append(row(f"{title}: over the best peer", spread(ratio)["median"], "", config))
        rows.append(row(f"{title}: largest difference to whole windows", facts[0], "", config))
        rows.append(row(f"{title}: correlation with whole windows", float(facts[2]), "", config))
    head = ["scorer", "variants/s", "per processor s", "over the best peer"]
    head += ["largest error", "median error", "correlation", "peak GB"]
    report(arguments, head, cells, rows, config)


def compared(found: Effects, known: Effects) -> list[Any]:
    """The largest difference, the median one, and the correlation of all effects."""
    off = np.abs(found - known)
    correlation = np.corrcoef(found.ravel(), known.ravel())[0, 1]
    return [float(off.max()), float(np.median(off)), f"{correlation:.5f}"]


def write_input(folder: Path) -> None:
    """genome.fa, genome.fa.sizes, variants.vcf, first.vcf, tasks.txt, network.pt."""
    (folder / "genome.fa").write_bytes(gzip.decompress(FASTA.read_bytes()))
    genome = GenomeStore.build(folder / "genome.fa", folder / "genome")
    (contig,) = genome.contigs
    (folder / "genome.fa.sizes").write_text(f"{contig}\t{genome.contigs[contig]}\n")  # for gReLU
    rng = np.random.default_rng(0)
    lines: list[str] = []
    while len(lines) < 4096:
        start = int(rng.integers(LENGTH, genome.contigs[contig] - LENGTH))
        window = genome.codes(contig, [start - LENGTH // 2], LENGTH)[0]
        if window.max() < 4:
            ref = decode(window[LENGTH // 2 : LENGTH // 2 + 1])
            alt = "ACGT"[("ACGT".index(ref) + int(rng.integers(1, 4))) % 4]
            lines.append(f"{contig}\t{start + 1}\tv{len(lines)}\t{ref}\t{alt}\t.\t.\t.\n")
    for name, some in (("variants.vcf", lines), ("first.vcf", lines[:CHECKED])):
        (folder / name).write_text("##fileformat=VCFv4.2\n" + "".join(some))
    (folder / "tasks.txt").write_text("".join(f"task{i}\n" for i in range(N_TASKS)))
    torch.manual_seed(0)
    network = DeepSEA(N_TASKS, LENGTH)
    for layer in network.modules():
        if isinstance(layer, nn.Conv1d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    weights = {
        k: v for k, v in network.state_dict().items() if k.split(".")[0] in ("convolutions", "head")
    }
    torch.save(weights, folder / "network.pt")


def measure(
    folder: Path, arguments: Any
) -> tuple[dict[str, dict[str, list[float]]], dict[str, float]]:
    """Rates of all scorers by round, and their most memory."""
    running = {scorer: start(scorer, folder, arguments) for scorer in NAMES}
    rates: dict[str, dict[str, list[float]]] = {s: {"wall": [], "processor": []} for s in NAMES}
    memory = {scorer: answer(process)["peak_gb"] for scorer, process in running.items()}
    for _ in range(arguments.rounds):
        for scorer, process in running.items():
            n = arguments.variants // (2 if scorer in PEERS else 1)
            process.stdin.write(f"{n}\n")
            process.stdin.flush()
            facts = answer(process)
            memory[scorer] = facts["peak_gb"]
            progress(f"{scorer}: {facts['wall']:.1f} variants/s")
            for key, values in rates[scorer].items():
                values.append(facts[key])
    for process in running.values():
        process.stdin.close()
        process.wait()
    return rates, memory


def start(scorer: str, folder: Path, arguments: Any, script: Path = PEER) -> Any:
    """The process of a scorer."""
    python = sys.executable
    if scorer in PEERS:
        python = str(arguments.peers / f"venv-{PEERS[scorer]}" / "bin" / "python")
    command = [python, str(script), scorer, str(folder), str(arguments.threads)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def answer(process: Any) -> dict[str, float]:
    """The next line of a process."""
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"a scorer stopped: {process.args}")
    return dict(json.loads(line))


if __name__ == "__main__":
    main()
