"""Fixtures for every test: no test sees the settings of whoever runs it."""

from __future__ import annotations

import os

# Tests run side by side: one thread each, and none that spins while it waits. Read as torch loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples every time, and no verdict that depends on how busy the machine is.
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
# For a wider search by hand: HYPOTHESIS_PROFILE=wide pytest tests/...
settings.register_profile("wide", settings.get_profile("steady"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(autouse=True)
def _no_outside_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith("NUCLEOTIDES_"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("ENCODE_BASE_URL", raising=False)


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory and the home of a user who has set nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path
