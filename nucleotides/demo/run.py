"""The demo, from top to bottom: pre-process, train, test, report."""

from __future__ import annotations

import json
import platform
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import pandas as pd
import torch

from nucleotides import __version__
from nucleotides.analyze.report import Evaluation, RunFacts, write_report
from nucleotides.bundle import write_bundle
from nucleotides.data.datamodule import DataModule
from nucleotides.demo.files import BASELINES, FASTA, PEAKS, RECIPE
from nucleotides.files import write_json
from nucleotides.metrics.summary import as_metrics_json
from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.preprocess.local import pre_process_local
from nucleotides.progress import say
from nucleotides.train.arguments import TrainConfig, parse
from nucleotides.train.evaluate import Scored, evaluate, pick_device, write_scores
from nucleotides.train.recalibrate import read_recalibration
from nucleotides.train.run import Run, train


@dataclass(frozen=True)
class Demo:
    """What the demo leaves in its folder."""

    metrics: Path
    report: Path
    model: Path
    table: pd.DataFrame
    seconds: float


def run_demo(out: Path, seed: int = 0, device: str | None = None) -> Demo:
    """Pre-process, train and test on 40 tasks over GRCh38 chr20:0-10,000,000.

    Args:
        out: folder for everything; runs of before are kept, results replaced.
        seed: of the samples drawn, the initial weights and dropout.
        device: where to evaluate; training picks by itself.

    Raises:
        NucleotidesError: the folder cannot be written, the disk is full.
    """
    begin = time.monotonic()
    config = _configure(out, seed)
    say("1/4 pre-process: 40 ENCODE peak files, 10 Mb of GRCh38")
    split = config.data["validation"], config.data["test"]
    pre_process_local(FASTA, PEAKS, out / "data", *split)
    data = DataModule(**config.data)
    say("2/4 train")
    run = train(config)
    assert run is not None  # the recipe trains in one process
    say("3/4 test: every 200-bp bin of the held-out megabase")
    checkpoint = load_checkpoint(run.best)
    line = read_recalibration(run.folder, checkpoint.tasks)
    where = pick_device(device)
    scored = evaluate(
        checkpoint.model, checkpoint.tasks, data, "test", device=where, keep=True, line=line
    )
    say("4/4 write model, metrics and report")
    facts = _config_facts(config, data, run, seed)
    write_scores(scored, run.folder, facts)
    metrics = as_metrics_json(scored.table, facts)
    model = write_bundle(checkpoint, scored.table, metrics, out / "model", line)
    write_json(out / "metrics.json", metrics)
    report = write_report(
        out / "report.html",
        _evaluation(scored, data),
        _run_facts(scored, data, run, metrics, facts, out),
    )
    seconds = time.monotonic() - begin
    return Demo(out / "metrics.json", report, model, scored.table, seconds)


def _configure(out: Path, seed: int) -> TrainConfig:
    arguments = ["--config", str(RECIPE), "--seed", str(seed), "--data_seed", str(seed)]
    paths = {
        "genome": str(out / "data" / "genome"),
        "targets": str(out / "data" / "targets"),
        "logs": str(out / "runs"),
    }
    return parse(arguments, paths)


def _config_facts(config: TrainConfig, data: DataModule, run: Run, seed: int) -> dict[str, Any]:
    epochs = pd.read_csv(run.folder / "metrics.csv")
    samples = int(epochs["samples"].iloc[-1])
    return {
        **config.plain,
        "seed": seed,
        "split": data.split.describe(),
        "checkpoint": str(run.best),
        "training_seconds": round(run.seconds, 1),
        "training_samples": samples,
        "samples_per_second": round(samples / run.seconds, 1),
        "nucleotides": __version__,
        "torch": torch.__version__,
        "lightning": lightning.__version__,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "device": pick_device(),
    }


def _evaluation(scored: Scored, data: DataModule) -> Evaluation:
    assert scored.logits is not None
    assert scored.labels is not None
    names = np.array(list(data.genome.contigs), object)
    return Evaluation(
        tasks=scored.table,
        contig=names[scored.positions.contigs],
        centres=scored.positions.centres,
        logits=scored.logits,
        labels=scored.labels,
        bin=data.bin,
    )


def _run_facts(
    scored: Scored,
    data: DataModule,
    run: Run,
    metrics: dict[str, Any],
    facts: dict[str, Any],
    out: Path,
) -> RunFacts:
    history = pd.read_csv(run.folder / "metrics.csv")
    best = torch.load(run.best, map_location="cpu", weights_only=True)["epoch"]
    training = {
        "seconds": facts["training_seconds"],
        "samples": facts["training_samples"],
        "samples_per_second": facts["samples_per_second"],
    }
    baselines = json.loads(BASELINES.read_text())["baselines"] if BASELINES.exists() else None
    return RunFacts(
        title="nucleotides demo: 40 ENCODE experiments on 10 Mb of chr20",
        summary={**metrics["summary"], "training": training},
        provenance=_provenance(scored, data, facts),
        history=history,
        best_epoch=int(best) + 1,
        next_steps=_next_steps(out),
        baselines=baselines,
    )


def _provenance(scored: Scored, data: DataModule, facts: dict[str, Any]) -> dict[str, str]:
    split = facts["split"]
    assays = Counter(scored.table["assay"])
    model = ", ".join(f"{name} {value}" for name, value in facts.get("model", {}).items())
    return {
        "Genome": "GRCh38 chr20:0-10,000,000 (0-based, half-open)",
        "FASTA (SHA-256)": data.genome.sha256,
        "Peaks": f"{data.targets.n_peaks:,} merged peaks; ENCODE experiments, 17 called on GRCh38, "
        "23 lifted from hg19",
        "Tasks by assay": ", ".join(f"{assay} {n}" for assay, n in assays.most_common()),
        "Training": f"{split['training']}, windows that touch a held-out base left out",
        "Validation (choice of the epoch, by median average precision)": split["validation"],
        "Test": f"{split['test']}, {len(scored.positions.centres):,} bins of {data.bin} bp",
        "Window and label": f"{data.sequence_length} bp; positive if peaks cover at least "
        f"{data.threshold:.0%} of the central {data.bin} bp",
        "Model": f"{facts['model_class']}: {model}" if model else facts["model_class"],
        "Loss and optimiser": f"{facts['loss_type']}, {facts['optimizer']}, learning rate "
        f"{facts['learning_rate']:g}, {facts['schedule']}, batch {facts['batch_size']}",
        "Seed": str(facts["seed"]),
        "Device": f"{facts['device']}, {facts['threads']} threads",
        "Versions": f"nucleotides {facts['nucleotides']}, torch {facts['torch']}, "
        f"lightning {facts['lightning']}, Python {facts['python']}",
    }


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
