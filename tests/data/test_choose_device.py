"""Where batches are made, on a machine with and without GPUs."""

from __future__ import annotations

import pytest
import torch

from nucleotides.data.choose_device import check_name, choose_device
from nucleotides.errors import InputError

GPU = torch.device("cuda", 0)


def machine(monkeypatch: pytest.MonkeyPatch, gpus: int, free: int = 8 << 30) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (free, free))


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "auto:1", ""])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(InputError, match="--data_device"):
        check_name(name)


@pytest.mark.parametrize("name", ["cpu", "auto", "cuda", "cuda:1"])
def test_without_a_gpu(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine(monkeypatch, 0)
    check_name(name)
    assert choose_device(name, 1) is None
    said = capsys.readouterr().err
    assert said == ("" if name == "cpu" else _line(name, "there is no GPU"))


def _line(name: str, why: str) -> str:
    return f"--data_device {name}: batches are made on the CPU, {why}\n"


def test_with_gpus(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    machine(monkeypatch, 2)
    assert choose_device("auto", 1) == choose_device("cuda", 1, GPU) == GPU
    assert choose_device("auto", 1, torch.device("cuda", 1)) == torch.device("cuda", 1)
    assert choose_device("cuda:1", 1, GPU) == torch.device("cuda", 1)
    assert capsys.readouterr().err == ""
    assert choose_device("cuda:2", 1, GPU) is None
    assert capsys.readouterr().err == _line("cuda:2", "there is no such GPU")
    assert choose_device("auto", 1, torch.device("cpu")) is None
    assert capsys.readouterr().err == _line("auto", "the model is on cpu")
    assert choose_device("auto", 5 << 30, GPU) is None
    assert "the stores take 5.4 GB, and cuda:0 has 8.6 GB free" in capsys.readouterr().err
