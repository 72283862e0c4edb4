"""What is served, from the server's start to its end; newer versions take its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from logging import getLogger

from fastapi import FastAPI

from nucleotides.api.config import Config
from nucleotides.api.measure import Measures
from nucleotides.api.open_jobs import open_jobs, paths_of, working
from nucleotides.api.open_served import open_or_say, open_served
from nucleotides.api.served import Served

LOG = getLogger("nucleotides.api")
FindNewer = Callable[[], Config | None]
"""What is to be served from now on, if that is something new; it may take its time."""
UNREAD = "the store could not be read, or what is new there not be opened: the log says why"
_MORE = 5.0  # seconds that a request gets beyond its limit


@asynccontextmanager
async def serving(
    app: FastAPI,
    config: Config,
    measures: Measures,
    find_newer: FindNewer | None = None,
    every: float = 60.0,
) -> AsyncIterator[None]:
    """Open what there is, work while the block lasts, and close.

    Args:
        app: gets what is served as `state.served`.
        config: what is to be opened.
        measures: what is counted.
        find_newer: asked now and then.
        every: seconds between.
    """
    app.state.served = served = open_served(config, measures)
    with ExitStack() as stack:
        if queue := open_or_say("jobs", partial(open_jobs, config)):
            served.jobs = stack.enter_context(working(queue, config))
        for sentence in served.missing():
            LOG.warning(sentence)
        served.start()
        tasks: set[asyncio.Task[None]] = set()
        if find_newer:
            tasks.add(asyncio.create_task(_keep_looking(app, find_newer, every, tasks)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await app.state.served.stop()


async def _keep_looking(
    app: FastAPI, find_newer: FindNewer, every: float, tasks: set[asyncio.Task[None]]
) -> None:
    newer = None
    while True:
        await asyncio.sleep(every)
        try:
            newer = await asyncio.to_thread(find_newer) or newer
            if newer is not None:
                await _renew(app, newer, tasks)
            elif app.state.served.refused == UNREAD:
                app.state.served.refused = None
            newer = None
        except Exception as error:
            LOG.warning("what is deployed could not be looked at, and is tried again: %s", error)
            app.state.served.refused = app.state.served.refused or UNREAD


async def _renew(app: FastAPI, config: Config, tasks: set[asyncio.Task[None]]) -> None:
    """Serve something newer; requests that came before end on the old, in a task of its own."""
    old: Served = app.state.served
    new = await asyncio.to_thread(open_served, config, old.measures)
    if lost := _lost(old, new):
        LOG.error("what is deployed now lacks %s: what was served before is served on", lost)
        old.refused = f"version {config.version} lacks {lost}"
        await new.stop()
        return
    if old.jobs is not None:
        new.jobs = old.jobs
        old.jobs.workers.renew(paths_of(config))
    new.start()
    app.state.served = new
    models = ", ".join(map(str, config.models))
    LOG.info("version %s is served from now on: %s", config.version, models)
    leaving = asyncio.create_task(_let_end(old))
    tasks.add(leaving)
    leaving.add_done_callback(tasks.discard)


async def _let_end(old: Served) -> None:
    """Stop it when no request that it got can still be under way, or when the server ends."""
    try:
        await asyncio.sleep(old.config.request_timeout + _MORE)
    finally:
        await old.stop()


def _lost(old: Served, new: Served) -> str:
    """What there was, and could not be opened this time."""
    lost = [f"model {name}" for name in new.config.models if name not in new.models]
    lost += ["a genome"] if old.genome and not new.genome else []
    lost += ["precomputed effects"] if old.effects and not new.effects else []
    return ", ".join(lost)
