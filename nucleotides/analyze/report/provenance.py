"""What a run was made from, in words: for the report and the model card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from nucleotides.analyze.report import numbers
from nucleotides.analyze.report.evaluation import text
from nucleotides.train.reopen import Reopened

ACCESSIONS = ("experiment", "accession")
HISTORY = "metrics.csv"


def describe_run(run: Reopened) -> dict[str, str]:
    """Name to value, in the order in which they are to be read; what is not known is left out."""
    config, data = run.config, run.data
    split = data.split.describe()
    started = _environment(run.folder)
    model = ", ".join(f"{name} {value}" for name, value in config["model"].items())
    told = {
        "Run": f"{run.folder.name}, started {started['started']}" if started else run.folder.name,
        "Genome": _contigs(data.genome.contigs),
        "Genome (SHA-256 of its FASTA)": data.genome.sha256,
        "Peaks": f"{_trained_peaks(run):,} merged peaks",
        "Training": f"{split['training']}, windows that touch a held-out base left out",
        f"Validation (choice of the epoch, by {config['monitor']})": split["validation"],
        "Test": split["test"],
        "Samples": _samples(config),
        "Window and label": f"{data.sequence_length:,} bp; positive if peaks cover at least "
        f"{data.threshold:.0%} of the central {data.bin} bp",
        "Network": f"{config['model_class']}: {model}" if model else config["model_class"],
        "Parameters": f"{sum(p.numel() for p in run.checkpoint.model.parameters()):,}",
        "Loss and optimiser": f"{config['loss_type']}, {config['optimizer']}, learning rate "
        f"{config['learning_rate']:g}, {config['schedule']}, batch {config['batch_size']}",
        "Seed": f"{config['seed']}; of the drawn samples {config['data_seed']}",
    }
    return told | _where(started)


def _trained_peaks(run: Reopened) -> int:
    """Of the store that the run was trained on, which may not be the one that is open."""
    path = run.folder / "data.json"
    if not path.is_file():
        return run.data.targets.n_peaks
    return int(json.loads(path.read_text())["targets"]["manifest"]["n_peaks"])


def read_history(folder: Path) -> pd.DataFrame:
    """Losses and validation metrics by epoch; empty where the run kept none."""
    path = folder / HISTORY
    return pd.read_csv(path) if path.is_file() else pd.DataFrame()


def accessions(tasks: pd.DataFrame) -> dict[str, list[str]]:
    """Accessions of experiments and files that the task table names, each once, sorted."""
    found = {}
    for column in ACCESSIONS:
        if column in tasks:
            words = {
                word for cell in text(tasks, column) for word in cell.replace(",", " ").split()
            }
            found[column] = sorted(words)
    return {column: words for column, words in found.items() if words}


def unnamed_sources(tasks: pd.DataFrame) -> tuple[int, list[str]]:
    """How many tasks have no accession of a file, and where the table says that they come from."""
    named = text(tasks, "accession") if "accession" in tasks else [""] * len(tasks)
    without = [i for i, word in enumerate(named) if not word.strip()]
    told = text(tasks, "source") if "source" in tasks else [""] * len(tasks)
    return len(without), sorted({told[i].partition(":")[0] for i in without} - {""})


def _contigs(contigs: dict[str, int]) -> str:
    named = ", ".join(list(contigs)[:5]) + (", ..." if len(contigs) > 5 else "")
    return f"{named}: {sum(contigs.values()) / 1e6:,.1f} Mb"


def _samples(config: dict[str, Any]) -> str:
    drawn = config.get("sampling") or (
        f"{1 - config['background']:.0%} from the training intervals, "
        f"{config['background']:.0%} from anywhere"
    )
    strands = "either strand" if config["both_strands"] else "forward strand"
    return f"{drawn}; {strands}; {config['samples_per_epoch']:,} an epoch"


def _environment(folder: Path) -> dict[str, Any]:
    """The last start of the run."""
    path = folder / "environment.json"
    starts = json.loads(path.read_text()) if path.is_file() else []
    return dict(starts[-1]) if starts else {}


def _where(started: dict[str, Any]) -> dict[str, str]:
    if not started:
        return {}
    packages = started["packages"]
    names = [name for name in ("torch", "lightning", "numpy") if name in packages]
    versions = ", ".join(f"{name} {packages[name]}" for name in names)
    threads = numbers.counted(started["threads"], "thread")
    told = {
        "Trained on": f"{started['device']}, {threads}, {started['platform']}",
        "Versions": f"nucleotides {started['nucleotides']}, {versions}, Python {started['python']}",
    }
    git = started.get("git")
    if git and git["commit"]:
        changed = ", with uncommitted changes" if git["dirty"] else ""
        told["Code"] = f"commit {git['commit'][:12]}{changed}"
    return told
