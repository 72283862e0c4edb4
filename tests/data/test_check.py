"""`data --check`: a changed byte is found, whatever file it is in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from nucleotides.data.check import check_stores
from nucleotides.errors import StoreError
from tests import toy


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Path, Path]:
    made = toy.stores(tmp_path)
    return Path(made["genome"]), Path(made["targets"])


FILES = [
    *("codes.u8", "unknown.safetensors"),
    *("centres.safetensors", "inputs.json", "peaks.safetensors", "tasks.tsv"),
]


def states(stores: tuple[Path, Path]) -> dict[str, str]:
    return {check.path.name: check.state for check in check_stores(*stores)}


def test_whole_stores_are_whole(stores: tuple[Path, Path]) -> None:
    assert states(stores) == dict.fromkeys(FILES, "whole")
    sizes = {check.path: check.bytes for check in check_stores(*stores)}
    assert sizes == {path: path.stat().st_size for path in sizes}


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[Path], None]] = {
    "damaged": flip,
    "missing": lambda path: path.unlink(),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", DAMAGE)
def test_damage_is_found_where_it_is(name: str, how: str, stores: tuple[Path, Path]) -> None:
    path = next(store / name for store in stores if (store / name).exists())
    DAMAGE[how](path)
    assert states(stores) == dict.fromkeys(FILES, "whole") | {name: how}


def without_checksums(genome: Path) -> None:
    manifest = json.loads((genome / "manifest.json").read_text())
    del manifest["files"]
    (genome / "manifest.json").write_text(json.dumps(manifest))


def test_a_genome_store_of_before_is_compared_with_its_fasta(stores: tuple[Path, Path]) -> None:
    genome = stores[0]
    without_checksums(genome)
    assert states(stores)["codes.u8"] == "whole"
    flip(genome / "codes.u8")
    first = check_stores(*stores)[0]
    middle = (genome / "codes.u8").stat().st_size // 2
    assert (first.state, first.found.split(" is not")[0]) == ("damaged", f"base {middle:,}")
    fasta = genome.parent / "toy.fa"
    fasta.write_text(fasta.read_text().lower())
    assert check_stores(*stores)[0].found.endswith("has changed")
    fasta.write_text("no FASTA")
    assert check_stores(*stores)[0].state == "unchecked"
    fasta.unlink()
    assert check_stores(*stores)[0].found.endswith("is gone")
    (genome / "codes.u8").write_bytes(b"1")
    assert check_stores(*stores)[0].state == "damaged"
    (genome / "codes.u8").unlink()
    assert check_stores(*stores)[0].state == "missing"


def test_no_store_or_a_damaged_manifest(stores: tuple[Path, Path]) -> None:
    with pytest.raises(StoreError, match="no nucleotides genome store"):
        check_stores(stores[0] / "nowhere", stores[1])
    (stores[1] / "manifest.json").write_text("{")
    with pytest.raises(StoreError, match="is damaged"):
        check_stores(*stores)
