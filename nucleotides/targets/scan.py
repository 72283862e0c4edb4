"""The fast way through a peak file's text, for files as ENCODE writes them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.compiled import compiled
from nucleotides.genome.ranges import Integers

_SLOTS = 4096  # of the hash table of contig names; a file with more than half as many is not read
_TAB, _NEWLINE, _COMMENT, _BLANK, _DELETE, _ZERO, _NINE = b"\t\n# \x7f09"
_MAX_DIGITS, _MAX_COORDINATE = 10, 2**31 - 1
_SHORTEST = len(b"1\t2\t3\n")
_NEWLINES, _ONES, _HIGHS = (np.uint64(0x0101010101010101 * byte) for byte in (10, 1, 128))
_HASH_BASIS, _HASH_PRIME = np.uint32(2166136261), np.uint32(16777619)  # FNV-1a, 32 bits


class Peaks(NamedTuple):
    """Peaks in the order of their file: contig (n,) are positions in `names`; half-open places."""

    names: list[str]
    contig: NDArray[np.int32]
    starts: Integers
    ends: Integers


def scan(text: bytes) -> Peaks | None:
    """Peaks of a text whose lines all are `contig TAB start TAB end [TAB anything]`.

    Empty lines and lines that begin with `#` are passed over. Anything else (other separators,
    signs, exponents, column names, start > end, 2^31 or more) gives None: it is for the reader
    that knows every form and says what is wrong.
    """
    letters = np.frombuffer(text, np.uint8)
    words = letters[: letters.size // 8 * 8].view(np.uint64)
    room = letters.size // _SHORTEST + 1  # memory that is not written to costs nothing
    names, starts, ends = (np.empty((room, 3), np.int64), *np.empty((2, room), np.int64))
    n = compiled(_columns)(letters, words, names, starts, ends)
    if n < 0:
        return None
    contig, first_seen = np.empty(n, np.int32), np.empty(_SLOTS // 2, np.int64)
    n_names = compiled(_number_names)(letters, names[:n], contig, first_seen)
    if n_names < 0:
        return None
    places = names[first_seen[:n_names], :2].tolist()
    known = [text[begin : begin + length].decode() for begin, length in places]
    return Peaks(known, contig, starts[:n], ends[:n])


def _columns(text, words, names, starts, ends):  # type: ignore[no-untyped-def]
    """Fill starts, ends, and where each name begins, its length, its hash; the number of lines.

    -1 where a line is of another form. The rest of a line is passed over eight letters at a time:
    a word of eight has a newline in it if, with newlines made zero, it has a byte that borrows.
    """
    size, i, n = text.size, 0, 0
    while i < size:
        if text[i] == _NEWLINE:
            i += 1
            continue
        if text[i] == _COMMENT:
            while i < size and text[i] != _NEWLINE:
                i += 1
            continue
        begin, code = i, _HASH_BASIS
        while i < size and text[i] > _BLANK and text[i] < _DELETE:
            code = np.uint32((code ^ np.uint32(text[i])) * _HASH_PRIME)
            i += 1
        names[n, 0], names[n, 1], names[n, 2] = begin, i - begin, code
        if i == begin:
            return -1
        for place in (starts, ends):
            if i >= size or text[i] != _TAB:
                return -1
            i += 1
            first, number = i, np.int64(0)
            while i < size and text[i] >= _ZERO and text[i] <= _NINE:
                number = number * 10 + (text[i] - _ZERO)
                i += 1
            if i == first or i - first > _MAX_DIGITS or number > _MAX_COORDINATE:
                return -1
            place[n] = number
        if starts[n] > ends[n] or (i < size and text[i] != _TAB and text[i] != _NEWLINE):
            return -1
        while i & 7 and i < size and text[i] != _NEWLINE:
            i += 1
        if i & 7 == 0:
            at = i >> 3
            while at < words.size:
                word = words[at] ^ _NEWLINES
                if (word - _ONES) & ~word & _HIGHS:
                    break
                at += 1
            i = at << 3
            while i < size and text[i] != _NEWLINE:
                i += 1
        n += 1
    return n


def _number_names(text, names, contig, first_seen):  # type: ignore[no-untyped-def]
    """Number the names in the order of appearance; how many there are, or -1 if too many."""
    slots = np.full(_SLOTS, -1, np.int32)
    n_names = 0
    for row in range(contig.size):
        begin, length = names[row, 0], names[row, 1]
        slot = names[row, 2] % _SLOTS
        while True:
            known = slots[slot]
            if known < 0:
                break
            other = names[first_seen[known], 0]
            same = names[first_seen[known], 1] == length
            j = 0
            while same and j < length:
                same = text[begin + j] == text[other + j]
                j += 1
            if same:
                break
            slot = (slot + 1) % _SLOTS
        if known < 0:
            if n_names == first_seen.size:
                return -1
            known = n_names
            slots[slot], first_seen[n_names] = n_names, row
            n_names += 1
        contig[row] = known
    return n_names
