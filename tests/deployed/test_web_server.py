"""Deployments read from a web server, which may answer anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nucleotides.deployed import fetch_deployed
from nucleotides.deployed.manifest import Pointer
from nucleotides.deployed.remember_latest import remember
from nucleotides.errors import CorruptStoreError, NucleotidesError, SettingsError, UnknownNameError
from nucleotides.storage import open_storage
from tests.storage.conftest import QUICK

PAGE = b"<!DOCTYPE HTML><title>Sign in</title>"


class Web(ThreadingHTTPServer):
    """Answers every GET with one page, and knows no listing."""

    def __init__(self) -> None:
        self.status, self.methods = 200, list[str]()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.methods.append("GET")
                self.send_response(web.status)
                self.send_header("Content-Length", str(len(PAGE)))
                self.end_headers()
                self.wfile.write(PAGE)

            def do_PROPFIND(self) -> None:
                web.methods.append("PROPFIND")
                self.send_error(501)

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/models"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Web()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def error_of(web: Web, cache: Path, version: str | None = None) -> NucleotidesError:
    storage = open_storage(web.address, tries=QUICK)
    with pytest.raises(NucleotidesError) as raised:
        fetch_deployed(storage, cache, version=version)
    return raised.value


def test_a_page_in_place_of_the_pointer(web: Web, tmp_path: Path) -> None:
    """It is damaged, and not away: no older version is used in its place, nothing asked again."""
    remember(tmp_path, web.address, None, Pointer("v1", "0" * 64))
    error = error_of(web, tmp_path)
    assert isinstance(error, CorruptStoreError)
    assert "/models/latest.json is damaged: not JSON. Is this the address" in str(error)
    assert web.methods == ["GET"]


def test_a_version_that_there_is_not(web: Web, tmp_path: Path) -> None:
    web.status = 404
    error = error_of(web, tmp_path, "v9")
    assert isinstance(error, UnknownNameError)
    assert str(error) == f"unknown version 'v9' at {web.address}"


def test_no_keys_are_asked_for_that_are_not_sent(web: Web, tmp_path: Path) -> None:
    web.status = 403
    error = error_of(web, tmp_path)
    assert isinstance(error, SettingsError)
    assert "not allowed" in str(error)
    assert "no key is sent to a web server" in str(error)
    assert "AWS" not in str(error)
