"""Selene's answers beside those in FOLDER/selene.npz; runs in Selene's environment; prints JSON."""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
import numpy as np  # noqa: E402

LENGTH, BIN = 1000, 200
TABLE = np.vstack([np.eye(4, dtype=np.float32), np.full((1, 4), 0.25, np.float32)])


def main() -> None:
    """Compare, look at what else Selene does."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from selene_sdk.sequences import Genome
    from selene_sdk.targets import GenomicFeatures

    folder = Path(sys.argv[1])
    tasks = (folder / "tasks.txt").read_text().split()
    genome = Genome(str(folder / "genome.fa"), init_unpicklable=True)
    features = GenomicFeatures(
        str(folder / "targets.bed.gz"), tasks, feature_thresholds=0.5, init_unpicklable=True
    )
    names = [line.split("\t")[0] for line in (folder / "genome.fa.fai").open()]
    lengths = dict(genome.get_chr_lens())
    ours = dict(np.load(folder / "selene.npz"))  # read once: an NpzFile reads at every look
    counts = {key: [0, 0] for key in ("windows", "windows over an end", "labels")}
    counts["labels of bins over an end"] = [0, 0]

    def count(kind: str, same: bool) -> None:
        counts[kind][0] += 1
        counts[kind][1] += not same

    bits = np.unpackbits(ours["labels"], axis=1, bitorder="little")[:, : len(tasks)]
    for i, (contig, centre) in enumerate(zip(ours["contigs"], ours["centres"], strict=True)):
        name, strand = names[contig], "-" if ours["reverse"][i] else "+"
        start, low = int(centre) - LENGTH // 2, int(centre) - BIN // 2
        count(*window(genome, lengths[name], name, start, strand, TABLE[ours["codes"][i]]))
        if low >= 0:
            over = low + BIN > lengths[name]
            kind = "labels of bins over an end" if over else "labels"
            theirs = features.get_feature_data(name, low, low + BIN)
            count(kind, np.array_equal(theirs, bits[i]))
        else:  # tabix refuses negative places: what lies inside is asked for, by our own rule
            count("labels of bins over an end", clipped(features, name, low, bits[i]))
    found: dict[str, Any] = {**counts, "seen": seen(folder, tasks, genome, features)}
    answers.write(json.dumps(found))
    answers.flush()
    os._exit(0)


def window(
    genome: Any, length: int, name: str, start: int, strand: str, x: np.ndarray
) -> tuple[str, bool]:
    """Whether a window is Selene's; over an end, the part inside, and N outside."""
    low, high = max(start, 0), min(start + LENGTH, length)
    if (low, high) == (start, start + LENGTH):
        theirs = genome.get_encoding_from_coords(name, low, high, strand)
        return "windows", np.array_equal(theirs, x)
    forward = x if strand == "+" else x[::-1, ::-1]
    inside = forward[low - start : high - start] if low < high else forward[:0]
    outside = len(inside) == LENGTH or np.delete(
        forward, np.arange(low - start, max(high, low) - start), 0
    )
    same = np.all(outside == 0.25)
    if low < high:
        same &= np.array_equal(genome.get_encoding_from_coords(name, low, high, "+"), inside)
    return "windows over an end", bool(same)


def clipped(features: Any, name: str, low: int, labels: np.ndarray) -> bool:
    """The rule on what tabix finds from the contig's start to the bin's end."""
    high, expected = low + BIN, np.zeros(len(labels), np.uint8)
    if high > 0:
        covered: dict[str, np.ndarray] = {}
        for _, start, end, task in features.data.query(name, 0, high):
            line = covered.setdefault(task, np.zeros(high, bool))
            line[int(start) : int(end)] = True
        for task, line in covered.items():
            expected[features.feature_index_dict[task]] = line.sum() >= BIN // 2
    return np.array_equal(expected, labels)


def seen(folder: Path, tasks: list[str], genome: Any, features: Any) -> dict[str, str]:
    """What Selene does that is not copied."""
    from selene_sdk.samplers import RandomPositionsSampler

    unknown = genome.get_encoding_from_coords("chr1", 1000, 2000)
    out = {
        "a window of N alone, its sum over its length (intervals below 0.60 are refused)": str(
            float(unknown.sum() / len(unknown))
        )
    }
    try:
        found = features.get_feature_data("chrUnknown", 1000, 1200).sum()
        out["labels on a contig that is not there"] = f"{found:g}, without a word"
    except Exception as error:
        out["labels on a contig that is not there"] = type(error).__name__
    try:
        found = features.get_feature_data("chr1", -100, 100).sum()
        out["labels of a bin over a contig's start"] = f"{found:g}, without a word"
    except Exception as error:
        out["labels of a bin over a contig's start"] = type(error).__name__

    def first() -> np.ndarray:
        sampler = RandomPositionsSampler(
            reference_sequence=genome,
            target_path=str(folder / "targets.bed.gz"),
            features=tasks,
            validation_holdout=["chr2"],
            test_holdout=[],
            save_datasets=[],
        )
        return np.asarray(sampler.sample(16)[0])

    same = np.array_equal(first(), first())
    out["two samplers with one seed give the same"] = "yes" if same else "no"
    return out


if __name__ == "__main__":
    main()
