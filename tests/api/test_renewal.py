"""A newer version is served as soon as it is deployed, and no request is lost to that."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pandas as pd
import pytest
import torch

from nucleotides import load
from nucleotides.api import serving
from nucleotides.api.config import Config
from nucleotides.api.main import create_app
from nucleotides.api.measure import Measures
from nucleotides.api.served import Served
from nucleotides.api.watch_deployed import Deployed
from nucleotides.bundle import write_bundle
from nucleotides.deploy.versions import roll_back
from nucleotides.load_settings import load_settings
from nucleotides.model.checkpoint import Checkpoint
from nucleotides.model.registry import create_model
from nucleotides.storage import open_storage
from tests.api.live import live
from tests.deploy.deployment import send, write_parts
from tests.toy import sequence

LENGTH = 400
TASKS = ["a", "b", "c"]
FACTS = {"model_class": "deepsea", "model": {"channels": [8, 8, 8], "hidden": 4}, "bin": 20}
FACTS |= {"sequence_length": LENGTH, "threshold": 0.5, "average_strands": False}
ASKED = {"sequence": sequence(LENGTH)}


def bundle(folder: Path, seed: int) -> Path:
    """A model that says something of its own."""
    torch.manual_seed(seed)
    network = create_model("deepsea", 3, LENGTH, FACTS["model"]).eval()
    return write_bundle(
        Checkpoint(network, TASKS, FACTS), pd.DataFrame({"task": TASKS}), {}, folder / "model"
    )


class Deployment:
    """A folder that models are deployed to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.address = folder, str(folder / "deployed")
        self.parts = write_parts(folder / "parts", 0)
        self.known: dict[int, dict[str, float]] = {}

    def send(self, seed: int, *, damaged: bool = False) -> None:
        """Deploy a model."""
        where = self.folder / f"model{seed}"
        self.parts["model"] = bundle(where, seed)
        self.known[seed] = load(self.parts["model"]).predict(ASKED["sequence"]).iloc[0].to_dict()
        if damaged:
            manifest = self.parts["model"] / "manifest.json"
            facts = json.loads(manifest.read_text())
            facts["sequence_length"] = -5
            manifest.write_text(json.dumps(facts))
        send(open_storage(self.address), self.parts, f"v{seed}")


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    made = Deployment(tmp_path)
    values = {
        "ENVIRONMENT": "production",
        "DEPLOY_PATH": made.address,
        "CACHE_DIR": str(tmp_path / "cache"),
        "JOB_WORKERS": "0",
        "CACHE_BYTES": "0",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"NUCLEOTIDES_{name}", value)
    monkeypatch.chdir(tmp_path)
    yield made
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)


def test_versions_follow_each_other(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("nucleotides.api.serving._MORE", 0.0)
    monkeypatch.setenv("NUCLEOTIDES_REQUEST_TIMEOUT", "1")
    deployment.send(0)
    with asking(deployment) as (seen, client):
        deployment.send(1)
        until_seen(seen, 1, client)
        deployment.send(2, damaged=True)
        while "is served on" not in caplog.text:
            assert client.is_alive()
        deployment.send(3)
        until_seen(seen, 3, client)
    assert seen == sorted(seen)
    assert set(seen) == {0, 1, 3}


def test_a_roll_back_does_not_wait_for_old_requests(deployment: Deployment) -> None:
    """Requests may take a minute to end on a version that went; newer ones come in meanwhile."""
    deployment.send(0)
    with asking(deployment) as (seen, client):
        deployment.send(1)
        until_seen(seen, 1, client)
        roll_back(open_storage(deployment.address))
        until_seen(seen, 0, client)
        deployment.send(2)
        until_seen(seen, 2, client)


def test_what_could_not_be_opened_is_tried_again(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failed = serving.open_served, []

    def open_served(config: Config, measures: Measures) -> Served:
        if config.models != first.models and not failed:
            failed.append(config)
            raise MemoryError
        return real(config, measures)

    deployment.send(0)
    first = Deployed(load_settings()).config
    monkeypatch.setattr(serving, "open_served", open_served)
    with asking(deployment) as (seen, client):
        deployment.send(1)
        until_seen(seen, 1, client)
    assert failed


def test_which_version_is_served_is_told(deployment: Deployment) -> None:
    deployment.send(0)
    deployed = Deployed(load_settings())

    def until(version: str, refused: str | None) -> None:
        for _ in range(3_000):
            told = client.get("/ready").json()
            if (told["version"], bool(told["refused"])) == (version, bool(refused)):
                assert re.search(refused or "", str(told["refused"]))
                return
        raise AssertionError(told)

    app = create_app(deployed.config, deployed.find_newer, every=0.05)
    with live(app) as port, httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
        until("v0", None)
        deployment.send(1, damaged=True)
        until("v0", "version v1 lacks model model")
        deployment.send(2)
        until("v2", None)
        latest = Path(deployment.address) / "latest.json"
        right = latest.read_bytes()
        latest.write_bytes(b"{")
        until("v2", "the log says why")
        latest.write_bytes(right)
        until("v2", None)


def test_a_deployed_model_that_cannot_be_opened(deployment: Deployment) -> None:
    """The advice is another one than for a server that was started with a path."""
    deployment.send(0, damaged=True)
    deployed = Deployed(load_settings())
    app = create_app(deployed.config, deployed.find_newer, every=0.05)
    with live(app) as port, httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
        told = client.get("/ready")
        assert told.status_code == 503
        assert "upload-model" in told.json()["missing"][0]
        assert "--model PATH" not in told.json()["missing"][0]
        assert "upload-model" in client.post("/predictions_for_sequence", json=ASKED).text
        deployment.send(1)
        for _ in range(3_000):
            if client.get("/ready").status_code == 200:
                break
        assert client.get("/ready").json()["version"] == "v1"


@contextmanager
def asking(deployment: Deployment) -> Iterator[tuple[list[int], threading.Thread]]:
    """A server of what is deployed, and a client that asks without a pause.

    Yields:
        Which versions answered, so far; and the client, which ends at the first wrong answer.
    """
    deployed = Deployed(load_settings())
    seen: list[int] = []
    over = threading.Event()
    with live(create_app(deployed.config, deployed.find_newer, every=0.05)) as port:
        client = threading.Thread(target=ask, args=(port, deployment, seen, over))
        client.start()
        try:
            yield seen, client
        finally:
            over.set()
            client.join()


def ask(port: int, deployment: Deployment, seen: list[int], over: threading.Event) -> None:
    """Note which version answers, until it is over."""
    by_answer: dict[str, int] = {}
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
        while not over.is_set():
            got = client.post("/predictions_for_sequence", json=ASKED)
            assert got.status_code == 200, got.text
            key = json.dumps(got.json()["predictions"], sort_keys=True)
            if key not in by_answer:
                by_answer = {json.dumps(v, sort_keys=True): k for k, v in deployment.known.items()}
            seen.append(by_answer[key])


def until_seen(seen: list[int], version: int, client: threading.Thread) -> None:
    """Until an answer is of this version; within so many answers that it was looked for often."""
    most = len(seen) + 1_000
    while version not in seen[-1:]:
        assert client.is_alive()
        assert len(seen) < most
