"""`nucleotides clean-experiments`: remove runs that left no checkpoint."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer


def clean_experiments(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be removed; remove nothing.")
    ] = False,
    logs: Annotated[
        Path | None, typer.Option(help="Folder of the runs. [default: setting LIGHTNING_LOGS]")
    ] = None,
) -> None:
    """Remove runs that left no checkpoint.

    A run in progress is left alone, and so is every folder that `nucleotides train` did not make.
    Interrupted, it can be run again.
    """
    from nucleotides.load_settings import load_settings
    from nucleotides.train.clean_runs import Fate, clean_runs

    removed = "would be removed" if dry_run else "removed"
    counts: Counter[Fate] = Counter()
    total = 0
    for one in clean_runs(logs or Path(load_settings().LIGHTNING_LOGS), dry_run=dry_run):
        counts[one.fate] += 1
        if one.fate is Fate.REMOVED:
            total += one.size
            typer.echo(f"{removed}: {one.run} ({_size(one.size)})")
        elif one.fate is not Fate.HAS_CHECKPOINT:
            typer.echo(f"kept: {one.run} ({one.fate})")
    kept = counts.total() - counts[Fate.REMOVED]
    typer.echo(f"{counts[Fate.REMOVED]} {removed}, {_size(total)}; {kept} kept")


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB" if n_bytes >= 1e5 else f"{n_bytes / 1e3:,.1f} kB"
