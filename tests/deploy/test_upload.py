"""Uploads: what travels, what is guarded, and what versions there are afterwards."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nucleotides.bundle.layout import FORMAT
from nucleotides.deploy.collect import BUNDLE, collect
from nucleotides.deploy.plan_upload import plan_upload
from nucleotides.deploy.upload import upload
from nucleotides.deploy.versions import check_versions, list_versions, prune, roll_back
from nucleotides.deployed import fetch_deployed, has_changed, version_of
from nucleotides.deployed.manifest import PIECE
from nucleotides.errors import (
    CorruptStoreError,
    InputError,
    StaleStoreError,
    StoreError,
    UnknownNameError,
)
from nucleotides.storage import Storage, open_storage
from tests.deploy.deployment import N_FILES, contents, expected, send, write_manifest, write_parts


def stored(storage: Storage) -> set[str]:
    return {key for folder in ("objects", "versions") for key in storage.list(folder)}


def test_what_is_sent_is_what_is_read(storage: Storage, tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "new", 0, large=2 * PIECE + 17)
    (tmp_path / "table.tsv").write_bytes(b"")
    parts["data/training/mean_predictions.tsv"] = tmp_path / "table.tsv"
    pointer = send(storage, parts)
    copy = fetch_deployed(storage, tmp_path / "cache")
    assert contents(copy) == expected(parts)
    assert version_of(copy) == pointer
    assert check_versions(storage) == sum(map(len, contents(copy).values()))


def test_only_what_differs_travels(storage: Storage, tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "new", 0, large=PIECE + 1)
    send(storage, parts)
    large = parts["model"] / "large.bin"
    large.write_bytes(large.read_bytes()[:-1] + b"!")
    write_manifest(parts["model"], BUNDLE)
    plan = plan_upload(storage, collect(parts))
    assert sorted((source.file.path, index) for source, index in plan.jobs) == [
        ("model/large.bin", 1),
        ("model/manifest.json", 0),
    ]
    assert plan.n_bytes == 1 + (parts["model"] / "manifest.json").stat().st_size


def test_the_same_again_is_nothing_to_do(storage: Storage, tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "new", 0)
    first = send(storage, parts)
    plan = plan_upload(storage, collect(parts))
    assert (plan.is_latest, plan.jobs) == (True, ())
    before = stored(storage)
    assert send(storage, parts) == first
    assert stored(storage) == before


def test_an_old_version_sent_again_is_the_latest(storage: Storage, tmp_path: Path) -> None:
    old = send(storage, write_parts(tmp_path / "old", 0), "1-old")
    send(storage, write_parts(tmp_path / "new", 1), "2-new")
    assert send(storage, write_parts(tmp_path / "old", 0)) == old
    versions = list_versions(storage)  # oldest first; by name where both are of one second
    assert [(one.pointer.name, one.is_latest) for one in versions] == [
        ("1-old", True),
        ("2-new", False),
    ]


def test_planning_changes_nothing(tmp_path: Path) -> None:
    plan_upload(open_storage(tmp_path / "s"), collect(write_parts(tmp_path / "new", 0)))
    assert not (tmp_path / "s").exists()


def test_names_are_guarded(storage: Storage, tmp_path: Path) -> None:
    send(storage, write_parts(tmp_path / "old", 0), "mine")
    copy = fetch_deployed(storage, tmp_path / "cache")
    parts = write_parts(tmp_path / "new", 1)
    with pytest.raises(InputError, match=r"has a version mine with other files.*--overwrite"):
        send(storage, parts, "mine")
    assert not has_changed(storage, copy)
    send(storage, parts, "mine", overwrite=True)
    assert has_changed(storage, copy)
    assert contents(fetch_deployed(storage, tmp_path / "cache")) == expected(parts)
    assert [one.pointer.name for one in list_versions(storage)] == ["mine"]
    for name in ("", "a/b", "..", "ä", "x" * 101):
        with pytest.raises(InputError, match="cannot name a version"):
            plan_upload(storage, collect(parts), name or "-")


def test_names_by_the_clock_do_not_collide(tmp_path: Path) -> None:
    storage = open_storage(tmp_path / "s")
    names = {send(storage, write_parts(tmp_path / "new", state)).name for state in range(4)}
    assert len(names) == 4


def test_roll_back_and_forward(storage: Storage, tmp_path: Path) -> None:
    parts = [write_parts(tmp_path / str(state), state) for state in range(3)]
    for state in range(3):
        send(storage, parts[state], f"v{state}")
    copy = fetch_deployed(storage, tmp_path / "cache")
    assert roll_back(storage).name == "v1"
    assert has_changed(storage, copy)
    assert contents(fetch_deployed(storage, tmp_path / "cache")) == expected(parts[1])
    assert roll_back(storage).name == "v0"
    with pytest.raises(InputError, match="no version before the latest"):
        roll_back(storage)
    with pytest.raises(UnknownNameError, match="unknown version 'v4'"):
        roll_back(storage, "v4")
    roll_back(storage, "v2")
    assert not has_changed(storage, copy)
    assert contents(fetch_deployed(storage, tmp_path / "cache", version="v0")) == expected(parts[0])


def test_pruning_keeps_what_is_needed(storage: Storage, tmp_path: Path) -> None:
    parts = [write_parts(tmp_path / str(state), state) for state in range(4)]
    for state in range(4):
        send(storage, parts[state], f"v{state}")
    roll_back(storage, "v0")
    later = datetime.now(UTC) + timedelta(days=2)
    before = stored(storage)
    would = prune(storage, 1, dry_run=True, now=later)
    assert stored(storage) == before
    young = prune(storage, 1, dry_run=True)
    assert (young.versions, young.n_objects) == (("v1", "v2"), 0)
    assert prune(storage, 1, now=later) == would
    assert would.versions == ("v1", "v2")
    assert would.n_objects == 2 * (N_FILES + 2)
    assert {one.pointer.name for one in list_versions(storage)} == {"v0", "v3"}
    for state in (0, 3):
        check_versions(storage, f"v{state}")
        copy = fetch_deployed(storage, tmp_path / "cache", version=f"v{state}")
        assert contents(copy) == expected(parts[state])


def test_repair(storage: Storage, tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "new", 0)
    send(storage, parts)
    key = next(iter(storage.list("objects")))
    for key in storage.list("objects"):
        value = storage.get(key)
        assert value is not None
        storage.put(key, value[:-1] + bytes([value[-1] ^ 1]))
    with pytest.raises(CorruptStoreError):
        check_versions(storage)
    sources = collect(parts)
    upload(storage, sources, plan_upload(storage, sources, repair=True))
    check_versions(storage)


def test_a_file_that_changes_while_it_is_sent(storage: Storage, tmp_path: Path) -> None:
    old = write_parts(tmp_path / "old", 0)
    send(storage, old)
    parts = write_parts(tmp_path / "new", 1)
    sources = collect(parts)
    plan = plan_upload(storage, sources)
    (parts["model"] / "3.bin").write_bytes(b"changed")
    with pytest.raises(StaleStoreError, match=r"3.bin has changed while it was sent"):
        upload(storage, sources, plan)
    assert contents(fetch_deployed(storage, tmp_path / "cache")) == expected(old)


def test_parts_that_are_not_whole(tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "new", 0)
    model = parts["model"]
    with pytest.raises(StoreError, match="there is no"):
        collect({"model": tmp_path / "none"})
    with pytest.raises(StoreError, match="holds 'genome' version 1, not a"):
        collect({"model": parts["data/genomes/GRCh38.store"]})
    (model / "1.bin").write_bytes(b"damaged")
    with pytest.raises(CorruptStoreError, match=r"1.bin is not what was written"):
        collect(parts)
    (model / "1.bin").unlink()
    with pytest.raises(CorruptStoreError, match=r"1.bin is missing"):
        collect(parts)
    for text in (json.dumps(["?"]), '{"a":' * 190_000):
        (model / "manifest.json").write_text(text)
        with pytest.raises(CorruptStoreError, match=r"manifest.json is damaged"):
            collect(parts)
    facts = {"format": BUNDLE, "version": 1, "sha256": {"../genome.store/codes.u8": ""}}
    (model / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(CorruptStoreError, match=r"manifest.json is damaged"):
        collect(parts)
    (model / "manifest.json").unlink()
    with pytest.raises(StoreError, match="is not whole"):
        collect(parts)


@pytest.mark.parametrize("place", ["model", "data/genomes/GRCh38.store"])
def test_nothing_is_sent_that_is_not_listed(tmp_path: Path, place: str) -> None:
    parts = write_parts(tmp_path / "new", 0)
    (parts[place] / ".DS_Store").write_bytes(b"a file manager's")
    names = {source.file.path for source in collect(parts)}
    assert len(names) == N_FILES + 3
    stranger = parts[place] / "zzz"
    for make in (stranger.touch, stranger.mkdir, lambda: stranger.symlink_to("/etc/passwd")):
        make()
        with pytest.raises(InputError, match="zzz is not of what is to be sent"):
            collect(parts)
        stranger.rmdir() if stranger.is_dir() else stranger.unlink()


def test_a_bundle_is_known_by_its_format() -> None:
    assert BUNDLE == FORMAT
