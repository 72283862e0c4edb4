"""A sample is a pure function of (seed, epoch, index): the same bytes however it is made."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nucleotides.data import datamodule, loader
from nucleotides.data.datamodule import DataModule
from nucleotides.data.draws import uniform
from nucleotides.data.draws_on_device import uniform_on_device
from nucleotides.data.loader import BatchLoader
from nucleotides.data.make_batches import HostSource
from nucleotides.data.make_on_device import DeviceSource
from nucleotides.data.pack_labels import pack_labels, unpack_labels
from nucleotides.data.positions import TrainingPositions
from nucleotides.genome.alphabet import one_hot
from nucleotides.targets.index_file import IndexFile
from tests import toy

CPU = torch.device("cpu")
SPLIT: dict[str, Any] = {"validation": "chr2:1000-2500", "test": "chr3_alt"}
Batches = list[dict[str, torch.Tensor]]

options = st.fixed_dictionaries(
    {
        "batch_size": st.integers(1, 24),
        "samples_per_epoch": st.integers(30, 90),
        "sequence_length": st.sampled_from([150, 199, 200, 301]),
        "bin": st.sampled_from([50, 51, 120]),
        "threshold": st.sampled_from([0.25, 0.5]),
        "background": st.sampled_from([0.0, 0.4, 1.0]),
        "max_shift": st.sampled_from([0, 15]),
        "both_strands": st.booleans(),
        "data_seed": st.integers(0, 2**63),
        "validation_size": st.sampled_from([None, 17]),
    }
)
a_few = settings(max_examples=12, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return toy.stores(tmp_path_factory.mktemp("stores"))


def module(stores: dict[str, str], chosen: dict[str, Any], **more: Any) -> DataModule:
    return DataModule(**stores, **SPLIT, **(chosen | more))


def on_torch_cpu(data: DataModule) -> DataModule:
    """The same, through the path that GPUs take, with the CPU as torch's device."""
    data.data_device = "cuda"
    return data


@pytest.fixture(autouse=True)
def _the_cpu_stands_for_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datamodule, "choose_device", lambda *_: CPU)


def epoch_of(batches: BatchLoader, epoch: int) -> Batches:
    batches.sampler.set_epoch(epoch)
    return list(batches)


def assert_equal(a: Batches, b: Batches) -> None:
    assert len(a) == len(b) > 0
    for x, y in zip(a, b, strict=True):
        assert x.keys() == y.keys()
        for key in x:
            assert x[key].dtype == y[key].dtype
            assert torch.equal(x[key], y[key])


@a_few
@given(options, st.integers(0, 3), st.sampled_from(["train", "val", "test"]))
def test_the_device_path_gives_the_same_bytes(
    stores: dict[str, str], chosen: dict[str, Any], epoch: int, part: str
) -> None:
    host = getattr(module(stores, chosen), f"{part}_dataloader")()
    device = getattr(on_torch_cpu(module(stores, chosen)), f"{part}_dataloader")()
    assert isinstance(host.dataset.source, HostSource)
    assert isinstance(device.dataset.source, DeviceSource)
    assert (device.dataset.source._draw is not None) == (part == "train")
    assert_equal(epoch_of(host, epoch), epoch_of(device, epoch))


@a_few
@given(options, st.integers(1, 40), st.sampled_from([0, 1, 3]))
def test_neither_blocks_nor_prefetching_can_be_seen(
    stores: dict[str, str], chosen: dict[str, Any], at_once: int, prefetch: int
) -> None:
    expected = epoch_of(module(stores, chosen).train_dataloader(), 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "_DRAWN_AT_ONCE", at_once)
        other = module(stores, chosen).train_dataloader()
    other.prefetch = prefetch
    assert_equal(epoch_of(other, 1), expected)
    keys = [(1, n) for n in range(len(other))]
    assert_equal([other.dataset[key] for key in reversed(keys)][::-1], expected)


@a_few
@given(options, st.integers(2, 3), st.booleans())
def test_ranks_share_what_one_would_see(
    stores: dict[str, str], chosen: dict[str, Any], world: int, device: bool
) -> None:
    chosen = chosen | {"samples_per_epoch": 4 * world * chosen["batch_size"]}
    alone = list(module(stores, chosen).train_dataloader())
    parts = []
    for rank in range(world):
        data = module(stores, chosen)
        data.trainer = SimpleNamespace(world_size=world, global_rank=rank)  # type: ignore[assignment]
        parts.append(list((on_torch_cpu(data) if device else data).train_dataloader()))
    assert_equal(list(itertools.chain(*zip(*parts, strict=True))), alone)


