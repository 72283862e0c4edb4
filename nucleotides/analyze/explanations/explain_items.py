"""Explain items in parts, so that a command that was killed goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nucleotides import __version__
from nucleotides.analyze.explanations.gather_items import Codes, Items
from nucleotides.analyze.explanations.keep_explanations import Row, write_explanations
from nucleotides.arrays import open_arrays, save_arrays
from nucleotides.explain.explain_sequences import Explainer
from nucleotides.genome import decode
from nucleotides.predict.identify import identify
from nucleotides.predict.keep_parts import Parts, digest_of, keep_parts
from nucleotides.progress import track

if TYPE_CHECKING:
    from nucleotides.predict import Model

_BATCHES = 4
"""Of a part, about."""


def explain_items(
    model: Model, items: Items, explainer: Explainer, out: Path, finish: Callable[[Path], None]
) -> None:
    """Explain items into the HDF5 file `out` (`write_explanations`), then call `finish(out)`.

    Parts are kept beside `out` until `finish` has ended.

    Raises:
        BusyError: another process is making `out`.
        OutOfSpaceError: the disk is full.
    """
    facts = {
        "model": identify(model),
        "window": explainer.overlap.length,
        "step": explainer.overlap.step,
        "package": __version__,
    }
    recipe = {**facts, **vars(explainer.how), "tasks": explainer.tasks}
    recipe["device"] = str(model.network.device)
    groups = list(_groups(items.codes, explainer))
    total = sum(explainer.n_batches(group) for group in groups)
    with keep_parts(out, recipe) as kept:
        steps = _explained(model, groups, explainer, kept)
        for _ in track(
            steps, f"explained, batches of up to {explainer.how.at_once} windows", total
        ):
            pass
        write_explanations(out, items, explainer.tasks, explainer.how, _rows(kept.paths()), facts)
        finish(out)


def _groups(codes: list[Codes], explainer: Explainer) -> Iterator[list[Codes]]:
    """Items that make a part."""
    waiting: list[Codes] = []
    for one in codes:
        waiting.append(one)
        if explainer.n_batches(waiting) >= _BATCHES:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _explained(
    model: Model, groups: list[list[Codes]], explainer: Explainer, kept: Parts
) -> Generator[None, None, None]:
    """Makes the parts that are not there; yields once for each batch, those made before too."""
    for group in groups:
        digest = digest_of(*(one.tobytes() for one in group))
        if kept.has(digest):
            yield from (None for _ in range(explainer.n_batches(group)))
            continue
        found = yield from explainer.explain(group)
        predicted = model.predict([decode(one) for one in group])[explainer.tasks]
        none = np.full(len(explainer.tasks), np.nan, np.float32)
        arrays: dict[str, Any] = {"probability": predicted.to_numpy(np.float32)}
        arrays["gap"] = np.stack(
            [none if one.gap is None else one.gap.astype(np.float32) for one in found]
        )
        arrays |= {f"values{i:06d}": one.values for i, one in enumerate(found)}
        with kept.writing(digest) as path:
            save_arrays(path, arrays)


def _rows(paths: list[Path]) -> Iterator[Row]:
    for path in paths:
        arrays = open_arrays(path)
        for i in range(len(arrays["gap"])):
            yield Row(arrays[f"values{i:06d}"], arrays["probability"][i], arrays["gap"][i])
