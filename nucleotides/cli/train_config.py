"""A configuration of `train` from words of a command line and the paths of the settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nucleotides.train.arguments import TrainConfig


def configure(words: Sequence[str]) -> TrainConfig:
    """Parse; the settings' intervals and blacklist go with the settings' stores.

    Raises:
        InputError, UnknownNameError: see `nucleotides.train.arguments.parse`.
    """
    from nucleotides.load_settings import load_settings
    from nucleotides.train.arguments import parse

    settings = load_settings()
    defaults = {
        "genome": str(settings.GENOME_STORE),
        "targets": str(settings.TARGET_STORE),
        "logs": str(settings.LIGHTNING_LOGS),
    }
    config = parse(words, defaults)
    beside = (  # what belongs to the stores of the settings
        ("intervals", "targets", settings.INTERVALS),
        ("blacklist", "genome", settings.BLACKLIST),
    )
    for name, store, path in beside:
        ours = config.data[store] == defaults[store] and path.exists()
        if ours and config.data[name] is None:
            defaults[name] = str(path)
    return parse(words, defaults)
