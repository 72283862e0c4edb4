"""Colours of the report: every one has a light and a dark value, and a name in CSS."""

from __future__ import annotations

from collections.abc import Iterable

# Figures are drawn in the light value; `svg.inline` swaps it for the CSS variable, so
# no two names may share a light value.
LIGHT = {
    "ink": "#1b1f24",
    "muted": "#59636e",
    "rule": "#c9cfd6",
    "grid": "#e8ebee",
    "band": "#f3ead2",
    "paper": "#fcfcfb",
    "card": "#f5f6f7",
    "assay0": "#0072b2",
    "assay1": "#d55e00",
    "assay2": "#00926a",
    "assay3": "#a8479b",
    "assay4": "#8a6d00",
    "assay5": "#4b5fc4",
    "assay6": "#6b7280",
}
DARK = {
    "ink": "#e7e9eb",
    "muted": "#a0a9b3",
    "rule": "#434a52",
    "grid": "#2a2f35",
    "band": "#38321f",
    "paper": "#14171a",
    "card": "#1d2125",
    "assay0": "#56b4e9",
    "assay1": "#ff9147",
    "assay2": "#3ccfa0",
    "assay3": "#e08ad0",
    "assay4": "#e0bd45",
    "assay5": "#9aa8ff",
    "assay6": "#9ca3af",
}
_FAMILIES = (
    ("tf chip", "assay0"),
    ("histone", "assay1"),
    ("dnase", "assay2"),
    ("atac", "assay3"),
)
_SPARE = ("assay4", "assay5", "assay3", "assay2", "assay1", "assay0")
_REST = "assay6"


def assay_colours(assays: Iterable[str]) -> dict[str, str]:
    """The name of the colour of each assay: fixed for the common ones, then as they come."""
    names = list(dict.fromkeys(assays))
    chosen: dict[str, str] = {}
    for name in names:
        lower = name.lower()
        family = next((colour for prefix, colour in _FAMILIES if lower.startswith(prefix)), None)
        if family and family not in chosen.values():
            chosen[name] = family
    spare = [colour for colour in _SPARE if colour not in chosen.values()]
    for name in names:
        if name not in chosen:
            chosen[name] = spare.pop(0) if spare else _REST
    return chosen
