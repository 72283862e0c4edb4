"""What compose.yaml says, with moto's S3 server in place of its store."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

COMPOSE = Path(__file__).parent / "compose.yaml"
PATIENCE = 600.0  # seconds for a server to be well


def services() -> dict[str, Any]:
    """The services of compose.yaml."""
    known: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return known


@contextmanager
def store_of(services: dict[str, Any]) -> Iterator[None]:
    """moto's S3 server in place of compose's store, at its address and with its bucket."""
    address, bucket = _store(environment_of(services["upload"]))
    port = address.rpartition(":")[2]
    moto = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port],
        stderr=subprocess.DEVNULL,
    )
    try:
        until(moto, lambda: urllib.request.urlopen(address, timeout=5))
        put = urllib.request.Request(f"{address}/{bucket}", method="PUT")
        urllib.request.urlopen(put, timeout=5)
        yield
    finally:
        moto.terminate()
        moto.wait()


def environment_of(service: dict[str, Any]) -> dict[str, str]:
    """Variables of a service of compose.yaml, `${NAME:-default}` by its default."""
    values = {name: str(value) for name, value in service["environment"].items()}
    return {k: v[2:-1].partition(":-")[2] if v.startswith("${") else v for k, v in values.items()}


def _store(environment: dict[str, str]) -> tuple[str, str]:
    bucket = environment["NUCLEOTIDES_DEPLOY_PATH"].removeprefix("s3://").partition("/")[0]
    return environment["NUCLEOTIDES_DEPLOY_ENDPOINT"], bucket


def until(server: subprocess.Popen[bytes], is_so: Callable[[], Any]) -> None:
    """Wait for a server to be so, no longer than PATIENCE."""
    began = time.monotonic()
    while True:
        assert server.poll() is None, f"the server stopped with {server.returncode}"
        assert time.monotonic() - began < PATIENCE, "the server is not well in time"
        try:
            if is_so():
                return
        except (OSError, urllib.error.HTTPError):
            pass
        time.sleep(0.2)