@a_few
@given(options, st.integers(0, 40), st.booleans(), st.sampled_from([0, 2]))
def test_an_epoch_goes_on_at_the_very_batch(
    stores: dict[str, str], chosen: dict[str, Any], stop: int, device: bool, prefetch: int
) -> None:
    whole = epoch_of(module(stores, chosen).train_dataloader(), 2)
    stop = min(stop, len(whole) - 1)
    left = module(stores, chosen).train_dataloader()
    left.prefetch = prefetch
    left.sampler.set_epoch(2)
    seen = list(itertools.islice(left, stop)) if stop else []
    later = module(stores, chosen)
    later_loader = (on_torch_cpu(later) if device else later).train_dataloader()
    if stop:  # islice leaves the loader at the last batch that it gave
        later_loader.load_state_dict(left.state_dict())
    assert_equal(seen + epoch_of(later_loader, 2), whole)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("rank", [0, 1])
def test_workers_and_ranks_together(workers: int, rank: int, stores: dict[str, str]) -> None:
    chosen = {"batch_size": 7, "sequence_length": 200, "bin": 50, "samples_per_epoch": 200}
    found = []
    for n in (0, workers):
        data = module(stores, chosen, num_workers=n, background=0.3, max_shift=9)
        data.trainer = SimpleNamespace(world_size=2, global_rank=rank)  # type: ignore[assignment]
        found.append(epoch_of(data.train_dataloader(), 1))
    assert_equal(*found)


@a_few
@given(options)
def test_floats_and_bits_are_the_same_batches(
    stores: dict[str, str], chosen: dict[str, Any]
) -> None:
    made: dict[str, Batches] = {}
    for kind in ("codes", "packed", "floats"):
        batches = module(stores, chosen).train_dataloader()
        batches.dataset.source.kind = kind
        made[kind] = list(batches)
    assert_equal(list(module(stores, chosen).train_arrays()), made["floats"])
    data = module(stores, chosen)
    assert_equal([data.on_after_batch_transfer(b, 0) for b in made["packed"]], made["codes"])
    assert all(data.on_after_batch_transfer(b, 0) is b for b in made["codes"])
    for codes, floats in zip(made["codes"], made["floats"], strict=True):
        assert np.array_equal(floats["sequence"].numpy(), one_hot(codes["codes"].numpy()))
        assert torch.equal(floats["labels"], codes["labels"].float())
    source = DeviceSource(
        on_torch_cpu(module(stores, chosen))._resident(),  # type: ignore[arg-type]
        batches.dataset.place,
        chosen["sequence_length"],
        packed=True,
    )
    batches.dataset.source, batches.dataset._drawn = source, None
    assert_equal(list(batches), made["packed"])


@a_few
@given(options, st.booleans())
def test_reading_files_gives_what_mapping_gives(
    stores: dict[str, str], chosen: dict[str, Any], rule_of_the_store: bool
) -> None:
    if rule_of_the_store:  # whose index lies in a file; others are in memory
        chosen = chosen | {"sequence_length": 300, "bin": 200, "threshold": 0.5}
    expected = list(module(stores, chosen).train_dataloader())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nucleotides.data.make_batches._LOOK_AFTER", 1)
        batches = module(stores, chosen).train_dataloader()
        batches.dataset.source.mapped_limit = -(1 << 40)
        assert_equal(list(batches), expected)
        assert isinstance(batches.dataset.source.index, IndexFile) == rule_of_the_store


def test_another_class_of_positions_is_drawn_on_the_cpu(stores: dict[str, str]) -> None:
    class Mine(TrainingPositions):
        pass

    data = on_torch_cpu(module(stores, {"sequence_length": 200, "bin": 50}))
    positions = data.plan.training_positions()
    positions.__class__ = Mine
    assert DeviceSource(data._resident(), positions.draw, 200)._draw is None  # type: ignore[arg-type]


@given(
    st.integers(-(2**70), 2**70),
    st.integers(0, 10**6),
    st.lists(st.integers(0, 2**62), min_size=1, max_size=20),
    st.integers(0, 1 << 20),
)
def test_draws_are_the_same_on_a_device(
    seed: int, epoch: int, index: list[int], stream: int
) -> None:
    expected = uniform(seed, epoch, np.array(index), stream)
    found = uniform_on_device(seed, epoch, torch.tensor(index), stream)
    assert found.tolist() == expected.tolist()


@given(st.integers(1, 50), st.integers(0, 2**32))
def test_bits_and_back(n_tasks: int, seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, 2, (3, n_tasks)).astype(np.uint8)
    packed = pack_labels(torch.from_numpy(labels))
    assert np.array_equal(packed, np.packbits(labels, axis=1, bitorder="little"))
    assert np.array_equal(unpack_labels(packed, n_tasks), labels)
