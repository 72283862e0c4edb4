"""A checksum is read from the file once, and again only when the file is another."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from nucleotides.encode.ledger import Ledger


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def lines(folder: Path) -> list[str]:
    return (folder / "downloads.jsonl").read_text(errors="replace").splitlines()


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are read from now on."""
    real, names = hashlib.file_digest, list[str]()

    def digest(file: object, kind: str) -> object:
        names.append(Path(file.name).name)  # type: ignore[attr-defined]
        return real(file, kind)  # type: ignore[arg-type]

    monkeypatch.setattr(hashlib, "file_digest", digest)
    return names


def test_a_file_is_read_once(tmp_path: Path, hashed: list[str]) -> None:
    (tmp_path / "a").write_bytes(b"1")
    assert Ledger(tmp_path).md5("a") == md5(b"1")
    assert Ledger(tmp_path).md5("a") == md5(b"1")
    assert hashed == ["a"]
    assert Ledger(tmp_path).md5("b") is None


@pytest.mark.parametrize("what", ["time", "size"])
def test_another_file_is_read_again(what: str, tmp_path: Path, hashed: list[str]) -> None:
    (tmp_path / "a").write_bytes(b"1")
    before = (tmp_path / "a").stat().st_mtime_ns
    Ledger(tmp_path).md5("a")
    new = b"2" if what == "time" else b"22"
    (tmp_path / "a").write_bytes(new)
    os.utime(tmp_path / "a", ns=(before, before + (what == "time")))
    for _ in range(2):
        assert Ledger(tmp_path).md5("a") == md5(new)
    assert hashed == ["a", "a"]
    assert len(lines(tmp_path)) == 2


def test_what_is_noted_is_believed(tmp_path: Path, hashed: list[str]) -> None:
    (tmp_path / "a").write_bytes(b"1")
    Ledger(tmp_path).note("a", "noted")
    assert Ledger(tmp_path).md5("a") == "noted"
    assert hashed == []


TORN = [
    b'{"name": "b", "si',
    b"{",
    b"[1]\n",
    b"3\n",
    b'"x"\n',
    b"null\n",
    b"\xff\xfe",
    b"\x00" * 9,
]
TORN += [b'{"name": "b"}\n', b'{"name": "b", "size": 1, "mtime_ns": 1, "md5": "x", "more": 1}\n']


@pytest.mark.parametrize("torn", TORN, ids=repr)
def test_a_torn_line_costs_itself_only(torn: bytes, tmp_path: Path, hashed: list[str]) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(name.encode())
    Ledger(tmp_path).md5("a")
    with (tmp_path / "downloads.jsonl").open("ab") as file:
        file.write(torn)
    assert Ledger(tmp_path).md5("b") == md5(b"b")
    again = Ledger(tmp_path)
    assert (again.md5("a"), again.md5("b")) == (md5(b"a"), md5(b"b"))
    assert hashed == ["a", "b"]
    assert json.loads(lines(tmp_path)[-1])["name"] == "b"
