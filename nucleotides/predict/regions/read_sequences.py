"""Sequences of a FASTA, one record at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucleotides.errors import FastaError, InputError
from nucleotides.genome.fasta import FastaReader


class Record(NamedTuple):
    """A sequence: its name up to the first blank, and codes uint8 (length,)."""

    name: str
    codes: NDArray[np.uint8]


def read_sequences(path: Path, shortest: int) -> Iterator[Record]:
    """Records of a FASTA (plain, gzip or bgzip), letters in any case, N and IUPAC letters as N.

    Args:
        path: the file.
        shortest: bases that a sequence must have.

    Raises:
        FastaError: as `FastaReader`; the message also gives the number of the record, from 1.
        InputError: a sequence with fewer bases.
    """
    reader = FastaReader(path)
    try:
        for number, (name, pieces) in enumerate(groupby(reader, lambda piece: piece[0]), 1):
            codes = np.concatenate([codes for _, codes in pieces])
            if codes.size < shortest:
                raise InputError(
                    f"{path} record {number}, {name}: {codes.size} bases; "
                    f"the model needs {shortest} or more"
                )
            yield Record(name, codes)
    except FastaError as error:
        where = f" (record {reader.records})" if reader.records else ""
        raise FastaError(f"{error}{where}") from error
