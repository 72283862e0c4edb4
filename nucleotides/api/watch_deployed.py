"""What is deployed: the latest version, and whether there is a later one."""

from __future__ import annotations

from dataclasses import replace
from logging import getLogger

from nucleotides.api.config import Config, config_of
from nucleotides.deployed import has_changed, version_of
from nucleotides.deployed.fetch_settings import fetch_settings
from nucleotides.settings import Settings

LOG = getLogger("nucleotides.api")


class Deployed:
    """The latest version of a deployment, as a local copy.

    Args:
        settings: of production.

    Raises:
        StoreError, CorruptStoreError, DownloadError, SettingsError: see `fetch_settings`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.config = self._fetch()

    def find_newer(self) -> Config | None:
        """A later version than the one found last, fetched whole; None if there is none.

        Raises:
            StoreError, CorruptStoreError, DownloadError, SettingsError: as at the start.
        """
        address, endpoint = str(self._settings.DEPLOY_PATH), self._settings.DEPLOY_ENDPOINT
        if not has_changed(address, self._copy, endpoint=endpoint):
            return None
        self.config = self._fetch()
        return self.config

    def _fetch(self) -> Config:
        fetched = fetch_settings(self._settings)
        self._copy = fetched.TOP_DIR
        version = version_of(self._copy).name
        LOG.info("version %s of %s", version, self._settings.DEPLOY_PATH)
        return replace(config_of(fetched), version=version)
