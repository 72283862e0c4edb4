"""Figures for the page; and as files, where there is a folder for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from nucleotides.analyze.report.save_figure import save_figure
from nucleotides.analyze.report.svg import inline

WIDE, NARROW = 960.0, 358.0

Pair = tuple[str, str]
"""A figure for wide and for narrow screens."""


class Gallery:
    """Inlines figures, and saves each as PNG and SVG if there is a folder.

    Args:
        folder: of the files, or None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def one(self, figure: Figure, name: str, description: str) -> str:
        """A figure of one size.

        Args:
            figure: drawn in the colours of `theme.LIGHT`.
            name: unique in the page; also of the files.
            description: what it shows, read out by screen readers.
        """
        self.save(figure, name)
        return inline(figure, name, description)

    def both(self, draw: Callable[[float], Figure], name: str, description: str) -> Pair:
        """A figure drawn for two widths in CSS pixels, of which the wide one becomes files."""
        wide = draw(WIDE)
        self.save(wide, name)
        return (
            inline(wide, f"{name}{WIDE:g}", description),
            inline(draw(NARROW), f"{name}{NARROW:g}", description),
        )

    def save(self, figure: Figure, name: str) -> None:
        """Write the files alone, of a figure that the page shows in another way."""
        if self.folder is not None:
            save_figure(figure, self.folder, name)


def file_name(*words: str) -> str:
    """Words as the name of a file: "ROC", "TF ChIP-seq" as roc_tf_chip-seq."""
    return re.sub(r"[^a-z0-9-]+", "_", "_".join(words).lower()).strip("_")
