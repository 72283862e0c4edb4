"""The demo, from top to bottom: pre-process, train, post-process."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from nucleotides.analyze.examine import Wanted
from nucleotides.analyze.post_process import post_process
from nucleotides.analyze.report.state_facts import Told
from nucleotides.demo.files import BASELINES, FASTA, PEAKS, RECIPE
from nucleotides.preprocess.local import pre_process_local
from nucleotides.progress import say
from nucleotides.train.arguments import TrainConfig, parse
from nucleotides.train.evaluate import pick_device
from nucleotides.train.reopen import Reopened, reopen
from nucleotides.train.run import train

BACKGROUND = 5000  # windows, and as many again of like GC content


@dataclass(frozen=True)
class Demo:
    """What the demo leaves in its folder."""

    metrics: Path
    report: Path
    model: Path
    table: pd.DataFrame
    seconds: float


def run_demo(out: Path, seed: int = 0, device: str | None = None) -> Demo:
    """Pre-process, train, test and post-process 40 tasks over GRCh38 chr20:0-10,000,000.

    Args:
        out: folder for everything; runs of before are kept, results replaced.
        seed: of the samples drawn, the initial weights and dropout.
        device: where to evaluate; training picks by itself.

    Raises:
        NucleotidesError: the folder cannot be written, the disk is full.
    """
    begin = time.monotonic()
    config = _configure(out, seed)
    say("1/3 pre-process: 40 ENCODE peak files, 10 Mb of GRCh38")
    split = config.data["validation"], config.data["test"]
    pre_process_local(FASTA, PEAKS, out / "data", *split)
    say("2/3 train")
    run = train(config)
    assert run is not None  # the recipe trains in one process
    say("3/3 test on every 200-bp bin of the held-out megabase, background, map, report")
    opened = reopen(run.best)
    wanted = Wanted(pick_device(device), background=BACKGROUND, seed=seed)
    done = post_process(opened, out, wanted, _told(opened, out))
    seconds = time.monotonic() - begin
    return Demo(done.metrics, done.report, done.model, done.table, seconds)


def _configure(out: Path, seed: int) -> TrainConfig:
    arguments = ["--config", str(RECIPE), "--seed", str(seed), "--data_seed", str(seed)]
    paths = {
        "genome": str(out / "data" / "genome"),
        "targets": str(out / "data" / "targets"),
        "logs": str(out / "runs"),
    }
    return parse(arguments, paths)


def _told(run: Reopened, out: Path) -> Told:
    assays = Counter(run.data.targets.tasks["assay"])
    provenance = {
        "Genome": "GRCh38 chr20:0-10,000,000 (0-based, half-open)",
        "Peaks": f"{run.data.targets.n_peaks:,} merged peaks; ENCODE experiments, 17 called on "
        "GRCh38, 23 lifted from hg19",
        "Tasks by assay": ", ".join(f"{assay} {n}" for assay, n in assays.most_common()),
    }
    return Told(
        title="nucleotides demo: 40 ENCODE experiments on 10 Mb of chr20",
        provenance=provenance,
        baselines=json.loads(BASELINES.read_text())["baselines"],
        next_steps=_next_steps(out),
        limits=[
            "It was trained on 8 megabases of one chromosome, to show how things work: train on "
            "whole genomes for work that counts."
        ],
    )


def _next_steps(out: Path) -> list[tuple[str, str]]:
    return [
        (f"tensorboard --logdir {out}/runs", "Look at the training in TensorBoard."),
        ("nucleotides doctor", "What this machine can do, and which data are still missing."),
        (
            "nucleotides pre-process --peaks FOLDER --fasta GENOME.fa.gz",
            "Turn peak files of your own (bed, narrowPeak, broadPeak) into training targets.",
        ),
        ("nucleotides train", "Train on them; add --help for all arguments."),
        ("nucleotides test", "Evaluate the best checkpoint on the held-out chromosomes."),
        (
            f"python -c \"import nucleotides; print(nucleotides.load('{out}/model').tasks)\"",
            "Use the model of this demo in Python: load(...).predict(sequences).",
        ),
    ]
