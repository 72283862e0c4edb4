"""A logo as a file tells what it shows: title, positions, scale."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from nucleotides.explain import save_logo as module
from nucleotides.explain.coordinates import Coordinates
from nucleotides.explain.save_logo import save_logo
from tests.explain.test_draw_logo import SVG, corners

N = 45


def heights() -> np.ndarray:
    """A letter at each position; the highest at 10, the lowest at 30."""
    out = np.zeros((N, 4))
    out[np.arange(N), np.arange(N) % 4] = 0.5
    out[10, 10 % 4], out[30, 30 % 4] = 2.5, -1.25
    return out


@pytest.mark.parametrize("strand", ["+", "-"])
def test_an_svg_has_the_positions_of_the_genome(tmp_path: Path, strand: str) -> None:
    at = Coordinates(1010, 1010 + N, "chr2", strand)
    title = 'a <b> & "c"'
    root = ET.parse(save_logo(tmp_path / "a.svg", heights(), title, coordinates=at)).getroot()
    texts = {text.text: text for text in root.iter(f"{SVG}text")}
    assert title in texts
    assert root.find(f"{SVG}title").text == title
    assert {"2.5", "0", "-1.2", "contribution", at.axis} < set(texts)
    (inner,) = root.findall(f"{SVG}svg")
    left = float(inner.attrib["x"])
    step = float(inner.attrib["width"]) / N
    numbers = {"1,020", "1,040"}
    assert {words for words in texts if words.startswith("1,")} == numbers
    for words in numbers:
        base = (float(texts[words].attrib["x"]) - left) / step - 0.5
        assert at.number(round(base)) == int(words.replace(",", ""))
    high = [corners(path.attrib["d"]) for path in inner if path.attrib["class"] == "G"]
    assert high[0][:, 0].max() <= float(inner.attrib["width"])


@pytest.mark.parametrize("strand", ["+", "-"])
def test_a_png_has_the_positions_of_the_genome(strand: str) -> None:
    at = Coordinates(1010, 1010 + N, "chr2", strand)
    ax = module._figure(heights(), "x", at, "contribution (logit)", (-1.25, 2.5)).axes[0]
    ticks = zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
    found = {label.get_text(): at.number(round(x - 0.5)) for x, label in ticks}
    assert found == {"1,020": 1020, "1,040": 1040}
    assert (ax.get_xlabel(), ax.get_ylabel()) == (at.axis, "contribution (logit)")


def test_files_are_what_their_names_say(tmp_path: Path) -> None:
    assert save_logo(tmp_path / "a.png", heights(), "$ name").read_bytes()[:4] == b"\x89PNG"
    assert save_logo(tmp_path / "a.pdf", heights()).read_bytes()[:4] == b"%PDF"
    assert ET.parse(save_logo(tmp_path / "a.svg", np.zeros((0, 4)))).getroot().tag == f"{SVG}svg"
