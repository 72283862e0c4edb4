"""Batches: the same for any number of workers and ranks, and after any resumption."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch import LightningModule, Trainer

from nucleotides.data.datamodule import DataModule
from nucleotides.data.loader import BatchLoader
from nucleotides.data.positions import enough_known
from nucleotides.data.weights import positive_weights, write_positive_weights
from nucleotides.errors import InputError, MismatchError, NucleotidesError, StaleStoreError
from nucleotides.genome import GenomeStore
from nucleotides.genome.ranges import merge
from nucleotides.targets import TargetStore
from tests import toy

SPLIT: dict[str, Any] = {"validation": "chr2:1000-2500", "test": "chr3_alt"}
SMALL: dict[str, Any] = {"sequence_length": 200, "bin": 50, "batch_size": 8} | SPLIT
RICH: dict[str, Any] = {"background": 0.4, "max_shift": 15, "samples_per_epoch": 43}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return toy.stores(tmp_path_factory.mktemp("stores"))


def module(stores: dict[str, str], **options: Any) -> DataModule:
    return DataModule(**stores, **(SMALL | options))


def epochs(loader: BatchLoader, n: int = 2) -> list[list[dict[str, torch.Tensor]]]:
    out = []
    for epoch in range(n):
        loader.sampler.set_epoch(epoch)
        out.append(list(loader))
    return out


def equal(a: list[dict[str, torch.Tensor]], b: list[dict[str, torch.Tensor]]) -> bool:
    return len(a) == len(b) and all(
        x.keys() == y.keys() and all(torch.equal(x[k], y[k]) for k in x)
        for x, y in zip(a, b, strict=True)
    )


def test_batches_hold_what_was_drawn(stores: dict[str, str]) -> None:
    data = module(stores, **RICH)
    loader = data.train_dataloader()
    first, second = epochs(loader)
    assert len(loader) == len(first) == 43 // 8
    assert not equal(first, second)
    for number, batch in enumerate(first):
        at = loader.dataset.place(0, np.arange(8 * number, 8 * number + 8))
        assert batch["codes"].dtype == batch["labels"].dtype == torch.uint8
        for row, (contig, centre, reverse, shift) in enumerate(zip(*at, strict=True)):
            name = list(toy.CONTIGS)[contig]
            strand = "-" if reverse else "+"
            codes = data.genome.codes(name, [centre - 100 + shift], 200, strand)
            assert np.array_equal(batch["codes"][row], codes[0])
            assert np.array_equal(batch["labels"][row], data.targets.labels(name, [centre], 50)[0])


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_batches_for_any_number_of_workers(workers: int, stores: dict[str, str]) -> None:
    for part in ("train", "val", "test"):
        alone = epochs(getattr(module(stores, **RICH), f"{part}_dataloader")())
        shared = module(stores, **RICH, num_workers=workers)
        found = epochs(getattr(shared, f"{part}_dataloader")())
        assert all(equal(a, b) for a, b in zip(alone, found, strict=True))
        assert len(alone[0]) > 2


def of_rank(data: DataModule, rank: int, world: int) -> DataModule:
    data.trainer = SimpleNamespace(world_size=world, global_rank=rank)  # type: ignore[assignment]
    return data


@pytest.mark.parametrize("world", [2, 3])
def test_ranks_share_the_samples_of_one(world: int, stores: dict[str, str]) -> None:
    options = RICH | {"samples_per_epoch": 48}
    alone = list(module(stores, **options).train_dataloader())
    ranks = [of_rank(module(stores, **options), rank, world) for rank in range(world)]
    parts = [list(data.train_dataloader()) for data in ranks]
    together = [part[step] for step in range(len(parts[0])) for part in parts]
    assert equal(together, alone)


@pytest.mark.parametrize("world", [2, 3])
def test_ranks_share_the_held_out_bins(world: int, stores: dict[str, str]) -> None:
    whole = torch.cat([batch["codes"] for batch in module(stores).val_dataloader()])
    parts = [list(of_rank(module(stores), rank, world).val_dataloader()) for rank in range(world)]
    assert len({len(part) for part in parts}) == 1  # else ranks would wait for one another
    together = torch.cat([part[step]["codes"] for step in range(len(parts[0])) for part in parts])
    assert torch.equal(together, whole)


@pytest.mark.parametrize("stop", [0, 1, 3, 4])
def test_an_epoch_goes_on_where_it_was_left(stop: int, stores: dict[str, str]) -> None:
    whole = epochs(module(stores, **RICH).train_dataloader(), 3)
    left = module(stores, **RICH).train_dataloader()
    left.sampler.set_epoch(1)
    running = iter(left)
    seen = [next(running) for _ in range(stop)]
    state = left.state_dict()
    later = module(stores, **RICH).train_dataloader()
    later.load_state_dict(state)
    later.sampler.set_epoch(1)
    assert equal(seen + list(later), whole[1])
    later.sampler.set_epoch(2)
    assert equal(list(later), whole[2])
    assert later.state_dict()["place_in_epoch"] == 0
    skipping = module(stores, **RICH).train_dataloader()
    skipping.load_state_dict(state)
    skipping.sampler.set_epoch(2)
    assert equal(list(skipping), whole[2])


class Watcher(LightningModule):
    """Notes what it is given to train on."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))
        self.seen: list[tuple[int, int, int]] = []

    def training_step(self, batch: dict[str, torch.Tensor], number: int) -> torch.Tensor:
        self.seen.append((self.current_epoch, number, int(batch["codes"].long().sum())))
        return self.weight

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), 0.1)


