"""Open what a server is to serve."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from logging import getLogger
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from nucleotides.api.batcher import Batcher
from nucleotides.api.config import Config
from nucleotides.api.engine import Codes, Engine
from nucleotides.api.engines.open_engine import Choice, open_engine
from nucleotides.api.keep_answers import Cache
from nucleotides.api.measure import Measures, Meters
from nucleotides.api.served import Served, ServedModel
from nucleotides.errors import NucleotidesError
from nucleotides.genome import GenomeStore
from nucleotides.genome.open_genome import open_genome
from nucleotides.predict import Model, load
from nucleotides.predict.effects.effects_store import EffectsStore
from nucleotides.predict.identify import identify
from nucleotides.train.evaluate import pick_device

T = TypeVar("T")
LOG = getLogger("nucleotides.api")


def open_served(config: Config, measures: Measures) -> Served:
    """Whatever can be opened; the log says what cannot, and why. Nothing works yet."""
    torch.backends.cudnn.allow_tf32 = False  # for good: two threads would restore each other's
    threads = ThreadPoolExecutor(1, "model"), ThreadPoolExecutor(1, "slow")
    served = Served(config, measures, {}, *threads)
    if config.genome:
        served.genome = open_or_say("genome", partial(open_genome, config.genome))
    for name, path in config.models.items():
        if opened := open_or_say(f"model {name}", partial(_open, path, config)):
            engine = _engine(name, opened, config, served.genome)
            served.models[name] = _serve(name, opened, engine, served)
    if config.predictions:
        open_effects = partial(EffectsStore.open, config.predictions)
        served.effects = open_or_say("precomputed effects", open_effects)
    return served


def open_or_say(what: str, open_it: Callable[[], T]) -> T | None:
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
    engine = open_or_say(f"engine for model {name}", partial(open_engine, model, wanted, windows))
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


def _serve(name: str, model: Model, engine: Engine, served: Served) -> ServedModel:
    config, meters = served.config, Meters(served.measures, name)
    batcher, slow = (
        Batcher(engine, thread, config.max_queue, config.batch_wait, meters)
        for thread in (served.thread, served.slow_thread)
    )
    if not engine.coalesces:
        LOG.warning(
            "model %s: a window's bits depend on its batch here, so that each request is read by "
            "itself; more clients do not make it more efficient (EXACT=false reads them together)",
            name,
        )
    cache = Cache(config.cache_bytes)
    beside, identity = model.beside(), identify(model)
    return ServedModel(name, model, identity, engine, batcher, slow, beside, meters, cache)
