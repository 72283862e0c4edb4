"""Which columns an output has, by the words of who asks and by its format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from nucleotides.choose_tasks import choose_tasks
from nucleotides.predict.effects.choose_columns import DEFAULT_AGGREGATES, Columns
from nucleotides.predict.effects.choose_output import is_store, is_vcf
from nucleotides.predict.effects.summarise_tasks import AGGREGATES

_MANY = 50  # tasks that a VCF has fields for without being asked


def name_columns(
    tasks_known: pd.DataFrame,
    out: Path,
    *,
    tasks: Sequence[str] = (),
    scores: Sequence[str] | None = None,
    aggregates: Sequence[str] | None = None,
    by: Sequence[str] = (),
    spread: bool = False,
) -> Columns:
    """The columns of the output `out`.

    Args:
        tasks_known: the model's table of tasks.
        out: its path; the suffix tells the format.
        tasks: names or patterns; none: all.
        scores: by task, or what is usual for the format: `diff` in a VCF, if tasks are named or
            there are at most 50; diff, logit_diff, ref, alt in a table.
        aggregates: over tasks, or what is usual: all in a store, else four.
        by: aggregated by these columns of the table too.
        spread: whether `diff_std` is added.

    Raises:
        UnknownNameError: a task or an aggregate that there is not.
        InputError: an unknown suffix; tasks that cannot be grouped like this.
    """
    chosen = choose_tasks(tasks, list(tasks_known["task"]))
    names = _usual_scores(out, bool(tasks), chosen.size) if scores is None else list(scores)
    if spread and "diff_std" not in names:
        names.append("diff_std")
    if aggregates is None:
        aggregates = list(AGGREGATES if is_store(out) else DEFAULT_AGGREGATES)
    return Columns(tasks_known, chosen, names, aggregates, by)


def names_of(text: str | None) -> list[str] | None:
    """Names parted by commas, each once; `none` is none of them, and no text is None."""
    if not text:
        return None
    names = (name.strip() for name in text.split(","))
    return [name for name in dict.fromkeys(names) if name not in ("", "none")]


def _usual_scores(out: Path, named: bool, n_tasks: int) -> list[str]:
    if not is_vcf(out):
        return ["diff", "logit_diff", "ref", "alt"]
    return ["diff"] if named or n_tasks <= _MANY else []
