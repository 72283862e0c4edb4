"""What scores of alleles are written into, chosen by the suffix of its path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.predict import keep_rows
from nucleotides.predict.effects import write_effects_store, write_vcf
from nucleotides.predict.effects.annotate_vcf import VcfAnnotator
from nucleotides.predict.effects.choose_columns import Columns
from nucleotides.predict.effects.score_variants import Effects
from nucleotides.predict.effects.tabulate_alleles import TableOutput
from nucleotides.predict.variants.stream_vcf import Chunk

SUFFIXES = (*write_vcf.SUFFIXES, *keep_rows.SUFFIXES, write_effects_store.SUFFIX)
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
        InputError: its suffix is none of `SUFFIXES`, or there is what it must not replace.
    """
    if is_store(out):
        write_effects_store.check_replaceable(out)
    elif out.is_dir():
        raise InputError(f"{out} is a folder: give the path of a file")
    if not out.name.endswith(SUFFIXES):
        raise InputError(f"{out}: its suffix chooses the format: {', '.join(SUFFIXES)}")
    return out.name.endswith(write_vcf.SUFFIXES)


def is_store(out: Path) -> bool:
    """Whether an output is a store of effects."""
    return out.name.endswith(write_effects_store.SUFFIX)


def choose_output(
    out: Path,
    columns: Columns,
    model: str,
    header: Sequence[str],
    genome: GenomeStore,
    how: Mapping[str, object],
) -> Output:
    """The output at `out`.

    Args:
        out: its path; the suffix chooses the format.
        columns: what is written of each allele.
        model: identity of the model.
        header: of the VCF that is read.
        genome: what it is on.
        how: how alleles are read, name by name.
    """
    if is_vcf(out):
        return write_vcf.VcfOutput(out, VcfAnnotator(columns, model, header, how))
    if is_store(out):
        return write_effects_store.EffectsOutput(out, columns, model, genome)
    return TableOutput(out, columns)
