"""A small deployment: parts that can be uploaded, in several states; calls for children."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np

from nucleotides.deploy.collect import BUNDLE, collect
from nucleotides.deploy.plan_upload import plan_upload
from nucleotides.deploy.upload import upload
from nucleotides.deployed import fetch_deployed
from nucleotides.deployed.manifest import Pointer
from nucleotides.files import sha256
from nucleotides.genome import GenomeStore
from nucleotides.storage import Storage, open_storage
from tests import toy
from tests.storage.conftest import QUICK

N_FILES = 6
OLD_BUNDLE = Path(__file__).parents[1] / "bundle/data/version_1_0"


def write_parts(folder: Path, state: int, *, large: int = 0) -> dict[str, Path]:
    """A bundle of which every file is of this state, and a genome store which is always the same.

    Args:
        folder: where they are written.
        state: told from others by every byte.
        large: bytes of one more file of the bundle.
    """
    model, genome = folder / "model", folder / "genome.store"
    for store in (model, genome):
        store.mkdir(parents=True, exist_ok=True)
    for number in range(N_FILES):
        (model / f"{number}.bin").write_bytes(f"{number} of state {state}\n".encode() * 50)
    if large:
        values = np.random.default_rng(state).integers(0, 256, large, np.uint8)
        (model / "large.bin").write_bytes(values.tobytes())
    (genome / "codes.u8").write_bytes(b"ACGT" * 1000)
    for store, kind in ((model, BUNDLE), (genome, "genome")):
        write_manifest(store, kind)
    return {"model": model, "data/genomes/GRCh38.store": genome}


def write_manifest(store: Path, kind: str) -> None:
    """List what is in a folder, with its checksums."""
    checksums = {path.name: sha256(path) for path in store.iterdir() if path.suffix != ".json"}
    manifest = {"format": kind, "version": 1, "sha256": checksums}
    (store / "manifest.json").write_text(json.dumps(manifest))


def write_real_parts(folder: Path, state: int) -> dict[str, Path]:
    """A bundle and a genome store that readers take; the state is in the bundle's card."""
    model, genome = folder / "model", folder / "genome.store"
    shutil.copytree(OLD_BUNDLE, model, dirs_exist_ok=True)
    put_file(model, "README.md", f"# Card of state {state}\n".encode())
    if not genome.exists():
        fasta = toy.write_fasta(folder / "toy.fa", {"chr1": toy.sequence(5000)})
        GenomeStore.build(fasta, genome)
    return {"model": model, "data/genomes/GRCh38.store": genome}


def put_file(bundle: Path, name: str, content: bytes) -> None:
    """Replace a file of a bundle, and its checksum."""
    (bundle / name).write_bytes(content)
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["sha256"][name] = sha256(bundle / name)
    (bundle / "manifest.json").write_text(json.dumps(manifest))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a copy but what `fetch_deployed` adds."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("deployment.json", "version.json")
    }


def expected(parts: dict[str, Path]) -> dict[str, bytes]:
    """What a copy of these parts is to hold."""
    return {
        f"{place}/{name}" if name else place: value
        for place, path in parts.items()
        for name, value in ({"": path.read_bytes()} if path.is_file() else contents(path)).items()
    }


def send(
    storage: Storage, parts: dict[str, Path], name: str | None = None, *, overwrite: bool = False
) -> Pointer:
    """Upload."""
    sources = collect(parts)
    return upload(storage, sources, plan_upload(storage, sources, name), overwrite=overwrite)


def send_from_child(
    address: str,
    endpoint: str | None,
    parts: str,
    state: int,
    pid: str,
    name: str | None = None,
) -> None:
    """Upload after telling one's number in the file `pid`."""
    Path(pid).write_text(str(os.getpid()))
    storage = open_storage(address, endpoint=endpoint, tries=QUICK)
    send(storage, write_parts(Path(parts), state), name)


def fetch_from_child(address: str, endpoint: str | None, cache: str) -> None:
    """Fetch."""
    storage = open_storage(address, endpoint=endpoint, tries=QUICK)
    fetch_deployed(storage, Path(cache))
