"""Whether a destination can be written to at all, told before anything is read or asked."""

from __future__ import annotations

from nucleotides.errors import SettingsError
from nucleotides.storage import Storage


def check_writable(storage: Storage) -> None:
    """Refuse a web server, which is read only.

    Raises:
        SettingsError: its address begins with http.
    """
    if storage.url.startswith(("http://", "https://")):
        raise SettingsError(
            f"{storage.url} is read only: give the address of the store behind it as s3://, gs://, "
            "az:// or a folder (DEPLOY_ENDPOINT is that of an S3 store)"
        )
