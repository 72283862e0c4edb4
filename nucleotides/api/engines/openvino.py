"""OpenVINO, for processors of Intel and others."""

from __future__ import annotations

from warnings import catch_warnings, simplefilter

import numpy as np
import torch

from nucleotides.api.engine import Codes, Logits, Read
from nucleotides.api.engines.whole import Whole, encoded
from nucleotides.errors import MissingDependencyError, SettingsError
from nucleotides.predict import Model

_HINT = {"float32": "f32", "bfloat16": "bf16"}


def read_with_openvino(model: Model, precision: str, most: int) -> Read:
    """Reads with a network that torch exported and OpenVINO compiled, on as many threads as torch.

    Raises:
        MissingDependencyError: the extra `openvino` is not installed.
        SettingsError: the network cannot be exported or converted.
    """
    try:
        import openvino
    except ImportError as error:
        raise MissingDependencyError("openvino", "openvino") from error
    x = encoded(np.zeros((2, model.sequence_length), np.uint8))
    batch = torch.export.Dim("batch", min=1, max=max(2, most))
    try:
        with catch_warnings():
            simplefilter("ignore")  # torch's own, of what it deprecates itself
            network = Whole(model).eval()
            program = torch.export.export(network, (x,), dynamic_shapes=({0: batch},))
            converted = openvino.convert_model(program)
    except Exception as error:
        raise SettingsError(f"OpenVINO cannot use it: {error}") from error
    how = {
        "INFERENCE_PRECISION_HINT": _HINT[precision],
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = openvino.Core().compile_model(converted, "CPU", how)

    def read(windows: Codes) -> Logits:
        parts = [windows[i : i + most] for i in range(0, len(windows), most)]
        return np.concatenate([np.asarray(compiled(encoded(p).numpy())[0]) for p in parts])

    return read
