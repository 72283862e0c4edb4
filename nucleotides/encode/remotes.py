"""Rows of a table as files to fetch."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from nucleotides.encode.remote import Remote


def list_remotes(files: pd.DataFrame) -> list[Remote]:
    """A Remote for each row; the portal's address first, then its copies in two clouds.

    Args:
        files: with the columns accession, url, s3_uri, azure_url, size and md5.
    """
    columns = ["accession", "url", "s3_uri", "azure_url", "size", "md5"]
    rows = zip(*(files[column] for column in columns), strict=True)
    return [
        Remote(
            name=_name(accession, url),
            urls=tuple(dict.fromkeys(_addresses(url, s3, azure))),
            size=read_size(size),
            md5=md5.strip().lower() or None,
        )
        for accession, url, s3, azure, size, md5 in rows
    ]


def read_size(text: str) -> int | None:
    """Bytes, or None where a cell holds no number."""
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return None


def _name(accession: str, url: str) -> str:
    name = url.partition("?")[0].rpartition("/")[2]
    return name or accession


def _addresses(url: str, s3: str, azure: str) -> Iterator[str]:
    if url:
        yield url
    if s3.startswith("s3://"):
        bucket, _, key = s3.removeprefix("s3://").partition("/")
        yield f"https://{bucket}.s3.amazonaws.com/{key}"
    if azure:
        yield azure
