"""Letters and codes: A C G T N = 0 1 2 3 4, one byte a base."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import InputError

LETTERS = "ACGTN"
UNKNOWN = 4
INVALID = 255

_IUPAC_AMBIGUOUS = "NRYSWKMBDHVX"


def _table() -> bytes:
    table = bytearray([INVALID]) * 256
    for letter in _IUPAC_AMBIGUOUS + "U":
        table[ord(letter)] = table[ord(letter.lower())] = UNKNOWN
    for code, letter in enumerate("ACGT"):
        table[ord(letter)] = table[ord(letter.lower())] = code
    table[ord("U")] = table[ord("u")] = 3
    return bytes(table)


CODE_OF_BYTE = _table()
_LETTER_OF_CODE = np.frombuffer(LETTERS.encode(), np.uint8)
_COMPLEMENT = np.array([3, 2, 1, 0, 4], np.uint8)
_ONE_HOT = np.concatenate([np.eye(4, dtype=np.float32), np.full((1, 4), 0.25, np.float32)])


def encode(sequence: str) -> NDArray[np.uint8]:
    """Codes of a sequence: uint8 (length,). Case is ignored; IUPAC ambiguity letters become N.

    Raises:
        InputError: a character that is no IUPAC letter, with its 0-based position.
    """
    raw = sequence.encode("ascii", errors="replace")
    codes = np.frombuffer(raw.translate(CODE_OF_BYTE), np.uint8)
    wrong = np.flatnonzero(codes == INVALID)
    if wrong.size:
        position = int(wrong[0])
        raise InputError(
            f"character {sequence[position]!r} at position {position} is not a nucleotide letter"
        )
    return codes.copy()


def decode(codes: NDArray[np.uint8]) -> str:
    """The sequence, upper case, of uint8 codes (length,)."""
    return _LETTER_OF_CODE[codes].tobytes().decode()


def reverse_complement(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The other strand of codes (..., length), read in its own 5'-3' direction."""
    return _COMPLEMENT[codes[..., ::-1]]


def one_hot(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32 (..., 4, length), channel order A C G T; an unknown base is 0.25 in each channel."""
    return np.ascontiguousarray(np.moveaxis(_ONE_HOT[codes], -1, -2))
