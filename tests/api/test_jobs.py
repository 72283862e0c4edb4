"""Jobs over real connections: submitted, watched, fetched, cancelled; and what is refused."""

from __future__ import annotations

import fcntl
import gzip
import io
import itertools
import json
import os
import re
import socket
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from nucleotides.api.config import Config
from nucleotides.api.main import create_app
from nucleotides.cli.main import make_app
from nucleotides.client import Client
from nucleotides.errors import InputError, NoResultError, NoSuchJobError, ServiceError, TooLateError
from nucleotides.jobs.do_job import ASKED
from nucleotides.jobs.queue import Limits
from nucleotides.schemas.jobs import DesignJob, Designs, ExplanationJob, JobStatus
from tests.api.demo import VCF
from tests.api.live import answer as reply
from tests.api.live import live, request
from tests.api.test_hostile import refused
from tests.api.test_live import until

DESIGN: dict[str, Any] = DesignJob.model_config["json_schema_extra"]["examples"][0]  # type: ignore
EXPLAIN: dict[str, Any] = ExplanationJob.model_config["json_schema_extra"]["examples"][0]  # type: ignore
RECORD = b"#CHROM\tPOS\tID\tREF\tALT\nchr20\t1104061\t.\tT\tC\n"


@contextmanager
def served(config: Config) -> Iterator[tuple[FastAPI, httpx2.Client]]:
    app = create_app(config)
    with live(app) as port, httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=90) as http:
        yield app, http


@contextmanager
def taken_slot(folder: Path) -> Iterator[None]:
    """As if another server had the only worker, and it were busy."""
    folder.mkdir(exist_ok=True)
    handle = os.open(folder / "worker0.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


@pytest.fixture(scope="module")
def working(
    config: Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[FastAPI, httpx2.Client]]:
    with served(replace(config, jobs=tmp_path_factory.mktemp("jobs"))) as found:
        yield found


@pytest.fixture(scope="module")
def idle(
    config: Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Config, httpx2.Client]]:
    """A server whose jobs wait for ever."""
    folder = tmp_path_factory.mktemp("idle")
    limited = replace(
        config,
        jobs=folder,
        keys=("one", "two"),
        job_limits=Limits(waiting=20),
        max_upload_bytes=5_000_000,
        max_unpacked_bytes=50_000_000,
        max_job_explained=100_000,
    )
    with taken_slot(folder), served(limited) as (_, http):
        http.headers["X-API-Key"] = "one"
        yield limited, http


def command(*words: object) -> None:
    result = CliRunner().invoke(make_app(), [*map(str, words), "--device", "cpu"])
    assert result.exit_code == 0, result.output


