"""Explain items, and keep every batch, so that a command that was killed goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nucleotides import __version__
from nucleotides.analyze.explanations.gather_items import Codes, Items
from nucleotides.analyze.explanations.keep_explanations import Row, write_explanations
from nucleotides.arrays import open_arrays, save_arrays
from nucleotides.explain.attributions import told_together
from nucleotides.explain.explainer import Batch, Explainer, Joined
from nucleotides.explain.methods import Values
from nucleotides.genome import decode
from nucleotides.predict.identify import identify
from nucleotides.predict.keep_parts import Parts, digest_of, keep_parts
from nucleotides.progress import track

if TYPE_CHECKING:
    from nucleotides.predict import Model

_NOTHING = "interrupted before the first batch was finished: nothing is kept"


def explain_items(
    model: Model, items: Items, explainer: Explainer, out: Path, finish: Callable[[Path], None]
) -> None:
    """Explain items into the HDF5 file `out` (`write_explanations`), then call `finish(out)`.

    Batches are kept beside `out` until `finish` has ended.

    Raises:
        BusyError: another process is making `out`.
        OutOfSpaceError: the disk is full.
        KeyboardInterrupt: Ctrl-C; the message says how much is kept.
    """
    facts = {
        "model": identify(model),
        "window": explainer.overlap.length,
        "step": explainer.overlap.step,
        "package": __version__,
    }
    recipe = {**facts, **vars(explainer.how), "tasks": explainer.tasks}
    recipe |= {"device": str(model.network.device), "kept": "batches"}
    batches = list(explainer.batches(items.codes))
    what = f"explained, batches of up to {explainer.how.at_once} windows"
    with keep_parts(out, recipe) as kept:
        try:
            with told_together():
                for batch in track(batches, what):
                    _explain_batch(model, items.codes, batch, explainer, kept)
            rows = _rows(items.codes, batches, explainer, kept.paths())
            write_explanations(out, items, explainer.tasks, explainer.how, rows, facts)
            finish(out)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_told(len(kept.paths()), len(batches))) from None


def _told(n: int, total: int) -> str:
    if not n:
        return _NOTHING
    are = "is" if n == 1 else "are"
    return f"interrupted; {n:,} of {total:,} batches {are} kept: run it again to go on"


def _explain_batch(
    model: Model, codes: list[Codes], batch: Batch, explainer: Explainer, kept: Parts
) -> None:
    """Keep a batch's values and gaps, and predictions of the items that end in it."""
    windows = explainer.windows(codes, batch)
    ended = [codes[row] for row in Joined(explainer, codes).ended(batch)]
    places = np.array([place for _, place in batch], np.int64)
    digest = digest_of(windows.tobytes(), places.tobytes(), *(one.tobytes() for one in ended))
    if kept.has(digest):
        return
    found = explainer.explain_batch(windows, batch)
    arrays = {"values": found.values}
    if found.gap is not None:
        arrays["gap"] = found.gap.astype(np.float32)
    if ended:
        predicted = model.predict([decode(one) for one in ended])[explainer.tasks]
        arrays["probability"] = predicted.to_numpy(np.float32)
    with kept.writing(digest) as path:
        save_arrays(path, arrays)


def _rows(
    codes: list[Codes], batches: list[Batch], explainer: Explainer, paths: list[Path]
) -> Iterator[Row]:
    """Items of the batches that are kept."""
    joined = Joined(explainer, codes)
    none = np.full(len(explainer.tasks), np.nan, np.float32)
    for batch, path in zip(batches, paths, strict=True):
        arrays = open_arrays(path)
        whole = joined.add(batch, Values(arrays["values"], arrays.get("gap")))
        for i, one in enumerate(whole):
            gap = none if one.gap is None else one.gap.astype(np.float32)
            yield Row(one.values, arrays["probability"][i], gap)
