"""Sequence design: this package beside Ledidi and tangermeme, on the same network.

Three objectives, random starts of 41 % GC, so many passes for every design of every way. A pass is
a sequence that the network read: one that only differs by a base from another counts, and so does
one from which derivatives were taken (a pass back costs two to three forward, so it is kind to who
takes many). Of a peer counts the best sequence that it had the network read and that keeps to the
limit of edits, whatever it returns; all are scored by the same code. Ways take turns, design by
design. A second model, of another seed, tells by how much it sees the designs otherwise.

python benchmarks/design.py --model MODEL --second MODEL --peers FOLDER [--starts 20]
    [--passes 1000] [--objectives NAME ...] [--kept FILE] ...
(FOLDER holds the environments that peers.sh makes; FILE keeps designs, a line each: those that are
there are not made again, and seconds are null of those that another machine made)
"""

from __future__ import annotations

import itertools
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from common import configuration, parser, progress, report, row
from design_motifs import chosen, scan

import nucleotides
from nucleotides.choose_tasks import choose_tasks
from nucleotides.design import Budget, Constraints, optimize, wish
from nucleotides.design.find_starts import random_starts
from nucleotides.explain import shuffle_dinucleotides
from nucleotides.genome import encode
from nucleotides.model.network import Network

PEER = Path(__file__).with_name("design_peer.py")
SEED, GC, SHUFFLES, P = 1, 0.41, 20, 1e-5
HEAD = ("objective, by", "score", "processor s", "edits", "passes", "by the second model",
        "disagreement", "with CTCF's motif", "its shuffles")  # fmt: skip


class Aim(NamedTuple):
    """What is asked, and how peers are set to do it best (tried on four other starts)."""

    title: str
    positive: str
    negative: str | None
    max_edits: int | None
    ledidi: dict[str, Any]
    motifs: dict[str, Any]
    bases: dict[str, Any]


CTCF, HNF4A, FOXA = "GCCACCAGGGGGCGC", "GGGTCCAAAGGTCA", "TGTAAACA"  # JASPAR 2024's consensus
AIMS = {
    "ctcf": Aim(
        "HepG2 CTCF on",
        "HepG2.CTCF*",
        None,
        None,
        {"batch_size": 1, "lr": 0.1, "l": 0.0, "eps": 0.05},
        {"motifs": [CTCF], "around": 200, "stride": 4, "rounds": 8, "width": 25},
        {"width": 30},
    ),
    "hnf4a": Aim(
        "HNF4A on, CTCF off",
        "HepG2.HNF4A*",
        "*CTCF*",
        None,
        {"batch_size": 1, "lr": 0.3, "l": 0.0, "eps": 0.01},
        {"motifs": [HNF4A], "around": 200, "stride": 4, "rounds": 8, "width": 25},
        {"width": 30},
    ),
    "h3k27ac": Aim(
        "HepG2 H3K27ac on, 20 edits",
        "HepG2.H3K27ac*",
        None,
        20,
        {"batch_size": 1, "lr": 0.1, "l": 0.1},
        {"motifs": [FOXA], "around": 400, "stride": 4, "rounds": 1, "width": 24},
        {"width": 30},
    ),
}
WAYS = {
    "substitute": "nucleotides, substitute",
    "gradient": "nucleotides, gradient",
    "ledidi": "Ledidi",
    "motifs": "tangermeme, greedy, motifs and bases",
    "bases": "tangermeme, greedy, bases",
}


class Made(NamedTuple):
    """A design: what was asked, of which start, by which way; and what came.

    Seconds are of the processor; None of a design that another machine made.
    """

    aim: str
    start: int
    way: str
    sequence: str
    passes: int
    seconds: float | None


Make = Callable[[str, int, str, str], Made]


