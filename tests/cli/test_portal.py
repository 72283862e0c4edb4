"""`nucleotides portal` as a process: it serves, and ends by Ctrl-C without a traceback."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nucleotides.cli.main import make_app

Process = subprocess.Popen[str]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    started: list[Process] = []

    def start(*arguments: str) -> Process:
        root = str(Path(__file__).parents[2])
        environment = {k: v for k, v in os.environ.items() if not k.startswith("NUCLEOTIDES")}
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "nucleotides", "portal", *arguments],
                cwd=tmp_path,
                env=environment | {"PYTHONPATH": root, "TMPDIR": str(tmp_path / "tmp")},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    (tmp_path / "tmp").mkdir()
    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def url_of(process: Process) -> str:
    assert process.stdout
    found = re.search(
        r" at (http://127\.0\.0\.1:\d+/) \(Ctrl-C ends it\)", process.stdout.readline()
    )
    assert found
    assert f"NUCLEOTIDES_ENCODE_BASE_URL={found[1]} " in process.stdout.readline()
    return found[1]


def read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        content: bytes = answer.read()
    return content


def stop(process: Process) -> None:
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert process.returncode in (0, 130)
    assert (out, errors) == ("", "")


def test_the_demo_s_portal(start: object, tmp_path: Path) -> None:
    process = start()  # type: ignore[operator]
    url = url_of(process)
    rows = read(f"{url}metadata/?type=Experiment&assay_title=DNase-seq").decode().splitlines()
    first = dict(zip(rows[0].split("\t"), rows[1].split("\t"), strict=True))
    place = first["File download URL"].partition("encodeproject.org/")[2]
    assert len(read(f"{url}{place}")) == int(first["Size"])  # through the redirect
    stop(process)
    assert list((tmp_path / "tmp").iterdir()) == []  # its temporary folder is gone


def test_a_folder_of_one_s_own_with_faults(start: object, tmp_path: Path) -> None:
    for name in ("metadata", "files"):
        (tmp_path / "mine" / name).mkdir(parents=True)
    (tmp_path / "mine" / "files" / "A.bed").write_text("chr1\t1\t2\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start("mine", "--port", str(port), "--fault", "A:503:1")  # type: ignore[operator]
    url = url_of(process)
    assert url == f"http://127.0.0.1:{port}/"
    with pytest.raises(urllib.error.HTTPError) as caught:
        read(f"{url}files/A/@@download/A.bed")
    caught.value.close()
    assert caught.value.code == 503
    assert read(f"{url}files/A/@@download/A.bed") == b"chr1\t1\t2\n"
    stop(process)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere needs the folders metadata and files"),
        (["--fault", "A:truncat"], "unknown fault 'truncat'; did you mean 'truncate'?"),
        (["--fault", "nope:404"], "unknown file of the portal 'nope'"),
        (["--fault", "A:429:x"], "'x' is no number of times"),
    ],
)
def test_what_cannot_be_served(arguments: list[str], message: str, empty_folder: Path) -> None:
    assert empty_folder.exists()
    result = CliRunner().invoke(make_app(), ["portal", *arguments], prog_name="nucleotides")
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_a_port_that_is_taken(empty_folder: Path) -> None:
    for name in ("metadata", "files"):
        (empty_folder / "mine" / name).mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        arguments = ["portal", "mine", "--port", str(port)]
        result = CliRunner().invoke(make_app(), arguments, prog_name="nucleotides")
    assert result.exit_code == 1
    assert "Address already in use" in result.stderr
