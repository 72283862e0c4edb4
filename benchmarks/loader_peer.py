"""One loader in a process, and perhaps an environment, of its own; driven by loader.py.

LOADER FOLDER: sets up, then reads lines `BATCH SECONDS` and answers each with a line of JSON. Needs
the loader's own packages and numpy, not this package, except for the loaders called "ours".
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")
import numpy as np  # noqa: E402

LENGTH, BIN = 1000, 200
Batches = Callable[[int], Iterator[tuple[Any, Any]]]


def main() -> None:
    """Set up, answer."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what peers print is no answer
    name, folder = sys.argv[1], Path(sys.argv[2])
    tasks = (folder / "tasks.txt").read_text().split()
    begin = time.perf_counter()
    batches = LOADERS[name](folder, tasks)
    next(batches(64))
    say(answers, startup=time.perf_counter() - begin, peak_gb=peak())
    running: dict[int, Iterator[Any]] = {}
    for line in sys.stdin:
        batch, seconds = int(line.split()[0]), float(line.split()[1])
        if batch not in running:
            running[batch] = batches(batch)
            next(running[batch])
        n, begin, worked = 0, time.perf_counter(), time.process_time()
        while (spent := time.perf_counter() - begin) < seconds:
            n += len(next(running[batch])[0])
        worked = time.process_time() - worked
        say(answers, rate=n / worked, wall=n / spent, peak_gb=peak())
    os._exit(0)


def say(answers: Any, **facts: float) -> None:
    """A line of JSON."""
    answers.write(json.dumps(facts) + "\n")
    answers.flush()


def peak() -> float:
    """The most memory so far, GB."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1e6


def ours(kind: str, prefetch: int = 0, device: bool = False) -> Callable[..., Batches]:
    """This package's loader of training batches."""

    def set_up(folder: Path, _: list[str]) -> Batches:
        import torch

        from nucleotides.data import datamodule

        torch.set_num_threads(1)
        keep_memory()
        if device:
            datamodule.choose_device = lambda *_: torch.device("cpu")  # stands for a GPU
        options: dict[str, Any] = {"data_device": "cuda"} if device else {}

        def batches(batch: int) -> Iterator[tuple[Any, Any]]:
            data = datamodule.DataModule(
                folder / "genome",
                folder / "targets",
                validation=[],
                test=[],
                batch_size=batch,
                samples_per_epoch=10**10,
                **options,
            )
            loader = data.train_arrays() if kind == "floats" else data.train_dataloader()
            if kind == "packed":
                vars(loader.dataset)["source"].kind = kind
            loader.prefetch = prefetch
            return map(tuple, map(dict.values, loader))

        return batches

    return set_up


def keep_memory() -> None:
    """As `nucleotides train` does; else what is measured is the kernel that zeroes pages."""
    from nucleotides.train.allocator import keep_freed_memory

    keep_freed_memory()


def copying(_: Path, tasks: list[str]) -> Batches:
    """Finished float32 arrays, copied."""

    keep_memory()

    def batches(batch: int) -> Iterator[tuple[Any, Any]]:
        x = np.random.default_rng(0).random((batch, 4, LENGTH), np.float32)
        y = np.random.default_rng(0).random((batch, len(tasks)), np.float32)
        while True:
            yield x.copy(), y.copy()

    return batches


def selene(folder: Path, tasks: list[str]) -> Batches:
    """selene-sdk's IntervalsSampler."""
    from selene_sdk.samplers import IntervalsSampler
    from selene_sdk.sequences import Genome

    logging.disable(logging.CRITICAL)
    sampler = IntervalsSampler(
        reference_sequence=Genome(str(folder / "genome.fa")),
        target_path=str(folder / "targets.bed.gz"),
        features=tasks,
        intervals_path=str(folder / "intervals.bed"),
        sample_negative=False,
        validation_holdout=0.01,
        test_holdout=None,
        sequence_length=LENGTH,
        center_bin_to_predict=BIN,
        feature_thresholds=0.5,
        mode="train",
        save_datasets=[],
    )
    return lambda batch: (sampler.sample(batch) for _ in itertools.count())


