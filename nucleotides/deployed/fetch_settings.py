"""In production every path below DEPLOY_PATH is in what was deployed: here, as a local copy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nucleotides.deployed.fetch_deployed import fetch_deployed
from nucleotides.settings import Settings

NOT_READ = ("model/model.onnx",)
"""For other programs; this package does not read it."""


def fetch_settings(settings: Settings) -> Settings:
    """Settings whose paths below DEPLOY_PATH are those of a verified copy of the latest version.

    TOP_DIR is the copy then: `has_changed(str(settings.DEPLOY_PATH), fetched.TOP_DIR)` says when to
    call this again; the new copy is another folder, so that what is open can be used to its end.

    Args:
        settings: as loaded; outside of production they are returned as they are.

    Raises:
        StoreError, CorruptStoreError, DownloadError, SettingsError: see `fetch_deployed`.
    """
    if settings.ENVIRONMENT != "production":
        return settings
    deployed = str(settings.DEPLOY_PATH).rstrip("/")
    copy = fetch_deployed(
        deployed,
        Path(settings.CACHE_DIR),
        without=NOT_READ,
        endpoint=settings.DEPLOY_ENDPOINT,
    )
    paths: dict[str, Any] = {"TOP_DIR": copy}
    for name in Settings.model_fields.keys() - {"TOP_DIR", "DEPLOY_PATH"}:
        value = getattr(settings, name)
        if not isinstance(value, str) and str(value).startswith(f"{deployed}/"):
            paths[name] = copy / str(value).removeprefix(f"{deployed}/")
    return settings.model_copy(update=paths)
