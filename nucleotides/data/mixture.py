"""`--sampling`: from which sources training samples come, and how often from each."""

from __future__ import annotations

import math
import re

from nucleotides.errors import InputError, UnknownNameError

SOURCES = {
    "genome": "anywhere",
    "uniform": "anywhere outside of the intervals",
    "gc": "outside of the intervals, GC content as within them",
    "dinucleotide": "outside of the intervals, dinucleotide composition as within them",
    "tasks": "a task, each alike, then one of its positive centres",
    "assays": "an assay, each alike, then a task of it, then one of its positive centres",
    "intervals": "the training intervals",
}
"""The sources; where several are mixed, they share [0, 1) in this order."""


def parse_sampling(text: str | None, background: float = 0.0) -> dict[str, float]:
    """Weights of the sources, of sum 1, from `intervals=0.5,gc=0.3,genome=0.2` or one name.

    Without text, `background` of the samples come from anywhere, the rest from the intervals.

    Raises:
        InputError: a weight that is none, both arguments, or a background outside [0, 1].
        UnknownNameError: a source that there is not.
    """
    if not 0 <= background <= 1:
        raise InputError(f"--background {background} is not within 0 and 1")
    if text is None:
        weights = {"genome": background, "intervals": 1 - background}
    elif background:
        raise InputError(
            f"--background {background} and --sampling {text}: give one of them "
            f"(--background {background} is "
            f"--sampling intervals={1 - background:g},genome={background:g})"
        )
    else:
        weights = _weights(text)
    total = sum(weights.values())
    if not total:
        raise InputError(f"--sampling {text}: all weights are 0")
    return {name: weights[name] / total for name in SOURCES if weights.get(name)}


def _weights(text: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    words = [word for word in re.split(r"[,\s]+", text.strip()) if word]
    if not words:
        raise InputError(f"--sampling {text!r} names no source: {', '.join(SOURCES)}")
    for word in words:
        name, equals, number = word.partition("=")
        if name not in SOURCES:
            raise UnknownNameError("source", name, SOURCES, "(in --sampling)")
        if name in weights:
            raise InputError(f"--sampling {text}: {name} is named twice")
        weights[name] = _weight(number, text) if equals else 1.0
    return weights


def _weight(number: str, text: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        weight = math.nan
    if not (weight >= 0 and math.isfinite(weight)):
        raise InputError(f"--sampling {text}: {number!r} is no weight: give 0 or more")
    return weight
