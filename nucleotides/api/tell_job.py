"""What is known of a job, as an answer."""

from __future__ import annotations

import time

from nucleotides.jobs.job import Job
from nucleotides.schemas.jobs import JobStatus, Progress, ResultFile


def tell_job(job: Job) -> JobStatus:
    """The status of a job."""
    return JobStatus(
        id=job.id,
        kind=job.kind,
        model=job.model,
        state=job.state,
        version=job.version,
        submitted=_utc(job.created),
        started=None if job.started is None else _utc(job.started),
        ended=None if job.ended is None else _utc(job.ended),
        progress=Progress(doing=job.doing, done=job.done, total=job.total),
        message=job.message,
        files=[ResultFile(name=file.name, bytes=file.size) for file in job.files],
    )


def _utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