def same_files(archive: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        names = packed.namelist()
        there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        assert {name for name in there if not Path(name).name.startswith(".")} == set(names)
        for name in names:
            assert packed.read(name) == (folder / name).read_bytes(), name


def test_designs_are_those_of_the_command(
    working: tuple[FastAPI, httpx2.Client], config: Config, tmp_path: Path
) -> None:
    _, http = working
    with httpx2.Client(base_url=http.base_url, timeout=90) as own:
        client = Client(http=own)
        made = client.optimize_sequences(**DESIGN, wait=60)
    assert isinstance(made, Designs)
    objective = tmp_path / "objective.yaml"
    objective.write_text("positive:\n- '*CTCF*'\nconstraints:\n  max_edits: 10\n")
    fasta = tmp_path / "starts.fa"
    fasta.write_text("".join(f">{k}\n{v}\n" for k, v in DESIGN["sequences"].items()))
    out = tmp_path / "out"
    words = ("--fasta", fasta, "--budget", 200, "--out", out)
    command("optimize", "--model", config.models["demo"], "--objective", objective, *words)
    same_files(http.get(f"/jobs/{made.job.id}/result").content, out)
    (one,) = made.designs
    assert one.sequence == "".join((out / "designs.fasta").read_text().splitlines()[1:])
    assert 0 < one.edits <= 10
    assert one.score > one.score_before


def test_explanations_and_variants_are_those_of_the_commands(
    working: tuple[FastAPI, httpx2.Client], config: Config, tmp_path: Path
) -> None:
    _, http = working
    client = Client(http=http)
    vcf = tmp_path / "upload.vcf"
    vcf.write_text(VCF)
    jobs = [client.submit_explanations(**EXPLAIN), client.submit_variants(vcf)]
    jobs.append(client.submit_variants(vcf, format="tsv", tasks=["*CTCF*"], scores=["ref"]))
    for job in jobs:
        status = job.wait(60)
    assert (status.progress.done, status.progress.total) == (1, 1)  # parts of a VCF
    bed = tmp_path / "r.bed"
    bed.write_text("chr20\t1103561\t1105561\n")
    model = ("--model", config.models["demo"], "--genome", config.genome)
    how = ("--tasks", EXPLAIN["tasks"][0], "--method", EXPLAIN["method"])
    command("explain", *model, "--bed", bed, *how, "--out", tmp_path / "e")
    same_files(jobs[0].result(tmp_path / "e.zip").read_bytes(), tmp_path / "e")
    command("variants", vcf, *model, "--out", tmp_path / "v.vcf.gz")
    assert jobs[1].result(tmp_path / "a").read_bytes() == (tmp_path / "v.vcf.gz").read_bytes()
    more = ("--tasks", "*CTCF*", "--scores", "ref")
    command("variants", vcf, *model, *more, "--out", tmp_path / "v.tsv")
    assert jobs[2].result(tmp_path / "b").read_bytes() == (tmp_path / "v.tsv").read_bytes()
    page = http.get(f"/jobs/{jobs[0].id}/result", params={"file": "index.html"})
    assert page.headers["content-disposition"].startswith("attachment")
    assert page.headers["content-type"] == "application/octet-stream"
    part = http.get(f"/jobs/{jobs[2].id}/result", headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, (tmp_path / "v.tsv").read_bytes()[2:6])
    for name in ("../asked.json", "/etc/passwd", "..", "effects.tsv/../../asked.json"):
        bad = http.get(f"/jobs/{jobs[2].id}/result", params={"file": name})
        refused(bad, 422, "invalid_request", "unknown file")


def test_events_go_on_where_a_client_left(working: tuple[FastAPI, httpx2.Client]) -> None:
    _, http = working
    job = Client(http=http).submit_designs(random=3, positive=["*CTCF*"], budget=100)
    path = f"/jobs/{job.id}/events"
    with http.stream("GET", path) as answer:
        lines = list(
            itertools.takewhile(lambda line: not line.startswith("data"), answer.iter_lines())
        )
    seen = int(next(line for line in lines if line.startswith("id: "))[4:])
    headers = {"Last-Event-ID": str(seen)}
    with http.stream("GET", path, headers=headers) as answer:
        lines = list(answer.iter_lines())
    ids = [int(line[4:]) for line in lines if line.startswith("id: ")]
    assert ids == sorted(set(ids))
    assert min(ids) > seen
    assert [line for line in lines if line.startswith("event")][-1] == "event: done"
    last = JobStatus.model_validate_json(
        [line for line in lines if line.startswith("data")][-1][6:]
    )
    assert (last.state, last.version) == ("done", ids[-1])
    assert http.get(path, headers={"Last-Event-ID": str(ids[-1])}).status_code == 204
    again = list(Client(http=http).job(job.id).events())
    assert [status.state for status in again] == ["done"]


def test_a_job_that_is_at_work_is_cancelled(working: tuple[FastAPI, httpx2.Client]) -> None:
    app, http = working
    client = Client(http=http)
    job = client.submit_designs(random=500, positive=["*CTCF*"], budget=300, shown=0)
    assert any(status.progress.done for status in job.events())
    (pid,) = app.state.served.jobs.workers.pids
    job.cancel()
    assert list(job.events())[-1].state == "cancelled"
    with pytest.raises(NoResultError, match="cancelled"):
        job.wait(5)
    after = client.submit_variants(_file(RECORD, app), format="tsv")
    after.wait(60)
    assert app.state.served.jobs.workers.pids != [pid]
    job.cancel()
    with pytest.raises(NoSuchJobError):
        job.refresh()


class Leaving(httpx2.HTTPTransport):
    """Refuses so many connections from now on, as a server that is started again does."""

    absent, asked = 0, 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        if self.absent:
            self.absent -= 1
            raise httpx2.ConnectError("Connection refused")
        return super().handle_request(request)


@pytest.mark.parametrize("how", ["wait", "events"])
def test_a_server_that_is_away_for_a_while_is_waited_for(
    how: str, working: tuple[FastAPI, httpx2.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, http = working
    slept = list[float]()
    monkeypatch.setattr("nucleotides.client.job.time.sleep", slept.append)
    with Leaving() as transport, httpx2.Client(base_url=http.base_url, transport=transport) as ours:
        job = Client(http=ours).submit_variants(_file(RECORD, app), format="tsv")
        transport.absent = 15
        last = job.wait() if how == "wait" else list(job.events())[-1]
        assert last.state == "done"
        assert sum(slept) > 20  # a start takes 10 to 15 s
        transport.absent = 1000
        with pytest.raises(ServiceError, match="refused"):
            Client(http=ours, patience=0.0).job(job.id)
        hasty = type(job)(Client(http=ours, patience=0.0), last)
        transport.asked = 0
        with pytest.raises(ServiceError, match=f"{http.base_url.port}/jobs/{job.id}.*refused"):
            hasty.wait()
        assert transport.asked == 1


def test_every_choice_of_a_job_of_variants_can_be_made(
    idle: tuple[Config, httpx2.Client], tmp_path: Path
) -> None:
    config, http = idle
    (tmp_path / "given.vcf").write_bytes(RECORD)

    def asked(name: str) -> dict[str, Any]:
        assert config.jobs is not None
        found: dict[str, Any] = json.loads((config.jobs / name / ASKED).read_text())
        for _ in ("cancel", "remove"):
            assert http.delete(f"/jobs/{name}").status_code == 204
        return found

    made = {"both_strands": True, "skip_bad": True, "left_align": True, "mismatch": "skip"}
    job = Client(http=http).submit_variants(tmp_path / "given.vcf", tasks=["*"], **made)
    assert asked(job.id) == {"tasks": ["*"], **made}
    for word, kept in (("true", True), ("false", False), ("1", True), ("0", False)):
        answer = http.post(f"/jobs/variants?left_align={word}", content=RECORD)
        assert answer.status_code == 202
        assert asked(answer.json()["id"]).get("left_align", False) is kept
    refused(http.post("/jobs/variants?left_align=5", content=RECORD), 422, "invalid_request")


def _file(content: bytes, app: FastAPI) -> Path:
    path: Path = app.state.served.config.jobs.with_name("given.vcf")
    path.write_bytes(content)
    return path


def test_a_job_that_cannot_be_says_why_as_the_command_does(
    working: tuple[FastAPI, httpx2.Client],
) -> None:
    app, http = working
    client = Client(http=http)
    bad = client.submit_variants(_file(RECORD + b"chr20\t5\t.\tQ\tC\n", app), mismatch="stop")
    with pytest.raises(NoResultError, match=r"failed: the upload record 2, line 3"):
        bad.wait(60)
    found = refused(http.get(f"/jobs/{bad.id}/result"), 409, "no_result", "failed")
    assert str(app.state.served.config.jobs) not in found.message
    assert "Traceback" not in found.message


def test_a_job_goes_on_though_who_waited_for_it_has_left(
    idle: tuple[Config, httpx2.Client],
) -> None:
    config, http = idle
    assert config.jobs is not None
    before = {path.name for path in config.jobs.iterdir()}
    body = json.dumps(DESIGN).encode()
    with socket.create_connection((http.base_url.host, http.base_url.port or 0), 60) as connection:
        connection.sendall(request("/optimize_sequences?wait=50", body, "X-API-Key: one"))
        until(lambda: http.get("/health") and {p.name for p in config.jobs.iterdir()} - before)
    until(lambda: 'route="/optimize_sequences",status="499"' in http.get("/metrics").text)
    (name,) = {path.name for path in config.jobs.iterdir() if path.is_dir()} - before
    assert http.get(f"/jobs/{name}").json()["state"] == "waiting"
    http.delete(f"/jobs/{name}")


def test_keys_see_their_own_jobs_only(idle: tuple[Config, httpx2.Client]) -> None:
    _, http = idle
    job = JobStatus.model_validate_json(http.post("/jobs/designs", json=DESIGN).content)
    assert http.get(f"/jobs/{job.id}").json()["state"] == "waiting"
    for path in ("", "/events", "/result"):
        answer = http.get(f"/jobs/{job.id}{path}", headers={"X-API-Key": "two"})
        refused(answer, 404, "no_such_job")
    answer = http.delete(f"/jobs/{job.id}", headers={"X-API-Key": "two"})
    refused(answer, 404, "no_such_job")
    refused(http.get(f"/jobs/{job.id}/result"), 409, "no_result", "waiting")
    with pytest.raises(TooLateError, match="goes on"):
        Client(http=http).job(job.id).wait(0.0)
    assert http.delete(f"/jobs/{job.id}").status_code == 204
    assert http.get(f"/jobs/{job.id}").json()["state"] == "cancelled"
    found = refused(http.get(f"/jobs/{job.id}/result"), 409, "no_result")
    assert found.message == "the job was cancelled"
    with pytest.raises(NoResultError, match=f"^job {job.id} was cancelled$"):
        Client(http=http).job(job.id).wait()


def test_a_request_that_waits_in_vain_is_answered_with_its_job(
    idle: tuple[Config, httpx2.Client],
) -> None:
    _, http = idle
    answer = http.post("/optimize_sequences?wait=0.1", json=DESIGN)
    assert answer.status_code == 202
    assert http.get(answer.headers["location"]).json()["state"] == "waiting"
    http.delete(answer.headers["location"])


BOMB = gzip.compress(b"##" + b"\0" * 60_000_000)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 422, "no record"),
        (b"##fileformat=VCFv4.2\n", 422, "no record"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 1000, 422, "is no VCF"),
        (b'{"json": 1}', 422, "is no VCF"),
        (b"chr20 5 . A C\n", 422, "is no VCF"),
        (b"chr20\tx\t.\tA\tC\n", 422, r"first record, 'chr20\tx\t.\tA\tC', has POS 'x'"),
        (gzip.compress(RECORD * 1000)[:-20], 422, "damaged or cut"),
        (b"\x1f\x8b" + b"\0" * 100, 422, "damaged or cut"),
        (BOMB, 413, "unpacked, the VCF has more than 50,000,000 bytes"),
    ],
)
def test_uploads_that_are_none(
    body: bytes, status: int, says: str, idle: tuple[Config, httpx2.Client]
) -> None:
    config, http = idle
    word = "too_large" if status == 413 else "invalid_request"
    refused(http.post("/jobs/variants", content=body), status, word, says)
    assert config.jobs is not None
    assert [path for path in config.jobs.iterdir() if (path / "upload.vcf").exists()] == []


