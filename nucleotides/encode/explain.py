"""Why a file was kept or dropped, in sentences."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from nucleotides.encode.rules import (
    FILE_RULES,
    MAX_FILES,
    NOT_NAMED,
    PREFERENCE,
    REPLICATES,
    RULE_NAMES,
)
from nucleotides.encode.select import Selection
from nucleotides.errors import UnknownNameError

_SHOWN = 10  # rivals of a file
_WIDTH = 100


def explain(selection: Selection, accession: str) -> str:
    """Which rule decided on a file, by which values and against which rivals.

    Args:
        selection: what `select` returned.
        accession: a file (ENCFF...), or an experiment (ENCSR...) for all its files.

    Raises:
        UnknownNameError: no table names it.
    """
    name = accession.strip().upper()
    files = selection.decisions
    one = files[files["accession"] == name]
    if len(one):
        return _file(selection, one.iloc[0])
    own = files[files["experiment"] == name]
    if own.empty:
        raise UnknownNameError(
            "file or experiment", accession, _alike(files, name), "(it is in none of the tables)"
        )
    place = {rule: i for i, rule in enumerate(RULE_NAMES)} | {"": -1}
    own = own.assign(order=-own["rule"].map(place)).sort_values(["order", "accession"])
    own = pd.concat([own[own["rule"] == ""], own[own["rule"] != ""]])
    kept = int((own["rule"] == "").sum())
    head = f"{name}: {_count(len(own), 'file')}, {kept} kept"
    return "\n\n".join([head, *(_file(selection, file) for _, file in own.iterrows())])


def _alike(files: pd.DataFrame, name: str) -> list[str]:
    column = "experiment" if name.startswith("ENCSR") else "accession"
    known = files[column].drop_duplicates()
    return sorted(known[known.str.startswith(name[:7])])[:1000]


def _file(selection: Selection, file: Any) -> str:
    decided = f"dropped by the rule '{file['rule']}'" if file["rule"] else "kept"
    if not file["rule"]:
        decided += f", task {file['task']}"
    kind = f"{file['file_type']} {file['format_type']}".strip()
    facts = [kind, file["output_type"], file["assembly"], _replicates(file)]
    whose = [file["experiment"], file["assay"], file["biosample"], file["target"], file["project"]]
    lines = [f"{file['accession']}: {decided}"]
    lines += [f"  {', '.join(fact for fact in part if fact)}" for part in (facts, whose)]
    lines += _wrapped(_reasons(selection, file))
    if (selection.signals["accession"] == file["accession"]).any():
        lines += _wrapped(["as a signal it was chosen, to go with the peaks of its experiment"])
    if file["accession"] in selection.duplicates:
        lines += _wrapped(["the tables have it more than once; the first row counts"])
    return "\n".join(lines)


def _wrapped(texts: list[str]) -> Iterator[str]:
    for text in texts:
        deeper = len(text) - len(text.lstrip()) + 2
        yield from textwrap.wrap(
            text.strip(), _WIDTH, initial_indent=" " * deeper, subsequent_indent=" " * (deeper + 2)
        )


def _replicates(file: Any) -> str:
    named = file["biological_replicates"]
    return f"replicates {named}" if named else "no replicates named"


def _reasons(selection: Selection, file: Any) -> list[str]:
    reasons: dict[str, Callable[[Selection, Any], list[str]]] = {
        "": _why_kept,
        REPLICATES: _fewer,
        PREFERENCE: _less_preferred,
        NOT_NAMED: lambda _, f: [f"you named neither it nor its experiment {f['experiment']}"],
        MAX_FILES: lambda *_: ["every rule kept it, but files before it were enough"],
    }
    return reasons.get(file["rule"], _file_rule)(selection, file)


def _file_rule(selection: Selection, file: Any) -> list[str]:
    rule = next(rule for rule in FILE_RULES if rule.name == file["rule"])
    value = f"'{file[rule.column]}'" if file[rule.column] else "empty"
    wanted = rule.wanted(selection.policy)
    return [f"its {rule.column.replace('_', ' ')} is {value}; the policy wants {wanted}"]


def _fewer(selection: Selection, file: Any) -> list[str]:
    rivals = _rivals(selection, file)
    rivals = rivals[rivals["replicates"] == rivals["replicates"].max()]
    most = int(rivals["replicates"].max())
    text = f"it is over {_count(int(file['replicates']), 'biological replicate')}, while "
    return [text + f"{_group(selection, file)} has files over {most}:", *_listed(rivals)]


def _less_preferred(selection: Selection, file: Any) -> list[str]:
    rivals = _rivals(selection, file)
    rivals = rivals[~rivals["rule"].isin([REPLICATES, PREFERENCE])]
    first = rivals.sort_values("place")["output_type"].iloc[0]
    text = f"over as many replicates {_group(selection, file)} has files of the output type "
    text += f"'{first}', which the policy prefers to '{file['output_type']}':"
    return [text, *_listed(rivals)]


def _why_kept(selection: Selection, file: Any) -> list[str]:
    if file["chosen"]:
        return ["you named it, so that only its type and assembly were asked"]
    rivals = _rivals(selection, file)
    ties = rivals[~rivals["rule"].isin([REPLICATES, PREFERENCE])]
    beaten = rivals.drop(ties.index)
    alone = f"it has no rival in {_group(selection, file)}"
    said = [f"in {_group(selection, file)} it won over:", *_listed(beaten)] if len(beaten) else []
    if len(ties):
        said += ["as good as it, and kept too (their peaks are merged):", *_listed(ties)]
    return said or [alone]


def _rivals(selection: Selection, file: Any) -> pd.DataFrame:
    """Files that came to the comparison with a file, itself left out."""
    files = selection.decisions
    same = (files["group"] == int(file["group"])) & (files["group"] >= 0)
    return files.loc[same & (files["accession"] != str(file["accession"]))]


def _group(selection: Selection, file: Any) -> str:
    keys = ["target" if k == "target_or_assay" else k for k in selection.policy.group_by]
    return f"({', '.join(file[k] or file['assay'] for k in keys)})"


def _listed(rivals: pd.DataFrame) -> list[str]:
    lines = []
    for _, rival in rivals.sort_values(["rule", "accession"]).head(_SHOWN).iterrows():
        fate = rival["rule"] or "kept"
        facts = [rival["accession"], _replicates(rival), rival["output_type"], rival["experiment"]]
        lines.append(f"  {', '.join(facts)} ({fate})")
    more = len(rivals) - _SHOWN
    return [*lines, f"  and {more} more"] if more > 0 else lines


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
