"""What a motif does by itself: planted into many backgrounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from nucleotides.explain.check_windows import check_number, check_windows
from nucleotides.explain.effects import Effects, chosen, effects_of_edits, summarise
from nucleotides.explain.plant import as_codes, plant
from nucleotides.model.motifs import Motif

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained


def marginalise(
    model: Explained,
    motif: str | Motif,
    backgrounds: NDArray[Any],
    tasks: Sequence[str] | None = None,
    *,
    position: int | None = None,
) -> Effects:
    """Logits of backgrounds with a motif less those without it.

    It is the global importance of Koo et al. 2021 (10.1371/journal.pcbi.1008925).

    Args:
        model: any model.
        motif: bases (N leaves the background's), or a matrix, of which the likeliest are planted.
        backgrounds: codes uint8 (n, length), such as `shuffle_dinucleotides(...)`, reshaped.
        tasks: names or patterns; by default all.
        position: where the motif begins, 0-based; by default its middle is that of the window.

    Returns:
        Mean and standard error over backgrounds, (tasks,) each.

    Raises:
        InputError: an array of another shape, no backgrounds, or a motif that does not fit or has
            letters other than A C G T U N.
        UnknownNameError: a task that the model does not have.
    """
    windows = check_windows(backgrounds, model.sequence_length)
    check_number("backgrounds", len(windows))
    columns, names = chosen(model, tasks)
    codes = as_codes(motif)
    start = (model.sequence_length - codes.size) // 2 if position is None else position
    each = effects_of_edits(
        model, windows, lambda some: plant(some, codes, start)[:, None], 1, columns
    )
    return summarise(each[:, 0], 0, names)
