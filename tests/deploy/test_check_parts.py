"""What no reader would take is not sent."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file, save_file

import nucleotides
from nucleotides.deploy.check_parts import check_parts
from nucleotides.deployed import fetch_deployed
from nucleotides.errors import CorruptStoreError, StoreError, UntrustedCodeError
from nucleotides.storage import open_storage
from tests import toy
from tests.deploy.deployment import contents, expected, put_file, send, write_real_parts


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Path]:
    return write_real_parts(tmp_path / "here", 0)


def give_own_class(model: Path) -> None:
    """Say that a bundle's network is of a module that is not of the package."""
    manifest = model / "manifest.json"
    facts = json.loads(manifest.read_text()) | {"model_class": "nets_of_others.Mine"}
    manifest.write_text(json.dumps(facts))


def test_what_it_lets_pass_readers_take(parts: dict[str, Path], tmp_path: Path) -> None:
    before = expected(parts)
    check_parts(parts)
    send(open_storage(tmp_path / "storage"), parts)
    copy = fetch_deployed(tmp_path / "storage", tmp_path / "cache")
    assert contents(copy) == expected(parts) == before
    sequence = toy.sequence(nucleotides.load(copy / "model").sequence_length)
    found, wanted = (
        nucleotides.load(p).predict(sequence) for p in (copy / "model", parts["model"])
    )
    pd.testing.assert_frame_equal(found, wanted)


def test_a_model_of_a_class_of_ones_own_passes_and_no_code_is_run(
    parts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_own_class(parts["model"])
    ran = tmp_path / "ran"
    (tmp_path / "nets_of_others.py").write_text(f"open({str(ran)!r}, 'w')")
    monkeypatch.syspath_prepend(tmp_path)
    check_parts(parts)
    assert not ran.exists()
    with pytest.raises(UntrustedCodeError):
        nucleotides.load(parts["model"])


@pytest.mark.parametrize("own", [False, True])
def test_weights_that_are_no_numbers(parts: dict[str, Path], own: bool) -> None:
    weights = load_file(parts["model"] / "weights.safetensors")
    weights["head.1.bias"].fill_(torch.nan)
    save_file(weights, parts["model"].parent / "new")
    put_file(parts["model"], "weights.safetensors", (parts["model"].parent / "new").read_bytes())
    if own:
        give_own_class(parts["model"])
    with pytest.raises(CorruptStoreError, match="values that are no numbers"):
        check_parts(parts)


def test_files_that_are_not_of_the_bundle(parts: dict[str, Path]) -> None:
    (parts["model"] / "setup.py").write_text("raise SystemExit")
    with pytest.raises(CorruptStoreError, match=r"setup\.py is not of the bundle"):
        check_parts(parts)


def test_a_link_in_place_of_a_file_of_the_bundle(parts: dict[str, Path], tmp_path: Path) -> None:
    (parts["model"] / "README.md").rename(tmp_path / "elsewhere.md")
    (parts["model"] / "README.md").symlink_to(tmp_path / "elsewhere.md")
    with pytest.raises(CorruptStoreError, match=r"README\.md is a link"):
        check_parts(parts)


@pytest.mark.parametrize("place", ["data/genomes/GRCh38.store", "predictions.effects"])
def test_a_store_of_another_kind(parts: dict[str, Path], place: str) -> None:
    with pytest.raises(StoreError, match="holds 'nucleotides model bundle'"):
        check_parts({place: parts["model"]})
    with pytest.raises(StoreError, match="is of 'nucleotides genome store', not of a"):
        check_parts({"model": parts["data/genomes/GRCh38.store"]})
