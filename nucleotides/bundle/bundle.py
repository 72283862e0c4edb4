"""A model with all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from nucleotides.bundle.layout import FORMAT, VERSION
from nucleotides.metrics.background import Background
from nucleotides.metrics.monotone import Calibration
from nucleotides.model.network import Network

__all__ = ["FORMAT", "NOTHING", "VERSION", "Bundle", "Knowledge"]


@dataclass(frozen=True)
class Knowledge:
    """What is known of a model beyond its weights; None where it was not found out.

    Attributes:
        calibration: what makes its probabilities frequencies.
        background: its scores over the genome.
        gc_matched: those outside of peaks, with the GC content of peaks.
        card: the model card, Markdown.
        lock: what it was trained on, to the checksum.
        licence: the terms of the weights: a name, or a text.
    """

    calibration: Calibration | None = None
    background: Background | None = None
    gc_matched: Background | None = None
    card: str | None = None
    lock: dict[str, Any] | None = None
    licence: str | None = None


NOTHING = Knowledge()


@dataclass(frozen=True)
class Bundle:
    """A model with what is known of it.

    Attributes:
        model: in evaluation mode, on the CPU.
        tasks: a row an output, in order; column `task`, facts, held-out metrics.
        facts: manifest.json: architecture, window, label rule.
        metrics: metrics.json, or an empty dictionary.
        known: calibration, background, card, lock, licence.
    """

    model: Network
    tasks: pd.DataFrame
    facts: dict[str, Any]
    metrics: dict[str, Any]
    known: Knowledge