def test_an_upload_without_length_is_read_as_far_as_it_may_be(
    idle: tuple[Config, httpx2.Client],
) -> None:
    _, http = idle
    given = 0

    def pieces() -> Iterator[bytes]:
        nonlocal given
        for _ in range(1000):
            given += 1
            yield b"A" * 100_000

    with suppress(httpx2.HTTPError):  # the server has closed: what it said may be lost
        refused(http.post("/jobs/variants", content=pieces()), 413, "too_large", "5,000,000")
    assert given < 1000


def test_an_upload_that_will_be_too_large_is_not_read(idle: tuple[Config, httpx2.Client]) -> None:
    _, http = idle
    answer = http.post("/jobs/variants", content=b"", headers={"Content-Length": "0"})
    refused(answer, 422, "invalid_request", "no record")
    with socket.create_connection((http.base_url.host, http.base_url.port or 0), 60) as connection:
        head = request("/jobs/variants", b"", "X-API-Key: one", length=100_000_000)
        connection.sendall(head)
        found = reply(connection)
    assert b"413" in found.splitlines()[0]
    assert b"5,000,000 bytes" in found


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("designs", DESIGN | {"positive": ["CTFC"]}, "^positive: unknown task"),
        (
            "designs",
            DESIGN | {"terms": [{"tasks": ["*CTCF*"], "role": "negative"}]},
            r"^terms: the task .* is both .* \(positive: positive\)",
        ),
        (
            "designs",
            DESIGN | {"options": {"a": []}},
            r"^body\.options\.a: Input should be a valid n",
        ),
        ("designs", DESIGN | {"positive": []}, "^the objective asks for nothing"),
        ("designs", {"sequences": ["ACGT"], "positive": ["*CTCF*"]}, "sequence 0 has 4 bases"),
        ("designs", DESIGN | {"random": 3}, "either sequences or random"),
        ("designs", DESIGN | {"sequences": {"a\nb": "ACGT"}}, "sequences"),
        ("designs", DESIGN | {"method": "implant", "options": {"motifs": "/etc/passwd"}}, "motifs"),
        ("designs", DESIGN | {"method": "implant", "options": {"motifs": 5}}, "no file"),
        ("designs", DESIGN | {"method": "evolve", "options": {"population": 1e9}}, "population"),
        ("designs", DESIGN | {"options": {"colour": 3}}, "unknown option"),
        ("designs", DESIGN | {"constraints": {"gc": [0.9, 0.1]}}, "GC content"),
        ("designs", DESIGN | {"model": "../x"}, "unknown model"),
        ("explanations", EXPLAIN | {"regions": None}, "either sequences or regions"),
        ("explanations", {"sequences": ["ACGT"]}, "needs 1000"),
        ("explanations", EXPLAIN | {"tasks": ["x"]}, "unknown task"),
        ("explanations", EXPLAIN | {"regions": [{"chrom": "c", "start": 1, "end": 5}]}, "contig"),
    ],
)
def test_what_cannot_be_is_told_at_once(
    path: str, body: Any, says: str, idle: tuple[Config, httpx2.Client]
) -> None:
    config, http = idle
    found = refused(http.post(f"/jobs/{path}", json=body), 422, "invalid_request")
    assert re.search(says, found.message), found.message
    assert str(config.jobs) not in found.message


