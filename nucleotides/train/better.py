"""Whether less or more of a metric is better."""

from __future__ import annotations

from typing import Literal

Mode = Literal["min", "max"]


def better(monitor: str, mode: Mode | None = None) -> Mode:
    """The mode that was given, else min for a loss and max for anything else."""
    return mode or ("min" if "loss" in monitor else "max")
