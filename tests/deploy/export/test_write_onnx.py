"""ONNX files compute what torch does, for any batch, or are not written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from nucleotides.bundle import read_bundle
from nucleotides.deploy.export import write_onnx as module
from nucleotides.deploy.export.export import export
from nucleotides.deploy.export.write_onnx import WORST, write_onnx
from nucleotides.errors import InputError
from nucleotides.model.encoding import one_hot
from nucleotides.model.network import Network
from nucleotides.model.registry import MODELS, create_network
from tests.model.test_zoo import SHORTEST
from tests.model.test_zoo import SMALL as ZOO

pytest.importorskip("onnxruntime")

SMALL = {
    "motifnet": {"n_motifs": 6, "motif_width": 11, "hidden": 8, "n_heads": 2},
    "deepsea": {"channels": [4, 4, 4], "hidden": 5},
    **ZOO,
}
LENGTHS = {"motifnet": 336, "deepsea": 200, **SHORTEST, "danq": 100, "albert": 40, "enformer": 64}
NOT_THERE = {"enformer": r"Enformer cannot be written as ONNX: ONNX has no prims\.lgamma"}
"""The gamma densities of Enformer's relative positions."""


def network_of(name: str) -> Network:
    torch.manual_seed(0)
    network = create_network(name, 3, LENGTHS[name], SMALL[name]).eval()
    for values in network.buffers():
        if values.is_floating_point() and not values.abs().sum():
            values.normal_()  # MotifNet's filters are zeros until it is trained
    network.both_strands = name == "danq"
    return network


def predict(path: Path, codes: torch.Tensor) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(["logits"], {"sequences": one_hot(codes).numpy()})
    return np.asarray(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_every_network(name: str, tmp_path: Path) -> None:
    network, path = network_of(name), tmp_path / "model.onnx"
    if name in NOT_THERE:
        with pytest.raises(InputError, match=NOT_THERE[name]):
            write_onnx(network, path)
        return
    assert write_onnx(network, path) <= WORST
    for n in (1, 7):
        codes = torch.randint(0, 5, (n, LENGTHS[name]), dtype=torch.uint8)
        with torch.inference_mode():
            wanted = network.logits(codes).numpy()
        np.testing.assert_allclose(predict(path, codes), wanted, rtol=1e-4, atol=1e-5)


def test_in_a_bundle(run: Path, tmp_path: Path) -> None:
    done = export(run, tmp_path / "out", onnx=True)
    bundle = read_bundle(done.path)
    assert done.onnx is not None
    assert done.onnx <= WORST
    assert bundle.facts["sha256"].keys() > {"model.onnx"}
    codes = torch.randint(0, 5, (4, 200), dtype=torch.uint8)
    with torch.inference_mode():
        wanted = bundle.model.logits(codes).numpy()
    np.testing.assert_allclose(
        predict(done.path / "model.onnx", codes), wanted, rtol=1e-4, atol=1e-5
    )


def test_a_file_that_computes_something_else_is_not_kept(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = module._compared

    def spoilt(network: torch.nn.Module, *others: object) -> float:
        with torch.no_grad():
            next(network.parameters()).add_(0.1)
        return seen(network, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_compared", spoilt)
    with pytest.raises(InputError, match=r"as ONNX is off by .* of the largest logit"):
        export(run, tmp_path / "out", onnx=True)
    assert not (tmp_path / "out").exists()
