"""One server for all tests of the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from nucleotides.api.config import Config
from nucleotides.api.main import create_app
from nucleotides.genome import GenomeStore
from nucleotides.predict import Model, load
from tests.api.demo import write_demo


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return write_demo(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="session")
def app(config: Config) -> FastAPI:
    return create_app(config)


@pytest.fixture(scope="session")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="session")
def model(config: Config) -> Model:
    """The same model, as the Python API opens it."""
    return load(config.models["demo"])


@pytest.fixture(scope="session")
def genome(config: Config) -> GenomeStore:
    assert config.genome is not None
    return GenomeStore.open(config.genome)
