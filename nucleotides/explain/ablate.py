"""What parts of windows do: replaced by something else of the same length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import InputError
from nucleotides.explain.check_windows import check_choice, check_number, check_windows
from nucleotides.explain.effects import Effects, chosen, effects_of_edits, summarise
from nucleotides.explain.shuffle import shuffle_dinucleotides

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained

Codes = NDArray[np.uint8]
Instead = Literal["shuffle", "N", "random"]


def ablate(
    model: Explained,
    codes: NDArray[Any],
    spans: NDArray[Any] | Sequence[tuple[int, int]],
    tasks: Sequence[str] | None = None,
    *,
    instead: Instead = "shuffle",
    copies: int = 10,
    seed: int = 0,
) -> Effects:
    """Logits of windows without a part of them less those of the windows, part by part.

    Args:
        model: any model.
        codes: uint8 (n, length), windows of the model's length; N allowed.
        spans: (k, 2), starts and ends, 0-based half-open, the same in all windows.
        tasks: names or patterns; by default all.
        instead: dinucleotide shuffles of the part, N, or bases at random, A C G T alike.
        copies: how many times a part is replaced; by N it is once.
        seed: of what is drawn.

    Returns:
        Mean and standard error over copies, (n, k, tasks) each.

    Raises:
        InputError: an array of another shape, no spans, one that is none or beyond the window, or
            no copies.
        UnknownNameError: a task that the model does not have, or another `instead`.
    """
    windows = check_windows(codes, model.sequence_length)
    parts = _checked(spans, model.sequence_length)
    columns, names = chosen(model, tasks)
    check_choice("instead", instead, Instead)
    check_number("copies", copies)
    copies = 1 if instead == "N" else copies

    def edit(some: Codes) -> Codes:
        edited = np.repeat(some[:, None], len(parts) * copies, axis=1)
        by_part = edited.reshape(len(some), len(parts), copies, -1)
        for i, (start, end) in enumerate(parts):
            by_part[:, i, :, start:end] = _others(some[:, start:end], instead, copies, seed)
        return edited

    each = effects_of_edits(model, windows, edit, len(parts) * copies, columns)
    return summarise(each.reshape(len(windows), len(parts), copies, -1), 2, names)


class Tiles(NamedTuple):
    """Effects of ablations side by side.

    spans: int64 (k, 2), starts and ends, 0-based half-open.
    effects: (n, k, tasks).
    """

    spans: NDArray[np.int64]
    effects: Effects

    def by_position(self, length: int) -> NDArray[np.float64]:
        """Mean effect of the tiles over each position, (n, tasks, length); NaN where none is."""
        at = np.arange(length)
        over = ((self.spans[:, :1] <= at) & (at < self.spans[:, 1:])).astype(float)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.einsum("nkt,kl->ntl", self.effects.mean, over) / over.sum(axis=0))


def tile_deletions(
    model: Explained,
    codes: NDArray[Any],
    width: int,
    step: int | None = None,
    tasks: Sequence[str] | None = None,
    *,
    instead: Instead = "shuffle",
    copies: int = 10,
    seed: int = 0,
) -> Tiles:
    """Ablations of parts of equal width all along the windows; nothing moves.

    Args:
        model: as `ablate`, like the others.
        codes: windows.
        width: bases of a part.
        step: from one part to the next; by default the width.
        tasks: names or patterns.
        instead: what a part is replaced by.
        copies: how many times.
        seed: of what is drawn.

    Raises:
        InputError, UnknownNameError: as `ablate`.
    """
    step = width if step is None else step
    if not 0 < width <= model.sequence_length or step < 1:
        raise InputError(
            f"parts of {width} bases, {step} apart, do not tile {model.sequence_length} bases"
        )
    starts = np.arange(0, model.sequence_length - width + 1, step)
    spans = np.stack([starts, starts + width], axis=1)
    effects = ablate(model, codes, spans, tasks, instead=instead, copies=copies, seed=seed)
    return Tiles(spans, effects)


def _others(part: Codes, instead: Instead, copies: int, seed: int) -> Codes:
    """What takes the place of parts (n, width): (n, copies, width)."""
    if instead == "shuffle":
        return shuffle_dinucleotides(part, copies, seed)
    shape = (len(part), copies, part.shape[1])
    if instead == "N":
        return np.full(shape, 4, np.uint8)
    drawn = np.random.default_rng(seed).integers(0, 4, shape[1:], np.uint8)
    return np.broadcast_to(drawn, shape)


def _checked(spans: Any, length: int) -> NDArray[np.int64]:
    parts = np.asarray(spans, np.int64).reshape(-1, 2)
    if not len(parts):
        raise InputError("there is no part to ablate: give spans, starts and ends")
    wrong = ~((parts[:, 0] >= 0) & (parts[:, 0] < parts[:, 1]) & (parts[:, 1] <= length))
    if wrong.any():
        start, end = parts[wrong][0]
        raise InputError(f"{start}-{end} is no part of a window of {length} bases")
    return parts
