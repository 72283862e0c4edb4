"""Cut sequences that may be longer than a model's window into windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nucleotides.errors import InputError
from nucleotides.genome import encode


def cut_sequences(
    sequences: str | Sequence[str] | Mapping[str, str], length: int, step: int
) -> tuple[list[Any], NDArray[np.uint8], NDArray[np.int64]]:
    """Names of sequences, all of their windows, and where each one's begin.

    Windows are `step` bases apart, first and last included: codes uint8 (n, length).

    Raises:
        InputError: no sequence, a sequence shorter than `length`, or with letters that are none.
    """
    named = _by_name(sequences)
    windows = [_windows(name, sequence, length, step) for name, sequence in named.items()]
    edges = np.cumsum([0, *map(len, windows)])[:-1]
    return list(named), np.concatenate(windows), edges


def _windows(name: str, sequence: str, length: int, step: int) -> NDArray[np.uint8]:
    called = "the sequence" if name == "sequence" else f"sequence {name}"
    if len(sequence) < length:
        raise InputError(f"{called} has {len(sequence)} bases; the model needs {length} or more")
    try:
        codes = encode(sequence)
    except InputError as error:
        raise InputError(f"{called}: {error}") from None
    last = codes.size - length
    starts = np.unique(np.append(np.arange(0, last + 1, step), last))
    windows: NDArray[np.uint8] = sliding_window_view(codes, length)[starts]
    return windows


def _by_name(sequences: str | Sequence[str] | Mapping[str, str]) -> dict[Any, str]:
    if isinstance(sequences, str):
        return {0: sequences}
    named = dict(sequences) if isinstance(sequences, Mapping) else dict(enumerate(sequences))
    if not named:
        raise InputError("there is no sequence to predict")
    return named
