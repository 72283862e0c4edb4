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
    assert result.stdout == f"restored {len(GO)} files of {name}\n"
    assert tree(top) == before


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
    ],
)
def test_wrong_words(words: tuple[str, ...], message: str) -> None:
    result = run(*words)
    assert message in result.stderr
    assert result.exit_code == 2
