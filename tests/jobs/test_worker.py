"""What a worker says is in lines like those of its server, and names the job."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from nucleotides.api.config import Config
from nucleotides.api.open_jobs import paths_of
from nucleotides.jobs.do_job import ASKED, UPLOAD
from nucleotides.jobs.queue import Queue
from tests.api.conftest import config  # noqa: F401 (a fixture)
from tests.api.demo import VCF

LINE = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO "


def test_lines_have_time_and_job(config: Config, tmp_path: Path) -> None:  # noqa: F811
    queue = Queue.open(tmp_path)
    job = queue.begin("variants", "demo", "")
    folder = queue.folder_of(job.id)
    folder.mkdir()
    (folder / ASKED).write_text("{}")
    (folder / UPLOAD).write_text(VCF)
    queue.submit(job.id, 0)
    told = {"folder": str(queue.folder), "limits": asdict(queue.limits), "slot": 0}
    told |= {"paths": asdict(paths_of(config)), "level": logging.INFO}
    worker = subprocess.Popen(
        [sys.executable, "-m", "nucleotides.jobs.worker"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(told) + "\n")
    worker.stdin.flush()
    assert worker.stderr is not None
    first = worker.stderr.readline()
    _, rest = worker.communicate()
    *lines, last = [first.rstrip(), *rest.splitlines()]
    assert re.fullmatch(f"{LINE}job worker: the server is gone; .*", last)
    assert lines
    assert [line for line in lines if not re.fullmatch(rf"{LINE}job {job.id}: \S.*", line)] == []
