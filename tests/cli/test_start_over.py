"""`nucleotides start-over` and `nucleotides archive` from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nucleotides.cli.main import make_app
from tests.deploy.start_over.round import GO, STAY, tree, write

pytestmark = pytest.mark.usefixtures("empty_folder")


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUCLEOTIDES_TOP_DIR", str(tmp_path / "top"))
    write(tmp_path / "top")
    return tmp_path / "top"


def run(*arguments: str) -> Any:
    return CliRunner().invoke(make_app(), arguments)


def test_a_dry_run_tells_and_changes_nothing(top: Path) -> None:
    before = tree(top)
    result = run("start-over", "--dry-run")
    assert f"move TARGET: {top}/data/training (2 files, " in result.stdout
    assert "moved" not in result.stdout
    assert tree(top) == before


def test_away_and_back(top: Path) -> None:
    before = tree(top)
    result = run("start-over")
    assert result.exit_code == 0, result.stderr
    assert f"moved {len(GO)} files to {top}/archive/" in result.stdout
    listed = run("archive", "list").stdout
    assert f"  {len(GO)} files, " in listed
    name = listed.split()[0]
    assert f"back: nucleotides archive restore {name}\n" in result.stdout
    assert run("start-over").stdout.endswith("nothing was made yet\n")
    result = run("archive", "restore", name)
    assert result.stdout == f"restored {len(GO)} files of {name} to {top}\n"
    assert tree(top) == before


def test_what_lies_beyond_a_link_is_told(top: Path, tmp_path: Path) -> None:
    (top / "data").rename(tmp_path / "disk")
    (top / "data").symlink_to(tmp_path / "disk")
    (tmp_path / "disk/training/selected_signals.tsv").unlink()
    for words in (("start-over", "--dry-run"), ("start-over",)):
        result = run(*words)
        assert result.exit_code == 2
        assert f"beyond the link {top}/data" in result.stderr
        assert "set the folder's own setting" in result.stderr
        assert "intervals.bed (INTERVALS): it lies beyond the link" in result.stdout
        assert "selected_signals" not in result.stdout


def test_archives_beside_a_damaged_one(top: Path) -> None:
    before = tree(top)
    assert run("start-over").exit_code == 0
    name = run("archive", "list").stdout.split()[0]
    for number, text in enumerate(('{"a":' * 190_000, "", "[]")):
        folder = top / f"archive/2000-01-01T00-00-0{number}Z"
        folder.mkdir()
        (folder / "journal.json").write_text(text)
    listed = run("archive", "list").stdout.splitlines()
    assert listed[0].startswith(f"{name}  {len(GO)} files")
    assert [line.split()[1] for line in listed[1:]] == ["damaged:"] * 3
    refused = run("archive", "restore", "2000-01-01T00-00-00Z")
    assert (refused.exit_code, "is damaged" in refused.stderr) == (3, True)
    assert run("archive", "restore", name).exit_code == 0
    assert tree(top, without=("archive",)) == before
    result = run("start-over")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("leave an archive: ") == 3


def test_an_archive_that_is_not_whole(top: Path) -> None:
    run("start-over")
    name = run("archive", "list").stdout.split()[0]
    files = top / "archive" / name / "files/data"
    (files / "training/intervals.bed").unlink()
    with (files / "training/target.bed.gz").open("ab") as file:
        file.write(b"more")
    away = tree(top)
    refused = run("archive", "restore", name)
    assert refused.exit_code == 3
    assert f"2 of the {len(GO)} files" in refused.stderr
    assert "intervals.bed is missing" in refused.stderr
    assert "target.bed.gz was changed" in refused.stderr
    assert tree(top) == away
    result = run("archive", "restore", name, "--as-is")
    assert result.stdout == f"restored {len(GO) - 1} files of {name} to {top}\n"
    assert (top / "data/training/target.bed.gz").read_bytes().endswith(b"more")


def test_deleting(top: Path) -> None:
    result = run("start-over", "--delete")
    assert f"delete LOCK: {top}/data/training/lock.json (1 file" in result.stdout
    assert result.stdout.endswith(f"deleted {len(GO)} files\n")
    assert set(tree(top)) == set(STAY)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("start-over", "--delete", "--overwrite-archive"), "--delete makes no archive"),
        (("archive", "restore"), "which one? `nucleotides archive list` lists all"),
        (("archive", "restore", "x"), "unknown archive 'x'"),
        (("archive", "list", "foo"), "`archive list` lists all, and takes no foo"),
        (("archive", "list", "--as-is"), "takes no --as-is, which is of restore"),
        (("archive", "list", "--set-aside"), "takes no --set-aside, which is of restore"),
    ],
)
def test_wrong_words(words: tuple[str, ...], message: str) -> None:
    result = run(*words)
    assert message in result.stderr
    assert result.exit_code == 2


def test_restored_but_for_its_empty_folder(top: Path) -> None:
    """As a kill at the very end leaves it."""
    name = "2026-11-26T06-52-56Z"
    (top / "archive" / name).mkdir(parents=True)
    result = run("archive", "restore", name)
    assert result.stdout == f"nothing is left in {name}: what was restored from it is back\n"
    assert result.exit_code == 0
    (top / "archive" / name).mkdir()
    assert run("archive", "list").stdout == ""
    assert list((top / "archive").iterdir()) == []
