"""Models by name, or by import path."""

from __future__ import annotations

import importlib
from typing import Any

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.model.lightning_model import FunctionalModel

MODELS = {
    "motifnet": "nucleotides.model.motifnet.MotifNet",
    "deepsea": "nucleotides.model.deepsea.DeepSEA",
    "danq": "nucleotides.model.danq.DanQ",
    "basset": "nucleotides.model.basset.Basset",
    "beluga": "nucleotides.model.beluga.Beluga",
    "woodpecker": "nucleotides.model.woodpecker.Woodpecker",
    "pinkpanther": "nucleotides.model.pinkpanther.Pinkpanther",
    "sei": "nucleotides.model.sei.Sei",
    "albert": "nucleotides.model.albert.ALBERT",
    "enformer": "nucleotides.model.enformer.Enformer",
}
DEFAULT_MODEL = "motifnet"


def find_model(name: str) -> type[FunctionalModel]:
    """The class of a model of the zoo, or of one's own by import path (`my_module.MyNet`).

    Raises:
        UnknownNameError: neither a model of the zoo nor something that can be imported.
        InputError: an import path that leads to something else than a FunctionalModel.
    """
    path = MODELS.get(name, name)
    module, _, attribute = path.rpartition(".")
    if not module:
        raise UnknownNameError("model", name, MODELS, "(or give an import path: my_module.MyNet)")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"model {name} cannot be imported: {error} "
            "(looked for among installed packages and in the working directory)"
        ) from error
    if not (isinstance(found, type) and issubclass(found, FunctionalModel)):
        raise InputError(f"{path} is no FunctionalModel: derive it from that class")
    return found


def create_model(
    name: str, n_tasks: int, sequence_length: int, arguments: dict[str, Any]
) -> FunctionalModel:
    """A new model.

    Raises:
        UnknownNameError, InputError: see `find_model`; or arguments that the model does not take.
    """
    found = find_model(name)
    try:
        return found(n_tasks=n_tasks, sequence_length=sequence_length, **arguments)
    except TypeError as error:
        raise InputError(f"model {name}: {error}") from error
