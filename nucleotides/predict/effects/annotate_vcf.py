"""Write scores into the INFO column of a VCF; all else of it stays as it is.

Format: VCF 4.3, sections 1.2 (percent encoding), 1.4.2 and 1.6.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nucleotides import __version__
from nucleotides.predict.effects.choose_columns import Columns
from nucleotides.predict.effects.score_variants import SCORES, Effects
from nucleotides.predict.effects.summarise_tasks import AGGREGATES, Group

PREFIX = "NT_"
"""What all of our INFO fields begin with."""

_STANDARD = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
_INFO = _STANDARD.index("INFO")
_OURS = re.compile(r'##INFO=<ID=([^,>]+),.*\bSource="nucleotides"')
_MODEL, _HOW = "##nucleotides_model=", "##nucleotides_variants="
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
        how: how alleles were read, name by name, for a reader of the header.
    """

    def __init__(
        self, columns: Columns, model: str, header: Sequence[str], how: Mapping[str, object]
    ) -> None:
        self._columns, self._model, self._header = columns, model, list(header)
        self._how = "; ".join(f"{name} {value}" for name, value in how.items())
        named = _Names()
        self._aggregates = [_of_aggregate(named, group, name) for group, name in columns.kinds()]
        self._scores = _of_scores(named, columns)
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
        dropped = (_MODEL, _HOW, *(f"##INFO=<ID={name}," for name in self.replaced))
        kept = [line for line in self._header if not line.startswith(("#CHROM", *dropped))]
        samples = [f"sample{i}" for i in range(1, n_columns - len(_STANDARD) + 1)]
        names = titles[0].split("\t") if titles else [*_STANDARD[:n_columns], *samples]
        names += _STANDARD[len(names) : _INFO + 1]
        return [
            *(kept or ["##fileformat=VCFv4.3"]),
            f"{_MODEL}{self._model}",
            f"{_HOW}nucleotides {__version__}; {self._how}",
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

    def lines(self, lines: Sequence[str], table: pd.DataFrame, effects: Effects) -> Iterator[str]:
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
            if start == end:  # a bad record
                yield line
                continue
            new = [*flags(start, end)]
            if any(scored[start:end]):
                new = [f"{name}={','.join(text[start:end])}" for name, text in texts] + new
            yield _with_info(line, new, replaced)

    def _texts(self, effects: Effects) -> Iterator[tuple[str, list[str]]]:
        """Of each field, what is written of each allele."""
        scored = self._columns.scored(effects)
        for fields, (_, _, found) in zip(self._aggregates, scored.aggregated, strict=True):
            yield fields[0].id, _numbers(found.values)
            if found.at is not None:
                tasks = self._columns.task_of(found, ".")
                yield fields[1].id, [str(task).translate(_ENCODED) for task in tasks]
        for name, values in scored.scores.items():
            for field, column in zip(self._scores[name], values.T, strict=True):
                yield field.id, _numbers(column)


class _Names:
    """Identifiers of fields; one that is taken already is numbered."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def __call__(self, *parts: str) -> str:
        """An identifier of the parts that are not empty, with what INFO allows in a key."""
        plain = identifier = PREFIX + re.sub("[^0-9A-Za-z_.]", "_", "_".join(filter(None, parts)))
        number = 1
        while identifier in self._taken:
            number += 1
            identifier = f"{plain}_{number}"
        self._taken.add(identifier)
        return identifier


def _of_aggregate(named: _Names, group: Group, name: str) -> list[Field]:
    aggregate, among = AGGREGATES[name], f" of {group.name}" if group.name else ""
    identifier = named(name, group.name)
    fields = [Field(identifier, "A", "Float", f"over tasks{among}: {aggregate.says}")]
    if aggregate.strength is not None:
        fields.append(
            Field(named(name, group.name, "task"), "A", "String", f"the task of {identifier}")
        )
    return fields


def _of_scores(named: _Names, columns: Columns) -> dict[str, list[Field]]:
    """Fields of each score, a task each."""
    return {
        score: [
            Field(named(score, task), "A", "Float", f"{task}: {SCORES[score].says}")
            for task in columns.names
        ]
        for score in columns.scores
    }


def _numbers(values: NDArray[np.float32]) -> list[str]:
    """As few digits as keep six significant ones; "." for NaN."""
    return ["." if x != x else f"{x:.6g}" for x in (values + np.float32(0)).tolist()]


def _flags(table: pd.DataFrame) -> Callable[[int, int], Iterator[str]]:
    """What gives the flags of the record whose alleles are rows `start` to `end`."""
    differs = (~table["matches_reference"].fillna(True)).tolist()
    unknown = table["unknown_bases"].map({True: "1", False: "0"}).fillna(".").tolist()
    reasons = [text.replace(" ", "_").translate(_ENCODED) or "." for text in table["reason"]]
    mismatch, bases, unscored = (PREFIX + name for name, *_ in _FLAGS)

    def flags(start: int, end: int) -> Iterator[str]:
        if any(differs[start:end]):
            yield mismatch
        if "1" in unknown[start:end]:
            yield f"{bases}={','.join(unknown[start:end])}"
        if any(reason != "." for reason in reasons[start:end]):
            yield f"{unscored}={','.join(reasons[start:end])}"

    return flags


def _with_info(line: str, new: list[str], replaced: set[str]) -> str:
    """A record with its INFO completed; a record that lacks columns up to it gets empty ones."""
    columns = line.split("\t", _INFO + 1)
    columns += ["."] * (_INFO + 1 - len(columns))
    old = [] if columns[_INFO] in (".", "") else columns[_INFO].split(";")
    if PREFIX in columns[_INFO]:
        old = [entry for entry in old if entry.partition("=")[0] not in replaced]
    columns[_INFO] = ";".join([*old, *new]) or "."
    return "\t".join(columns)
