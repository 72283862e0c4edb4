"""Models that lie elsewhere predict the same, to the last bit."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import torch

import nucleotides
from nucleotides.bundle import write_bundle
from nucleotides.deployed import fetch_deployed
from nucleotides.deployed.fetch_settings import fetch_settings
from nucleotides.errors import CorruptStoreError, StoreError
from nucleotides.files import sha256
from nucleotides.load_settings import load_settings
from nucleotides.model.checkpoint import Checkpoint
from nucleotides.model.deepsea import DeepSEA
from nucleotides.storage import Storage, open_storage
from tests import toy
from tests.deploy.deployment import send

CHOSEN = {
    "model_class": "deepsea",
    "model": {"channels": [4, 4, 4], "hidden": 5},
    "sequence_length": 200,
    "bin": 200,
    "threshold": 0.5,
    "average_strands": True,
}
SEQUENCES = [toy.sequence(200, seed) for seed in range(3)]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    network = DeepSEA(2, 200, channels=(4, 4, 4), hidden=5).eval()
    checkpoint = Checkpoint(network, ["a", "b"], CHOSEN)
    return write_bundle(checkpoint, pd.DataFrame({"task": ["a", "b"]}), {}, tmp_path / "bundle")


@pytest.fixture(autouse=True)
def _settings(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUCLEOTIDES_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("NUCLEOTIDES_DEPLOY_ENDPOINT", s3)


def test_a_deployed_model(bundle: Path, storage: Storage, tmp_path: Path) -> None:
    """By the address of the deployment, as text or as a path, or of its model."""
    send(storage, {"model": bundle, "data/big": toy.genome_store(tmp_path / "g").path})
    right = nucleotides.load(bundle).predict(SEQUENCES)
    for address in (storage.url, Path(storage.url), f"{storage.url}/model"):
        pd.testing.assert_frame_equal(
            nucleotides.load(address).predict(SEQUENCES), right, check_exact=True
        )
    assert not list((tmp_path / "cache").rglob("codes.u8"))


def test_a_bundle_in_a_store(bundle: Path, storage: Storage, tmp_path: Path) -> None:
    for path in bundle.iterdir():
        storage.put(f"some/{path.name}", path.read_bytes())
    right = nucleotides.load(bundle).predict(SEQUENCES)
    for _ in range(2):
        found = nucleotides.load(f"{storage.url}/some").predict(SEQUENCES)
        pd.testing.assert_frame_equal(found, right, check_exact=True)
        for path in (tmp_path / "cache").rglob("manifest.json"):  # damaged, and fetched again
            path.write_bytes(b"{}")
    weights = storage.get("some/weights.safetensors")
    assert weights is not None
    if "://" in storage.url:
        storage.put("some/weights.safetensors", weights[:-1] + b"!")
        with pytest.raises(CorruptStoreError, match=r"some/weights.safetensors is not what was"):
            nucleotides.load(f"{storage.url}/some", cache=tmp_path / "other")
        storage.delete(["some/tasks.tsv"])
        storage.put("some/weights.safetensors", weights)
        with pytest.raises(CorruptStoreError, match=r"some: tasks.tsv is missing"):
            nucleotides.load(f"{storage.url}/some", cache=tmp_path / "other")
        assert not list((tmp_path / "other").rglob("*.*"))


def test_onnx_is_not_fetched(
    bundle: Path, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing here reads it; `fetch_deployed` brings it, and a copy that has it serves as well."""
    (bundle / "model.onnx").write_bytes(b"for other programs")
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["sha256"]["model.onnx"] = sha256(bundle / "model.onnx")
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    send(storage, {"model": bundle})
    for path in bundle.iterdir():
        storage.put(f"some/{path.name}", path.read_bytes())
    right = nucleotides.load(bundle).predict(SEQUENCES)
    for address in (storage.url, f"{storage.url}/some" if "://" in storage.url else storage.url):
        found = nucleotides.load(address).predict(SEQUENCES)
        pd.testing.assert_frame_equal(found, right, check_exact=True)
    monkeypatch.setenv("NUCLEOTIDES_ENVIRONMENT", "production")
    monkeypatch.setenv("NUCLEOTIDES_DEPLOY_PATH", storage.url)
    served = fetch_settings(load_settings()).INFERENCE_MODEL
    pd.testing.assert_frame_equal(nucleotides.load(served).predict(SEQUENCES), right)
    assert not list((tmp_path / "cache").rglob("model.onnx"))
    whole = fetch_deployed(storage, tmp_path / "whole")
    assert (whole / "model/model.onnx").is_file()
    nucleotides.load(storage.url, cache=tmp_path / "whole")
    assert [path.name for path in (tmp_path / "whole/versions").iterdir()] == [whole.name]


def test_no_model_there(storage: Storage) -> None:
    if "://" in storage.url:
        with pytest.raises(StoreError, match="there is no model at s3://bucket"):
            nucleotides.load(f"{storage.url}/x")


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("name", ["../weights.safetensors", "/etc/passwd", "a/b"])
def test_names_that_lead_elsewhere(name: str, bundle: Path, s3: str) -> None:
    storage = open_storage("s3://bucket/hostile", endpoint=s3)
    text = (bundle / "manifest.json").read_text().replace("weights.safetensors", name)
    storage.put("manifest.json", text.encode())
    with pytest.raises(CorruptStoreError, match="is not that of a bundle"):
        nucleotides.load("s3://bucket/hostile")
