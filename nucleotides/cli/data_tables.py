"""The tables of `nucleotides data`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nucleotides.data.describe import Description

QUANTILES = ("min", "q1", "median", "q3", "max")
PARTS = ("training", "validation", "test")


def print_description(found: Description) -> None:
    """Genome, targets, split, base rates and leakage, one under the other."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=120)
    for table in (_facts(found), _split(found), _rates(found), _leakage(found)):
        console.print(table)
        console.print()


def _table(title: str, *columns: str, left: int = 1) -> Any:
    """A plain table; the first `left` columns are words, the others numbers."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold", box=None)
    for number, column in enumerate(columns):
        table.add_column(
            column, justify="left" if number < left else "right", overflow="fold", no_wrap=False
        )
    return table


def _facts(found: Description) -> Any:
    genome, targets = found.genome, found.targets
    unknown = genome["unknown"] / max(genome["bases"], 1)
    table = _table("stores", "", "", left=2)
    table.add_row(
        "genome",
        f"{genome['bases']:,} bases, {genome['contigs']:,} contigs, {unknown:.2%} unknown (N)",
    )
    table.add_row("", genome["path"])
    table.add_row(
        "targets",
        f"{targets['tasks']:,} tasks, {targets['peaks']:,} merged peaks; "
        f"bin {targets['bin']}, threshold {targets['threshold']}",
    )
    table.add_row("", targets["path"])
    table.add_row("sampling", ", ".join(f"{k} {v:.3g}" for k, v in found.sampling.items()))
    return table


def _split(found: Description) -> Any:
    table = _table("split", "part", "regions", "samples", left=2)
    for part in PARTS:
        what = "positions" if part == "training" else "bins"
        table.add_row(part, found.split[part], f"{found.parts[part]:,} {what}")
    if found.parts["blacklisted"]:
        table.add_row("left out", "blacklist", f"{found.parts['blacklisted']:,} bases")
    if "made" in found.split:
        table.add_row("made", found.split["made"], "")
    return table


def _rates(found: Description) -> Any:
    by_assay = found.by_assay()
    never = [part for part in ("validation", "test") if f"none_in_{part}" in by_assay]
    heads = ["0 in val" if part == "validation" else "0 in test" for part in never]
    title = "percent of training positions that are positive; tasks that never are, elsewhere"
    table = _table(title, "assay", "tasks", "peaks", "median", "quartiles", "range", *heads)
    for column in table.columns[1:]:
        column.no_wrap = True
    for row in by_assay.to_dict("records"):
        low, q1, median, q3, high = (f"{100 * row[name]:.3g}" for name in QUANTILES)
        table.add_row(
            row["assay"],
            f"{row['tasks']:,}",
            f"{row['peaks']:,}",
            median,
            f"{q1}-{q3}",
            f"{low}-{high}",
            *(f"{row[f'none_in_{part}']:,}" for part in never),
        )
    return table


def _leakage(found: Description) -> Any:
    if not found.leaks:
        return "shared windows: not looked for"
    columns = ("windows of", "in", "compared", "overlapping", "identical", "alike", "not compared")
    table = _table("shared windows", *columns, left=2)
    for leak in found.leaks:
        of = "" if leak.compared == leak.windows else f" of {leak.windows:,}"
        cells: Sequence[int] = (leak.in_place, leak.identical, leak.alike, leak.skipped)
        table.add_row(
            leak.part, leak.other, f"{leak.compared:,}{of}", *(f"{cell:,}" for cell in cells)
        )
    return table
