"""From a request to a job that waits: checked first, so that what cannot be is told at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nucleotides.api.choose import choose
from nucleotides.api.served import Served, ServedModel
from nucleotides.errors import OverloadedError, TooLargeError
from nucleotides.files import write_json
from nucleotides.jobs.do_job import ASKED, TASKS
from nucleotides.jobs.job import Job, Kind
from nucleotides.jobs.queue import Queue
from nucleotides.jobs.tidy import make_room, remove_job, size_of
from nucleotides.schemas.base import Request
from nucleotides.schemas.jobs import DesignJob, ExplanationJob

_LEAST = 1_000_000  # bytes that a new job finds free, at least


@contextmanager
def arriving(
    served: Served, kind: Kind, model: ServedModel, owner: str, asked: Request
) -> Iterator[tuple[Job, Path]]:
    """A job and its folder, to put into it what it needs; it waits if the block ends well, and is
    gone if not.

    Raises:
        NotServedError: the server takes no jobs.
        OverloadedError: too many wait, or there is no room for one more.
    """
    queue = served.queue()
    if not make_room(queue, _LEAST):
        raise OverloadedError("no room for one more job: submit it again later", 60)
    job = queue.begin(kind, model.name, owner)
    folder = queue.folder_of(job.id)
    try:
        folder.mkdir()
        write_json(folder / ASKED, asked.model_dump(mode="json", exclude_defaults=True))
        yield job, folder
        queue.submit(job.id, size_of(folder))
    except BaseException:
        remove_job(queue, job.id)
        raise


def take_design(served: Served, owner: str, asked: DesignJob) -> Job:
    """A job of designs; call it where it may take a while.

    Raises:
        InputError, UnknownNameError: an objective, constraints or options that mean nothing.
        NotServedError, OverloadedError: as `arriving`; or novelty is asked for without a genome.
    """
    from nucleotides.jobs.design import plan_design

    model = served.model(asked.model)
    if asked.novelty:
        served.reference()
    with arriving(served, "designs", model, owner, asked) as (job, folder):
        plan_design(model.model, asked, folder)
    return _now(served.queue(), job)


def take_explanation(served: Served, owner: str, asked: ExplanationJob) -> Job:
    """A job of explanations; call it where it may take a while.

    Raises:
        InputError: a sequence that is too short; a region or task that there is not.
        TooLargeError: more bases times tasks than a job may have.
        NotServedError, OverloadedError: as `arriving`; or there is no genome.
    """
    from nucleotides.jobs.explain import items_of

    model = served.model(asked.model)
    known = model.model.tasks
    tasks = known["task"].iloc[choose(asked, known)].tolist()
    genome = served.reference() if asked.regions else None
    bases = sum(map(len, asked.named().values()))
    bases += sum(one.end - one.start for one in asked.regions or [])
    _check_size(bases * len(tasks), served)
    items_of(asked, genome, model.model.sequence_length)
    with arriving(served, "explanations", model, owner, asked) as (job, folder):
        write_json(folder / TASKS, tasks)
    return _now(served.queue(), job)


def _check_size(values: int, served: Served) -> None:
    most = served.config.max_job_explained
    if values > most:
        raise TooLargeError(
            f"{values:,} bases times tasks: a job of this server has {most:,} at most; choose "
            "fewer tasks, or submit several jobs"
        )


def _now(queue: Queue, job: Job) -> Job:
    return queue.get(job.id, job.owner)
