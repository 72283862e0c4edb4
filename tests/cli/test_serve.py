"""`nucleotides serve` as a process."""

from __future__ import annotations

import builtins
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

import nucleotides
from nucleotides.cli.main import make_app
from tests import toy
from tests.cli.test_main import WATCHED_RUN

pytestmark = pytest.mark.usefixtures("empty_folder")


def test_it_serves_what_there_is_and_ends_when_told(tmp_path: Path) -> None:
    genome = toy.genome_store(tmp_path, {"chr1": "ACGTTGCA" * 10}).path
    words = ["serve", "--port", "0", "--genome", str(genome), "--model", "mine=/nowhere"]
    process = subprocess.Popen(
        [sys.executable, "-m", "nucleotides", *words], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if found := re.search(r"running on http://localhost:(\d+)", line):
            break
    assert found, lines
    with httpx2.Client(base_url=f"http://localhost:{found[1]}") as client:
        body = {"chrom": "1", "start": 0, "end": 8}
        assert client.post("/sequence", json=body).json() == {"sequence": "ACGTTGCA"}
        answer = client.get("/ready")
    assert answer.json()["missing"][0].startswith("this server has no model")
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM
    assert "no model mine: " in "".join(lines)
    assert "Application shutdown complete" in rest
    (noted, _) = [json.loads(line) for line in rest.splitlines() if line.startswith("{")]
    assert (noted["path"], noted["status"], noted["method"]) == ("/sequence", 200, "POST")
    assert noted["milliseconds"] > 0
    assert "Traceback" not in rest


def test_the_code_is_watched_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    import uvicorn

    given: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda _, **options: given.update(options))
    assert CliRunner().invoke(make_app(), ["serve", "--reload"]).exit_code == 0
    assert given["reload"] is True
    assert given["reload_dirs"] == [str(Path(nucleotides.__file__).parent)]


def test_an_engine_that_there_is_not() -> None:
    found = CliRunner().invoke(make_app(), ["serve", "--engine", "foo"])
    assert found.exit_code == 2
    assert "--engine" in found.output
    assert "environment" not in found.output


@pytest.mark.parametrize(
    ("path", "endpoint", "message"),
    [
        ("gcs://bucket/x", "", "gcs://bucket/x is no address of a store"),
        ("s3://bucket/x", "store:9000", "DEPLOY_ENDPOINT is 'store:9000'"),
    ],
)
def test_a_wrong_deployment_is_told_before_anything_is_imported(
    path: str, endpoint: str, message: str
) -> None:
    script = WATCHED_RUN.format(heavy=["torch", "fastapi", "obstore"], arguments=["serve"])
    values = {"ENVIRONMENT": "production", "DEPLOY_PATH": path, "DEPLOY_ENDPOINT": endpoint}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, **{f"NUCLEOTIDES_{name}": value for name, value in values.items()}},
    )
    assert done.stderr.startswith(f"error: {message}")
    assert done.stderr.endswith("HEAVY=[]")
    assert done.returncode == 2


def test_options_become_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    import uvicorn

    given: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: given.update(options, app=app))
    for name in ("MODELS", "GENOME_STORE", "DEVICE", "PREDICTIONS"):
        monkeypatch.setenv(f"NUCLEOTIDES_{name}", "")
    words = "--model a=x --model y/b --genome g --device cpu --port 5 --workers 2 --host 0.0.0.0"
    result = CliRunner().invoke(make_app(), ["serve", *words.split(), "--log-level", "warning"])
    assert result.exit_code == 0, result.output
    here = Path.cwd()
    assert os.environ["NUCLEOTIDES_MODELS"] == f"a={here / 'x'},b={here / 'y/b'}"
    assert os.environ["NUCLEOTIDES_GENOME_STORE"] == str(here / "g")
    assert os.environ["NUCLEOTIDES_DEVICE"] == "cpu"
    assert (given["host"], given["port"], given["workers"]) == ("0.0.0.0", 5, 2)
    assert given["app"] == "nucleotides.api.main:app"
    assert given["log_config"]["loggers"]["nucleotides.access"]["level"] == "WARNING"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "uvicorn":
            raise ImportError("no uvicorn", name="uvicorn")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    result = CliRunner().invoke(make_app(), ["serve"])
    assert result.exit_code == 1
    assert "pip install 'nucleotides[serve]'" in result.stderr
