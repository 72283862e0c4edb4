"""What the benchmarks of variants read: a genome, random variants on it, an untrained network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from nucleotides.bundle import write_bundle
from nucleotides.demo.files import FASTA
from nucleotides.genome import GenomeStore
from nucleotides.genome.alphabet import decode
from nucleotides.model.checkpoint import Checkpoint
from nucleotides.model.registry import create_model

CONTIG, END = "chr20", 10_000_000
HEADER = (
    "##fileformat=VCFv4.3\n##contig=<ID=chr20>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
)
PARTS = {"SNV": 0.86, "insertion": 0.05, "deletion": 0.05, "two ALTs": 0.04}


def build_genome(folder: Path) -> GenomeStore:
    """The demo's 10 Mb of chr20."""
    return GenomeStore.build(FASTA, folder / "genome")


def write_variants(genome: GenomeStore, alleles: int, out: Path, seed: int = 0) -> int:
    """Write a sorted VCF of random variants with so many alleles; the number of its records."""
    rng = np.random.default_rng(seed)
    text = decode(genome.windows(np.zeros(1, np.int64), np.zeros(1, np.int64), END)[0])
    text = text if isinstance(text, str) else text.decode()
    known = np.flatnonzero(np.frombuffer(text.encode(), "u1") != ord("N"))
    places = np.sort(rng.choice(known[(known > 1000) & (known < END - 1000)], alleles))
    kinds = rng.choice(list(PARTS), alleles, p=list(PARTS.values()))
    sizes, letters = rng.integers(1, 20, alleles), rng.integers(1, 4, alleles)
    added = "".join(rng.choice(list("ACGT"), 1000))
    made = records = 0
    with out.open("w") as file:
        file.write(HEADER)
        for p, kind, size, shift in zip(
            places.tolist(), kinds.tolist(), sizes.tolist(), letters.tolist(), strict=True
        ):
            ref, other = text[p], "ACGT"["ACGT".index(text[p]) - shift]
            if kind == "insertion":
                alt = ref + added[p % 900 : p % 900 + size]
            elif kind == "deletion":
                ref, alt = text[p : p + size + 1], ref
            else:
                alt = other if kind == "SNV" else f"{other},{ref}{other}"
            file.write(f"{CONTIG}\t{p + 1}\trs{records}\t{ref}\t{alt}\t.\tPASS\tAC=1\n")
            records, made = records + 1, made + 1 + (kind == "two ALTs")
            if made >= alleles:
                break
    return records


def write_model(folder: Path, tasks: int, length: int, settings: dict[str, Any]) -> Path:
    """A bundle of an untrained DeepSEA."""
    torch.manual_seed(0)
    names = [f"biosample{i // 7}.target{i % 7}.{i:03d}" for i in range(tasks)]
    network = create_model("deepsea", tasks, length, settings).eval()
    facts = {"model_class": "deepsea", "model": settings, "sequence_length": length}
    facts |= {"bin": 200, "threshold": 0.5, "average_strands": False}
    table = pd.DataFrame({"task": names, "assay": "TF ChIP-seq", "biosample": "K562"})
    return write_bundle(Checkpoint(network, names, facts), table, {}, folder)
