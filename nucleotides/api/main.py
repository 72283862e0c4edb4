"""The application. `nucleotides.api.main:app` is made from the settings when it is asked for.

In production what is served is the latest version deployed, and then those that follow.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.middleware import Middleware

from nucleotides import __version__
from nucleotides.api.config import Config, config_of
from nucleotides.api.failures import answer_failures
from nucleotides.api.guards.add_headers import AddHeaders
from nucleotides.api.guards.ask_for_keys import AskForKeys
from nucleotides.api.guards.limit_bodies import LimitBodies
from nucleotides.api.guards.limit_requests import LimitRequests
from nucleotides.api.guards.note_requests import NoteRequests
from nucleotides.api.measure import Measures
from nucleotides.api.routes import (
    about,
    designs,
    explanations,
    explorer,
    features,
    jobs,
    predictions,
    sequence,
    variants,
)
from nucleotides.api.serving import FindNewer, serving
from nucleotides.api.watch_deployed import Deployed
from nucleotides.load_settings import load_settings

DESCRIPTION = """Predictions of a network that reads DNA: of sequences, places and variants.

Coordinates are 0-based and half-open, as in a BED; positions of variants count from 1, as in a VCF.
A task is what a ChIP-seq, DNase-seq or ATAC-seq experiment measures in a biosample; a prediction is
the probability that the middle of a window is in a peak.

Every failure has the same shape: error, message, request_id. Where a key is wanted, it is shown in
the header X-API-Key."""
MOST_REQUESTS = 1024
"""POSTs in work at once, whatever they ask for."""
ROUTERS = (explorer, about, features, sequence, predictions, variants, explanations, designs, jobs)


def create_app(config: Config, find_newer: FindNewer | None = None, every: float = 60.0) -> FastAPI:
    """The application that serves what `config` names; models are opened when it starts.

    Args:
        config: what is served, and how.
        find_newer: what is to be served from now on, if that is something new.
        every: seconds after which that is asked for again.
    """
    measures = Measures()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with serving(app, config, measures, find_newer, every):
            yield

    app = FastAPI(
        title="nucleotides",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        middleware=_guards(config, measures),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would be sent to wherever the header Host says
    )
    answer_failures(app)
    for module in ROUTERS:
        app.include_router(module.router)
    return app


def _guards(config: Config, measures: Measures) -> list[Middleware]:
    """What stands before the routes, the outermost first."""
    guards = [Middleware(AddHeaders), Middleware(NoteRequests, measures=measures)]
    if config.origins:
        guards.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(config.origins),
                allow_methods=["GET", "POST", "DELETE"],
                allow_headers=["Content-Type", "X-API-Key", "X-Request-ID", "Last-Event-ID"],
                expose_headers=["X-Request-ID", "Retry-After", "Location", "Content-Disposition"],
            )
        )
    if config.keys:
        guards.append(Middleware(AskForKeys, keys=config.keys))
    guards.append(Middleware(LimitRequests, most=MOST_REQUESTS))
    most, seconds = config.max_request_bytes, config.read_timeout
    return [*guards, Middleware(LimitBodies, most=most, seconds=seconds, uploads=jobs.UPLOADS)]


@cache
def _app() -> FastAPI:
    settings = load_settings()
    if settings.ENVIRONMENT != "production":
        return create_app(config_of(settings))
    deployed = Deployed(settings)
    return create_app(deployed.config, deployed.find_newer, settings.DEPLOY_CHECK_SECONDS)


def __getattr__(name: str) -> Any:
    """`app`, made of the settings when it is first asked for."""
    if name == "app":
        return _app()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
