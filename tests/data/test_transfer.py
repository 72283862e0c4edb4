"""What a model is given by Lightning, whichever way batches take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import LightningModule, Trainer

from nucleotides.data import datamodule
from nucleotides.data.datamodule import DataModule
from tests import toy

OPTIONS: dict[str, Any] = {
    "sequence_length": 200,
    "bin": 50,
    "batch_size": 8,
    "validation": "chr2:1000-2500",
    "test": "chr3_alt",
    "samples_per_epoch": 40,
    "validation_size": 11,
}


class Watcher(LightningModule):
    """Keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))
        self.seen: list[dict[str, torch.Tensor]] = []

    def training_step(self, batch: dict[str, torch.Tensor], _: int) -> torch.Tensor:
        self.seen.append(batch)
        return self.weight

    def validation_step(self, batch: dict[str, torch.Tensor], _: int) -> None:
        self.seen.append(batch)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), 0.1)


def seen(data: DataModule, folder: Path) -> list[dict[str, torch.Tensor]]:
    watcher = Watcher()
    Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        default_root_dir=folder,
    ).fit(watcher, datamodule=data)
    return watcher.seen


@pytest.mark.filterwarnings("ignore")  # Lightning's advice
@pytest.mark.parametrize("way", ["bits", "device"])
def test_a_model_sees_the_same(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stores = toy.stores(tmp_path)
    expected = seen(DataModule(**stores, **OPTIONS), tmp_path)
    assert len(expected) == 2 + 2 * (5 + 2)  # two sanity checks, then both epochs
    if way == "bits":
        monkeypatch.setattr(
            DataModule, "_source", lambda self, place: self._host_source(place, "packed")
        )
        data = DataModule(**stores, **OPTIONS)
        assert "packed" in next(iter(data.train_dataloader()))
    else:
        monkeypatch.setattr(datamodule, "choose_device", lambda *_: torch.device("cpu"))
        data = DataModule(**stores, **OPTIONS, data_device="auto")
    found = seen(data, tmp_path)
    assert len(found) == len(expected)
    for a, b in zip(expected, found, strict=True):
        assert a.keys() == b.keys() == {"codes", "labels"}
        assert all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.filterwarnings("ignore")
def test_without_a_gpu_training_says_so_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    stores = toy.stores(tmp_path)
    plain = seen(DataModule(**stores, **OPTIONS), tmp_path)
    asked = seen(DataModule(**stores, **OPTIONS, data_device="auto"), tmp_path)
    assert "batches are made on the CPU, there is no GPU" in capsys.readouterr().err
    assert all(torch.equal(a["codes"], b["codes"]) for a, b in zip(plain, asked, strict=True))
