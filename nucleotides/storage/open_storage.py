"""From an address to the storage behind it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from nucleotides.errors import MissingDependencyError
from nucleotides.storage.address import as_url, check_address
from nucleotides.storage.folder import Folder
from nucleotides.storage.storage import Storage


@dataclass(frozen=True)
class Tries:
    """How often and how long an object store is asked.

    Attributes:
        retries: further tries of a request that failed by no fault of its own.
        first_wait, longest_wait: seconds between tries, doubled from try to try, shuffled.
        timeout: seconds of one request, its 8 MB and all.
        connect_timeout: seconds until a connection stands.
    """

    retries: int = 10
    first_wait: float = 0.2
    longest_wait: float = 15.0
    timeout: float = 300.0
    connect_timeout: float = 10.0


PATIENT = Tries()


def open_storage(
    address: str | Path, *, endpoint: str | None = None, tries: Tries = PATIENT
) -> Storage:
    """A folder, or what obstore knows: s3://, gs://, az://, abfss://, https:// (to read from).

    Nothing is asked of it yet. Credentials come from the variables that the stores' own tools read
    (AWS_ACCESS_KEY_ID, GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_ACCOUNT_NAME, ...), or from
    the machine's role.

    Args:
        address: of the store, and of the place in it.
        endpoint: of an S3 store that is not Amazon's; else AWS_ENDPOINT_URL counts.
        tries: how often and how long it is asked.

    Raises:
        MissingDependencyError: an object store, and obstore is not installed.
        SettingsError: an address, or an endpoint, that no store has (`check_address`).
    """
    check_address(address, endpoint)
    url = as_url(address)
    if url is None:
        return Folder(Path(address))
    if url.startswith("file://"):
        return Folder(Path("/" + unquote(url.removeprefix("file://"))))
    try:
        import obstore  # noqa: F401 (whether it is there)
    except ImportError:
        raise MissingDependencyError("obstore", "cloud") from None
    from nucleotides.storage.cloud import Cloud

    return Cloud(url, endpoint, tries)