def main() -> None:
    """Design, judge, print."""
    options = parser(__doc__)
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--second", type=Path, required=True, help="a model of another seed")
    options.add_argument("--peers", type=Path, required=True)
    options.add_argument("--starts", type=int, default=20)
    options.add_argument("--passes", type=int, default=1000)
    options.add_argument("--objectives", nargs="+", choices=AIMS, default=list(AIMS))
    options.add_argument("--kept", type=Path, help="designs, a line of JSON each")
    arguments = options.parse_args()
    torch.set_num_threads(1)
    model, second = nucleotides.load(arguments.model), nucleotides.load(arguments.second)
    length = model.sequence_length
    starts = list(random_starts(arguments.starts, length, GC, Constraints(), SEED).values())
    made = designed(model, starts, arguments)
    config = configuration(
        ("torch",),
        peers="ledidi 2.2.0, tangermeme 1.6.0, torch 2.13.0",
        starts=f"{len(starts)} random ones, GC {GC}, seed {SEED}",
        passes=arguments.passes,
        threads=1,
        timed=timed(made, arguments.objectives),
        settings={name: AIMS[name]._asdict() for name in arguments.objectives},
    )
    cells, rows = [], []
    for name in arguments.objectives:
        aim = AIMS[name]
        cells.append([f"**{aim.title}**", *told(judged(aim, starts, starts, model, second))])
        for way, title in WAYS.items():
            some = [one for one in made if (one.aim, one.way) == (name, way)]
            found = judged(aim, [one.sequence for one in some], starts, model, second)
            found["seconds"] = [one.seconds for one in some if one.seconds is not None]
            found["passes"] = [one.passes for one in some]
            motif = with_motif([one.sequence for one in some]) if name == "ctcf" else []
            cells.append([title, *told(found), *motif])
            for key in ("score", "seconds", "edits", "passes", "second", "disagreement"):
                rows += [row(f"{aim.title}: {title}: {key}", float(v), "", config)
                         for v in found[key]]  # fmt: skip
    cells = [[*line, *[None] * (len(HEAD) - len(line))] for line in cells]
    report(arguments, HEAD, cells, rows, config)


def timed(made: list[Made], aims: list[str]) -> dict[str, int]:
    """How many designs of an objective have seconds: those that were made on this machine."""
    return {
        AIMS[aim].title: sum(one.aim == aim and one.seconds is not None for one in made)
        for aim in aims
    }


def designed(model: Any, starts: list[str], arguments: Any) -> list[Made]:
    """All designs, those that were kept included."""
    kept = arguments.kept
    lines = kept.read_text().splitlines() if kept and kept.exists() else []
    made = [Made(*json.loads(line)) for line in lines]
    known = {one[:3] for one in made}
    wanted = itertools.product(arguments.objectives, range(len(starts)), WAYS)
    if known.issuperset(wanted):
        return made
    with tempfile.TemporaryDirectory() as folder:
        export(model.network, Path(folder) / "network.pt2")
        peer = open_peer(Path(folder), arguments.peers)
        ways = [ours(model, arguments.passes)] * 2 + [theirs(peer, model, arguments.passes)] * 3
        for way, make in zip(WAYS, ways, strict=True):  # compilers, recorders
            make(arguments.objectives[0], -1, starts[0][::-1], way)
        for aim in arguments.objectives:
            for i, start in enumerate(starts):
                for way, make in zip(WAYS, ways, strict=True):
                    if (aim, i, way) not in known:
                        made.append(make(aim, i, start, way))
                        progress(f"{aim} {i} {way}: {made[-1].seconds:.1f} s")
                        if kept:
                            with kept.open("a") as file:
                                file.write(json.dumps(made[-1]) + "\n")
        peer.terminate()
        peer.wait()
    return made


def ours(model: Any, passes: int) -> Make:
    """This package."""

    def make(name: str, i: int, start: str, way: str) -> Made:
        aim = AIMS[name]
        worked = time.process_time()
        found = optimize(
            model,
            start,
            wish(aim.positive, aim.negative or ()),
            way,
            constraints=Constraints(max_edits=aim.max_edits),
            budget=Budget(passes),
        )[0]
        seconds = time.process_time() - worked
        return Made(name, i, way, found.sequence, found.passes, seconds)

    return make


