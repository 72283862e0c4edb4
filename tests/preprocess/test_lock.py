"""A lock file makes the very store again, years later, or says what is no longer what it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nucleotides.portal.server import Portal
from nucleotides.preprocess.lock import _digest
from tests import toy
from tests.preprocess import toy_portal
from tests.preprocess.conftest import User


@pytest.fixture
def locked(user: User, tmp_path: Path) -> Path:
    """The lock file of a run with a file of one's own, kept elsewhere."""
    toy.write_peaks(user.own / "mine.bed", toy.peaks(3))
    user.run()
    return Path(shutil.copy(user.training / "lock.json", tmp_path / "kept.json"))


def forget(user: User) -> None:
    """All that was made and fetched goes; own files stay."""
    shutil.rmtree(user.training)
    shutil.rmtree(user.downloads)
    shutil.rmtree(user.data / "metadata")
    shutil.rmtree(user.data / "genomes")


def test_the_same_store_again(user: User, locked: Path, portal: Portal) -> None:
    before = toy.listing(user.store)
    beside = {name: (user.training / name).read_bytes() for name in ("intervals.bed", "lock.json")}
    forget(user)
    toy_portal.write(portal.folder, toy_portal.CHOSEN[:2])  # the portal has moved on
    user.run("--from-lock", str(locked))
    assert toy.listing(user.store) == before
    for name, content in beside.items():
        assert (user.training / name).read_bytes() == content
    selected = (user.training / "selected_experiments.tsv").read_text()
    assert selected.count("ENCFF") >= 6
    assert not any("metadata" in asked.path for asked in portal.requests[-20:])


def test_it_says_all_that_was_used(locked: Path, user: User) -> None:
    lock = json.loads(locked.read_text())
    assert [one["rows"] for one in lock["metadata"]] == [4, 10]
    assert all(len(one["sha256"]) == 64 and one["time"] for one in lock["metadata"])
    assert lock["policy"]["merge"] == "union"
    assert {file["name"]: len(file.get("md5", "")) for file in lock["files"]} == {
        **{f"{name}.bed.gz": 32 for name in toy_portal.CHOSEN},
        "mine.bed": 0,
    }
    assert lock["store"].keys() == {p.name for p in user.store.iterdir()} - {"manifest.json"}
    assert str(user.top) not in locked.read_text()


def other_bytes(portal: Portal, _: User) -> None:
    path = portal.folder / "files" / "ENCFF100AAA.bed.gz"
    path.write_bytes(toy.write_packed(path, b"chr1\t5\t9\n", "gzip").read_bytes())


def gone(portal: Portal, _: User) -> None:
    (portal.folder / "files" / "ENCFF200AAB.bed.gz").unlink()


def own_changed(_: Portal, user: User) -> None:
    (user.own / "mine.bed").write_text("chr1\t5\t9\n")


def own_gone(_: Portal, user: User) -> None:
    (user.own / "mine.bed").unlink()


def other_reference(portal: Portal, _: User) -> None:
    path = portal.folder / "files" / f"{toy_portal.REFERENCE}.fasta.gz"
    toy.write_fasta(path, toy.genome(seed=9), packing="gzip")


CHANGES: list[tuple[Callable[[Portal, User], None], int, str]] = [
    (other_bytes, 5, "ENCFF100AAA.bed.gz: "),
    (gone, 5, "ENCFF200AAB.bed.gz: HTTP 404"),
    (own_changed, 2, "mine.bed is no longer what it was"),
    (own_gone, 2, "mine.bed is in the lock file, but not there"),
    (other_reference, 2, "GRCh38.fasta.gz is not the reference of the lock file"),
]


@pytest.mark.parametrize(
    ("change", "code", "message"), CHANGES, ids=[change[0].__name__ for change in CHANGES]
)
def test_what_is_no_longer_what_it_was_is_named(
    change: Callable[[Portal, User], None],
    code: int,
    message: str,
    user: User,
    locked: Path,
    portal: Portal,
) -> None:
    forget(user)
    change(portal, user)
    result = user.run("--from-lock", str(locked), code=code)
    assert message in result.stderr
    if code == 5:
        assert "of the lock file are no longer what they were" in result.stderr
    assert not user.store.exists()


def test_a_lock_of_another_version_of_the_package(user: User, locked: Path) -> None:
    lock = json.loads(locked.read_text())
    lock["store"]["peaks.safetensors"], lock["package"] = "0" * 64, "0.0.1"
    del lock["sha256"]
    locked.write_text(json.dumps(lock | {"sha256": _digest(lock)}))
    result = user.run("--from-lock", str(locked), code=2)
    assert "differs in peaks.safetensors" in result.stderr
    assert "written by nucleotides 0.0.1" in result.stderr


@pytest.mark.parametrize("change", ["policy", "labels", "files", "tasks"])
def test_a_lock_changed_by_hand(change: str, user: User, locked: Path) -> None:
    lock = json.loads(locked.read_text())
    lock[change] = (
        []
        if change == "files"
        else lock[change] | {"merge": "majorety"}
        if (change in ("policy", "labels"))
        else lock[change][1:]
    )
    locked.write_text(json.dumps(lock))
    assert "it was changed or cut" in user.run("--from-lock", str(locked), code=2).stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no lock file at"),
        ("{}", "is no lock file: give"),
        ("[1]", "is no lock file: give"),
        ("PK" * 9000, "is no lock file: give"),
        ('{"format": "nucleotides lock", "version": 2}', "is a lock file of version 2"),
        ('{"format": "nucleotides lock", "version": 1}', "was changed or cut"),
    ],
)
def test_what_is_no_lock_file(content: str | None, message: str, user: User) -> None:
    path = user.top.parent / "some.json"
    if content is not None:
        path.write_text(content)
    assert message in user.run("--from-lock", str(path), code=2).stderr
