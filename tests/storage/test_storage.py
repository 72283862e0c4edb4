"""Folders and S3 keep what they are given, and tell what goes wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nucleotides.errors import (
    BusyError,
    DownloadError,
    MissingDependencyError,
    SettingsError,
    StoreError,
    UploadError,
)
from nucleotides.leftovers import hide
from nucleotides.storage import Storage, Tries, as_url, check_address, open_storage
from nucleotides.storage.folder import Folder
from tests.storage.conftest import QUICK
from tests.storage.s3 import Harm, Proxy


def test_values_come_back(storage: Storage) -> None:
    assert storage.get("a/x") is None
    assert storage.list("a") == {}
    values = {"a/x": b"", "a/y": bytes(range(256)) * 100, "b/z": b"z"}
    for key, value in values.items():
        storage.put(key, value)
    assert {key: storage.get(key) for key in values} == values
    listed = storage.list("a")
    assert {key: one.size for key, one in listed.items()} == {"a/x": 0, "a/y": 25600}
    ago = datetime.now(UTC) - listed["a/x"].time
    assert -timedelta(hours=1) < ago < timedelta(hours=1)
    storage.put("a/x", b"other")
    assert storage.get("a/x") == b"other"
    storage.delete(["a/x", "a/none"])
    assert list(storage.list("a")) == ["a/y"]


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("s3://b/c", "s3://b/c"),
        (Path("s3://b/c"), "s3://b/c"),
        ("S3://b", "s3://b"),
        (Path("a/s3"), None),
        ("c:/x", None),
        ("https://x.org/y", "https://x.org/y"),
        ("s3://", "s3://"),
        (Path("s3://"), "s3://"),
    ],
)
def test_addresses(path: str | Path, url: str | None) -> None:
    assert as_url(path) == url


def test_a_folder_by_its_address(tmp_path: Path) -> None:
    opened = open_storage(f"file://{tmp_path}/a%20b")
    assert isinstance(opened, Folder)
    assert opened.path == tmp_path / "a b"


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("harm", ["500", "drop", "cut"])
def test_what_fails_is_tried_again(harm: Harm, proxy: tuple[Proxy, str], tmp_path: Path) -> None:
    """Three failures in a row, then it works."""
    harmful, address = proxy
    storage = open_storage(f"s3://bucket/{tmp_path.name}", endpoint=address, tries=QUICK)
    harmful.harm = lambda number, method, path: harm if number % 4 else None
    value = bytes(range(256)) * 1000
    storage.put("a/x", value)
    assert storage.get("a/x") == value
    assert list(storage.list("a")) == ["a/x"]
    assert len(harmful.requests) >= 12 - 4 * (harm == "cut")


@pytest.mark.usefixtures("keys")
def test_one_that_does_not_answer(proxy: tuple[Proxy, str], tmp_path: Path) -> None:
    harmful, address = proxy
    tries = Tries(retries=2, first_wait=0.001, timeout=0.3)
    storage = open_storage(f"s3://bucket/{tmp_path.name}", endpoint=address, tries=tries)
    harmful.harm = lambda number, method, path: "hang" if number == 1 else None
    storage.put("a/x", b"value")
    assert storage.get("a/x") == b"value"


@pytest.mark.usefixtures("keys")
def test_what_goes_on_failing_is_told(proxy: tuple[Proxy, str]) -> None:
    harmful, address = proxy
    storage = open_storage("s3://bucket/failing", endpoint=address, tries=QUICK)
    harmful.harm = lambda number, method, path: "500"
    with pytest.raises(UploadError, match=r"s3://bucket/failing/a/x: .*500.*kept: run it again"):
        storage.put("a/x", b"")
    assert len(harmful.requests) == 1 + QUICK.retries
    with pytest.raises(DownloadError, match=r"s3://bucket/failing/a/x: .*500"):
        storage.get("a/x")
    with pytest.raises(DownloadError, match="s3://bucket/failing/a: "):
        storage.list("a")


@pytest.mark.usefixtures("keys")
def test_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    away = open_storage("s3://bucket/x", endpoint="http://127.0.0.1:1", tries=QUICK)
    with pytest.raises(DownloadError, match=r"refused.*DEPLOY_ENDPOINT is http://127\.0\.0\.1:1\)"):
        away.get("a/x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(DownloadError, match=r"refused.*DEPLOY_ENDPOINT is not set"):
        open_storage("s3://bucket/x", tries=QUICK).list("a")
    with pytest.raises(
        DownloadError, match="Does its server run, and is its address right"
    ) as told:
        open_storage("http://127.0.0.1:1/x", tries=QUICK).get("a/x")
    assert not any(word in str(told.value) for word in ("is kept", "DEPLOY_ENDPOINT"))


@pytest.mark.usefixtures("keys")
def test_no_such_bucket(s3: str) -> None:
    storage = open_storage("s3://nowhere/x", endpoint=s3, tries=QUICK)
    for ask in (
        lambda: storage.put("a/x", b""),
        lambda: storage.get("a/x"),
        lambda: storage.list("a"),
    ):
        with pytest.raises(StoreError, match=r"^s3://nowhere/x/a(/x)?: there is no such bucket"):
            ask()


def test_no_credentials(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1")
    storage = open_storage("s3://bucket/x", endpoint=s3, tries=QUICK)
    for ask in (lambda: storage.put("a/x", b""), lambda: storage.get("a/x")):
        with pytest.raises(SettingsError, match=r"no credentials for s3://bucket/x: .*AWS_ACCESS"):
            ask()


@pytest.mark.parametrize("path", ["/proc/nucleotides", __file__])
def test_a_folder_that_cannot_be_written_to(path: str) -> None:
    storage = open_storage(path)
    with pytest.raises(UploadError, match=f"{path}.* cannot be written"):
        storage.put("a/x", b"")
    with pytest.raises(UploadError, match="cannot be written"), storage.alone(()):
        pass
    assert storage.get("a/x") is None
    assert storage.list("a") == {}


def test_only_its_own_leftovers_go(tmp_path: Path) -> None:
    """Files and folders of others stay, hidden or not, and so do those that are being written."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    own = hide(Path("x")).name
    left = own.replace(f"-{os.getpid()}-", f"-{dead.pid}-")
    others = (".keep.tmp.part", ".report.99999999.part", f".x.{dead.pid}.part", "x.part", own)
    kept = [f"{folder}{name}" for folder in ("", "a/", "sub/") for name in others]
    kept += [f"sub/{left}", "a/.notes.draft.part/f"]
    for name in (*kept, left, f"a/{left}"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("mine")
    with open_storage(tmp_path).alone(["a", "none"]):
        pass
    files = (path for path in tmp_path.rglob("*") if path.is_file())
    assert {path.relative_to(tmp_path).as_posix() for path in files} == set(kept)


def test_one_writer_to_a_folder(tmp_path: Path) -> None:
    one, other = open_storage(tmp_path), open_storage(tmp_path)
    with one.alone(()), pytest.raises(BusyError), other.alone(()):
        pass


@pytest.mark.parametrize(
    ("address", "why"),
    [
        *[
            (f"{one}://x/y", "begins with none of s3://, .*https://")
            for one in ("ftp", "gcs", "go")
        ],
        *[
            (one, "^s3:// is no address of a store: it names no bucket")
            for one in ("s3://", "s3:/")
        ],
        ("s3://b/dm?x=1", "^s3://b/dm is no address of a store: what follows its [?]"),
        ("https://b/dm#x", "^https://b/dm is no address .*its #"),
        ("s3://b/../x", "called `..`"),
        ("gs://b/a/%2E%2e", "called `..`"),
        ("s3://user:secret@b/x", "^s3://... is no address of a store: it has a user"),
        ("s3://user:sec/secret@b/x", "it has a user"),
        ("https://user:secret@b/x?secret", "it has a user"),
        ("abfss://c:secret@a.dfs.core.windows.net/x", "it has a user"),
        ("gcs://user:secret@b/x", "it has a user"),
    ],
)
@pytest.mark.parametrize("kind", [str, Path])
def test_an_address_of_nothing(address: str, why: str, kind: type[str | Path]) -> None:
    """Nor one of which a part would be passed over; a password is not repeated."""
    with pytest.raises(SettingsError, match=r"no address of a store.*Give s3://") as told:
        open_storage(kind(address))
    assert re.search(why, str(told.value))
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "address",
    [
        *("s3://b", "s3://b/a..b/@c", "s3a://b/x", "gs://b/x", "az://c/x", "https://h:5/x"),
        *("abfss://c@a.dfs.core.windows.net/x", "http://[::1]:5/x"),
    ],
)
def test_addresses_of_stores(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of an address is what is asked, and it is not asked here."""
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "a")
    check_address(address)
    assert open_storage(address, tries=QUICK).url == address == as_url(address)


@pytest.mark.parametrize("address", ["a/../b", "a?b#c", "file:///a/../b?c"])
def test_folders_may_be_called_what_no_place_in_a_store_is(address: str) -> None:
    check_address(address)
    place = Path(address.removeprefix("file://"))
    assert Path(open_storage(address).url) == place


@pytest.mark.parametrize("endpoint", ["127.0.0.1:5755", "localhost", "http://", "ftp://x", ""])
def test_an_endpoint_that_is_none(endpoint: str) -> None:
    with pytest.raises(
        SettingsError, match=r"DEPLOY_ENDPOINT is .* no address .* http://HOST:PORT"
    ):
        open_storage("s3://bucket/x", endpoint=endpoint)


@pytest.mark.usefixtures("keys")
def test_an_endpoint_of_the_environment_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "127.0.0.1:1")
    storage = open_storage("s3://bucket/x", tries=QUICK)
    for ask in (
        lambda: storage.put("a/x", b""),
        lambda: storage.get("a/x"),
        lambda: storage.list("a"),
    ):
        with pytest.raises(SettingsError, match="is AWS_ENDPOINT_URL an address"):
            ask()


def test_obstore_is_optional(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    open_storage(tmp_path).put("a/x", b"")
    with pytest.raises(MissingDependencyError, match=r"nucleotides\[cloud\]"):
        open_storage("s3://bucket/x")
