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
    "extra0": "#c22f55",
    "extra1": "#1593a8",
    "ramp0": "#c28a00",
    "ramp1": "#8a9620",
    "ramp2": "#45924f",
    "ramp3": "#1b857c",
    "ramp4": "#1f6590",
    "ramp5": "#2b3a80",
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
    "extra0": "#ff8aa5",
    "extra1": "#62d2e6",
    "ramp0": "#8c6212",
    "ramp1": "#8f8a2a",
    "ramp2": "#5fa85a",
    "ramp3": "#3fbfae",
    "ramp4": "#7fd3f2",
    "ramp5": "#d6e8ff",
}
# Of the commonest of many words; what is rarer is OTHER.
CATEGORIES = ("assay0", "assay1", "assay2", "assay3", "assay4", "assay5", "extra0", "extra1")
OTHER = "assay6"
# From low to high, all at least 3:1 against the paper.
RAMP = ("ramp0", "ramp1", "ramp2", "ramp3", "ramp4", "ramp5")
_FAMILIES = (
    ("tf chip", "assay0"),
    ("histone", "assay1"),
    ("dnase", "assay2"),
    ("atac", "assay3"),
)
_SPARE = ("assay4", "assay5", "assay3", "assay2", "assay1", "assay0")


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
            chosen[name] = spare.pop(0) if spare else OTHER
    return chosen
