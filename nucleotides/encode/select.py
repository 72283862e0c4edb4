"""Which files become the peaks of which task: pure functions over a table and a policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from nucleotides.encode.name import label_tasks, name_assays, name_factors, strip_organism
from nucleotides.encode.policy import Policy, as_chosen
from nucleotides.encode.rivals import compare_rivals, count_replicates, number_groups, rank_outputs
from nucleotides.encode.rules import (
    DUPLICATE,
    FILE_RULES,
    MAX_FILES,
    NOT_NAMED,
    RULE_NAMES,
    apply_rules,
    switched_on,
)
from nucleotides.encode.signals import choose_signals
from nucleotides.encode.start import Start
from nucleotides.encode.tables import Metadata
from nucleotides.errors import InputError


@dataclass(frozen=True, slots=True)
class Pooled:
    """A task whose factor stands for several targets, as NKX2 for NKX2-1 and NKX2-5."""

    task: str
    factor: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Selection:
    """What was selected, and why.

    Attributes:
        files: kept files, sorted by task and accession, with the columns of the tables and task,
            factor, replicates (how many).
        decisions: every file once, sorted by accession: the same columns, and `rule`, which
            dropped it ('' if kept), `group` (a number; rivals share it; -1 if it did not come to
            a comparison) and `chosen` (named by the user, so quality rules do not hold).
        counts: the rules that the policy makes use of, in order, with the numbers of files dropped
            by each and kept after it.
        signals: a bigWig for each experiment of a kept file that has one; see `choose_signals`.
        pooled: tasks of several targets.
        not_applied: (rule, source) where a table lacks the rule's column.
        absent: accessions that the user named and no table holds.
        duplicates: accessions that the tables hold several times; the first row counts.
        policy: the policy.
    """

    files: pd.DataFrame
    decisions: pd.DataFrame
    counts: pd.DataFrame
    signals: pd.DataFrame
    pooled: tuple[Pooled, ...]
    not_applied: tuple[tuple[str, str], ...]
    absent: tuple[str, ...]
    duplicates: tuple[str, ...]
    policy: Policy

    @property
    def tasks(self) -> list[str]:
        """Labels of the tasks, sorted."""
        return sorted(self.files["task"].unique())


def select(
    metadata: Metadata, policy: Policy, *, start: Start | None = None, max_files: int | None = None
) -> Selection:
    """Select peak files by a policy.

    First the rules over single files, in the order of RULE_NAMES; the last of them drops files
    whose output type is in no list, before files are compared, since "peaks and background as
    input for IDR" over two replicates would else keep real peaks out. Then, among files that
    agree in the grouping columns, those over the most biological replicates; of those the first
    output type of the policy's list. Files that tie are kept together. Row order changes nothing,
    but for an accession that is there twice with different content: the first row counts.

    Args:
        metadata: the tables.
        policy: the rules.
        start: files and experiments that the user named. Of a named file only its type and
            assembly are asked; a named experiment stands for its files, to which the whole
            policy applies; other files are dropped.
        max_files: keep only the first so many of the kept files by accession. Accessions are
            drawn at random, so that a small number is a mixed sample.

    Raises:
        InputError: `max_files` is less than 1.
    """
    if max_files is not None and max_files < 1:
        raise InputError(f"max_files is {max_files}: give at least 1, or leave it out for all")
    files, duplicates = _prepare(metadata, policy)
    lacking = {rule.column: metadata.lacking(rule.column) for rule in FILE_RULES}
    named = start.accessions if start is not None else ()
    files = _decide(files, policy, lacking, named)
    files = _name_tasks(files)
    if max_files is not None:
        kept = files.index[files["rule"] == ""]  # rows are in order of accession
        files.loc[kept[max_files:], "rule"] = MAX_FILES
    kept_files = files[files["rule"] == ""]
    kept_files = kept_files.sort_values(["task", "accession"]).reset_index(drop=True)
    return Selection(
        files=kept_files.drop(columns=["place", "group", "rule", "chosen"]),
        decisions=files,
        counts=_count(files, policy, len(metadata.files) - len(files), bool(named), max_files),
        signals=choose_signals(files, kept_files, policy, lacking),
        pooled=_find_pooled(kept_files),
        not_applied=_not_applied(policy, lacking),
        absent=_absent(files, named),
        duplicates=duplicates,
        policy=policy,
    )


def _prepare(metadata: Metadata, policy: Policy) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Files once each, by accession, with what is computed of each alone."""
    files = metadata.files
    again = files["accession"].duplicated()
    duplicates = tuple(sorted(files.loc[again, "accession"].unique()))
    files = files[~again].sort_values("accession").reset_index(drop=True)
    files["assay"] = name_assays(files, policy)
    files["factor"] = name_factors(files, policy)
    files["replicates"] = count_replicates(files["biological_replicates"])
    files["place"] = rank_outputs(files["output_type"], policy)
    return files, duplicates


