"""Explain sequences of any length by any method."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.choose_tasks import choose_tasks
from nucleotides.errors import InputError
from nucleotides.explain.attributions import told_together
from nucleotides.explain.explainer import Explainer
from nucleotides.explain.explanation import Explanation
from nucleotides.explain.methods import How, Values
from nucleotides.explain.overlap_windows import Overlap
from nucleotides.genome import encode

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained

Codes = NDArray[np.uint8]
Sequences = str | Sequence[str] | Mapping[str, str] | Codes


def explain(
    model: Explained,
    sequences: Sequences,
    method: str = "mutagenesis",
    tasks: Sequence[str] | None = None,
    *,
    scale: str = "logit",
    step: int | None = None,
    precision: str = "float32",
    seed: int = 0,
) -> Explanation:
    """What each base of sequences contributes to predictions.

    A sequence longer than the window is explained by overlapping windows (`Overlap`): a quarter of
    one apart, so that 10,000 bases take 37 windows of 1,000, not 451 as one every 20 bases would.

    Args:
        model: any model.
        sequences: one, several, or several by name, letters in any case, N allowed; or codes,
            uint8 (n, length). As long as the model's window or longer.
        method: "mutagenesis" (every base exchanged by the three others), "saliency",
            "input_x_gradient", "integrated_gradients" (from a uniform baseline) or
            "deep_lift_shap" (against dinucleotide shuffles).
        tasks: names or patterns; by default all.
        scale: of mutagenesis, differences of "logit" or "probability".
        step: bases from window to window.
        precision: of mutagenesis, float32 or bfloat16.
        seed: of the shuffles.

    Returns:
        `contributions` (n, tasks, length): positive where a base raises the prediction; `values`
        (n, tasks, 4, length); and more.

    Raises:
        InputError: no sequence, one shorter than the window or with letters that are none; options
            that mean nothing.
        UnknownNameError: a task or method that there is not; the message suggests the nearest.
    """
    how, overlap = How(method, scale, precision, seed), Overlap.of(model.sequence_length, step)
    names, codes = _named(sequences, model.sequence_length)
    known = list(model.tasks["task"])
    chosen = [known[i] for i in choose_tasks(tasks or (), known)]
    explainer = Explainer(model, chosen, how, overlap)
    with told_together():
        found = last_of(explainer.explain(codes))
    return join(names, codes, chosen, how, found)


def join(
    names: list[Any], codes: Sequence[Codes], tasks: list[str], how: How, found: Sequence[Values]
) -> Explanation:
    """Of sequences one by one, all in one: padded to the longest."""
    lengths = np.array([one.size for one in codes], np.int64)
    length = int(lengths.max())
    padded = np.full((len(codes), length), 4, np.uint8)
    values = np.zeros((len(codes), len(tasks), 4, length), np.float32)
    for i, one in enumerate(codes):
        padded[i, : one.size], values[i, ..., : one.size] = one, found[i].values
    gaps = [one.gap for one in found if one.gap is not None]
    return Explanation(names, tasks, how, padded, lengths, values, np.stack(gaps) if gaps else None)


def last_of(steps: Generator[None, None, list[Values]]) -> list[Values]:
    """What a generator returns when it has been run to its end."""
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            found: list[Values] = ended.value
            return found


def _named(sequences: Sequences, length: int) -> tuple[list[Any], list[Codes]]:
    """Names, and codes of each, all checked."""
    if isinstance(sequences, str):
        sequences = [sequences]
    named = dict(sequences) if isinstance(sequences, Mapping) else dict(enumerate(sequences))
    if not named:
        raise InputError("there is no sequence to explain")
    return list(named), [_codes(name, one, length) for name, one in named.items()]


def _codes(name: Any, sequence: str | Codes, length: int) -> Codes:
    try:
        codes = encode(sequence) if isinstance(sequence, str) else np.asarray(sequence)
    except InputError as error:
        raise InputError(f"sequence {name}: {error}") from None
    if codes.dtype != np.uint8 or codes.ndim != 1 or (codes.size and codes.max() > 4):
        raise InputError(f"sequence {name}: give letters, or codes uint8 (n, length) of 0 to 4")
    if codes.size < length:
        raise InputError(
            f"sequence {name} has {codes.size} bases; the model needs {length} or more"
        )
    return codes
