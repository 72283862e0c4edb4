"""Models by name, or by import path."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from nucleotides.errors import InputError, UnknownNameError, UntrustedCodeError
from nucleotides.model.network import Network

if TYPE_CHECKING:
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


def find_network(name: str) -> type[Network]:
    """The class of a network of the zoo, or of one's own by import path (`my_module.MyNet`).

    Raises:
        UnknownNameError: neither a model of the zoo nor an import path.
        InputError: an import path that leads nowhere, or to something else than a FunctionalModel.
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
    if not (isinstance(found, type) and issubclass(found, Network)):
        raise InputError(f"{path} is no FunctionalModel: derive it from that class")
    return found


def find_known_network(name: str) -> type[Network]:
    """As `find_network`, of a file that may come from anyone: nothing is imported at its word.

    Known are the zoo and, by import path, what this process imported before: to use a model of
    one's own, import its module first.

    Raises:
        UntrustedCodeError: another import path.
        UnknownNameError: neither a model of the zoo nor an import path.
    """
    module, _, attribute = name.rpartition(".")
    loaded = vars(sys.modules[module]).get(attribute) if module in sys.modules else None
    ours = isinstance(loaded, type) and issubclass(loaded, Network)
    if name in MODELS or ours or not module:
        return find_network(name)
    raise UntrustedCodeError(
        f"the model is of the class {name}, which is not one of this package: opening it would "
        "run that code. If you know where the model and that code come from, say --trust-code, "
        f"or in Python load(..., trust_code=True) or import {module} before"
    )


def find_model(name: str) -> type[FunctionalModel]:
    """The class that is trained: as `find_network`, with what Lightning needs.

    Raises:
        UnknownNameError, InputError: see `find_network`.
    """
    from nucleotides.model.lightning_model import trainable

    return trainable(find_network(name))  # type: ignore[arg-type]  # a metaclass without hash


def create_model(
    name: str, n_tasks: int, sequence_length: int, arguments: dict[str, Any]
) -> FunctionalModel:
    """A new model, to be trained.

    Raises:
        UnknownNameError, InputError: see `find_network`; or arguments that the model does not take.
    """
    try:
        return find_model(name)(n_tasks=n_tasks, sequence_length=sequence_length, **arguments)
    except TypeError as error:
        raise InputError(f"model {name}: {error}") from error


def create_network(
    name: str,
    n_tasks: int,
    sequence_length: int,
    arguments: dict[str, Any],
    *,
    trust_code: bool = True,
) -> Network:
    """A new network, to be used; `trust_code` says whether any module may be imported for it.

    Raises:
        UntrustedCodeError: see `find_known_network`.
        UnknownNameError, InputError: see `find_network`; or arguments that the model does not take.
    """
    found = (find_network if trust_code else find_known_network)(name)
    try:
        return found(n_tasks=n_tasks, sequence_length=sequence_length, **arguments)
    except TypeError as error:
        raise InputError(f"model {name}: {error}") from error
