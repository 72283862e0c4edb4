"""Options that several commands share: stores of a run, device, trust in code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nucleotides.settings import Settings

Genome = Annotated[Path | None, typer.Option(help="Genome store. [default: that of the training]")]
Targets = Annotated[Path | None, typer.Option(help="Target store. [default: that of the training]")]
Device = Annotated[
    str | None, typer.Option(help="cpu, cuda, cuda:1, mps. [default: setting DEVICE]")
]

TrustCode = Annotated[
    bool,
    typer.Option(
        "--trust-code", help="Run the code of a model whose class is not of this package."
    ),
]


def stores_of(settings: Settings) -> dict[str, str]:
    """The stores of the settings, for where those of the training are no longer there."""
    return {"genome": str(settings.GENOME_STORE), "targets": str(settings.TARGET_STORE)}
