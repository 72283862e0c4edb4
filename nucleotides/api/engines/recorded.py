"""The package's own evaluation of a recorded network (`model.local`)."""

from __future__ import annotations

import numpy as np

from nucleotides.api.engine import Codes, Logits, Read
from nucleotides.api.engines.whole import encoded, plain
from nucleotides.errors import SettingsError
from nucleotides.predict import Model


def read_recorded(model: Model, precision: str, most: int) -> Read:  # noqa: ARG001
    """Reads with `Model.evaluator`.

    Raises:
        SettingsError: the network cannot be recorded.
    """
    found = model.evaluator(precision)
    if found is None:
        raise SettingsError("its calls cannot be recorded: use another engine")
    evaluator = found

    def read(windows: Codes) -> Logits:
        parts = [
            windows[i : i + evaluator.at_once] for i in range(0, len(windows), evaluator.at_once)
        ]
        return np.concatenate(
            [plain(evaluator.outputs(encoded(p, evaluator.device))) for p in parts]
        )

    return read
