"""A small run that was trained."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nucleotides.train.arguments import parse
from nucleotides.train.run import train
from tests import toy
from tests.analyze.conftest import BRIEF, FEW, NETWORK, odd_stores

TASKS = ["a", "b", "NA"]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on toy data, windows of 200 bases."""
    folder = tmp_path_factory.mktemp("export")
    paths = {**odd_stores(folder, TASKS), "logs": str(folder / "runs")}
    where = ["--validation", "chr2", "--test", "chr3", "--bin", "100", "--sequence_length", "200"]
    done = train(parse([*NETWORK, *BRIEF, *FEW, *where, "--run_name", "first"], paths))
    assert done is not None
    return done.folder


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(trained, tmp_path / "first"))


SEQUENCES = [toy.sequence(200, seed) for seed in range(3)]
