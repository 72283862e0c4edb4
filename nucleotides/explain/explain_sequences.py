"""Explain sequences of any length by any method."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.choose_tasks import choose_tasks
from nucleotides.errors import InputError
from nucleotides.explain.explanation import Explanation
from nucleotides.explain.methods import How, Values, explain_windows
from nucleotides.explain.overlap_windows import Mean, Overlap, Place
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
    return join(names, codes, chosen, how, last_of(explainer.explain(codes)))


class Explainer(NamedTuple):
    """Explains some sequences at once; windows of different ones share a batch."""

    model: Explained
    tasks: list[str]
    how: How
    overlap: Overlap

    def explain(self, sequences: Sequence[Codes]) -> Generator[None, None, list[Values]]:
        """Values (tasks, 4, length) and gaps (tasks,) of each; yields after each batch."""
        means = [Mean((len(self.tasks), 4, codes.size)) for codes in sequences]
        gaps: list[NDArray[np.float64] | None] = [None] * len(sequences)
        for batch in self._batches(sequences):
            windows = np.stack([sequences[row][self._slice(place)] for row, place in batch])
            part = batch[0][1][1:]
            found = explain_windows(self.model, windows, self.tasks, self.how, part)
            for i, (row, place) in enumerate(batch):
                first = place.start + place.first
                means[row].add(first, found.values[i], self.overlap.weights(place))
                if found.gap is not None:
                    gaps[row] = _larger(gaps[row], found.gap[i])
            yield
        return [Values(mean.result(), gap) for mean, gap in zip(means, gaps, strict=True)]

    def n_batches(self, sequences: Sequence[Codes]) -> int:
        """How often `explain` yields."""
        return sum(1 for _ in self._batches(sequences))

    def _batches(self, sequences: Sequence[Codes]) -> Iterator[list[tuple[int, Place]]]:
        """Windows that follow one another and of which the same part counts."""
        places = (
            (row, place)
            for row, codes in enumerate(sequences)
            for place in self.overlap.places(codes.size)
        )
        for _, alike in groupby(places, key=lambda item: item[1][1:]):
            some = list(alike)
            size = self.how.at_once
            yield from (some[i : i + size] for i in range(0, len(some), size))

    def _slice(self, place: Place) -> slice:
        return slice(place.start, place.start + self.overlap.length)


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


def _larger(one: NDArray[np.float64] | None, other: NDArray[np.float64]) -> NDArray[np.float64]:
    return other if one is None else np.where(np.abs(other) > np.abs(one), other, one)


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
