"""Addresses of the portal's files: on the portal or a mirror of it, and in two clouds."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urljoin, urlsplit

from nucleotides.assemblies import PORTAL


def rebase(url: str, base_url: str) -> str:
    """An address of the portal, or a path below it, on another portal; any other as it is."""
    base = base_url if base_url.endswith("/") else f"{base_url}/"
    parts = urlsplit(url)
    if not parts.scheme:
        return urljoin(base, url.lstrip("/"))
    if parts.netloc != urlsplit(PORTAL).netloc:
        return url
    path = parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
    return urljoin(base, path)


def remote_urls(
    url: str, s3_uri: str, azure_url: str, base_url: str, s3_url: str
) -> tuple[str, ...]:
    """Where a file can be had, the portal first.

    Args:
        url, s3_uri, azure_url: cells of a metadata table; empty where there is none.
        base_url: of the portal or a mirror.
        s3_url: template with {bucket} and {key}.
    """
    return tuple(dict.fromkeys(_addresses(url, s3_uri, azure_url, base_url, s3_url)))


def _addresses(url: str, s3: str, azure: str, base_url: str, s3_url: str) -> Iterator[str]:
    if url:
        yield rebase(url, base_url)
    if s3.startswith("s3://"):
        bucket, _, key = s3.removeprefix("s3://").partition("/")
        yield s3_url.format(bucket=bucket, key=quote(key))
    if azure:
        yield azure
