"""Rules that look at one file alone, in the order in which they are applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from nucleotides.encode.policy import Policy

DUPLICATE = "duplicate"
NOT_NAMED = "not named"
REPLICATES = "replicates"
PREFERENCE = "preferred output type"
MAX_FILES = "max files"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over one column.

    Attributes:
        name: as in counts and explanations.
        column: the column that decides; tables that lack it are not held to the rule.
        drops: which cells are against the policy.
        wanted: what the policy wants there, in words.
    """

    name: str
    column: str
    drops: Callable[[pd.Series, Policy], pd.Series]
    wanted: Callable[[Policy], str]


def _listed(name: str, column: str, values: Callable[[Policy], Sequence[str]]) -> Rule:
    """Keep the values of a list; any if it is empty."""

    def drops(cells: pd.Series, policy: Policy) -> pd.Series:
        listed = values(policy)
        return ~cells.isin(listed) if listed else _none(cells)

    return Rule(name, column, drops, lambda policy: " or ".join(values(policy)))


def _refused(name: str, column: str, refuses: Callable[[Policy], bool]) -> Rule:
    """Keep empty cells, if the policy refuses others."""

    def drops(cells: pd.Series, policy: Policy) -> pd.Series:
        return cells != "" if refuses(policy) else _none(cells)

    return Rule(name, column, drops, lambda _: "nothing there")


def _none(cells: pd.Series) -> pd.Series:
    return pd.Series(False, index=cells.index)


def _output_types(policy: Policy) -> Sequence[str]:
    return policy.output_types if policy.unlisted_output_types == "drop" else ()


FILE_RULES = (
    _listed("format type", "format_type", lambda p: p.files.format_types),
    _listed("file type", "file_type", lambda p: p.files.types),
    _listed("assembly", "assembly", lambda p: (p.assembly,)),
    _listed("status", "status", lambda p: p.files.statuses),
    _listed("analysis status", "analysis_status", lambda p: p.files.analysis_statuses),
    _listed("assay", "assay", lambda p: p.files.assays),
    _refused("crosslinking", "crosslinking", lambda p: p.refuse.crosslinking),
    _refused("treatments", "treatments", lambda p: p.refuse.treatments),
    _refused(
        "genetic modification", "genetic_modification", lambda p: p.refuse.genetic_modifications
    ),
    _refused("audit ERROR", "audit_error", lambda p: "ERROR" in p.refuse.audits),
    _refused(
        "audit NOT_COMPLIANT", "audit_not_compliant", lambda p: "NOT_COMPLIANT" in p.refuse.audits
    ),
    _refused("audit WARNING", "audit_warning", lambda p: "WARNING" in p.refuse.audits),
    _listed("output type", "output_type", _output_types),
)
SIGNAL_RULES = tuple(
    rule for rule in FILE_RULES if rule.name in ("assembly", "status", "analysis status")
)
RULE_NAMES = (
    DUPLICATE,
    NOT_NAMED,
    *(rule.name for rule in FILE_RULES),
    REPLICATES,
    PREFERENCE,
    MAX_FILES,
)


def switched_on(policy: Policy) -> list[Rule]:
    """The rules over single files that a policy makes use of."""
    cell = pd.Series(["no such value"], dtype="str")
    return [rule for rule in FILE_RULES if bool(rule.drops(cell, policy).iloc[0])]


def apply_rules(
    files: pd.DataFrame,
    policy: Policy,
    lacking: dict[str, list[str]],
    rules: Sequence[Rule] = FILE_RULES,
) -> pd.Series:
    """The name of the first rule that drops a file, or '' if none does.

    Args:
        files: a row each.
        policy: what the rules ask.
        lacking: for a column, the sources that do not have it: its rule is not applied there.
        rules: which to apply, in order.
    """
    out = pd.Series("", index=files.index, dtype="str")
    for rule in rules:
        drops = rule.drops(files[rule.column], policy)
        if lacking.get(rule.column):
            drops &= ~files["source"].isin(lacking[rule.column])
        out = out.mask(drops & (out == ""), rule.name)
    return out