def _decide(
    files: pd.DataFrame, policy: Policy, lacking: dict[str, list[str]], named: Sequence[str]
) -> pd.DataFrame:
    """Add the columns rule, group and chosen."""
    chosen = pd.Series(False, index=files.index)
    rule = apply_rules(files, policy, lacking)
    if named:
        chosen = files["accession"].isin(named)
        rule = rule.mask(~files["experiment"].isin(named), NOT_NAMED)
    left = files[rule == ""].copy()
    left["group"] = number_groups(left, policy) if len(left) else 0
    rule.loc[left.index] = compare_rivals(left, policy)
    if chosen.any():
        rule = rule.where(~chosen, apply_rules(files, as_chosen(policy), lacking))
    group = left["group"].reindex(files.index).fillna(-1).astype("int64")
    return files.assign(rule=rule, group=group, chosen=chosen)


def _name_tasks(files: pd.DataFrame) -> pd.DataFrame:
    """Add the column task: the label of a kept file, '' of another."""
    kept = files[files["rule"] == ""]
    pairs = list(zip(kept["biosample"], kept["factor"], strict=True))
    labels = label_tasks(pairs)
    task = pd.Series([labels[pair] for pair in pairs], index=kept.index, dtype="str")
    return files.assign(task=task.reindex(files.index, fill_value=""))


def _count(
    files: pd.DataFrame, policy: Policy, duplicates: int, named: bool, max_files: int | None
) -> pd.DataFrame:
    dropped = files["rule"].value_counts().to_dict() | {DUPLICATE: duplicates}
    unused = {rule.name for rule in FILE_RULES} - {rule.name for rule in switched_on(policy)}
    unused |= {NOT_NAMED} if not named else set()
    unused |= {MAX_FILES} if max_files is None else set()
    left, rows = len(files) + duplicates, []
    for name in RULE_NAMES:
        if name in unused:
            continue
        left -= dropped.get(name, 0)
        rows.append((name, int(dropped.get(name, 0)), int(left)))
    return pd.DataFrame(rows, columns=["rule", "dropped", "kept"])


def _find_pooled(kept: pd.DataFrame) -> tuple[Pooled, ...]:
    pairs = kept[["task", "factor", "target"]].drop_duplicates()
    pairs = pairs.assign(target=pairs["target"].map(strip_organism)).drop_duplicates()
    many = pairs[pairs["task"].duplicated(keep=False)]
    return tuple(
        Pooled(str(task), str(factor), tuple(sorted(group["target"])))
        for (task, factor), group in many.groupby(["task", "factor"])
        if (group["target"] != "").any()
    )


def _not_applied(policy: Policy, lacking: dict[str, list[str]]) -> tuple[tuple[str, str], ...]:
    on = switched_on(policy)
    return tuple((rule.name, source) for rule in on for source in lacking[rule.column])


def _absent(files: pd.DataFrame, named: Sequence[str]) -> tuple[str, ...]:
    known = set(files["accession"]) | set(files["experiment"])
    return tuple(name for name in named if name not in known)
