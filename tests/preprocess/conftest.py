"""A portal that serves toy experiments, and a user who asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nucleotides.cli.main import make_app
from nucleotides.portal.server import Portal
from tests.preprocess import toy_portal


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with Portal(toy_portal.build(tmp_path / "portal")) as serving:
        yield serving


class User:
    """Someone with a TOP_DIR and a command line."""

    def __init__(self, top: Path) -> None:
        self.top, self.data, self.training = top, top / "data", top / "data" / "training"
        self.downloads = self.data / "bed" / "download"
        self.own = self.data / "bed" / "manually_added"
        self.store = self.training / "targets"

    def run(self, *arguments: str, code: int = 0) -> Any:
        """The result of `nucleotides pre-process ARGUMENTS`, which must end with this code."""
        split = ["--validation", "chr1:0-2000", "--test", "chr2"]
        command = ["pre-process", *split, *arguments]
        result = CliRunner().invoke(make_app(), command, prog_name="nucleotides")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result


@pytest.fixture
def user(portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.chdir(tmp_path)
    for name, value in environment(portal, tmp_path / "top").items():
        monkeypatch.setenv(name, value)
    return User(tmp_path / "top")


def environment(portal: Portal, top: Path) -> dict[str, str]:
    """What the user has set."""
    return {
        "NUCLEOTIDES_TOP_DIR": str(top),
        "NUCLEOTIDES_ENCODE_BASE_URL": portal.url,
        "NUCLEOTIDES_S3_URL": f"{portal.url}s3/{{key}}",
        "NUCLEOTIDES_BLACKLIST_URL": "none",
        "NUCLEOTIDES_REQUESTS_PER_SECOND": "100000",
    }
