"""While a store cannot be reached, what was deployed last is used, if all of it is here."""

from __future__ import annotations

from pathlib import Path

import pytest

from nucleotides.deployed import fetch_deployed
from nucleotides.errors import DownloadError, UnknownNameError
from nucleotides.predict import fetch_model as module
from nucleotides.predict.fetch_model import fetch_model
from nucleotides.storage import Storage, open_storage
from nucleotides.storage.folder import Folder
from tests.deploy.deployment import contents, expected, send, write_parts


class Away(Folder):
    """A storage that cannot be read, but for what is in `there`."""

    def __init__(self, path: Path, there: tuple[str, ...] = ()) -> None:
        super().__init__(path)
        self.there = there

    def get(self, key: str, most: int | None = None) -> bytes | None:
        if key not in self.there:
            raise DownloadError(f"{self.url}/{key}: connection refused")
        return super().get(key, most)


@pytest.fixture
def deployed(tmp_path: Path) -> dict[str, bytes]:
    """What was read last; a version before it was read, too."""
    for state in range(2):
        parts = write_parts(tmp_path / str(state), state)
        send(open_storage(tmp_path / "storage"), parts, f"v{state}")
        fetch_deployed(tmp_path / "storage", tmp_path / "cache")
    fetch_deployed(tmp_path / "storage", tmp_path / "cache", version="v0")
    return expected(parts)


def test_the_latest_that_was_read(
    deployed: dict[str, bytes], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    copy = fetch_deployed(Away(tmp_path / "storage"), tmp_path / "cache")
    assert contents(copy) == deployed
    said = capfd.readouterr().err
    assert "storage/latest.json: connection refused" in said
    assert f"version v1, the latest when {tmp_path}/storage last answered" in said
    part = fetch_deployed(Away(tmp_path / "storage"), tmp_path / "cache", parts=["model"])
    assert part == copy


def test_only_a_new_pointer_came_through(deployed: dict[str, bytes], tmp_path: Path) -> None:
    send(open_storage(tmp_path / "storage"), write_parts(tmp_path / "new", 2), "v2")
    away = Away(tmp_path / "storage", ("latest.json",))
    assert contents(fetch_deployed(away, tmp_path / "cache")) == deployed


@pytest.mark.usefixtures("deployed")
def test_what_is_not_known_is_told(tmp_path: Path) -> None:
    away = Away(tmp_path / "storage")
    for cache, endpoint in ((tmp_path / "other", None), (tmp_path / "cache", "http://x:1")):
        with pytest.raises(DownloadError, match="refused"):
            fetch_deployed(away, cache, endpoint=endpoint)
    with pytest.raises(DownloadError, match="refused"):
        fetch_deployed(Away(tmp_path / "elsewhere"), tmp_path / "cache")
    with pytest.raises(DownloadError, match="refused"):
        fetch_deployed(away, tmp_path / "cache", version="v1")
    with pytest.raises(UnknownNameError):
        fetch_deployed(tmp_path / "storage", tmp_path / "cache", version="v3")


@pytest.mark.usefixtures("deployed")
def test_a_damaged_copy_is_not_used(tmp_path: Path) -> None:
    copy = fetch_deployed(tmp_path / "storage", tmp_path / "cache")
    (copy / "model/1.bin").chmod(0o644)
    (copy / "model/1.bin").write_bytes(b"!" + (copy / "model/1.bin").read_bytes()[1:])
    with pytest.raises(DownloadError, match="refused"):
        fetch_deployed(Away(tmp_path / "storage"), tmp_path / "cache")


@pytest.mark.parametrize("address", ["storage", "storage/model"])
def test_models(
    address: str, deployed: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(place: str | Path, **_: object) -> Storage:
        return Away(Path(place))

    monkeypatch.setattr(module, "open_storage", opened)
    model = fetch_model(tmp_path / address, tmp_path / "cache")
    assert contents(model.parent) == deployed
    assert model.name == "model"
    with pytest.raises(DownloadError, match="refused"):
        fetch_model(tmp_path / address, tmp_path / "other")
