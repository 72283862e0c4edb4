"""Bundles of every version that was written, and of those that are to come."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nucleotides
from nucleotides.bundle import read_bundle
from nucleotides.bundle.layout import MINOR, VERSION
from nucleotides.errors import CorruptStoreError, StoreError
from nucleotides.files import sha256

DATA = Path(__file__).parent / "data"
CODES = (np.arange(600).reshape(3, 200) * 7 % 11 % 5).astype(np.uint8)
LOGITS = [  # of those codes, by the code that wrote the bundle
    [0.4462718963623047, 0.21828331053256989],
    [0.44650769233703613, 0.21761983633041382],
    [0.4461367726325989, 0.21839161217212677],
]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "version_1_0", tmp_path / "bundle"))


def change(bundle: Path, **facts: Any) -> None:
    path = bundle / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.iterdir()))
def test_an_older_one_opens(name: str) -> None:
    """Whole: weights, tasks with their map, calibration, background, card."""
    read = read_bundle(DATA / name)
    model = nucleotides.load(DATA / name)
    np.testing.assert_allclose(model.logits(CODES), LOGITS, rtol=1e-5)
    assert list(model.tasks["biosample"]) == ["K562", "NA"]
    assert model.tasks["umap2"].tolist() == [1.5, 2.0]
    assert read.known.card == "# Card\n"
    assert model.calibration is not None
    assert model.calibration.methods == ["platt", "isotonic"]
    assert model.background is not None
    assert model.background.windows == 9
    assert (read.known.licence, read.known.lock) == (None, None)


def test_of_a_newer_minor_version_what_is_new_is_passed_over(bundle: Path) -> None:
    (bundle / "embeddings.bin").write_bytes(b"new")
    listed = json.loads((bundle / "manifest.json").read_text())["sha256"]
    listed["embeddings.bin"] = sha256(bundle / "embeddings.bin")
    change(bundle, minor=MINOR + 1, sha256=listed, colour={"of": ["the", "future"]})
    np.testing.assert_allclose(nucleotides.load(bundle).logits(CODES), LOGITS, rtol=1e-5)
    (bundle / "embeddings.bin").write_bytes(b"old")
    with pytest.raises(CorruptStoreError, match=r"embeddings\.bin is not what was written"):
        read_bundle(bundle)
    change(bundle, minor=MINOR)
    with pytest.raises(CorruptStoreError, match=r"it lists embeddings\.bin"):
        read_bundle(bundle)


@pytest.mark.parametrize(
    ("version", "what"),
    [(VERSION + 1, "pip install -U nucleotides"), (0, "export the model again"), ("2", "again")],
)
def test_another_major_version_is_refused(bundle: Path, version: Any, what: str) -> None:
    change(bundle, version=version)
    with pytest.raises(StoreError, match=f"of version {version!r} .* reads version 1: .*{what}"):
        read_bundle(bundle)


def test_another_format_is_refused(bundle: Path) -> None:
    change(bundle, format="nucleotides genome store")
    with pytest.raises(StoreError, match="'nucleotides genome store', not of a 'nucleotides model"):
        read_bundle(bundle)