def test_limits_of_jobs(idle: tuple[Config, httpx2.Client]) -> None:
    _, http = idle
    long = EXPLAIN | {"regions": [{"chrom": "chr20", "start": 0, "end": 200_000}]}
    refused(http.post("/jobs/explanations", json=long), 413, "too_large", "bases times tasks")
    with pytest.raises(InputError, match="colour"):
        Client(http=http).submit_designs(random=1, colour=1)
    made = [http.post("/jobs/designs", json=DESIGN) for _ in range(21)]
    answer = refused(made[-1], 429, "overloaded", "20 jobs wait")
    assert int(made[-1].headers["retry-after"]) > 1
    assert answer.request_id
    for one in made[:-1]:
        http.delete(one.headers["location"])


def test_a_server_without_jobs_says_so(config: Config, tmp_path: Path) -> None:
    from starlette.testclient import TestClient

    bare = replace(config, predictions=None, jobs=tmp_path / "j", job_workers=0)
    with TestClient(create_app(bare)) as http:
        for path in ("/optimize_sequences", "/jobs/designs"):
            refused(http.post(path, json=DESIGN), 503, "not_served", "--job-workers")
        refused(http.post("/jobs/variants", content=RECORD), 503, "not_served", "--job-workers")
        refused(http.get(f"/jobs/{'0' * 32}"), 503, "not_served", "--job-workers")
        assert http.get("/ready").json()["jobs"] is False
    assert not (tmp_path / "j").exists()
