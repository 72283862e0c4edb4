"""What scores of alleles are written into, chosen by the suffix of its path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from nucleotides.errors import InputError
from nucleotides.predict import keep_rows, write_vcf
from nucleotides.predict.annotate_vcf import VcfAnnotator
from nucleotides.predict.choose_columns import Columns
from nucleotides.predict.score_variants import Effects
from nucleotides.predict.stream_vcf import Chunk
from nucleotides.predict.tabulate_alleles import TableOutput

SUFFIXES = (*write_vcf.SUFFIXES, *keep_rows.SUFFIXES)
"""Of the outputs that there are."""


class Output(Protocol):
    """An output made in parts, a chunk of records each.

    Attributes:
        by_allele: whether a part has each allele once, whatever haplotypes carry it.
    """

    by_allele: bool

    @property
    def recipe(self) -> Any:
        """What decides the bytes of a part besides the columns, JSON-plain."""

    def see(self, chunk: Chunk) -> None:
        """Take note of a chunk, whether its part is made or was there."""

    def write(self, path: Path, chunk: Chunk, table: pd.DataFrame, effects: Effects) -> None:
        """Write the part of a chunk."""

    def join(self, paths: Sequence[Path]) -> None:
        """Make the output of its parts; it is whole or not there."""


def is_vcf(out: Path) -> bool:
    """Whether an output is a VCF.

    Raises:
        InputError: its suffix is none of `SUFFIXES`, or it is a folder.
    """
    if out.is_dir():
        raise InputError(f"{out} is a folder: give the path of a file")
    if not out.name.endswith(SUFFIXES):
        raise InputError(f"{out}: its suffix chooses the format: {', '.join(SUFFIXES)}")
    return out.name.endswith(write_vcf.SUFFIXES)


def choose_output(out: Path, columns: Columns, model: str, header: Sequence[str]) -> Output:
    """The output at `out`, of a model's identity and the header of the VCF that is read."""
    if is_vcf(out):
        return write_vcf.VcfOutput(out, VcfAnnotator(columns, model, header))
    return TableOutput(out, columns)
