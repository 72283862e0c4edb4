"""Values as objects of a store that obstore speaks to; it also does the trying again."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from nucleotides.errors import (
    DownloadError,
    NucleotidesError,
    SettingsError,
    StoreError,
    UploadError,
)
from nucleotides.storage.address import is_web
from nucleotides.storage.storage import Stored, too_large

if TYPE_CHECKING:
    from nucleotides.storage.open_storage import Tries

_NO_CREDENTIALS = ("latest/api/token", "latest/meta-data", "computeMetadata", "metadata/identity")
"""Where a client without credentials ends up: asking the machine for its role."""

_NO_BUCKET = "NoSuchBucket"
"""In S3's answer, which lists pass on as a failure like any other."""

_CUT = "response body error"
"""An answer that ended too soon; of lists, and only of them, obstore does not ask again."""

_AWAY = "kind: Connect"
"""No server listens there, there is none of that name, or no way to it."""

_NO_KEYS = "no key is sent to a web server: let it serve this to all, or give the store behind it"

_HOW = (
    "set the variables that the store's own tools read: AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY (AWS_SKIP_SIGNATURE=true for a public bucket), "
    "GOOGLE_APPLICATION_CREDENTIALS, or AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY"
)


class Cloud:
    """A storage in an object store; see `Storage`.

    Attributes:
        url: its address.
    """

    def __init__(self, url: str, endpoint: str | None, tries: Tries) -> None:
        import obstore

        self.url, self._obstore, self._endpoint = url, obstore, endpoint
        self._waits = [
            min(tries.first_wait * 2**i, tries.longest_wait) for i in range(tries.retries)
        ]
        options = _options(tries)
        if endpoint and url.startswith("s3"):
            options["config"] = {"aws_endpoint": endpoint}
        try:
            self._store: Any = obstore.store.from_url(url.rstrip("/"), **options)
        except (obstore.exceptions.BaseError, ValueError) as error:
            raise SettingsError(f"{url} is no address of a store: {_first_line(error)}") from error

    def get(self, key: str, most: int | None = None) -> bytes | None:
        """The object's bytes, or None if there is none.

        Raises:
            CorruptStoreError: they are more than `most`.
        """
        with self._told(key, DownloadError):
            try:
                found = self._store.get(key)
                if most is not None and found.meta["size"] > most:
                    raise too_large(f"{self.url}/{key}", most)
                return bytes(found.bytes())
            except FileNotFoundError as error:
                if _NO_BUCKET in str(error):
                    raise
                return None

    def put(self, key: str, value: bytes) -> None:
        """Write or replace an object."""
        with self._told(key, UploadError):
            self._store.put(key, value, use_multipart=False)

    def list(self, folder: str) -> dict[str, Stored]:
        """The objects whose key begins with `folder/`."""
        with self._told(folder, DownloadError):
            for wait in self._waits:
                try:
                    return self._list(folder)
                except self._obstore.exceptions.GenericError as error:
                    if _CUT not in str(error):
                        raise
                time.sleep(wait)
            return self._list(folder)

    def _list(self, folder: str) -> dict[str, Stored]:
        return {
            one["path"]: Stored(one["size"], one["last_modified"])
            for chunk in self._store.list(folder)
            for one in chunk
        }

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects."""
        for key in keys:
            with self._told(key, UploadError):
                try:
                    self._store.delete(key)
                except FileNotFoundError:
                    continue

    def alone(self, _folders: Iterable[str], /) -> AbstractContextManager[None]:
        """Nobody is kept out: object stores know no holds."""
        return nullcontext()

    def _away(self) -> str:
        """What to do about a server that nothing answers for."""
        about = ""
        if self.url.startswith("s3"):
            about = f" (DEPLOY_ENDPOINT is {self._endpoint or 'not set'})"
        return f"Does its server run, and is its address right{about}? Run it again when it answers"

    @contextmanager
    def _told(self, key: str, kind: type[NucleotidesError]) -> Iterator[None]:
        """Turn obstore's errors into this package's."""
        where, exceptions = f"{self.url}/{key}", self._obstore.exceptions
        try:
            yield
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
            how = _NO_KEYS if is_web(self.url) else _HOW
            raise SettingsError(f"{where}: not allowed. {_first_line(error)}; {how}") from error
        except FileNotFoundError as error:
            raise StoreError(f"{where}: there is no such bucket. Make it first") from error
        except exceptions.BaseError as error:
            if _NO_BUCKET in str(error):
                raise StoreError(f"{where}: there is no such bucket. Make it first") from error
            if any(part in str(error) for part in _NO_CREDENTIALS):
                raise SettingsError(f"no credentials for {self.url}: {_HOW}") from error
            if _AWAY in str(error):
                raise kind(f"{where}: {_first_line(error)}. {self._away()}") from error
            raise kind(
                f"{where}: {_first_line(error)}. What is complete is kept: run it again"
            ) from error
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # no subclass of Exception
                raise
            raise SettingsError(
                f"{where} cannot be asked for ({_first_line(error)}): is AWS_ENDPOINT_URL an "
                "address such as http://HOST:PORT?"
            ) from error


def _options(tries: Tries) -> dict[str, Any]:
    return {
        "client_options": {
            "allow_http": True,
            "timeout": timedelta(seconds=tries.timeout),
            "connect_timeout": timedelta(seconds=tries.connect_timeout),
        },
        "retry_config": {
            "max_retries": tries.retries,
            "retry_timeout": timedelta(seconds=tries.timeout * (tries.retries + 1)),
            "backoff": {
                "init_backoff": timedelta(seconds=tries.first_wait),
                "max_backoff": timedelta(seconds=tries.longest_wait),
                "base": 2.0,
            },
        },
    }


def _first_line(error: BaseException) -> str:
    """What obstore says, without its account of where in its code, and of its settings."""
    first = str(error).partition("\n")[0]
    first = re.sub(r"^Generic \w+ error: |, max_retries: \d+, retry_timeout: \w+ ", "", first)
    system = re.search(r'message: "([^"]+)"', str(error))
    return f"{first.strip()} ({system[1]})" if system else first.strip()
