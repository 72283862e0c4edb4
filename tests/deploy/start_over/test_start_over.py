"""What goes, what stays, and that archives come back."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nucleotides.deploy.start_over import begin_archive as begin_module
from nucleotides.deploy.start_over import journal as journal_module
from nucleotides.deploy.start_over.archives import list_archives, remove_empty
from nucleotides.deploy.start_over.begin_archive import begin_archive
from nucleotides.deploy.start_over.find_products import find_products
from nucleotides.deploy.start_over.restore import restore_archive
from nucleotides.deploy.start_over.start_over import plan_start_over, start_over
from nucleotides.errors import (
    BusyError,
    CorruptStoreError,
    InputError,
    OutOfSpaceError,
    SettingsError,
    StoreError,
    UnknownNameError,
)
from nucleotides.hold import alone_in
from nucleotides.leftovers import hide
from nucleotides.settings import Settings
from nucleotides.targets import TargetStore
from tests import toy
from tests.deploy.start_over.round import GO, STAY, settings, tree, write

pytestmark = pytest.mark.usefixtures("empty_folder")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A finished round."""
    write(tmp_path / "top")
    return tmp_path / "top"


@pytest.fixture
def given(top: Path) -> Settings:
    return settings(top, top / "archive")


def test_the_round_goes_and_comes_back(top: Path, given: Settings) -> None:
    before = tree(top)
    journal, done = start_over(given)
    assert journal is not None
    assert done == []
    assert set(tree(top, without=("archive",))) == set(STAY)
    assert set(tree(journal.folder / "files")) == set(GO)
    assert not (top / "data/training/targets").exists()
    assert start_over(given) == (None, [])
    restore_archive(given, journal.name)
    assert tree(top) == before
    assert list_archives(top / "archive") == []


def test_the_manifest_of_the_store_goes_first_and_comes_back_last(given: Settings) -> None:
    assert find_products(given).products[0].path.name == "manifest.json"


def test_the_folder_of_the_store_is_as_it_was(given: Settings) -> None:
    store = given.TARGET_STORE
    store.chmod(0o2750)
    os.utime(store, ns=(10**18, 10**18 + 7))
    journal, _ = start_over(given)
    assert journal is not None
    assert not store.exists()
    restore_archive(given, journal.name)
    assert (store.stat().st_mode & 0o7777, store.stat().st_mtime_ns) == (0o2750, 10**18 + 7)


def test_a_folder_that_was_moved(top: Path, given: Settings, tmp_path: Path) -> None:
    """What was below TOP_DIR comes back below it, wherever it is now."""
    before = tree(top)
    journal, _ = start_over(given)
    assert journal is not None
    new = tmp_path / "new" / "place"
    new.parent.mkdir()
    top.rename(new)
    moved = settings(new, new / "archive")
    restored = restore_archive(moved, journal.name)
    assert tree(new) == before
    assert not top.exists()
    assert all(one.path.is_relative_to(new) for one in restored.entries)


def test_the_archive_of_another_folder(top: Path, tmp_path: Path) -> None:
    """It does not come back below a TOP_DIR that it is not of."""
    journal, _ = start_over(settings(top, tmp_path / "archive"))
    assert journal is not None
    (tmp_path / "link").symlink_to(top)
    with pytest.raises(InputError, match=f"NUCLEOTIDES_TOP_DIR={top}"):
        restore_archive(settings(tmp_path / "other", tmp_path / "archive"), journal.name)
    assert not (tmp_path / "other").exists()
    restore_archive(settings(tmp_path / "link", tmp_path / "archive"), journal.name)
    assert set(tree(top)) == {*STAY, *GO}


@pytest.fixture
def apart(top: Path, quick: Path) -> Settings:
    """Archives on another file system."""
    if quick.stat().st_dev == top.stat().st_dev:
        pytest.skip(f"needs a second file system: {quick} is on that of {top}")
    return settings(top, quick / "archive")


def test_room_is_asked_for_first(
    top: Path, apart: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, n = tree(top), len(GO)
    usage = namedtuple("usage", "total used free")
    for free in (0, n * 4096 - 1):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage(0, 0, free))
        with pytest.raises(OutOfSpaceError, match=r"Nothing was moved: make room there"):
            start_over(apart)
        assert tree(top) == before
        assert list_archives(apart.ARCHIVE_DIR) == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, n * 4096))
    journal, _ = start_over(apart)
    assert journal is not None
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, n * 4096 - 1))
    with pytest.raises(OutOfSpaceError, match="Make room there, then run it again"):
        restore_archive(apart, journal.name)
    assert set(tree(journal.folder / "files")) == set(GO)


