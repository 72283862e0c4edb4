"""Write scores into the INFO column of a VCF; all else of it stays as it is.

Format: VCF 4.3, sections 1.2 (percent encoding), 1.4.2 and 1.6.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides import __version__
from nucleotides.predict.choose_columns import Columns
from nucleotides.predict.score_variants import SCORES, Effects
from nucleotides.predict.summarise_tasks import AGGREGATES, Group

PREFIX = "NT_"
"""What all of our INFO fields begin with."""

_STANDARD = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
_INFO = _STANDARD.index("INFO")
_OURS = re.compile(r'##INFO=<ID=([^,>]+),.*\bSource="nucleotides"')
_MODEL = "##nucleotides_model="
_ENCODED = str.maketrans({c: f"%{ord(c):02X}" for c in "%;=, \t\r\n"})
_FLAGS = (
    ("ref_mismatch", "0", "Flag", "the genome has another REF"),
    ("unknown_bases", "A", "Integer", "1 where a window has an unknown base (N), else 0"),
    ("unscored", ".", "String", "why an allele has no scores, _ for spaces; . where it has them"),
)


class Field(NamedTuple):
    """An INFO field, as its header line has it."""

    id: str
    number: str
    type: str
    says: str


class VcfAnnotator:
    """Adds the columns of an output to the records of a VCF.

    Args:
        columns: what is written of each allele.
        model: what identifies the model.
        header: the VCF's header lines; fields that this package wrote earlier are replaced.
    """

    def __init__(self, columns: Columns, model: str, header: Sequence[str]) -> None:
        self._columns, self._model, self._header = columns, model, list(header)
        self._aggregates = [_of_aggregate(group, name) for group, name in columns.kinds()]
        self._scores = _of_scores(columns)
        self._fields = [f for several in self._aggregates for f in several]
        self._fields += [f for fields in self._scores.values() for f in fields]
        self._fields += [Field(PREFIX + name, *rest) for name, *rest in _FLAGS]
        earlier = (match[1] for line in header if (match := _OURS.match(line)))
        self.replaced = sorted({*earlier, *(field.id for field in self._fields)})

    def header(self, n_columns: int) -> list[str]:
        """The header with the new fields' lines before #CHROM; made where there is none.

        Args:
            n_columns: how many columns a record of the VCF has.
        """
        titles = [line for line in self._header if line.startswith("#CHROM")]
        dropped = (_MODEL, *(f"##INFO=<ID={name}," for name in self.replaced))
        kept = [line for line in self._header if not line.startswith(("#CHROM", *dropped))]
        samples = [f"sample{i}" for i in range(1, n_columns - len(_STANDARD) + 1)]
        names = titles[0].split("\t") if titles else [*_STANDARD[:n_columns], *samples]
        names += _STANDARD[len(names) : _INFO + 1]
        return [
            *(kept or ["##fileformat=VCFv4.3"]),
            f"{_MODEL}{self._model}",
            *map(self._line, self._fields),
            "\t".join(names),
        ]

    def _line(self, field: Field) -> str:
        says = f"{field.says}; nucleotides {__version__}, model {self._model[:12]}"
        says = says.replace("\\", "\\\\").replace('"', '\\"')
        return (
            f"##INFO=<ID={field.id},Number={field.number},Type={field.type},"
            f'Description="{says}",Source="nucleotides",Version="{__version__}">'
        )

    def lines(
        self, lines: Sequence[str], table: pd.DataFrame, effects: Effects
    ) -> Iterator[str]:
        """The records with their INFO, one value for each ALT.

        Args:
            lines: the records' text.
            table: their alleles in order, with `record`, `reason` and both flags.
            effects: of these alleles.
        """
        texts = list(self._texts(effects))
        bounds = np.searchsorted(table["record"].to_numpy(), np.arange(len(lines) + 1)).tolist()
        flags = _flags(table)
        scored = (table["reason"] == "").tolist()
        replaced = set(self.replaced)
        for line, start, end in zip(lines, bounds[:-1], bounds[1:], strict=True):
            new = [*flags(start, end)]
            if any(scored[start:end]):
                new = [f"{name}={','.join(text[start:end])}" for name, text in texts] + new
            yield _with_info(line, new, replaced)

    def _texts(self, effects: Effects) -> Iterator[tuple[str, list[str]]]:
        """Of each field, what is written of each allele."""
        for fields, (_, _, found) in zip(
            self._aggregates, self._columns.aggregated(effects), strict=True
        ):
            yield fields[0].id, _numbers(found.values)
            if found.at is not None:
                tasks = self._columns.task_of(found, ".")
                yield fields[1].id, [str(task).translate(_ENCODED) for task in tasks]
        for name, values in self._columns.of(effects).items():
            for field, column in zip(self._scores[name], values.T, strict=True):
                yield field.id, _numbers(column)


def _of_aggregate(group: Group, name: str) -> list[Field]:
    aggregate, among = AGGREGATES[name], f" of {group.name}" if group.name else ""
    identifier = PREFIX + name + (f"_{_safe(group.name)}" if group.name else "")
    fields = [Field(identifier, "A", "Float", f"over all tasks{among}: {aggregate.says}")]
    if aggregate.strength is not None:
        fields.append(Field(f"{identifier}_task", "A", "String", f"the task of {identifier}"))
    return fields


def _of_scores(columns: Columns) -> dict[str, list[Field]]:
    """Fields of each score, a task each; names that would be the same are numbered."""
    fields: dict[str, list[Field]] = {}
    taken: set[str] = set()
    for score in columns.scores:
        fields[score] = []
        for task in columns.names:
            plain = identifier = f"{PREFIX}{score}_{_safe(task)}"
            number = 1
            while identifier in taken:
                number += 1
                identifier = f"{plain}_{number}"
            taken.add(identifier)
            fields[score].append(Field(identifier, "A", "Float", f"{task}: {SCORES[score].says}"))
    return fields


def _safe(name: str) -> str:
    """A name with what INFO allows in a key."""
    return re.sub("[^0-9A-Za-z_.]", "_", name)


def _numbers(values: NDArray[np.float32]) -> list[str]:
    """As few digits as keep six significant ones; "." for NaN."""
    return ["." if x != x else f"{x:.6g}" for x in (values + np.float32(0)).tolist()]


class _flags:  # noqa: N801
    pass
