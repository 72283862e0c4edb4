"""Assays, factors and task labels: what a file's peaks are called."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from nucleotides.encode.policy import Policy

Pair = tuple[str, str]
_ORGANISM = re.compile(
    r"-(human|mouse|rat|chicken|dmelanogaster|drosophila|fly|celegans|worm|synthetic[a-z ]*)$"
)


def name_assays(files: pd.DataFrame, policy: Policy) -> pd.Series:
    """The assay of each file; older tables' ChIP-seq by its target: histone or other factor."""
    histone = re.compile(policy.histones, re.IGNORECASE)
    kinds = {
        target: "Histone ChIP-seq" if histone.search(target) else "TF ChIP-seq"
        for target in files["target"].unique()
        if target
    }
    old = (files["assay"] == "ChIP-seq") & (files["target"] != "")
    if not old.any():
        return files["assay"]
    return files["assay"].where(~old, files["target"].map(kinds))


def name_factors(files: pd.DataFrame, policy: Policy) -> pd.Series:
    """The factor of each file: its target by the policy's rule, or its assay if it has none."""
    open_chromatin = policy.accessibility
    cut = strip_organism if policy.factor == "species" else _before_dash
    targets = {target: cut(target) for target in files["target"].unique()}
    assays = files["assay"]
    if open_chromatin.tasks == "together":
        assays = assays.mask(assays.isin(open_chromatin.assays), open_chromatin.name)
    factors = files["target"].map(targets)
    return factors.where(factors != "", assays)


def _before_dash(target: str) -> str:
    return target.split("-", 1)[0]


def strip_organism(target: str) -> str:
    """A target without the organism at its end: NKX2-1-human is NKX2-1."""
    return _ORGANISM.sub("", target)


def label_tasks(pairs: Iterable[Pair]) -> dict[Pair, str]:
    """A label for each (biosample, factor), unique, the same whatever the order of the pairs.

    Lower case, blanks to `_`, anything but letters, digits, `_`, `.`, `-` removed. Of pairs that
    come to one label the first in alphabetical order has it, the others get _2, _3...
    """
    pairs = sorted(set(pairs))
    plain = {pair: _clean("_".join(pair)) for pair in pairs}
    taken, out = set(plain.values()), dict[Pair, str]()
    first: set[str] = set()
    for pair in pairs:
        label, number = plain[pair], 1
        if label in first:
            while (label := f"{plain[pair]}_{(number := number + 1)}") in taken:
                pass
        first.add(plain[pair])
        taken.add(label)
        out[pair] = label
    return out


def _clean(name: str) -> str:
    return re.sub(r"[^a-z0-9_.-]", "", re.sub(r"\s+", "_", name.strip().lower()))