def theirs(peer: subprocess.Popen[str], model: Any, passes: int) -> Make:
    """A peer, in its process."""

    def make(name: str, i: int, start: str, way: str) -> Made:
        aim = AIMS[name]
        positive, negative = columns(aim, model)
        order = {
            "way": "ledidi" if way == "ledidi" else "greedy",
            "start": start,
            "positive": positive,
            "negative": negative,
            "max_edits": aim.max_edits,
            "passes": passes,
            "settings": getattr(aim, way),
            "seed": i + 1,
        }
        assert peer.stdin is not None
        assert peer.stdout is not None
        peer.stdin.write(json.dumps(order) + "\n")
        peer.stdin.flush()
        return Made(name, i, way, **json.loads(peer.stdout.readline()))

    return make


def export(network: Network, path: Path) -> None:
    """The network as any torch can run it, for any number of sequences."""
    network.requires_grad_(False)
    x = torch.zeros(2, 4, network.sequence_length)
    shapes = ({0: torch.export.Dim("n", min=1)},)
    torch.export.save(torch.export.export(network.eval(), (x,), dynamic_shapes=shapes), path)


def open_peer(folder: Path, peers: Path) -> subprocess.Popen[str]:
    """The process of Ledidi and tangermeme."""
    command = [str(peers / "venv-tanger" / "bin" / "python"), str(PEER), str(folder), "1"]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def columns(aim: Aim, model: Any) -> tuple[list[int], list[int]]:
    """Of tasks to be high, and of those to be low."""
    known = list(model.tasks["task"])
    low = choose_tasks((aim.negative,), known).tolist() if aim.negative else []
    return choose_tasks((aim.positive,), known).tolist(), low


def judged(
    aim: Aim, designs: list[str], starts: list[str], model: Any, second: Any
) -> dict[str, Any]:
    """Of each design: log-odds by the objective of both models, how they differ, edits."""
    codes = np.stack([encode(text) for text in designs])
    edits = (codes != np.stack([encode(text) for text in starts])).sum(1)
    assert aim.max_edits is None or edits.max() <= aim.max_edits
    scores = [_score(aim, one, codes) for one in (model, second)]
    apart = np.abs(scores[0] - scores[1])
    return {"score": scores[0], "second": scores[1], "disagreement": apart, "edits": edits}


def _score(aim: Aim, model: Any, codes: np.ndarray) -> np.ndarray:
    positive, negative = columns(aim, model)
    logits = model.logits(codes).astype(np.float64)
    low = logits[:, negative].mean(1) if negative else 0.0
    return np.asarray(logits[:, positive].mean(1) - low)


def told(found: dict[str, Any]) -> list[str | None]:
    """Cells: medians, of scores and seconds with quartiles."""
    keys = ("score", "seconds", "edits", "passes", "second", "disagreement")
    return [quartiles(found[key], key in ("score", "seconds")) if key in found else None
            for key in keys]  # fmt: skip


def quartiles(values: Any, spread: bool) -> str:
    """Median, and quartiles in brackets."""
    low, middle, high = (f"{v:,.4g}" for v in np.quantile(np.asarray(values), (0.25, 0.5, 0.75)))
    return f"{middle} ({low} to {high})" if spread else middle


def with_motif(designs: list[str]) -> list[str]:
    """How many have a match of CTCF's motif, and how many of their dinucleotide shuffles."""
    codes = [encode(text) for text in designs]
    shuffled = [one for some in shuffle_dinucleotides(np.stack(codes), SHUFFLES) for one in some]
    cells = []
    for group in (codes, shuffled):
        n = sum(bool(hits) for hits in scan(group, chosen("*CTCF"), P))
        cells.append(f"{n} of {len(group)}")
    return cells


if __name__ == "__main__":
    main()
