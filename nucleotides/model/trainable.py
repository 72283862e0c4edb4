"""The zoo's networks as Lightning trains them, made when they are asked for by name."""

from __future__ import annotations

from typing import Any

from nucleotides.model.registry import MODELS, find_model


def __getattr__(name: str) -> Any:
    """`nucleotides.model.trainable.DeepSEA`, and so on."""
    for model, path in MODELS.items():
        if path.rpartition(".")[2] == name:
            return find_model(model)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