@pytest.mark.filterwarnings("ignore")  # Lightning's advice
@pytest.mark.parametrize("options", [{}, {"limit_train_batches": 3}])
def test_lightning_goes_on_with_the_next_epoch(
    options: dict[str, Any], stores: dict[str, str], tmp_path: Path
) -> None:
    def fit(epochs: int, checkpoint: str | None = None) -> tuple[Watcher, str]:
        watcher = Watcher()
        trainer = Trainer(
            max_epochs=epochs,
            accelerator="cpu",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
            limit_val_batches=0,
            default_root_dir=tmp_path,
            **options,
        )
        loader = module(stores, **RICH).train_dataloader()
        trainer.fit(watcher, loader, ckpt_path=checkpoint, weights_only=True)
        return watcher, trainer.checkpoint_callback.best_model_path

    whole, _ = fit(4)
    first, checkpoint = fit(2)
    rest, _ = fit(4, checkpoint)
    assert first.seen + rest.seen == whole.seen
    assert len(set(whole.seen)) == len(whole.seen) == 4 * options.get("limit_train_batches", 5)


def test_held_out_bins_are_the_same_for_every_epoch(stores: dict[str, str]) -> None:
    for part in ("val", "test"):
        first, second = epochs(getattr(module(stores, validation_size=20), f"{part}_dataloader")())
        assert equal(first, second)
    data = module(stores, validation_size=20, test_size=7)
    assert sum(len(batch["codes"]) for batch in data.val_dataloader()) == 20
    assert sum(len(batch["codes"]) for batch in data.test_dataloader()) == 7


@pytest.mark.parametrize("length", [199, 200])
@pytest.mark.parametrize("max_shift", [0, 15])
def test_no_training_window_touches_a_held_out_base(
    length: int, max_shift: int, stores: dict[str, str]
) -> None:
    options = {"background": 0.7, "samples_per_epoch": 4000, "sequence_length": length}
    loader = module(stores, **options, max_shift=max_shift).train_dataloader()
    at = loader.dataset.place(0, np.arange(4000))
    names = np.array(list(toy.CONTIGS))[at.contigs]
    starts = at.centres - length // 2 + at.shifts
    assert not (names == "chr3_alt").any()
    held = (names == "chr2") & (starts < 2500) & (starts + length > 1000)
    assert not held.any()
    assert (names == "chr2").any()