def test_a_disk_that_is_full_half_way(
    top: Path, apart: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said how much moved; that comes back, though the journal has its spare room only."""
    before, copy, write_json = tree(top), shutil.copy2, journal_module.write_json
    room = iter(range(9))

    def full(source: Path, target: Path, **options: bool) -> None:
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        copy(source, target, **options)

    def by_the_spare(path: Path, content: object) -> None:
        if (path.parent / "spare").exists():
            raise OutOfSpaceError("the disk is full")
        write_json(path, content)

    monkeypatch.setattr(shutil, "copy2", full)
    for _ in range(2):
        with pytest.raises(OutOfSpaceError, match=f"9 of {len(GO)} files have moved to .* restore"):
            start_over(apart)
    (journal,) = list_archives(apart.ARCHIVE_DIR)
    moved = tree(journal.folder / "files")
    assert len(moved) == 9
    assert tree(top) | moved == before
    monkeypatch.setattr(shutil, "copy2", copy)
    monkeypatch.setattr(journal_module, "write_json", by_the_spare)
    restore_archive(apart, journal.name)
    assert tree(top) == before
    assert not journal.folder.exists()


def test_a_store_that_came_back_opens(top: Path, given: Settings) -> None:
    for path in (top / "data/training/targets").iterdir():
        path.unlink()
    peaks = {"a": toy.peaks(0), "b": toy.peaks(1)}
    made = TargetStore.build(peaks, toy.CONTIGS, given.TARGET_STORE)
    journal, _ = start_over(given)
    assert journal is not None
    with pytest.raises(StoreError):
        TargetStore.open(given.TARGET_STORE)
    restore_archive(given, journal.name)
    back = TargetStore.open(given.TARGET_STORE)
    for task in peaks:
        assert back.peaks(task).equals(made.peaks(task))


def test_looking_changes_nothing(top: Path, given: Settings) -> None:
    before = tree(top)
    plan = plan_start_over(given, overwrite_archive=True)
    assert tree(top) == before
    assert not (top / "archive").exists()
    lines = list(plan.lines())
    stores = [path.stat().st_size for path in (top / "data/training/targets").iterdir()]
    assert f"move TARGET_STORE: {top}/data/training/targets (5 files, {sum(stores)} B)" in lines
    assert any(one.startswith(f"move LOCK: {top}/data/training/lock.json (1 file") for one in lines)
    notes = "data/bed/preprocessed/notes.txt (BED_PREPROCESSED_DIR): not a bed file"
    assert f"leave {top}/{notes}" in lines


def test_deleting(top: Path, given: Settings) -> None:
    assert start_over(given, delete=True) == (None, [])
    assert set(tree(top)) == set(STAY)


def test_an_unknown_file_in_a_store_stays(top: Path, given: Settings) -> None:
    (top / "data/training/targets/mine.txt").write_text("notes")
    plan = plan_start_over(given)
    assert any("mine.txt (TARGET_STORE): not a file of" in line for line in plan.lines())
    start_over(given, delete=True)
    assert (top / "data/training/targets/mine.txt").read_text() == "notes"


@pytest.mark.parametrize("delete", [False, True])
def test_links_are_not_followed(delete: bool, top: Path, given: Settings, tmp_path: Path) -> None:
    """A link in place of a file goes as a link; what lies beyond a linked folder stays."""
    outside = tmp_path / "outside"
    (top / "data/training").rename(outside)
    (top / "data/training").symlink_to(outside)
    table, aim = top / "data/metadata/dnase.tsv", tmp_path / "table.tsv"
    table.rename(aim)
    table.symlink_to(aim)
    before, text = tree(outside), aim.read_bytes()
    left = plan_start_over(given).left
    assert any("intervals.bed (INTERVALS): it lies beyond the link" in one for one in left)
    journal, _ = start_over(given, delete=delete)
    assert tree(outside) == before
    assert aim.read_bytes() == text
    assert not table.is_symlink()
    if journal:
        restore_archive(given, journal.name)
        assert table.readlink() == aim


@pytest.mark.parametrize("name", ["TARGET_STORE", "BED_PREPROCESSED_DIR"])
def test_a_linked_folder_is_left(name: str, given: Settings, tmp_path: Path) -> None:
    folder = getattr(given, name)
    folder.rename(tmp_path / "outside")
    folder.symlink_to(tmp_path / "outside")
    before = tree(tmp_path / "outside")
    start_over(given, delete=True)
    assert tree(tmp_path / "outside") == before
    assert folder.is_symlink()


def test_a_linked_folder_that_was_set_is_meant(top: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(top)
    start_over(settings(tmp_path / "link", tmp_path / "archive"))
    assert set(tree(top)) == set(STAY)


def test_a_folder_in_place_of_a_file_is_left(top: Path, given: Settings) -> None:
    (top / "data/training/intervals.bed").unlink()
    write(top, ("data/training/intervals.bed/inside",))
    assert any("(INTERVALS): it is no file" in one for one in find_products(given).left)
    start_over(given, delete=True)
    assert (top / "data/training/intervals.bed/inside").exists()


def test_nothing_is_overwritten_by_restoring(top: Path, given: Settings) -> None:
    old = tree(top)
    first, _ = start_over(given)
    assert first is not None
    write(top, GO, salt="new ")
    now = tree(top)
    with pytest.raises(InputError, match=r"23 files made since would be in the way: .*--set-aside"):
        restore_archive(given, first.name)
    assert tree(top) == now
    restore_archive(given, first.name, set_aside=True)
    assert tree(top, without=("archive",)) == old
    (second,) = list_archives(top / "archive")
    kept = tree(second.folder / "files")
    assert kept == {name: now[name] for name in GO}


def test_a_file_made_since_the_kill_is_another_one(top: Path, given: Settings) -> None:
    """It does not go into the archive that was begun before it was made."""
    old = tree(top)
    begun = begin_archive(top / "archive", find_products(given).products, top)
    write(top, ("data/training/intervals.bed",), salt="new ")
    new = tree(top)["data/training/intervals.bed"]
    journal, done = start_over(given)
    assert done == [f"finished the archive {begun.name}, which had been stopped"]
    assert journal is not None
    assert tree(journal.folder / "files") == {"data/training/intervals.bed": new}
    kept = tree(begun.folder / "files")
    assert kept == {name: old[name] for name in GO if "intervals" not in name}


def test_names_never_collide(top: Path, given: Settings) -> None:
    now = datetime(2026, 11, 26, 6, 52, 56, tzinfo=UTC)
    products = find_products(given).products
    names = [begin_archive(top / "a", products, top, now=now).name for _ in range(11)]
    assert names[:3] == [f"2026-11-26T06-52-56Z{end}" for end in ("", "-2", "-3")]
    assert [one.name for one in list_archives(top / "a")] == names


def test_overwriting_archives(top: Path, given: Settings) -> None:
    start_over(given)
    write(top, GO)
    second, done = start_over(given, overwrite_archive=True)
    assert second is not None
    assert len(done) == 1
    assert [one.name for one in list_archives(top / "archive")] == [second.name]
    start_over(given, overwrite_archive=True)
    assert [one.name for one in list_archives(top / "archive")] == [second.name]


def test_what_cannot_be_done_is_told(top: Path, given: Settings) -> None:
    journal, _ = start_over(given)
    assert journal is not None
    with pytest.raises(UnknownNameError, match=f"did you mean '{journal.name}'"):
        restore_archive(given, journal.name[:-1])
    with alone_in(top / "archive"), pytest.raises(BusyError):
        start_over(given)
    journal.become("restoring")
    with pytest.raises(StoreError, match=f"`nucleotides archive restore {journal.name}`"):
        start_over(given)
    journal.become("removing")
    with pytest.raises(StoreError, match="no longer whole"):
        restore_archive(given, journal.name)
    remote = Settings(_env_file=None, TOP_DIR="s3://bucket/top")  # type: ignore[call-arg]
    with pytest.raises(SettingsError, match="only local files"):
        start_over(remote)


def test_pre_processing_at_work_is_left_alone(top: Path, given: Settings) -> None:
    before = tree(top)
    with alone_in(top / "data/training"), pytest.raises(BusyError):
        start_over(given)
    assert tree(top) == before


@pytest.mark.parametrize("change", ["text", "state", "../../x", "/x"])
def test_a_damaged_journal_is_told(change: str, given: Settings) -> None:
    journal, _ = start_over(given)
    assert journal is not None
    path = journal.folder / "journal.json"
    content = json.loads(path.read_text())
    if change == "state":
        content["state"] = "gone"
    elif change != "text":
        content["files"][0]["kept_as"] = change
    path.write_text(json.dumps(content)[: 20 if change == "text" else None])
    with pytest.raises(CorruptStoreError, match=r"journal.json is damaged.*files are in"):
        restore_archive(given, journal.name)


def test_a_folder_taken_by_another_process(
    top: Path, given: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where file systems know no holds, the name decides."""
    now = datetime(2026, 11, 26, tzinfo=UTC)
    products = find_products(given).products
    begin_archive(top / "a", products, top, now=now)
    monkeypatch.setattr(begin_module.os.path, "lexists", lambda path: False)
    assert begin_archive(top / "a", products, top, now=now).name == "2026-11-26T00-00-00Z-2"


def test_hidden_folders_that_are_not_its_own_stay(top: Path, given: Settings) -> None:
    archive = top / "archive"
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    dead = hide(archive / "2026-11-26T06-52-56Z").name.replace(f"-{os.getpid()}-", f"-{child.pid}-")
    write(archive, (".mine.part/notes", ".2026-11-26T06-52-56Z.part/journal.json"))
    write(archive, (f"{dead}/journal.json", f"{dead}/spare", f"{dead[:-5]}.old/notes"))
    kept = tree(archive, without=(f"{dead}/",))
    start_over(given)
    assert {name: state for name, state in tree(archive).items() if name.startswith(".")} == kept
    write(top)
    write(archive, (f"{dead}/journal.json", f"{dead}/notes"))
    kept = {name: state for name, state in tree(archive).items() if name.startswith(".")}
    start_over(given)
    assert {name: state for name, state in tree(archive).items() if name.startswith(".")} == kept


def test_an_empty_folder_of_an_archive_goes(top: Path, given: Settings) -> None:
    """As a kill at the very end of restoring leaves it; others' empty folders stay."""
    before, name = tree(top), "2026-11-26T06-52-56Z-2"
    (top / "archive/mine").mkdir(parents=True)

    def empty() -> Path:
        (top / "archive" / name).mkdir()
        return top / "archive" / name

    folder = empty()
    assert restore_archive(given, name, set_aside=True).entries == ()
    assert not folder.exists()
    assert tree(top) == before
    with pytest.raises(UnknownNameError):
        restore_archive(given, name)
    empty()
    assert remove_empty(top / "archive") == [name]
    empty()
    start_over(given)
    assert not folder.exists()
    assert (top / "archive/mine").exists()


@pytest.mark.parametrize("linked", ["data", "data/training", "data/training/targets"])
@pytest.mark.parametrize("set_aside", [False, True])
def test_nothing_is_restored_through_a_link(
    linked: str, set_aside: bool, top: Path, given: Settings, tmp_path: Path
) -> None:
    journal, _ = start_over(given)
    assert journal is not None
    write(top, GO[-2:], salt="new ")
    (top / linked).mkdir(exist_ok=True)
    (top / linked).rename(tmp_path / "moved")
    (tmp_path / "elsewhere").mkdir()
    (top / linked).symlink_to(tmp_path / "elsewhere")
    before = tree(tmp_path)
    with pytest.raises(InputError, match=rf"beyond the link {top / linked}, .*Nothing was moved"):
        restore_archive(given, journal.name, set_aside=set_aside)
    assert tree(tmp_path) == before


def test_a_linked_folder_with_a_setting_is_restored_to(top: Path, tmp_path: Path) -> None:
    (top / "data").rename(tmp_path / "big")
    (top / "data").symlink_to(tmp_path / "big")
    given = Settings(  # type: ignore[call-arg]
        _env_file=None, TOP_DIR=top, ARCHIVE_DIR=tmp_path / "archive", DATA_DIR=top / "data"
    )
    before = tree(tmp_path)
    journal, _ = start_over(given)
    assert journal is not None
    assert tree(tmp_path) != before
    restore_archive(given, journal.name)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("name", ["LOCK", "TARGET_STORE"])
def test_a_file_beyond_a_link_with_a_setting_is_restored_to(
    name: str, top: Path, tmp_path: Path
) -> None:
    """That setting's alone: start-over leaves the others there."""
    (top / "data/training").rename(tmp_path / "big")
    (top / "data/training").symlink_to(tmp_path / "big")
    usual = settings(top, tmp_path / "archive")
    given = Settings(  # type: ignore[call-arg, arg-type]
        _env_file=None, TOP_DIR=top, ARCHIVE_DIR=usual.ARCHIVE_DIR, **{name: getattr(usual, name)}
    )
    before = tree(tmp_path)
    journal, _ = start_over(given)
    assert journal is not None
    with pytest.raises(InputError, match=r"beyond the link .*training, .*Nothing was moved"):
        restore_archive(usual, journal.name)
    restore_archive(given, journal.name)
    assert tree(tmp_path) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize("far", [False, True])
def test_owners_are_kept(
    far: bool, top: Path, given: Settings, request: pytest.FixtureRequest
) -> None:
    used = request.getfixturevalue("apart") if far else given
    paths = [top / name for name in GO]
    (top / "data/metadata/chip.tsv").unlink()
    (top / "data/metadata/chip.tsv").symlink_to("dnase.tsv")
    for number, path in enumerate([*paths, given.TARGET_STORE]):
        os.chown(path, 1000 + number, 2000 + number, follow_symlinks=False)
    paths[0].chmod(0o4755)

    def owners() -> list[tuple[int, int, int]]:
        states = [path.lstat() for path in [*paths, given.TARGET_STORE]]
        return [(one.st_uid, one.st_gid, one.st_mode) for one in states]

    before = owners()
    journal, _ = start_over(used)
    assert journal is not None
    assert journal.kept(journal.entries[0]).lstat().st_uid == 1000
    restore_archive(used, journal.name)
    assert owners() == before
