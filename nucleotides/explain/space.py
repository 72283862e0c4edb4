"""What two motifs do together, by the distance between them and their orientations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides.errors import InputError
from nucleotides.explain.check_windows import check_number, check_windows
from nucleotides.explain.effects import chosen, effects_of_edits, summarise
from nucleotides.explain.plant import as_codes, plant
from nucleotides.model.motifs import Motif

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained

Codes = NDArray[np.uint8]

ORIENTATIONS = "++", "+-", "-+", "--"


def space(
    model: Explained,
    motif_a: str | Motif,
    motif_b: str | Motif,
    backgrounds: NDArray[Any],
    gaps: Sequence[int],
    orientations: Sequence[str] = ORIENTATIONS,
    tasks: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Effects of two motifs planted into backgrounds, one behind the other.

    The middle of A is that of the window; B begins `gap` bases after the end of A.

    Args:
        model: any model.
        motif_a: bases (N leaves the background's), or a matrix, of which the likeliest are planted.
        motif_b: likewise.
        backgrounds: codes uint8 (n, length), such as shuffles.
        gaps: bases between the two, 0 or more.
        orientations: strands of A and B, as in `+-`.
        tasks: names or patterns; by default all.

    Returns:
        A row for each task, orientation and gap: means over backgrounds and their standard errors
        (`_error`) of `a`, `b`, effects of each alone at its place, `joint`, that of both, and
        `excess`, joint less a less b, background by background; in logits.

    Raises:
        InputError: an array of another shape, no backgrounds, a gap or orientation that is none,
            or motifs that reach beyond the window or have letters other than A C G T U N.
        UnknownNameError: a task that the model does not have.
    """
    windows = check_windows(backgrounds, model.sequence_length)
    check_number("backgrounds", len(windows))
    columns, names = chosen(model, tasks)
    wrong: list[Any] = [o for o in orientations if o not in ORIENTATIONS] or [
        g for g in gaps if g < 0
    ]
    if wrong or not len(gaps) or not len(orientations):
        raise InputError(
            f"{[*wrong, 'nothing'][0]}: give gaps of 0 or more and orientations of {ORIENTATIONS}"
        )
    layouts = [(strands, gap) for strands in orientations for gap in gaps]
    motifs = {o: (as_codes(motif_a, o[0]), as_codes(motif_b, o[1])) for o in orientations}

    def edit(some: Codes) -> Codes:
        edited = [_planted(some, *motifs[strands], gap) for strands, gap in layouts]
        return np.concatenate(edited, axis=1)

    each = effects_of_edits(model, windows, edit, 3 * len(layouts), columns)
    tables = [
        _table(each[:, 3 * i : 3 * i + 3], names, *layout) for i, layout in enumerate(layouts)
    ]
    found = pd.concat(tables, ignore_index=True)
    order = found["task"].map({name: i for i, name in enumerate(names)})
    return found.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)


def _planted(windows: Codes, a: Codes, b: Codes, gap: int) -> Codes:
    """Windows with A, with B, with both, (n, 3, length)."""
    first = (windows.shape[1] - a.size) // 2
    second = first + a.size + gap
    with_a, with_b = plant(windows, a, first), plant(windows, b, second)
    return np.stack([with_a, with_b, plant(with_a, b, second)], axis=1)


def _table(each: NDArray[np.float64], names: list[str], strands: str, gap: int) -> pd.DataFrame:
    a, b, joint = each.transpose(1, 0, 2)
    columns: dict[str, Any] = {"task": names, "orientation": strands, "gap": gap}
    for name, part in {"a": a, "b": b, "joint": joint, "excess": joint - a - b}.items():
        found = summarise(part, 0, names)
        columns |= {name: found.mean, f"{name}_error": found.error}
    return pd.DataFrame(columns | {"n": len(each)})
