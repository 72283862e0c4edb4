"""Peaks as the text of a bed, written by machine code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.genome.ranges import Integers

_TAB, _NEWLINE, _ZERO = b"\t\n0"
_DIGITS = 10  # of a coordinate, at most


def bed_text(
    contigs: Integers,
    starts: Integers,
    ends: Integers,
    names: NDArray[Any],
    contig_names: Sequence[str],
    row_names: Sequence[str],
) -> memoryview:
    """Lines `contig TAB start TAB end TAB name`; contigs and names (n,) are numbers of names."""
    contig_letters, contig_edges = _letters(contig_names)
    name_letters, name_edges = _letters(row_names)
    widest = np.diff(contig_edges).max() + np.diff(name_edges).max() + 2 * _DIGITS + 4
    out = np.empty(starts.size * int(widest), np.uint8)
    size = compiled(_write)(
        contigs, starts, ends, names, contig_letters, contig_edges, name_letters, name_edges, out
    )
    return memoryview(out[:size])  # type: ignore[arg-type]


def _letters(names: Sequence[str]) -> tuple[NDArray[np.uint8], Integers]:
    texts = [name.encode() for name in names]
    edges = np.cumsum([0, *map(len, texts)])
    return np.frombuffer(b"".join(texts), np.uint8), edges


def _write(  # type: ignore[no-untyped-def]
    contigs, starts, ends, names, contig_letters, contig_edges, name_letters, name_edges, out
):
    at = 0
    for i in range(starts.size):
        for j in range(contig_edges[contigs[i]], contig_edges[contigs[i] + 1]):
            out[at] = contig_letters[j]
            at += 1
        for number in (starts[i], ends[i]):
            out[at] = _TAB
            at += 1
            digits, power = 1, 10
            while number >= power:
                digits, power = digits + 1, power * 10
            rest = np.uint32(number)
            for j in range(at + digits - 1, at - 1, -1):
                tenth = rest // np.uint32(10)
                out[j] = _ZERO + (rest - tenth * np.uint32(10))
                rest = tenth
            at += digits
        out[at] = _TAB
        at += 1
        for j in range(name_edges[names[i]], name_edges[names[i] + 1]):
            out[at] = name_letters[j]
            at += 1
        out[at] = _NEWLINE
        at += 1
    return at
