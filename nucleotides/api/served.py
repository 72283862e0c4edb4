"""What a server has opened: models, genome, precomputed effects; and what it lacks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

from nucleotides.api.batcher import Batcher
from nucleotides.api.config import Config
from nucleotides.api.engine import Engine
from nucleotides.api.keep_answers import Cache
from nucleotides.api.measure import Measures, Meters
from nucleotides.api.open_jobs import Jobs
from nucleotides.errors import NotServedError, UnknownNameError
from nucleotides.genome import GenomeStore
from nucleotides.jobs.queue import Queue
from nucleotides.predict import Model
from nucleotides.predict.effects.effects_store import EffectsStore

NO_MODEL = (
    "this server has no model: start it with `nucleotides serve --model PATH`, or set "
    "NUCLEOTIDES_INFERENCE_MODEL"
)
NO_DEPLOYED_MODEL = (
    "this server has no model: none of the version that is deployed could be opened, its log says "
    "why; send one with `nucleotides upload-model`, or go back with `nucleotides deployed "
    "roll-back`: the server looks every DEPLOY_CHECK_SECONDS"
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
    """A model with what computes it.

    Attributes:
        batcher: of requests that take a moment.
        slow: of those that take longer; on another thread, so that the others go on meanwhile.
        beside: the model as that thread uses it.
    """

    name: str
    model: Model
    identity: str
    engine: Engine
    batcher: Batcher
    slow: Batcher
    beside: Model
    meters: Meters
    cache: Cache

    @property
    def working(self) -> bool:
        """Whether it takes requests."""
        return self.batcher.working and self.slow.working

    @cached_property
    def tasks(self) -> list[str]:
        """Names of its tasks."""
        return [str(name) for name in self.model.tasks["task"]]


@dataclass
class Served:
    """All that routes use.

    Attributes:
        models: by name, the default first.
        thread: on which all models compute.
        slow_thread: on which they do what takes longer.
        genome, effects, jobs: None where the server has none.
        refused: why what is deployed now is not what is served, or None.
    """

    config: Config
    measures: Measures
    models: dict[str, ServedModel]
    thread: ThreadPoolExecutor
    slow_thread: ThreadPoolExecutor
    genome: GenomeStore | None = None
    effects: EffectsStore | None = None
    jobs: Jobs | None = None
    refused: str | None = None

    def model(self, name: str | None) -> ServedModel:
        """A model by name, or the first.

        Raises:
            NotServedError: there is none at all.
            UnknownNameError: none of this name.
        """
        if not self.models:
            raise NotServedError(self._no_model)
        if name is None:
            return next(iter(self.models.values()))
        if name not in self.models:
            raise UnknownNameError("model", name, self.models)
        return self.models[name]

    @property
    def _no_model(self) -> str:
        return NO_DEPLOYED_MODEL if self.config.version else NO_MODEL

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

    def start(self) -> None:
        """Begin to work, in the running event loop."""
        for model in self.models.values():
            model.batcher.start()
            model.slow.start()

    async def stop(self) -> None:
        """End; what waits is given up."""
        for model in self.models.values():
            await model.batcher.stop()
            await model.slow.stop()
        self.thread.shutdown(wait=False)
        self.slow_thread.shutdown(wait=False)

    def missing(self) -> list[str]:
        """What it lacks, in sentences."""
        have = {
            self._no_model: self.models,
            NO_GENOME: self.genome,
            NO_EFFECTS: self.effects,
            NO_JOBS: self.jobs,
        }
        return [says for says, part in have.items() if not part]
