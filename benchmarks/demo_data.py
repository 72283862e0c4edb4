"""The demo's genome, peaks and split, as its benchmarks need them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from numpy.typing import NDArray

from nucleotides.data.positions import tile
from nucleotides.data.splits import Split
from nucleotides.demo.files import FASTA, PEAKS, RECIPE
from nucleotides.genome import GenomeStore
from nucleotides.preprocess.local import pre_process_local
from nucleotides.targets import TargetStore

_RECIPE = yaml.safe_load(RECIPE.read_text())
TEST, VALIDATION = _RECIPE["test"], _RECIPE["validation"]
BIN, WINDOW = 200, 1000
SPLIT = {"test": TEST, "validation": VALIDATION, "training": "the rest of chr20:0-10000000"}


class Bins(NamedTuple):
    """Bins side by side: centres (n,) on chr20 and labels uint8 (n, tasks)."""

    centres: NDArray[np.int64]
    labels: NDArray[np.uint8]


def build_stores(folder: Path) -> tuple[GenomeStore, TargetStore]:
    """The demo's stores, by the package's own pre-processing."""
    places = pre_process_local(FASTA, PEAKS, folder, VALIDATION, TEST)
    return GenomeStore.open(places.genome_store), TargetStore.open(places.target_store)


def split_bins(genome: GenomeStore, targets: TargetStore) -> dict[str, Bins]:
    """Every bin of training, validation and test.

    Training bins keep half a window from held-out regions, as the demo's training does.
    """
    split = Split.parse(genome.contigs, VALIDATION, TEST)
    regions = {
        "training": split.training(margin=WINDOW // 2),
        "validation": split.held_out("validation"),
        "test": split.held_out("test"),
    }
    out = {}
    for part, where in regions.items():
        at = tile(genome, where, sequence_length=WINDOW, bin=BIN)
        out[part] = Bins(at.centres, targets.labels_at(at.contigs, at.centres, BIN))
    return out
