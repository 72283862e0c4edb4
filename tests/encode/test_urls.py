"""Addresses of the portal's files, on the portal, a mirror and two clouds."""

from __future__ import annotations

import pytest

from nucleotides.assemblies import PORTAL
from nucleotides.encode.urls import rebase, remote_urls

S3 = "https://{bucket}.s3.amazonaws.com/{key}"
MIRROR = "http://127.0.0.1:8000/encode/"


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        (f"{PORTAL}files/A/@@download/A.bed.gz", PORTAL, f"{PORTAL}files/A/@@download/A.bed.gz"),
        (f"{PORTAL}files/A", MIRROR, f"{MIRROR}files/A"),
        (f"{PORTAL}files/A", MIRROR.rstrip("/"), f"{MIRROR}files/A"),
        (f"{PORTAL}metadata/?a=b&c=d%20e", MIRROR, f"{MIRROR}metadata/?a=b&c=d%20e"),
        ("/files/A", MIRROR, f"{MIRROR}files/A"),
        ("files/A?x=http://y", MIRROR, f"{MIRROR}files/A?x=http://y"),
        ("metadata/?cart=/carts/1/", MIRROR, f"{MIRROR}metadata/?cart=/carts/1/"),
        ("https://elsewhere.org/files/A", MIRROR, "https://elsewhere.org/files/A"),
        ("http://www.encodeproject.org/a", MIRROR, f"{MIRROR}a"),
        ("ftp://host/a", MIRROR, "ftp://host/a"),
    ],
)
def test_rebase(url: str, base: str, expected: str) -> None:
    assert rebase(url, base) == expected


def test_the_portal_first_then_the_clouds() -> None:
    urls = remote_urls(
        f"{PORTAL}files/A", "s3://bucket/2020/a b#1.gz", "https://azure/A", MIRROR, S3
    )
    assert urls == (
        f"{MIRROR}files/A",
        "https://bucket.s3.amazonaws.com/2020/a%20b%231.gz",
        "https://azure/A",
    )


@pytest.mark.parametrize(
    ("url", "s3", "azure", "expected"),
    [
        ("", "", "", ()),
        ("", "s3://b/k", "", ("https://b.s3.amazonaws.com/k",)),
        ("", "nonsense", "", ()),
        ("", "", "https://azure/A", ("https://azure/A",)),
        ("https://azure/A", "", "https://azure/A", ("https://azure/A",)),
    ],
)
def test_what_there_is(url: str, s3: str, azure: str, expected: tuple[str, ...]) -> None:
    assert remote_urls(url, s3, azure, PORTAL, S3) == expected


def test_a_template_of_one_s_own() -> None:
    template = "http://127.0.0.1:8000/s3/{key}"
    assert remote_urls("", "s3://b/k.gz", "", PORTAL, template) == (
        "http://127.0.0.1:8000/s3/k.gz",
    )
