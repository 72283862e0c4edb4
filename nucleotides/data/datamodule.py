"""The LightningDataModule: stores in, batches out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch import LightningDataModule
from numpy.typing import NDArray

from nucleotides.data.choose_device import check_name, choose_device
from nucleotides.data.loader import BatchDataset, BatchLoader, rank_indices
from nucleotides.data.make_batches import Batch, HostSource, Kind, Place, Source
from nucleotides.data.make_on_device import DeviceSource, Resident
from nucleotides.data.mixture import parse_sampling
from nucleotides.data.open_plan import open_plan
from nucleotides.data.pack_labels import unpack_labels
from nucleotides.data.positions import Positions
from nucleotides.data.splits import DEFAULT_TEST, DEFAULT_VALIDATION
from nucleotides.errors import InputError
from nucleotides.genome.ranges import Integers

_MADE_AHEAD = 2


class DataModule(LightningDataModule):
    """The data: which windows, with which labels.

    Batches are {"codes": uint8 (n, sequence_length), "labels": uint8 (n, tasks)}. On the way to
    another device labels travel as bits, {"packed": uint8 (n, tasks / 8 up)}.

    Args:
        genome: folder of the genome store.
        targets: folder of the target store.
        intervals: bed of training intervals; by default the union of all non-accessibility peaks.
        validation: held-out regions for validation: chr6,chr7 or chr20:5000000-6000000
            (0-based, half-open).
        test: held-out regions for the test, likewise.
        split_file: instead, a bed file whose fourth column is train, validation or test.
        folds: instead, deal the genome to so many folds of like length and number of peaks.
        fold: the fold that is the test, from 0 on; the next one is validation.
        blacklist: bed or bed.gz of regions that no label bin may touch, in any part; `none` for
            none.
        sequence_length: bases of a window.
        bin: bases of the label bin in the middle of the window.
        threshold: part of the bin that a task's peaks must cover to make it positive.
        batch_size: samples of a batch, on each device.
        samples_per_epoch: training samples of an epoch, over all devices.
        background: part of the training samples drawn from anywhere in the training genome
            instead of from the intervals.
        sampling: instead of background, sources by weight, such as intervals=0.5,gc=0.3,genome=0.2:
            intervals; genome, anywhere; uniform, gc and dinucleotide, outside of the intervals,
            at random or of like composition; tasks and assays, positives of each task or assay
            alike.
        max_shift: training windows are shifted by up to so many bases, their labels are not.
        both_strands: draw the strand of training windows at random.
        validation_size: validate on so many of the held-out bins, the same ones for a data_seed;
            by default on all.
        test_size: test on so many of the held-out bins, likewise.
        data_seed: seed of the draws.
        num_workers: processes that make batches; 0 makes them in a thread of the main process.
        data_device: where batches are made: cpu; or auto, cuda or cuda:N, on a GPU that holds the
            stores, if it has room for them (else on the CPU). The batches are the same.

    Raises:
        StoreError: a store is missing, damaged, or older than its FASTA.
        MismatchError: the two stores are of different genomes.
        InputError: regions, sizes or intervals that cannot be (the message names the argument).
    """

    def __init__(
        self,
        genome: str | Path,
        targets: str | Path,
        intervals: str | Path | None = None,
        validation: str | list[str] = DEFAULT_VALIDATION,
        test: str | list[str] = DEFAULT_TEST,
        split_file: str | Path | None = None,
        folds: int | None = None,
        fold: int | None = None,
        blacklist: str | Path | None = None,
        sequence_length: int = 1000,
        bin: int = 200,
        threshold: float = 0.5,
        batch_size: int = 64,
        samples_per_epoch: int = 100_000,
        background: float = 0.0,
        sampling: str | None = None,
        max_shift: int = 0,
        both_strands: bool = True,
        validation_size: int | None = None,
        test_size: int | None = None,
        data_seed: int = 0,
        num_workers: int = 0,
        data_device: str = "cpu",
    ) -> None:
        super().__init__()
        _at_least_one(
            sequence_length=sequence_length,
            bin=bin,
            batch_size=batch_size,
            samples_per_epoch=samples_per_epoch,
            validation_size=1 if validation_size is None else validation_size,
            test_size=1 if test_size is None else test_size,
        )
        if max_shift < 0 or num_workers < 0:
            raise InputError("--max_shift and --num_workers cannot be negative")
        self.sequence_length, self.bin, self.threshold = sequence_length, bin, threshold
        self.batch_size, self.samples_per_epoch = batch_size, samples_per_epoch
        self.validation_size, self.test_size = validation_size, test_size
        check_name(data_device)
        self.num_workers, self.data_device = num_workers, data_device
        self._loaded: Resident | None = None
        self.plan = open_plan(
            genome,
            targets,
            sampling=parse_sampling(sampling, background),
            intervals=intervals,
            blacklist=blacklist,
            validation=validation,
            test=test,
            split_file=split_file,
            folds=folds,
            fold=fold,
            sequence_length=sequence_length,
            bin=bin,
            threshold=threshold,
            max_shift=max_shift,
            both_strands=both_strands,
            seed=data_seed,
        )
        self.genome, self.targets, self.split = (
            self.plan.genome,
            self.plan.targets,
            self.plan.split,
        )

    @property
    def tasks(self) -> list[str]:
        """Task names in store order."""
        return list(self.targets.tasks["task"])

    def batches_per_epoch(self) -> int:
        """Training batches of an epoch, on each device."""
        return max(self.samples_per_epoch // (self.batch_size * self._world()[0]), 1)

    def train_dataloader(self) -> BatchLoader:
        """Training batches: a pure function of (data_seed, epoch, index)."""
        source = self._source(self.plan.training_positions().draw)
        return self._loader(source, self.samples_per_epoch, whole_batches=True)

    def train_arrays(self) -> BatchLoader:
        """The same samples for who has no use for codes, made on the CPU.

        Batches are {"sequence": float32 (n, 4, sequence_length), "labels": float32 (n, tasks)};
        channels A C G T, an unknown base 0.25 in each. No thread makes them ahead: handing such
        large batches over takes longer than making them (set `prefetch` on what is returned).
        """
        source = self._host_source(self.plan.training_positions().draw, "floats")
        loader = self._loader(source, self.samples_per_epoch, whole_batches=True)
        loader.prefetch = 0
        return loader

    def val_dataloader(self) -> BatchLoader:
        """Held-out bins of the validation regions, in genome order."""
        return self._held_out_loader("validation", self.validation_size)

    def test_dataloader(self) -> BatchLoader:
        """Held-out bins of the test regions, in genome order."""
        return self._held_out_loader("test", self.test_size)

    def predict_dataloader(self) -> BatchLoader:
        """The same as for the test."""
        return self.test_dataloader()

    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch:  # noqa: ARG002
        """Unpack labels, which travel to another device as bits."""
        if "packed" not in batch:
            return batch
        labels = unpack_labels(batch["packed"], len(self.targets.tasks))
        return {"codes": batch["codes"], "labels": labels}

    def held_out_positions(self, part: str, size: int | None = None) -> Positions:
        """The bins of `validation` or `test`, in the order in which they are given out.

        Raises:
            InputError: the regions hold no bin of enough known sequence.
        """
        return self.plan.held_out_positions(part, size)

    def positive_rates(self) -> tuple[Integers, int]:
        """How often each task is positive among training samples (see `SamplePlan`).

        Returns:
            (positives int64 (tasks,), samples): of so many samples drawn as training draws them,
            so many are positive.
        """
        return self.plan.positive_rates()

    def some_training_codes(self, n: int) -> NDArray[np.uint8]:
        """The first n training windows of epoch 0: uint8 (n, sequence_length)."""
        at = self.plan.training_positions().draw(0, np.arange(n))
        starts = at.centres - self.sequence_length // 2 + at.shifts
        return self.genome.windows(at.contigs, starts, self.sequence_length, at.reverse)

    def _held_out_loader(self, part: str, size: int | None) -> BatchLoader:
        fixed = self.held_out_positions(part, size)

        def place(_: int, index: Integers) -> Positions:
            return fixed.take(index)

        return self._loader(self._source(place), fixed.centres.size, whole_batches=False)

    def _loader(self, source: Source, total: int, *, whole_batches: bool) -> BatchLoader:
        world, rank = self._world()
        per_step = self.batch_size * world
        n_batches = max(total // per_step if whole_batches else -(-total // per_step), 1)
        indices = rank_indices(self.batch_size, rank, world, total)
        dataset = BatchDataset(source, indices, n_batches, self.batch_size)
        if isinstance(source, DeviceSource):
            return BatchLoader(dataset)
        options: dict[str, Any] = {"num_workers": self.num_workers, "pin_memory": self._travels()}
        if self.num_workers:
            options |= {"persistent_workers": True, "multiprocessing_context": "fork"}
        return BatchLoader(dataset, _MADE_AHEAD, **options)

    def _source(self, place: Place) -> Source:
        resident = self._resident()
        if resident is not None:
            return DeviceSource(resident, place, self.sequence_length)
        return self._host_source(place, "packed" if self._travels() else "codes")

    def _host_source(self, place: Place, kind: Kind) -> HostSource:
        return HostSource(
            self.genome,
            self.targets,
            place,
            sequence_length=self.sequence_length,
            bin=self.bin,
            threshold=self.threshold,
            kind=kind,
        )

    def _resident(self) -> Resident | None:
        """The stores on a GPU, if that was asked for and can be; loaded once."""
        if self.data_device == "cpu":
            return None
        stores = (self.genome, self.targets, self.bin, self.threshold)
        device = choose_device(self.data_device, Resident.bytes_needed(*stores), self._trains_on())
        if device is None:
            return None
        if self._loaded is None or self._loaded.device != device:
            self._loaded = Resident(*stores, device)
        return self._loaded

    def _travels(self) -> bool:
        on = self._trains_on()
        return on is not None and on.type == "cuda"

    def _trains_on(self) -> torch.device | None:
        strategy = getattr(self.trainer, "strategy", None)
        return strategy.root_device if strategy else None

    def _world(self) -> tuple[int, int]:
        trainer = self.trainer
        return (trainer.world_size, trainer.global_rank) if trainer else (1, 0)


def _at_least_one(**values: int) -> None:
    for name, value in values.items():
        if value < 1:
            raise InputError(f"--{name} {value} is not possible: give 1 or more")
