"""A matplotlib figure as inline SVG that follows the page's colours and fonts."""

from __future__ import annotations

import html
import io
import re
import warnings
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from nucleotides.analyze.report.theme import LIGHT


def inline(figure: Figure, name: str, description: str, css: str = "") -> str:
    """The figure as an <svg> element, the same bytes for the same figure.

    Args:
        figure: drawn in the colours of `theme.LIGHT`, which become CSS variables.
        name: unique in the page; keeps the ids of its clips and markers apart.
        description: what the figure shows, read out by screen readers.
        css: classes of the element.
    """
    text = _draw(figure, name)
    width, height = (float(inches) * 72 for inches in figure.get_size_inches())
    body = _slim(text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")])
    return (
        f'<svg class="figure {css}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'style="max-width:{width:g}px" aria-label="{html.escape(description)}">{body}</svg>'
    )


def _draw(figure: Figure, name: str) -> str:
    stream = io.StringIO()
    options: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": name, "path.simplify": False}
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with mpl.rc_context(options), warnings.catch_warnings():
        # The browser draws the text, with whichever of its fonts has the letter.
        warnings.filterwarnings("ignore", message=".*[Gg]lyph", category=UserWarning)
        figure.savefig(stream, format="svg", metadata=nothing)
    return stream.getvalue()


def _slim(text: str) -> str:
    for junk in (r"<metadata>.*?</metadata>", r"<!--.*?-->", r"<style.*?</style>"):
        text = re.sub(junk, "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", _slim_tag, text)
    text = text.replace("<defs></defs>", "")
    text = re.sub(r"<g></g>", "", text)
    return text.strip()


def _slim_tag(match: re.Match[str]) -> str:
    """One tag with the page's colours and fonts, and coordinates to a hundredth of a pixel."""
    tag = " ".join(match.group().split())
    tag = re.sub(r'<g id="[^"]*"', "<g", tag)
    tag = re.sub(r'(<image .*)id="[^"]*" ?', r"\1", tag)
    tag = re.sub(r' transform="rotate\(-?0 [^"]*"', "", tag)
    tag = re.sub(r"font-family: [^;\"]*;? ?", "", tag)
    tag = re.sub(r"(\.\d\d)\d+", r"\1", tag)
    tag = re.sub(r"(?<=\d)\.0+(?!\d)", "", tag)
    tag = re.sub(r"M (\S+) (\S+) L \1 \2(?=[ \"])", r"M\1 \2h0", tag)
    tag = tag.replace("xlink:href", "href")
    return re.sub(r"#[0-9a-f]{6}(?=[;\"])", _variable, tag)


def _variable(match: re.Match[str]) -> str:
    name = _NAMES.get(match.group())
    return f"var(--{name})" if name else match.group()


_NAMES = {colour: name for name, colour in LIGHT.items()}
