"""Windows out of the concatenated codes of a genome, many in one compiled pass."""

from __future__ import annotations

import numpy as np

from nucleotides.compiled import compiled
from nucleotides.genome.ranges import Integers

Codes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

_CACHE_LINE = 64


def gather(
    codes: Codes,
    offsets: Integers,
    lengths: Integers,
    contigs: Integers,
    starts: Integers,
    reverse: Flags,
    rows: Codes,
    encoded: Floats,
) -> None:
    """Fill `rows` with windows, and `encoded` with their one-hot if it has room for them.

    Args:
        codes: all contigs behind one another.
        offsets, lengths: of each contig in `codes`.
        contigs, starts, reverse: (n,) windows; N beyond a contig's ends.
        rows: (n, length), or (1, length) as scratch when only `encoded` is wanted.
        encoded: float32 (n, 4, length), or of size 0.
    """
    compiled(_gather)(codes, offsets, lengths, contigs, starts, reverse, rows, encoded, _CACHE_LINE)


def _gather(codes, offsets, lengths, contigs, starts, reverse, rows, encoded, line):  # type: ignore[no-untyped-def]
    length = rows.shape[1]
    # Every cache line is asked for before the first is used: misses overlap. Without this pass
    # a batch from main memory takes three times as long.
    touched = np.uint8(0)
    for i in range(starts.size):
        low = max(starts[i], 0)
        high = min(starts[i] + length, lengths[contigs[i]])
        for k in range(low, high, line):
            touched |= codes[offsets[contigs[i]] + k]
    for i in range(starts.size):
        contig, start = contigs[i], starts[i]
        low = min(max(-start, 0), length)
        high = max(min(lengths[contig] - start, length), low)
        first = offsets[contig] + start
        source = codes[first + low : first + high]
        row = rows[i % rows.shape[0]]
        if low > 0 or high < length:
            row[:] = 4
        n = np.uint64(high - low)
        # Unsigned indices: signed ones may be negative, and then nothing is vectorised.
        if reverse[i]:
            target = row[length - high : length - low]
            for k in range(n):
                code = source[n - np.uint64(1) - np.uint64(k)]
                target[np.uint64(k)] = 3 - code if code < 4 else 4
        else:
            target = row[low:high]
            for k in range(n):
                target[k] = source[k]
        if encoded.size:
            unknown = np.uint8(0)
            for k in range(length):
                unknown |= row[k]
            for channel in range(4):
                out = encoded[i, channel]
                for k in range(length):
                    out[k] = np.float32(1) if row[k] == np.uint8(channel) else np.float32(0)
                if unknown & 4:
                    for k in range(length):
                        if row[k] == 4:
                            out[k] = np.float32(0.25)
    return touched
