"""Long work: submitted, watched, fetched, cancelled."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import FileResponse, Response, StreamingResponse

from nucleotides.api.depends import Here, Owner
from nucleotides.api.failures import OF_JOBS
from nucleotides.api.receive_vcf import check_vcf, receive_vcf
from nucleotides.api.send_events import send_events
from nucleotides.api.served import Served
from nucleotides.api.take_job import arriving, take_design, take_explanation
from nucleotides.api.tell_job import tell_job
from nucleotides.errors import NoResultError, UnknownNameError
from nucleotides.jobs.do_job import OUT, UPLOAD
from nucleotides.jobs.job import Job
from nucleotides.jobs.score import plan_scoring
from nucleotides.jobs.tidy import remove_job
from nucleotides.schemas.jobs import DesignJob, ExplanationJob, JobStatus, VariantJob


class _IdConvertor(Convertor[str]):
    """Ids in paths, so that `/jobs/designs` is none."""

    regex = "[0-9a-f]{32}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("job", _IdConvertor())
router = APIRouter(tags=["jobs"], responses=OF_JOBS)
UPLOADS = frozenset({"/jobs/variants"})
"""Paths whose bodies are read as they come."""
Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="Of the job.")]
TAKEN: dict[int | str, dict[str, Any]] = {
    202: {
        "model": JobStatus,
        "description": "The job waits; `Location` is where to ask for it.",
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
}
_VCF: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"},
                "example": "#CHROM\tPOS\tID\tREF\tALT\nchr20\t1104061\texample\tT\tC\n",
            }
        },
    }
}
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `progress`, and at the end `done`, `failed`, `cancelled` or "
        "`removed`.",
        "content": {"text/event-stream": {}},
    },
    204: {"description": "It has ended, and the client has seen that: it need not come back."},
}
_RESULT: dict[int | str, dict[str, Any]] = {
    status: {
        "description": text,
        "content": {"application/octet-stream": {"schema": {"type": "string"}}},
    }
    for status, text in ((200, "The file."), (206, "The part asked for."), (416, "No such part."))
}


@router.post(
    "/jobs/explanations", summary="Explain long or many sequences", status_code=202, responses=TAKEN
)
async def submit_explanations(asked: ExplanationJob, served: Here, owner: Owner) -> Response:
    """As `nucleotides explain`: sequences or regions of any length, in overlapping windows.

    The result is an archive of `explanations.h5`, a page with logos and, of regions, a bigWig a
    task; each of its files can be fetched by itself.
    """
    return taken(await run_in_threadpool(take_explanation, served, owner, asked))


@router.post("/jobs/designs", summary="Design sequences", status_code=202, responses=TAKEN)
async def submit_designs(asked: DesignJob, served: Here, owner: Owner) -> Response:
    """As `nucleotides optimize`, and as `/optimize_sequences` without waiting.

    The result is an archive of `designs.fasta`, tables of designs, edits and curves, and a page;
    each of its files can be fetched by itself.
    """
    return taken(await run_in_threadpool(take_design, served, owner, asked))


@router.post(
    "/jobs/variants",
    summary="Score the variants of a VCF",
    status_code=202,
    responses=TAKEN,
    openapi_extra=_VCF,
)
async def submit_variants(
    request: Request, asked: Annotated[VariantJob, Query()], served: Here, owner: Owner
) -> Response:
    """As `nucleotides variants`. The body is the VCF itself: plain, gzip or bgzip.

    The result is the VCF with INFO fields NT_..., or a table with a row an allele. With curl:
    `curl -T my.vcf.gz -X POST 'localhost:8893/jobs/variants?format=parquet'`.
    """
    model = served.model(asked.model)
    served.reference()
    queue, most = served.queue(), served.config.max_unpacked_bytes
    await run_in_threadpool(plan_scoring, model.model, asked)
    with arriving(served, "variants", model, owner, asked) as (job, folder):
        path = folder / UPLOAD
        await receive_vcf(request, queue, job, path, served.config)
        await run_in_threadpool(check_vcf, path, most)
    return taken(await run_in_threadpool(queue.get, job.id, owner))


@router.get("/jobs/{id:job}", summary="How far a job is")
async def job_status(id: Id, served: Here, owner: Owner) -> JobStatus:
    """State, progress, when, why it failed, files of the result."""
    return tell_job(await _job(served, id, owner))


@router.get(
    "/jobs/{id:job}/events",
    summary="What happens to a job",
    responses=_EVENTS,
    response_class=StreamingResponse,
)
async def job_events(
    id: Id,
    served: Here,
    owner: Owner,
    last_event_id: Annotated[
        str | None, Header(description="The id of the last event seen, as browsers send it.")
    ] = None,
) -> Response:
    """Server-sent events, each with all of `/jobs/{id}` as JSON, until the job ends.

    A client that comes back says with `Last-Event-ID` what it has seen; nothing is lost in between,
    since every event is the whole status. A line of comment comes at least every 10 s.
    """
    job, seen = await _job(served, id, owner), _number(last_event_id)
    if job.has_ended and seen >= job.version:
        return Response(status_code=204)
    assert served.jobs is not None
    events = send_events(served.queue(), job, seen, served.jobs.stopping)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


@router.get(
    "/jobs/{id:job}/result",
    summary="The result of a job",
    responses=_RESULT,
    response_class=FileResponse,
)
async def job_result(
    id: Id,
    served: Here,
    owner: Owner,
    file: Annotated[
        str | None,
        Query(max_length=300, description="One of `files` of `/jobs/{id}`; default: the first."),
    ] = None,
) -> Response:
    """The result as a download, all or a part (`Range`).

    Of explanations and designs the first file is an archive of the others; `file` asks for one of
    them.
    """
    job = await _job(served, id, owner)
    if job.state != "done":
        raise NoResultError(_without_result(job))
    names = [one.name for one in job.files]
    name = file or names[0]
    if name not in names:
        raise UnknownNameError("file", name, names)
    path = served.queue().folder_of(job.id) / OUT / name
    return FileResponse(
        path, media_type="application/octet-stream", filename=name.rpartition("/")[2]
    )


@router.delete("/jobs/{id:job}", summary="Cancel or remove a job", status_code=204)
async def remove(id: Id, served: Here, owner: Owner) -> Response:
    """Cancels a job that has not ended; removes one that has, and its result."""
    job, queue = await _job(served, id, owner), served.queue()
    if job.has_ended:
        await run_in_threadpool(remove_job, queue, job.id)
    else:
        await run_in_threadpool(queue.cancel, job.id)
    return Response(status_code=204)


def _without_result(job: Job) -> str:
    if job.state == "failed":
        return f"the job failed: {job.message}"
    return "the job was cancelled" if job.has_ended else f"the job is {job.state}: it goes on"


def taken(job: Job) -> Response:
    """The answer to who submitted a job."""
    text = tell_job(job).model_dump_json()
    return Response(text, 202, {"Location": f"/jobs/{job.id}"}, "application/json")


async def _job(served: Served, name: str, owner: str) -> Job:
    return await run_in_threadpool(served.queue().get, name, owner)


def _number(text: str | None) -> int:
    """The id of an event; what is none counts as none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else 0
