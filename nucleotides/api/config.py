"""What a server is to serve, and its limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from nucleotides.api.engines.open_engine import Choice
from nucleotides.errors import SettingsError
from nucleotides.jobs.queue import Limits
from nucleotides.settings import Settings


@dataclass(frozen=True)
class Config:
    """A server's configuration; the settings of the same names say what each is.

    Attributes:
        models: paths by name; the first one answers where a request names none.
        genome: a genome store or a FASTA, or None.
        predictions: a store of effects, or None.
        keys: of which one is to be shown; none: nobody needs one.
        origins: whose pages may ask.
        engine: how models are read.
        read_timeout: seconds in which a body has to arrive.
        jobs: a folder for jobs, or None for none.
        job_workers: processes that work at them; 0: none are taken.
        job_limits: of the queue.
        max_upload_bytes, max_unpacked_bytes: of a VCF, as it comes and unpacked.
        max_job_explained: bases times tasks of a job.
        version: which deployed version it is, or None.
    """

    models: dict[str, Path]
    genome: Path | None = None
    predictions: Path | None = None
    assembly: str = "GRCh38"
    device: str | None = None
    keys: tuple[str, ...] = field(default=(), repr=False)
    origins: tuple[str, ...] = ()
    engine: Choice = field(default_factory=Choice)
    batch_wait: float = 0.01
    max_queue: int = 4096
    max_request_bytes: int = 4_000_000
    max_sequence_length: int = 10_000
    max_explained: int = 20_000
    max_items: int = 100
    max_variants: int = 10_000
    request_timeout: float = 60.0
    read_timeout: float = 30.0
    cache_bytes: int = 64_000_000
    jobs: Path | None = None
    job_workers: int = 1
    job_limits: Limits = field(default_factory=Limits)
    max_upload_bytes: int = 1_000_000_000
    max_unpacked_bytes: int = 10_000_000_000
    max_job_explained: int = 20_000_000
    version: str | None = None


def config_of(settings: Settings) -> Config:
    """The configuration that the settings describe.

    Raises:
        SettingsError: MODELS is no list of name=path, or has a name twice.
    """
    return Config(
        models=_models(settings),
        genome=settings.GENOME_STORE,
        predictions=settings.PREDICTIONS,
        assembly=settings.ASSEMBLY,
        device=settings.DEVICE,
        keys=_words(settings.API_KEYS.get_secret_value() if settings.API_KEYS else None),
        origins=_words(settings.CORS_ORIGINS),
        engine=Choice(
            settings.ENGINE,
            settings.PRECISION,
            settings.EXACT,
            settings.MAX_ERROR,
            settings.BATCH_SIZE,
        ),
        batch_wait=settings.BATCH_WAIT,
        max_queue=settings.MAX_QUEUE,
        max_request_bytes=settings.MAX_REQUEST_BYTES,
        max_sequence_length=settings.MAX_SEQUENCE_LENGTH,
        max_explained=settings.MAX_EXPLAINED,
        max_items=settings.MAX_ITEMS,
        max_variants=settings.MAX_VARIANTS,
        request_timeout=settings.REQUEST_TIMEOUT,
        cache_bytes=settings.CACHE_BYTES,
        jobs=settings.JOBS_DIR,
        job_workers=settings.JOB_WORKERS,
        job_limits=Limits(settings.MAX_JOBS, settings.JOBS_BYTES, settings.JOBS_DAYS),
        max_upload_bytes=settings.MAX_UPLOAD_BYTES,
        max_unpacked_bytes=settings.MAX_UNPACKED_BYTES,
        max_job_explained=settings.MAX_JOB_EXPLAINED,
    )


def _models(settings: Settings) -> dict[str, Path]:
    models: dict[str, Path] = {}
    for word in _words(settings.MODELS):
        name, equals, path = word.partition("=")
        if not (name and equals and path) or name in models:
            raise SettingsError(
                f"MODELS has {word!r}: it is name=path,name=path, and has each name once"
            )
        models[name] = Path(path).expanduser()
    return models or {settings.INFERENCE_MODEL.name: settings.INFERENCE_MODEL}


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (text or "").split(",") if word.strip())
