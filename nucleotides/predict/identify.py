"""Which model it is: a digest of all that decides its predictions."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nucleotides.predict.model import Model


def identify(model: Model) -> str:
    """SHA-256 of a model's class, settings, weights and tasks: 64 hexadecimal digits."""
    digest = hashlib.sha256()
    network = model.network
    facts = (type(network).__qualname__, network.sequence_length, network.both_strands)
    digest.update(repr((*facts, list(model.tasks["task"]), model._step)).encode())
    for name, values in network.state_dict().items():
        array = np.ascontiguousarray(values.detach().float().cpu().numpy())
        digest.update(f"{name} {array.shape}".encode())
        digest.update(array.data)
    return digest.hexdigest()
