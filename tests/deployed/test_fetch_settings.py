"""Settings in production lead to what was deployed."""

from __future__ import annotations

from pathlib import Path

import pytest

from nucleotides.deployed import has_changed
from nucleotides.deployed.fetch_settings import fetch_settings
from nucleotides.load_settings import load_settings
from nucleotides.storage import open_storage
from tests.deploy.deployment import contents, send, write_parts

pytestmark = pytest.mark.usefixtures("keys")


@pytest.mark.parametrize("where", ["folder", "s3"])
def test_paths_in_production(
    where: str, s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    address = f"s3://bucket/{tmp_path.name}" if where == "s3" else str(tmp_path / "deployed")
    parts = write_parts(tmp_path / "new", 0)
    storage = open_storage(address, endpoint=s3)
    send(storage, parts)
    values = {
        "ENVIRONMENT": "production",
        "DEPLOY_PATH": address,
        "DEPLOY_ENDPOINT": s3,
        "CACHE_DIR": str(tmp_path / "cache"),
        "BED_DIR": str(tmp_path / "beds"),
    }
    for name, value in values.items():
        monkeypatch.setenv(f"NUCLEOTIDES_{name}", value)
    found = fetch_settings(load_settings())
    assert contents(found.INFERENCE_MODEL) == contents(parts["model"])
    assert contents(found.GENOME_STORE) == contents(parts["data/genomes/GRCh38.store"])
    assert found.PREDICTIONS == found.TOP_DIR / "predictions.effects"
    assert str(found.DEPLOY_PATH) == address
    assert tmp_path / "beds" / "download" == found.BED_DOWNLOAD_DIR
    assert not has_changed(storage, found.TOP_DIR)
    send(storage, write_parts(tmp_path / "new", 1))
    assert has_changed(storage, found.TOP_DIR)


def test_in_development_nothing_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert fetch_settings(settings) is settings
