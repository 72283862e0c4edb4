"""Predict rows into a file, or into tracks; what was killed goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nucleotides import __version__
from nucleotides.predict.identify import identify
from nucleotides.predict.keep_parts import Parts, digest_of, keep_parts
from nucleotides.predict.keep_rows import Rows, save_rows
from nucleotides.predict.regions.place_windows import Windows
from nucleotides.predict.regions.predict_rows import How, Predictor
from nucleotides.progress import track

if TYPE_CHECKING:
    from nucleotides.predict.model import Model

Writer = Callable[[list[Path], list[str], Path], None]
"""Makes an output of parts, the names of its tasks and where it is to be."""


@dataclass(frozen=True)
class Source:
    """Where rows come from.

    Attributes:
        parts: the rows with their windows.
        n_windows: of all parts, where that is known.
        recipe: what decides rows and windows besides what the parts' digests cover, JSON-plain.
    """

    parts: Iterable[Windows]
    n_windows: int | None
    recipe: Mapping[str, Any]


def predict_file(model: Model, source: Source, how: How, out: Path, write: Writer) -> list[str]:
    """Predict every row of `source` and make `out` of them; the names of its tasks.

    Parts are kept beside `out` until it is made; the same call goes on after them.

    Raises:
        InputError: input that is wrong, found before or while it is read; or they are to be
            recalibrated and the model has no calibration. What was predicted before is kept.
        UnknownNameError: a task that the model has not.
        BusyError: another process is making `out`.
    """
    predictor = Predictor(model, how)
    recipe = {**source.recipe, **asdict(how), "model": _identity(model, how), "of": __version__}
    recipe["device"] = str(model.network.device)
    total = None if source.n_windows is None else -(-source.n_windows // how.batch_size)
    with keep_parts(out, recipe) as kept:
        steps = _predicted(predictor, source.parts, kept, "logit" if how.logits else "probability")
        for _ in track(steps, f"batches of {how.batch_size} windows", total):
            pass
        write(kept.paths(), predictor.tasks, out)
    return predictor.tasks


def _predicted(
    predictor: Predictor, parts: Iterable[Windows], kept: Parts, score: str
) -> Iterator[None]:
    """Makes the parts that are not there; yields once for each batch, those made before too."""
    for part in parts:
        if kept.has(part.digest):
            yield from (None for _ in predictor.batches(part))
            continue
        values = yield from predictor.rows(part)
        with kept.writing(part.digest) as path:
            save_rows(path, Rows(part.facts, {score: values.astype(np.float32)}))


def _identity(model: Model, how: How) -> str:
    """Of the model, with its calibration where that is used: known by what it does to a probe."""
    if not how.recalibrated:
        return identify(model)
    probe = np.random.default_rng(0).integers(0, 4, (8, model.sequence_length)).astype(np.uint8)
    return identify(model) + digest_of(model._scores(probe, recalibrated=True).tobytes())
