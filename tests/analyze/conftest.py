"""Small trained runs to examine: on the demo's real data, and on toy data with odd tasks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from nucleotides.demo.files import FASTA, PEAKS
from nucleotides.preprocess.local import pre_process_local
from nucleotides.targets import TargetStore
from nucleotides.train.arguments import parse
from nucleotides.train.run import train
from tests import toy

NETWORK = ("--model_class", "deepsea", "--model.channels", "[4,4,4]", "--model.hidden", "8")
BRIEF = ("--max_epochs", "1", "--accelerator", "cpu", "--leakage", "false")
FEW = ("--samples_per_epoch", "64", "--batch_size", "32")
VALIDATION, TEST = "chr20:5000000-6000000", "chr20:3000000-4000000"
ODD_TASKS = ["a|b", "<i>", "$x$", "silent"]
"""The last has no peak but in training."""


def _train(logs: Path, stores: dict[str, str], *arguments: str) -> Path:
    run = train(parse([*NETWORK, *BRIEF, *FEW, *arguments], {**stores, "logs": str(logs)}))
    assert run is not None
    return run.folder


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a run of 40 tasks, tested on 512 bins."""
    folder = tmp_path_factory.mktemp("demo")
    pre_process_local(FASTA, PEAKS, folder, VALIDATION, TEST)
    stores = {"genome": str(folder / "genome"), "targets": str(folder / "targets")}
    regions = ["--validation", VALIDATION, "--test", TEST]
    return _train(
        folder / "runs", stores, *regions, "--validation_size", "512", "--test_size", "512"
    )


def odd_stores(folder: Path, tasks: list[str]) -> dict[str, str]:
    """A toy genome of three contigs, and peaks of tasks of which the last has none held out."""
    contigs = {"chr1": 60_000, "chr2": 20_000, "chr3": 20_000}
    texts = {name: toy.sequence(n, i) for i, (name, n) in enumerate(contigs.items())}
    genome = toy.genome_store(folder, texts)
    peaks = {task: toy.peaks(i, contigs, n=60) for i, task in enumerate(tasks)}
    last = peaks[tasks[-1]]
    peaks[tasks[-1]] = last[last["chrom"] == "chr1"]
    facts = pd.DataFrame({"task": tasks, "assay": "DNase | ATAC", "target": "", "biosample": "toy"})
    facts["accession"] = [f"ENCFF00{i}" for i in range(len(tasks))]
    TargetStore.build(peaks, genome.contigs, folder / "targets", table=facts, bin=100)
    return {"genome": str(genome.path), "targets": str(folder / "targets")}


@pytest.fixture(scope="session")
def odd_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Folders of runs on four odd tasks, by length of their windows."""
    folder = tmp_path_factory.mktemp("odd")
    stores = odd_stores(folder, ODD_TASKS)
    made: dict[int, Path] = {}

    def run(length: int = 200) -> Path:
        if length not in made:
            regions = ["--validation", "chr2", "--test", "chr3", "--bin", "100"]
            name = ["--run_name", f"length_{length}", "--sequence_length", str(length)]
            made[length] = _train(folder / "runs", stores, *regions, *name)
        return made[length]

    return run


@pytest.fixture
def edit(tmp_path: Path) -> Callable[..., Path]:
    """Copies a checkpoint with other hyperparameters, or others of its `config`."""

    def edited(run: Path, config: dict[str, Any] | None = None, **changed: Any) -> Path:
        content = torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)
        chosen = content["hyper_parameters"]
        chosen |= {**changed, "config": {**chosen["config"], **(config or {})}}
        path = tmp_path / "edited" / "checkpoints" / "best.ckpt"
        path.parent.mkdir(parents=True)
        torch.save(content, path)
        return path

    return edited
