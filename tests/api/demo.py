"""A server of the demo's genome and tasks; its network has the demo's form and was not trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.special import expit
from typer.testing import CliRunner

from nucleotides.api.config import Config
from nucleotides.api.engines.open_engine import Choice
from nucleotides.bundle import Knowledge, write_bundle
from nucleotides.cli.main import make_app
from nucleotides.demo.files import FASTA, PEAKS
from nucleotides.genome import GenomeStore
from nucleotides.metrics.background import TAILS, Background
from nucleotides.model.checkpoint import Checkpoint
from nucleotides.model.registry import create_model
from tests.toy import lines

VCF = """##fileformat=VCFv4.2
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
chr20\t1103970\trs1\tC\tG\t.\t.\t.
chr20\t1104061\trs2\tT\tC,TAA\t.\t.\t.
chr20\t1104200\t.\tGGA\tG\t.\t.\t.
chr20\t2000000\trs4\tA\tC\t.\t.\t.
"""


def write_demo(folder: Path) -> Config:
    """A bundle, a genome store and a store of effects; the configuration that names them."""
    tasks = pd.read_csv(PEAKS / "tasks.tsv", sep="\t", dtype=str, keep_default_na=False)
    tasks.insert(0, "task", [name.rpartition(".narrowPeak")[0] for name in tasks.pop("file")])
    tasks["umap1"] = np.arange(len(tasks)) / 7
    tasks["umap2"] = [*(np.arange(len(tasks) - 1) % 5), np.nan]  # one has no place on the map
    names = list(tasks["task"])
    torch.manual_seed(0)
    chosen: dict[str, Any] = {
        "model_class": "motifnet",
        "model": {"n_motifs": 100},
        "sequence_length": 1000,
        "bin": 200,
        "threshold": 0.5,
        "average_strands": False,
    }
    network = create_model("motifnet", len(names), 1000, chosen["model"]).eval()
    rising = np.linspace(-3, 3, TAILS.size, dtype=np.float32)
    shift = np.arange(len(names))[:, None] / 100
    known = Background(
        names,
        (rising[None] + shift).astype(np.float32),
        expit(shift[:, 0]),
        np.full(len(names), 0.25),
        5000,
    )
    calibration = lines(names, [0.8] * len(names), [-0.5] * len(names))
    model = write_bundle(
        Checkpoint(network, names, chosen),
        tasks,
        {},
        folder / "demo",
        Knowledge(calibration, known),
    )
    genome = GenomeStore.build(FASTA, folder / "genome").path
    (folder / "some.vcf").write_text(VCF)
    out = folder / "some.effects"
    words = ["variants", folder / "some.vcf", "--model", model, "--genome", genome, "--out", out]
    result = CliRunner().invoke(make_app(), [*map(str, words), "--device", "cpu"])
    assert result.exit_code == 0, result.output
    return Config({"demo": model}, genome, out, device="cpu", engine=Choice(batch_size=4))
