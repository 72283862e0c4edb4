"""Tables on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def print_summary(table: pd.DataFrame, title: str) -> None:
    """Medians by assay, and over all; a task without positives or negatives is not scored."""
    from rich.console import Console
    from rich.table import Table

    from nucleotides.metrics import summarise

    summary = summarise(table)
    shown = Table(title=title, title_justify="left", header_style="bold", box=None)
    shown.add_column("assay", no_wrap=True)
    for column in ("scored", "AUROC", "quartiles", "worst", "AP", "AP/prevalence"):
        shown.add_column(column, justify="right", no_wrap=True)
    for name, group in [*summary["by_assay"].items(), ("all", summary["all"])]:
        shown.add_row(name, *_cells(group))
    console = Console(highlight=False)
    console.print(shown)
    if told := _calibration(summary["all"]):
        console.print(told, soft_wrap=True)


def print_table(table: pd.DataFrame) -> None:
    """Any table, a row a line, never wrapped where nobody looks; what is absent is a blank."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(header_style="bold", box=None, pad_edge=False)
    for column in table:
        words = any(isinstance(value, str) for value in table[column])
        shown.add_column(str(column), justify="left" if words else "right", no_wrap=True)
    for row in table.itertuples(index=False):
        shown.add_row(*map(_cell, row))
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=10_000)
    console.print(shown)


def _cell(value: Any) -> str:
    import pandas as pd

    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _calibration(group: dict[str, Any]) -> str:
    """A line on calibration errors, or nothing where none was measured."""
    before, after = (
        group.get(name, {}).get("median") for name in ("calibration_error", "recalibrated_error")
    )
    if before is None:
        return ""
    mended = "" if after is None else f"; {after:.4f} recalibrated on the validation part"
    return f"calibration error, median over tasks: {before:.4f}{mended}"


def _cells(group: dict[str, Any]) -> list[str]:
    auroc, ap, lift = (group[name] for name in ("auroc", "average_precision", "lift"))
    count = f"{group['n_scored']} of {group['n_tasks']}"
    if auroc["median"] is None:
        return [count, *["-"] * 5]
    return [
        count,
        f"{auroc['median']:.3f}",
        f"{auroc['q1']:.3f}-{auroc['q3']:.3f}",
        f"{auroc['worst']:.3f}",
        f"{ap['median']:.3f}",
        f"{lift['median']:.1f}",
    ]
