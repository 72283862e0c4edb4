"""Storages, as tests/storage has them."""

from __future__ import annotations

from tests.storage.conftest import keys, proxy, s3, storage

__all__ = ["keys", "proxy", "s3", "storage"]
