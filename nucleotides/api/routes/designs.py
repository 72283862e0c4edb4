"""Sequence design, at once where it does not take long."""

from __future__ import annotations

from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from nucleotides.api.depends import Here, InTime, Owner
from nucleotides.api.failures import OF_JOBS
from nucleotides.api.render import as_json
from nucleotides.api.routes.jobs import TAKEN, taken
from nucleotides.api.send_events import wait_for_end
from nucleotides.api.take_job import take_design
from nucleotides.api.tell_job import tell_job
from nucleotides.errors import NoResultError
from nucleotides.jobs.do_job import OUT
from nucleotides.jobs.job import Job
from nucleotides.jobs.queue import Queue
from nucleotides.schemas.jobs import Designed, DesignJob, Designs

router = APIRouter(tags=["designs"], responses=OF_JOBS)
_ANSWERS: dict[int | str, dict[str, Any]] = {
    **TAKEN,
    200: {"model": Designs, "description": "The designs: they were made while you waited."},
}


@router.post("/optimize_sequences", summary="Design sequences", responses=_ANSWERS)
async def optimize_sequences(
    asked: DesignJob,
    served: Here,
    owner: Owner,
    in_time: InTime,
    wait: Annotated[
        float, Query(ge=0, le=600, description="Seconds to wait for the designs.")
    ] = 0.0,
) -> Response:
    """Change sequences until the model predicts what is asked, within constraints.

    It is a job: answered 202 at once, with where to ask for it. With `wait`, for small budgets, the
    designs themselves if they are made by then; 0.9 REQUEST_TIMEOUT at most.
    """
    job = await run_in_threadpool(take_design, served, owner, asked)
    assert served.jobs is not None
    queue, seconds = served.queue(), min(wait, served.config.request_timeout * 0.9)
    job = await in_time(wait_for_end(queue, job, seconds, served.jobs.stopping))
    if job.state == "failed":
        raise NoResultError(job.message)
    if job.state != "done":
        return taken(job)
    return as_json(await run_in_threadpool(_designs, queue, job))


def _designs(queue: Queue, job: Job) -> Designs:
    """The designs of a job, from its files."""
    from nucleotides.design.find_starts import letters_of_fasta

    out = queue.folder_of(job.id) / OUT
    table = pd.read_csv(out / "designs.tsv", sep="\t", dtype={"name": str})
    letters = list(letters_of_fasta(out / "designs.fasta").values())
    designs = [
        Designed(
            name=row["name"],
            sequence=letters[i],
            score_before=row["score_before"],
            score=row["score"],
            edits=row["edits"],
        )
        for i, row in enumerate(table.to_dict("records"))
    ]
    return Designs(job=tell_job(job), designs=designs)
