"""torch as it is, one operation after another."""

from __future__ import annotations

import torch

from nucleotides.api.engine import Codes, Logits, Read
from nucleotides.api.engines.whole import Whole, encoded, plain
from nucleotides.model.full_precision import full_precision
from nucleotides.predict import Model


def read_eagerly(model: Model, precision: str, most: int) -> Read:  # noqa: ARG001
    """Reads with the network; in bfloat16 by autocast."""
    network, device = Whole(model).eval(), model.network.device
    low = precision == "bfloat16"

    def read(windows: Codes) -> Logits:
        lower = torch.autocast(device.type, torch.bfloat16, enabled=low)
        with torch.inference_mode(), full_precision(), lower:
            return plain(network(encoded(windows, device)))

    return read
