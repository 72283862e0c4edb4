"""Which copies of a contig carry which alleles of a record, in one sample of a VCF."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from nucleotides.errors import InputError, UnknownNameError

_FORMAT, _FIRST_SAMPLE = 8, 9
_GENOTYPE = re.compile(r"(?:[0-9]+|\.)(?:[|/](?:[0-9]+|\.))*")


class Genotype(NamedTuple):
    """Of one sample at one record."""

    alleles: tuple[int, ...]
    """Of each copy, in order: 0 REF, from 1 on the alternates, -1 unknown."""
    phased: bool
    """Whether copies are told apart, as by `|`, or because there is only one."""
    phase_set: str
    """Records with the same name are phased with one another; "" is a set too (VCF 4.3, 1.6.2)."""

    def carried(self) -> list[tuple[int, int]]:
        """Alternates from 1, and the copies from 1 that carry them; copy 0 is unknown."""
        if self.phased:
            pairs = [(allele, copy) for copy, allele in enumerate(self.alleles, 1)]
        else:
            pairs = [(allele, 0) for allele in set(self.alleles)]
        return sorted(pair for pair in pairs if pair[0] > 0)


_NONE = Genotype((), False, "")


def find_sample(header: Sequence[str], sample: str | None, name: str) -> int:
    """The column of a sample, from 0; of the only one if none is named.

    Args:
        header: of the VCF; its last line names the columns.
        sample: one of the names there, or None.
        name: what messages call the VCF.

    Raises:
        InputError: there is no line of columns, no sample, or a choice of several.
        UnknownNameError: no such sample; the message names the nearest.
    """
    columns = header[-1].split("\t") if header and header[-1].startswith("#CHROM") else []
    samples = columns[_FIRST_SAMPLE:]
    if not samples:
        raise InputError(f"{name} names no sample: phased genotypes are needed, in FORMAT's GT")
    if sample is None and len(samples) > 1:
        shown = ", ".join(samples[:5]) + (", ..." if len(samples) > 5 else "")
        raise InputError(f"{name} has {len(samples):,} samples: choose one of {shown}")
    if sample is not None and sample not in samples:
        raise UnknownNameError("sample", sample, samples, f"(in {name})")
    return _FIRST_SAMPLE + (samples.index(sample) if sample else 0)


def read_genotype(line: str, column: int) -> Genotype:
    """The genotype in a column of a record; one without alleles if FORMAT has no GT.

    Raises:
        InputError: a GT that is none, or that names an allele that the record lacks.
    """
    fields = line.split("\t")
    keys, values = fields[_FORMAT].split(":"), fields[column].split(":")
    found = dict(zip(keys, values, strict=False))
    if "GT" not in found:
        return _NONE
    text = found["GT"]
    if not _GENOTYPE.fullmatch(text):
        raise InputError(f"GT {text!r} is no genotype, such as 0|1")
    alleles = tuple(-1 if a == "." else int(a) for a in re.split("[|/]", text))
    n_alternates = fields[4].count(",") + 1
    if max(alleles) > n_alternates:
        raise InputError(f"GT {text} names allele {max(alleles)} of {n_alternates} alternates")
    phase_set = found.get("PS", ".")
    return Genotype(alleles, "/" not in text, "" if phase_set == "." else phase_set)
