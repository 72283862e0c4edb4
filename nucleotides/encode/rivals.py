"""Which of several files of one thing: most replicates, then the preferred output type."""

from __future__ import annotations

import pandas as pd

from nucleotides.encode.policy import Policy
from nucleotides.encode.rules import PREFERENCE, REPLICATES


def count_replicates(texts: pd.Series) -> pd.Series:
    """How many biological replicates: '1, 2, 3' is 3, an empty cell 0."""
    counts = {text: len([part for part in text.split(",") if part.strip()]) for text in set(texts)}
    return texts.map(counts).astype("int64")


def rank_outputs(types: pd.Series, policy: Policy) -> pd.Series:
    """Place of an output type in the policy's list; one behind the last if it is in none."""
    listed = {name: place for place, name in enumerate(policy.output_types)}
    places = {name: listed.get(name, len(listed)) for name in set(types)}
    return types.map(places).astype("int64")


def number_groups(files: pd.DataFrame, policy: Policy) -> pd.Series:
    """A number for each set of files that agree in the policy's grouping columns."""
    keys = {name: _key(files, name) for name in policy.group_by}
    groups = pd.DataFrame(keys).groupby(list(keys), sort=True).ngroup()
    return groups.astype("int64")


def _key(files: pd.DataFrame, name: str) -> pd.Series:
    if name != "target_or_assay":
        return files[name]
    return files["target"].where(files["target"] != "", files["assay"])


def compare_rivals(files: pd.DataFrame, policy: Policy) -> pd.Series:
    """The rule by which a file loses to others of its group, or '' if it is not worse than any.

    Only files that every rule over single files has left may be given: one of an output type
    that the policy does not list must not keep others out. Files that tie are all kept; their
    peaks become one task.

    Args:
        files: with the columns group, replicates (a number) and place (of the output type).
        policy: says which comparisons are made.
    """
    out = pd.Series("", index=files.index, dtype="str")
    if policy.replicates == "most":
        most = files.groupby("group")["replicates"].transform("max")
        out = out.mask(files["replicates"] < most, REPLICATES)
    if policy.output_type == "first":
        left = files[out == ""]
        first = left.groupby("group")["place"].transform("min")
        out = out.mask((files["place"] > first.reindex(files.index)).fillna(False), PREFERENCE)
    return out
