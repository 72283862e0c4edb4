"""Storages, as tests/storage has them, and what tests/deploy has."""

from __future__ import annotations

from tests.deploy.conftest import quick
from tests.storage.conftest import keys, proxy, s3, storage

__all__ = ["keys", "proxy", "quick", "s3", "storage"]
