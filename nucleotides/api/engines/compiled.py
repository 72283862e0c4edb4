"""torch's compiler, with weights frozen into the code."""

from __future__ import annotations

import copy
from warnings import catch_warnings, simplefilter

import numpy as np
import torch

from nucleotides.api.engine import Codes, Logits, Read
from nucleotides.api.engines.whole import Whole, encoded, plain
from nucleotides.errors import SettingsError
from nucleotides.predict import Model


def read_compiled(model: Model, precision: str, most: int) -> Read:
    """Reads with code made for batches of 1 and of `most` windows; others are filled up with N.

    Args:
        model: the model; its network is copied.
        precision: float32 or bfloat16.
        most: windows at once, at most.

    Raises:
        SettingsError: it cannot be compiled here (inductor needs a C++ compiler).
    """
    dtype = getattr(torch, precision)
    device, length = model.network.device, model.sequence_length
    with catch_warnings():
        simplefilter("ignore")  # torch's own, of what it deprecates itself
        network = torch.compile(copy.deepcopy(Whole(model)).eval().to(dtype), dynamic=False)

    def run(windows: Codes) -> Logits:
        with torch.no_grad():
            return plain(network(encoded(windows, device).to(dtype)))

    def read(windows: Codes) -> Logits:
        out = []
        for i in range(0, len(windows), most):
            some = windows[i : i + most]
            size = 1 if len(some) == 1 else most
            filled = np.full((size, length), 4, np.uint8)
            filled[: len(some)] = some
            out.append(run(filled)[: len(some)])
        return np.concatenate(out)

    try:
        with torch._inductor.config.patch(freezing=True), catch_warnings():
            simplefilter("ignore")
            for size in {1, most}:
                run(np.zeros((size, length), np.uint8))
    except Exception as error:
        raise SettingsError(f"torch cannot compile it here: {error}") from error
    return read
