"""Checkpoints that may come from anyone: read as numbers and words, or refused."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

from nucleotides.errors import InputError, UntrustedCodeError
from nucleotides.model.checkpoint import load_checkpoint, read_checkpoint
from nucleotides.model.registry import create_model, create_network

SMALL = {"channels": [4, 4, 4], "hidden": 5}


@pytest.fixture
def content() -> dict[str, Any]:
    network = create_network("deepsea", 2, 200, SMALL)
    chosen = {"model_class": "deepsea", "model": SMALL, "sequence_length": 200, "tasks": ["a", "b"]}
    return {"hyper_parameters": chosen, "state_dict": network.state_dict()}


def test_what_was_saved_is_read(content: dict[str, Any], tmp_path: Path) -> None:
    """Also the weights of a network as it was trained, which has the same names."""
    torch.save(content, tmp_path / "x.ckpt")
    network = load_checkpoint(tmp_path / "x.ckpt").model
    for name, values in content["state_dict"].items():
        assert torch.equal(network.state_dict()[name], values)
    trained = create_model("deepsea", 2, 200, SMALL)
    assert trained.state_dict().keys() == content["state_dict"].keys()
    assert not network.training


class Evil:
    """A pickle that makes a folder where it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def test_a_pickle_that_does_something(content: dict[str, Any], tmp_path: Path) -> None:
    for key in ("hyper_parameters", "state_dict", "more"):
        torch.save(content | {key: Evil(tmp_path / "ran")}, tmp_path / "x.ckpt")
        with pytest.raises(InputError, match="more than tensors and plain values"):
            load_checkpoint(tmp_path / "x.ckpt")
    assert not (tmp_path / "ran").exists()


def test_a_file_that_grows_when_it_is_read(content: dict[str, Any], tmp_path: Path) -> None:
    torch.save(content, tmp_path / "x.ckpt")
    bomb = tmp_path / "bomb.ckpt"
    with (
        zipfile.ZipFile(tmp_path / "x.ckpt") as right,
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as wrong,
    ):
        for part in right.infolist():
            wrong.writestr(part.filename, right.read(part))
    with pytest.raises(InputError, match="no checkpoint of nucleotides"):
        load_checkpoint(bomb)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"model": {"channels": [10**9] * 3}}, "not of these weights"),
        ({"model": {**SMALL, "hidden": 6}}, "do not fit the model"),
        ({"tasks": ["a"]}, "do not fit the model"),
        ({"sequence_length": 10**12}, "a window of"),
        ({"model_class": 5}, "names no model"),
        ({"tasks": 5}, "no checkpoint of nucleotides"),
        ({"tasks": [1, 2]}, "no checkpoint of nucleotides"),
        ({"model_class": "deepsee"}, "did you mean 'deepsea'"),
    ],
)
def test_weights_of_something_else(
    content: dict[str, Any], tmp_path: Path, changes: dict[str, Any], match: str
) -> None:
    content["hyper_parameters"] |= changes
    torch.save(content, tmp_path / "x.ckpt")
    with pytest.raises(InputError, match=match):
        load_checkpoint(tmp_path / "x.ckpt")


def test_a_tensor_that_only_seems_large(content: dict[str, Any], tmp_path: Path) -> None:
    """One number, seen a billion times: saved in a few bytes."""
    content["state_dict"]["head.1.bias"] = torch.zeros(1).expand(10**9)
    torch.save(content, tmp_path / "x.ckpt")
    with pytest.raises(InputError, match=r"head\.1\.bias is float32 \(1000000000,\)"):
        load_checkpoint(tmp_path / "x.ckpt")


def test_no_module_is_imported_at_its_word(
    content: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_module.py").write_text(
        "from nucleotides.model.deepsea import DeepSEA\nclass Net(DeepSEA): pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    content["hyper_parameters"]["model_class"] = "own_module.Net"
    torch.save(content, tmp_path / "x.ckpt")
    with pytest.raises(UntrustedCodeError, match=r"x\.ckpt: .*own_module\.Net"):
        load_checkpoint(tmp_path / "x.ckpt")
    assert "own_module" not in sys.modules
    assert read_checkpoint(tmp_path / "x.ckpt")[0]["tasks"] == ["a", "b"]
    found = load_checkpoint(tmp_path / "x.ckpt", trust_code=True).model
    monkeypatch.delitem(sys.modules, "own_module")
    assert type(found).__name__ == "Net"
