"""What a worker has at hand: its server's models and genome, opened when a job wants them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from nucleotides.errors import NotServedError

if TYPE_CHECKING:
    from nucleotides.genome import GenomeStore
    from nucleotides.predict import Model


@dataclass(frozen=True)
class Paths:
    """Where things are, and where models run.

    Attributes:
        models: by name.
        genome: a store or a FASTA, or None.
        device: or None for the best present.
    """

    models: dict[str, str]
    genome: str | None = None
    device: str | None = None


class Shelf:
    """Models by name and the genome; of the models, the one last asked for stays in memory."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._name, self._model = "", cast("Model | None", None)

    def model(self, name: str) -> Model:
        """A model of the server.

        Raises:
            NotServedError: the server has none of this name any more.
        """
        from nucleotides.predict import load
        from nucleotides.train.allocator import keep_freed_memory
        from nucleotides.train.evaluate import pick_device

        if self._model is None or self._name != name:
            if name not in self._paths.models:
                raise NotServedError(f"this server has no model {name} any more: submit it again")
            keep_freed_memory()
            self._model, self._name = None, name
            model = load(Path(self._paths.models[name]))
            model.network.to(pick_device(self._paths.device))
            self._model = model
        return self._model

    @cached_property
    def genome(self) -> GenomeStore | None:
        """The genome, if there is one."""
        from nucleotides.genome.open_genome import open_genome

        return None if self._paths.genome is None else open_genome(Path(self._paths.genome))

    def reference(self) -> GenomeStore:
        """The genome.

        Raises:
            NotServedError: there is none.
        """
        if self.genome is None:
            raise NotServedError("this server has no genome any more")
        return self.genome