def grelu(folder: Path, tasks: list[str]) -> Batches:
    """gReLU's LabeledSeqDataset in a DataLoader; labels from a dense matrix."""
    import pandas as pd
    import torch
    from grelu.data.dataset import LabeledSeqDataset
    from torch.utils.data import DataLoader

    torch.set_num_threads(1)
    known = np.load(folder / "regions.npz")
    start = known["centre"] - LENGTH // 2
    table = pd.DataFrame({"chrom": known["contig"], "start": start, "end": start + LENGTH})
    data = LabeledSeqDataset(
        table,
        known["labels"][:, :, None].astype(np.float32),
        tasks=tasks,
        seq_len=LENGTH,
        label_len=1,
        genome=str(folder / "genome.fa"),
        rc=True,
        augment_mode="random",
        seed=0,
    )
    return lambda batch: itertools.chain.from_iterable(
        DataLoader(data, batch_size=batch, shuffle=True) for _ in itertools.count()
    )


def crested(folder: Path, tasks: list[str]) -> Batches:
    """CREsted's AnnDataWrapper; labels from a dense matrix."""
    os.environ["KERAS_BACKEND"] = "torch"
    import anndata
    import crested as peer
    import pandas as pd
    import torch

    torch.set_num_threads(1)
    known = np.load(folder / "regions.npz")
    start = known["centre"] - LENGTH // 2
    names = [f"{c}:{s}-{s + LENGTH}" for c, s in zip(known["contig"], start, strict=True)]
    where = {"chr": known["contig"], "start": start, "end": start + LENGTH}
    regions = pd.DataFrame(where, index=names)
    regions["split"] = ["val"] * 50 + ["test"] * 50 + ["train"] * (len(names) - 100)
    table = anndata.AnnData(
        X=known["labels"].T.astype(np.float32), var=regions, obs=pd.DataFrame(index=tasks)
    )
    genome = peer.Genome(str(folder / "genome.fa"))

    def batches(batch: int) -> Iterator[tuple[Any, Any]]:
        wrapper = peer.tl.data.AnnDataWrapper(
            table,
            genome=genome,
            batch_size=batch,
            random_reverse_complement=True,
            always_reverse_complement=False,
            in_memory=True,
        )
        loader = wrapper.train_dataloader
        return itertools.chain.from_iterable(
            (loader() if callable(loader) else loader) for _ in itertools.count()
        )

    return batches


def genvarloader(folder: Path, _: list[str]) -> Batches:
    """GenVarLoader's RefDataset: sequence alone, one-hot by a table; no labels."""
    import genvarloader as gvl
    import polars as pl

    known = np.load(folder / "regions.npz")
    start = known["centre"] - LENGTH // 2
    bed = pl.DataFrame(
        {
            "chrom": known["contig"].astype(str),
            "chromStart": start,
            "chromEnd": start + LENGTH,
            "strand": np.where(np.random.default_rng(0).random(start.size) < 0.5, "+", "-"),
        }
    )
    data = gvl.RefDataset(gvl.Reference.from_path(str(folder / "genome.fa")), bed)
    data = data.with_len(LENGTH)
    table = np.full((256, 4), 0.25, np.float32)
    table[np.frombuffer(b"ACGT", np.uint8)] = np.eye(4)
    rng = np.random.default_rng(0)

    def batches(batch: int) -> Iterator[tuple[Any, Any]]:
        while True:
            yield table[data[rng.integers(0, len(data), batch)].view(np.uint8)], None

    return batches


LOADERS: dict[str, Callable[..., Batches]] = {
    "ours": ours("floats"),
    "ours, a thread ahead": ours("floats", prefetch=2),
    "ours, codes and bits": ours("packed"),
    "ours, torch operations": ours("codes", device=True),
    "copying": copying,
    "Selene": selene,
    "gReLU": grelu,
    "CREsted": crested,
    "GenVarLoader": genvarloader,
}

if __name__ == "__main__":
    main()
