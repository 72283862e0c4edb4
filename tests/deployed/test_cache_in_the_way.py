"""A cache in whose place something else is: told by the setting that leads there."""

from __future__ import annotations

from pathlib import Path

import pytest

from nucleotides.deployed import fetch_deployed
from nucleotides.errors import SettingsError
from nucleotides.predict.fetch_model import fetch_model
from nucleotides.storage import open_storage
from tests.deploy.deployment import OLD_BUNDLE, send, write_parts


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/x", "/proc/x/below"])
@pytest.mark.parametrize("kind", ["deployed", "bundle"])
def test_no_folder_can_be_there(place: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = tmp_path / place
    send(open_storage(tmp_path / "storage"), write_parts(tmp_path / "parts", 0))
    fetch, address = {
        "deployed": (fetch_deployed, str(tmp_path / "storage")),
        "bundle": (fetch_model, f"file://{OLD_BUNDLE}"),
    }[kind]
    with pytest.raises(SettingsError, match=rf"^CACHE_DIR is {cache}, where no cache can be"):
        fetch(address, cache)


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    send(open_storage(tmp_path / "storage"), write_parts(tmp_path / "parts", 0))
    fetch_deployed(tmp_path / "storage", tmp_path / "cache")
    file = next((tmp_path / "cache/files").iterdir())
    file.unlink()
    file.mkdir()
    with pytest.raises(SettingsError, match=rf"Is a directory: {file}\): move away what is there"):
        fetch_deployed(tmp_path / "storage", tmp_path / "cache")
