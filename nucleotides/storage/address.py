"""What an address of a store is made of, and whether all of it is meant. Nothing is asked of it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from nucleotides.errors import SettingsError

SCHEMES = (
    *("s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss"),
    *("https", "http", "file"),
)
_SHOWN = "s3://bucket/path, gs://bucket/path, az://container/path, https://, or a folder"
_CONTAINER = ("abfs", "abfss")
"""In abfss://container@account.dfs.core.windows.net/path, the name before the @ is no user's."""

_ENDPOINT = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?", re.IGNORECASE)
_URL = re.compile(r"([a-z][a-z0-9+]+):/+([^/].*)?", re.IGNORECASE)


def as_url(path: str | Path) -> str | None:
    """The address that `path` is, if it is one; a Path has lost one of its slashes, or both."""
    text = str(path)
    if text.removesuffix(":").lower() in SCHEMES and text.endswith(":"):
        return f"{text.lower()}//"
    found = _URL.fullmatch(text)
    return f"{found[1].lower()}://{found[2] or ''}" if found else None


def check_address(address: str | Path, endpoint: str | None = None) -> None:
    """Refuse what no store has, and what a store would pass over: without asking one.

    Args:
        address: of a store and a place in it, or a folder.
        endpoint: of an S3 store that is not Amazon's.

    Raises:
        SettingsError: an endpoint that is none; an unknown scheme, no bucket; a query, a fragment,
            a user or `..` in the address. A password is not repeated.
    """
    if endpoint is not None and not _ENDPOINT.fullmatch(endpoint):
        raise SettingsError(
            f"DEPLOY_ENDPOINT is {endpoint!r}, which is no address of a server: http://HOST:PORT, "
            "or https://HOST"
        )
    url = as_url(address)
    if url is None:
        return
    scheme, _, rest = url.partition("://")
    place, shown = rest.partition("/")[0], url
    if _has_user(scheme, place):
        shown = f"{scheme}://..."
        why = "it has a user or a password, which belong in the variables of the store's own tools"
    elif scheme not in SCHEMES:
        why = "it begins with none of " + ", ".join(f"{known}://" for known in SCHEMES)
    elif scheme == "file":
        return
    elif not place:
        why = "it names no bucket"
    elif found := re.search(r"[?#]", rest):
        shown = url.partition(found[0])[0]
        why = f"what follows its {found[0]} has no meaning here"
    elif ".." in unquote(rest).split("/"):
        why = "no place in a store is called `..`"
    else:
        return
    raise SettingsError(f"{shown} is no address of a store: {why}. Give {_SHOWN}")


def is_web(url: str) -> bool:
    """Whether an address is of a web server, which few may write to, and which seldom can list."""
    return url.partition("://")[0] in ("http", "https")


def _has_user(scheme: str, place: str) -> bool:
    """Whether what stands before the first slash is more than a server, bucket or container."""
    port = ":" in place and not is_web(scheme)
    return ("@" in place and scheme not in _CONTAINER) or port
