"""Designs in parts on disk, so that a command that was killed goes on where it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nucleotides import __version__
from nucleotides.arrays import open_arrays, save_arrays
from nucleotides.design.designs import Design
from nucleotides.design.optimize import Designer, Start
from nucleotides.predict.identify import identify
from nucleotides.predict.keep_parts import Parts, digest_of

_ARRAYS = ("start", "begin", "codes", "curve", "logits_before", "logits")
_NUMBERS = ("score_before", "score", "disagreement_before", "disagreement")
_COUNTS = ("passes", "gradients")


def recipe_of(designer: Designer) -> dict[str, Any]:
    """All that decides a design besides its start, JSON-plain."""
    options = ("objective", "method", "constraints", "budget", "seed", "disagreement_penalty")
    models = [designer.model] + ([designer.check] if designer.check else [])
    return {
        "package": __version__,
        "models": [identify(model) for model in models],
        "known": [_digest(model.background, model.calibration) for model in models],
        "device": str(designer.model.network.device),
        **{name: repr(getattr(designer, name)) for name in options},
    }


def make_designs(designer: Designer, starts: list[Start], kept: Parts) -> Iterator[Design]:
    """A design a start, in order; those that are there are read."""
    for start in starts:
        name = f"{start.name}\n{start.copy}".encode()
        digest = digest_of(name, start.codes.tobytes(), start.begin.tobytes())
        if not kept.has(digest):
            with kept.writing(digest) as path:
                _save(path, designer.design(start))
        yield _open(kept.paths()[-1], start.name)


def _save(path: Path, design: Design) -> None:
    arrays = {name: getattr(design, name) for name in _ARRAYS}
    arrays["numbers"] = np.array([getattr(design, name) for name in _NUMBERS], np.float64)
    arrays["counts"] = np.array([getattr(design, name) for name in _COUNTS], np.int64)
    save_arrays(path, arrays)


def _open(path: Path, name: str) -> Design:
    arrays = open_arrays(path)
    kept: dict[str, Any] = {key: np.array(arrays[key]) for key in _ARRAYS}
    kept |= dict(zip(_NUMBERS, arrays["numbers"].tolist(), strict=True))
    kept |= dict(zip(_COUNTS, arrays["counts"].tolist(), strict=True))
    return Design(name=name, **kept)


def _digest(*things: Any) -> str:
    """Of the numbers that objects hold."""
    digest = hashlib.sha256()
    for thing in things:
        for name, value in sorted(vars(thing).items()) if thing is not None else ():
            digest.update(f"{name} {np.asarray(value).tolist()}".encode())
    return digest.hexdigest()
