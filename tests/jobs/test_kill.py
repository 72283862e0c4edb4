"""A server and its worker, killed in mid-job: the job ends with the bytes of the command."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nucleotides.api.config import Config
from nucleotides.cli.main import make_app
from nucleotides.client import Client
from nucleotides.client.job import Job
from tests.api.conftest import config  # noqa: F401 (a fixture)

N, BUDGET = 10, 400


@contextmanager
def serve(config: Config, jobs: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:  # noqa: F811
    """`nucleotides serve` as a process, and its address; killed at the end if it lives."""
    words = ["serve", "--port", "0", "--device", "cpu", "--job-workers", "1"]
    words += ["--model", f"demo={config.models['demo']}", "--genome", str(config.genome)]
    where = os.environ | {"NUCLEOTIDES_JOBS_DIR": str(jobs)}
    process = subprocess.Popen(
        [sys.executable, "-m", "nucleotides", *words], stderr=subprocess.PIPE, text=True, env=where
    )
    assert process.stderr is not None
    try:
        found = next(filter(None, (re.search(r"on (http://\S+)", s) for s in process.stderr)))
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


def children(pid: int) -> list[int]:
    """Processes that this one started, and that live."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in tasks for child in path.read_text().split()]


def until_done(job: Job, n: int) -> None:
    """Watch until so many designs are there."""
    for status in job.events():
        assert status.state in ("waiting", "running"), status
        if status.progress.doing == "sequences designed" and status.progress.done >= n:
            return


@pytest.mark.slow
def test_killed_worker_killed_server_stopped_server(
    config: Config,  # noqa: F811
    tmp_path: Path,
) -> None:
    asked = {"positive": ["*CTCF*"], "random": N, "budget": BUDGET, "shown": 1}
    jobs = tmp_path / "jobs"
    with serve(config, jobs) as (server, url), Client(url) as client:
        job = client.submit_designs(**asked)
        until_done(job, 1)
        (worker,) = children(server.pid)
        os.kill(worker, signal.SIGKILL)
        while children(server.pid) in ([worker], []):  # until the server has noticed
            pass
        until_done(job, 2)
        assert worker not in children(server.pid)
        server.kill()
        server.wait()
    with serve(config, jobs) as (server, url), Client(url) as client:
        job = client.job(job.id)
        until_done(job, 3)
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    with serve(config, jobs) as (_, url), Client(url) as client:
        job = client.job(job.id)
        assert job.status.state in ("waiting", "running")
        status = job.wait(120)
        got = {
            one.name: job.result(tmp_path / "got", one.name).read_bytes() for one in status.files
        }
    (tmp_path / "o.yaml").write_text("positive:\n- '*CTCF*'\n")
    out = tmp_path / "out"
    words = ["optimize", "--model", config.models["demo"], "--objective", tmp_path / "o.yaml"]
    words += ["--random", N, "--budget", BUDGET, "--shown", 1, "--out", out, "--device", "cpu"]
    result = CliRunner().invoke(make_app(), list(map(str, words)))
    assert result.exit_code == 0, result.output
    del got["designs.zip"]
    assert got == {name: (out / name).read_bytes() for name in got}
    assert len(got) >= 8
