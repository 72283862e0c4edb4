"""`nucleotides serve`: a trained model over REST."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nucleotides.cli.many_words import ManyWords
from nucleotides.cli.of_a_run import Device
from nucleotides.progress import LOG_LINE

COMMAND_CLASS = ManyWords


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Engine(StrEnum):
    """What computes predictions."""

    NUCLEOTIDES = "nucleotides"
    EAGER = "eager"
    COMPILED = "compiled"
    OPENVINO = "openvino"


class Precision(StrEnum):
    """Of predictions."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on. [default: setting HOST]")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; 0 for a free one. [default: setting PORT]"),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes, each with models of its own.")
    ] = 1,
    log_level: Annotated[
        LogLevel, typer.Option(help="Of the server; requests are logged at info.")
    ] = LogLevel.INFO,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start anew whenever the code changes.")
    ] = False,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Bundles, checkpoints or runs, each PATH or NAME=PATH; the first answers where a "
            "request names none. [default: setting MODELS, else INFERENCE_MODEL]"
        ),
    ] = None,
    genome: Annotated[
        Path | None,
        typer.Option(help="Genome store or FASTA. [default: setting GENOME_STORE]"),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="Precomputed effects. [default: setting PREDICTIONS]"),
    ] = None,
    engine: Annotated[
        Engine | None,
        typer.Option(
            help="The package itself, torch as it is or compiled, OpenVINO. "
            "[default: setting ENGINE]"
        ),
    ] = None,
    precision: Annotated[
        Precision | None,
        typer.Option(help="Of predictions. [default: setting PRECISION]"),
    ] = None,
    exact: Annotated[
        bool | None,
        typer.Option(
            "--exact/--no-exact",
            help="Whether no bit may depend on who else asks. [default: setting EXACT]",
        ),
    ] = None,
    job_workers: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=64,
            help="Processes for long work; 0: none is taken. [default: setting JOB_WORKERS]",
        ),
    ] = None,
    device: Device = None,
) -> None:
    """Serve a trained model over REST: predictions, variant effects, explanations.

    What is missing is said at the start and at /ready; the rest is served. Every request is a line
    of JSON in the log. Ctrl-C or SIGTERM lets requests in work end; jobs go on at the next start.
    The description of all requests is at /docs; keys, limits and cross-origin access are settings.
    Needs nucleotides[serve].
    """
    from nucleotides.errors import MissingDependencyError
    from nucleotides.load_settings import load_settings
    from nucleotides.settings import PREFIX
    from nucleotides.storage import check_address

    known = load_settings()
    if known.ENVIRONMENT == "production":  # told at once: what comes takes seconds to import
        check_address(str(known.DEPLOY_PATH), known.DEPLOY_ENDPOINT)
    try:
        import fastapi  # noqa: F401 (asked for before anything is opened)
        import prometheus_client  # noqa: F401
        import uvicorn
    except ImportError as error:
        raise MissingDependencyError(error.name or "uvicorn", "serve") from error
    given = _settings(
        model,
        GENOME_STORE=genome and genome.absolute(),
        PREDICTIONS=predictions and predictions.absolute(),
        DEVICE=device,
        ENGINE=engine,
        PRECISION=precision,
        EXACT=exact,
        JOB_WORKERS=job_workers,
    )
    os.environ.update({f"{PREFIX}{name}": value for name, value in given.items()})
    settings = load_settings()
    from nucleotides.train.allocator import keep_freed_memory

    keep_freed_memory()
    uvicorn.run(
        "nucleotides.api.main:app",
        http="nucleotides.api.protocol:PromptProtocol",
        host=host or settings.HOST,
        port=settings.PORT if port is None else port,
        workers=workers,
        reload=reload,
        reload_dirs=[str(Path(__file__).parents[1])] if reload else None,
        log_config=_logging(log_level.value),
        access_log=False,
        server_header=False,
        date_header=True,
        limit_concurrency=4096,
        timeout_graceful_shutdown=int(settings.REQUEST_TIMEOUT) + 5,
    )


def _settings(models: list[str] | None, **given: object) -> dict[str, str]:
    """Options as the settings that every process of the server reads."""
    if models:
        given["MODELS"] = ",".join(f"{name}={path}" for name, path in map(_named, models))
    return {name: str(value) for name, value in given.items() if value is not None}


def _named(text: str) -> tuple[str, Path]:
    """Name and path of a model: the folder's name where none is given."""
    name, equals, path = text.partition("=")
    where = Path(path if equals else text).expanduser().absolute()
    return (name if equals else where.name), where


def _logging(level: str) -> dict[str, object]:
    """Lines of JSON for requests, plain lines for the rest; all on standard error."""
    plain = {"format": LOG_LINE}
    out = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
    handlers = {"uvicorn": "plain", "nucleotides.api": "plain", "nucleotides.access": "bare"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": plain, "bare": {"format": "%(message)s"}},
        "handlers": {
            "plain": out | {"formatter": "plain"},
            "bare": out | {"formatter": "bare"},
        },
        "loggers": {
            name: {"handlers": [handler], "level": level.upper(), "propagate": False}
            for name, handler in handlers.items()
        },
    }