@pytest.mark.parametrize("background", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("rule", [{}, {"bin": 120, "threshold": 0.1}])
def test_positive_rates_are_those_of_all_positions(
    background: float, rule: dict[str, Any], stores: dict[str, str]
) -> None:
    data = module(stores, background=background, **rule)
    positives, samples = data.positive_rates()
    margin = -(-data.sequence_length // 2)
    peaks = [data.targets.peaks(task) for task in data.tasks[1:]]  # the first is DNase-seq
    sums = {"inside": np.zeros(5), "anywhere": np.zeros(5)}
    counts = {"inside": 0, "anywhere": 0}
    for number, (name, length) in enumerate(toy.CONTIGS.items()):
        if name == "chr3_alt":
            continue
        free, inside = np.ones(length, bool), np.zeros(length, bool)
        if name == "chr2":
            free[1000 - margin : 2500 + margin] = False
        centres = np.arange(length)
        numbers = np.full(length, number)
        free &= enough_known(data.genome, numbers, centres, data.sequence_length)
        for table in peaks:
            for start, end in table.loc[table["chrom"] == name, ["start", "end"]].to_numpy():
                inside[start:end] = True
        labels = data.targets.labels(name, centres, data.bin, data.threshold)
        for kind, where in (("inside", inside & free), ("anywhere", free)):
            sums[kind] += labels[where].sum(0, dtype=np.int64)
            counts[kind] += int(where.sum())
    rate = {kind: sums[kind] / counts[kind] for kind in sums}
    expected = (1 - background) * rate["inside"] + background * rate["anywhere"]
    assert samples in counts.values()
    assert np.abs(positives - expected * samples).max() <= 0.5 + 1e-6
    if not background:
        assert positives.tolist() == sums["inside"].tolist()


def test_positive_weights_are_counted_over_the_training_split(
    stores: dict[str, str], tmp_path: Path
) -> None:
    data = module(stores)
    table = write_positive_weights(data.targets, data.split, tmp_path / "weights.tsv")
    merged = {name: [] for name in toy.CONTIGS}  # type: ignore[var-annotated]
    for task in data.tasks[1:]:
        for name, start, end in data.targets.peaks(task).itertuples(index=False):
            merged[name].append((start, end))
    total, positives = 0, np.zeros(5, np.int64)
    for name, pairs in merged.items():
        inside = np.zeros(toy.CONTIGS[name], bool)
        for start, end in zip(*merge(*np.array(pairs).reshape(-1, 2).T), strict=True):
            inside[start:end] = True
        if name == "chr3_alt":
            continue
        if name == "chr2":
            inside[1000:2500] = False
        labels = data.targets.labels(name, np.flatnonzero(inside))
        total, positives = total + len(labels), positives + labels.sum(0, dtype=np.int64)
    assert table["positives"].tolist() == positives.tolist()
    assert set(table["positions"]) == {total}
    assert np.allclose(table["weight"], (total - positives) / positives)
    assert (tmp_path / "weights.tsv").read_text().splitlines()[
        0
    ] == "task\tpositives\tpositions\tweight"


def test_positive_weights_of_a_task_never_positive() -> None:
    found = positive_weights(np.array([0, 5, 10]), 10)
    assert np.isnan(found[0])
    assert found[1:].tolist() == [1, 0]


def test_other_intervals_can_be_given(stores: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "own.bed").write_text("chr1\t3000\t3010\nchr9\t1\t2\n")
    loader = module(stores, intervals=tmp_path / "own.bed").train_dataloader()
    at = loader.dataset.place(0, np.arange(200))
    assert set(at.centres.tolist()) == set(range(3000, 3010))
    assert set(at.contigs.tolist()) == {0}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "--batch_size 0 is not possible"),
        ({"samples_per_epoch": 0}, "--samples_per_epoch 0"),
        ({"sequence_length": 0}, "--sequence_length 0"),
        ({"validation_size": 0}, "--validation_size 0"),
        ({"test_size": -1}, "--test_size -1"),
        ({"background": 1.5}, "--background 1.5 is not within 0 and 1"),
        ({"max_shift": -1}, "--max_shift and --num_workers cannot be negative"),
        ({"num_workers": -1}, "--max_shift and --num_workers cannot be negative"),
        ({"bin": 201}, "--bin 201 is wider than --sequence_length 200"),
        ({"threshold": 1.5}, "threshold 1.5 is not within 0 and 1"),
        ({"validation": "chr5"}, "unknown contig 'chr5'"),
        ({"validation": "chr2", "test": "chr2:1-2"}, "overlap"),
        ({"intervals": "none.bed"}, "no peak file at none.bed"),
        ({"genome": "none"}, "no nucleotides genome store at none"),
        ({"targets": "none"}, "no nucleotides target store at none"),
    ],
)
def test_arguments_that_cannot_be(
    options: dict[str, Any], message: str, stores: dict[str, str]
) -> None:
    with pytest.raises(NucleotidesError) as caught:
        DataModule(**(stores | SMALL | options)).train_dataloader()
    assert message in str(caught.value)


def test_a_held_out_part_without_bins(stores: dict[str, str]) -> None:
    with pytest.raises(InputError, match="--validation: no bin of 50 bases with known sequence"):
        module(stores, validation="chrTiny").val_dataloader()
    with pytest.raises(InputError, match="no training interval lies in the training part"):
        module(stores, validation="chr1,chr2,chrTiny", test="chr3_alt").train_dataloader()


def test_stores_of_different_genomes(stores: dict[str, str], tmp_path: Path) -> None:
    other = GenomeStore.build(toy.write_fasta(tmp_path / "o.fa", {"chr1": "ACGT"}), tmp_path / "o")
    with pytest.raises(MismatchError, match="were made from different genomes"):
        module(stores | {"genome": str(other.path)})


def test_a_fasta_changed_since_is_noticed(tmp_path: Path) -> None:
    stores = toy.stores(tmp_path)
    text = (tmp_path / "toy.fa").read_text()
    (tmp_path / "toy.fa").write_text(text.replace("A", "C", 5))
    os.utime(tmp_path / "toy.fa", ns=(1, 1))
    with pytest.raises(StaleStoreError, match="has changed since"):
        module(stores)


def test_tasks_are_those_of_the_store(stores: dict[str, str]) -> None:
    assert module(stores).tasks == list(TargetStore.open(stores["targets"]).tasks["task"])
