"""What a server has opened: models, genome, precomputed effects; and what it lacks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from logging import getLogger
from pathlib import Path
from typing import TypeVar

import numpy as np

from nucleotides.api.batcher import Batcher
from nucleotides.api.config import Config
from nucleotides.api.engine import Codes, Engine
from nucleotides.api.engines.open_engine import Choice, open_engine
from nucleotides.api.keep_answers import Cache
from nucleotides.api.measure import Measures, Meters
from nucleotides.api.open_jobs import Jobs, open_jobs, working
from nucleotides.errors import NotServedError, NucleotidesError, UnknownNameError
from nucleotides.genome import GenomeStore
from nucleotides.genome.open_genome import open_genome
from nucleotides.jobs.queue import Queue
from nucleotides.predict import Model, load
from nucleotides.predict.effects.effects_store import EffectsStore
from nucleotides.predict.identify import identify
from nucleotides.train.evaluate import pick_device

T = TypeVar("T")
LOG = getLogger("nucleotides.api")
NO_MODEL = (
    "this server has no model: start it with `nucleotides serve --model PATH`, or set "
    "NUCLEOTIDES_INFERENCE_MODEL"
)
NO_GENOME = (
    "this server has no genome, so it knows sequences but no places: start it with `nucleotides "
    "serve --genome PATH`, or set NUCLEOTIDES_GENOME_STORE"
)
NO_EFFECTS = (
    "this server has no precomputed effects: make them with `nucleotides variants VCF --out "
    "NAME.effects`, and set NUCLEOTIDES_PREDICTIONS"
)
NO_JOBS = (
    "this server takes no jobs: start it with `nucleotides serve --job-workers 1`, or set "
    "NUCLEOTIDES_JOB_WORKERS, and NUCLEOTIDES_JOBS_DIR to a folder that it may write to"
)


@dataclass(frozen=True)
class ServedModel:
    """A model with what computes it."""

    name: str
    model: Model
    identity: str
    engine: Engine
    batcher: Batcher
    meters: Meters
    cache: Cache


@dataclass
class Served:
    """All that routes use.

    Attributes:
        models: by name, the default first.
        genome, effects, jobs: None where the server has none.
    """

    config: Config
    measures: Measures
    models: dict[str, ServedModel]
    genome: GenomeStore | None = None
    effects: EffectsStore | None = None
    jobs: Jobs | None = None

    def model(self, name: str | None) -> ServedModel:
        """A model by name, or the first.

        Raises:
            NotServedError: there is none at all.
            UnknownNameError: none of this name.
        """
        if not self.models:
            raise NotServedError(NO_MODEL)
        if name is None:
            return next(iter(self.models.values()))
        if name not in self.models:
            raise UnknownNameError("model", name, self.models)
        return self.models[name]

    def reference(self) -> GenomeStore:
        """The genome.

        Raises:
            NotServedError: there is none.
        """
        if self.genome is None:
            raise NotServedError(NO_GENOME)
        return self.genome

    def store(self) -> EffectsStore:
        """The precomputed effects.

        Raises:
            NotServedError: there are none.
        """
        if self.effects is None:
            raise NotServedError(NO_EFFECTS)
        return self.effects

    def queue(self) -> Queue:
        """The queue of jobs.

        Raises:
            NotServedError: the server takes none.
        """
        if self.jobs is None:
            raise NotServedError(NO_JOBS)
        return self.jobs.queue

    def missing(self) -> list[str]:
        """What it lacks, in sentences."""
        have = {
            NO_MODEL: self.models,
            NO_GENOME: self.genome,
            NO_EFFECTS: self.effects,
            NO_JOBS: self.jobs,
        }
        return [says for says, part in have.items() if not part]


@asynccontextmanager
async def serving(config: Config, measures: Measures) -> AsyncIterator[Served]:
    """Open what there is, work while the block lasts, and close."""
    thread = ThreadPoolExecutor(1, "model")
    served = Served(config, measures, {})
    if config.genome:
        served.genome = _try("genome", partial(open_genome, config.genome))
    for name, path in config.models.items():
        if opened := _try(f"model {name}", partial(_open, path, config)):
            engine = _engine(name, opened, config, served.genome)
            served.models[name] = _serve(name, opened, engine, config, measures, thread)
    if config.predictions:
        served.effects = _try("precomputed effects", partial(EffectsStore.open, config.predictions))
    with ExitStack() as stack:
        if queue := _try("jobs", partial(open_jobs, config)):
            served.jobs = stack.enter_context(working(queue, config))
        for sentence in served.missing():
            LOG.warning(sentence)
        for model in served.models.values():
            model.batcher.start()
        try:
            yield served
        finally:
            for model in served.models.values():
                await model.batcher.stop()
            thread.shutdown()


def _try(what: str, open_it: Callable[[], T]) -> T | None:
    """What could be opened, else None, with a line in the log that says why not."""
    try:
        return open_it()
    except (NucleotidesError, OSError) as error:
        LOG.warning("no %s: %s", what, error)
        return None


def _open(path: Path, config: Config) -> Model:
    model = load(path)
    model.network.to(pick_device(config.device))
    return model


def _engine(name: str, model: Model, config: Config, genome: GenomeStore | None) -> Engine:
    """The engine that is asked for or, if it cannot be used, the model itself."""
    windows = None if genome is None else sample_windows(genome, model.sequence_length)
    wanted = config.engine
    engine = _try(f"engine for model {name}", partial(open_engine, model, wanted, windows))
    engine = engine or open_engine(model, Choice(exact=wanted.exact, batch_size=wanted.batch_size))
    LOG.info(
        "model %s: %s, up to %d windows at once; probabilities off float32's by %.2g at most",
        *(name, engine.name, engine.batch_size, engine.error),
    )
    return engine


def sample_windows(genome: GenomeStore, length: int) -> Codes:
    """64 windows, evenly along the longest contig."""
    contig, size = max(genome.contigs.items(), key=lambda item: item[1])
    starts = np.linspace(0, max(size - length, 0), 66)[1:-1].astype(np.int64)
    return genome.codes(contig, starts, length)


def _serve(
    name: str,
    model: Model,
    engine: Engine,
    config: Config,
    measures: Measures,
    thread: ThreadPoolExecutor,
) -> ServedModel:
    meters = Meters(measures, name)
    batcher = Batcher(engine, thread, config.max_queue, config.batch_wait, meters)
    if not engine.coalesces:
        LOG.warning(
            "model %s: a window's bits depend on its batch here, so that each request is read by "
            "itself; more clients do not make it more efficient (EXACT=false reads them together)",
            name,
        )
    cache = Cache(config.cache_bytes)
    return ServedModel(name, model, identify(model), engine, batcher, meters, cache)
