"""The report of motifs: every number and mark is where it should be, and nothing is fetched."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nucleotides.analyze.motifs import write_motif_report
from nucleotides.analyze.motifs.draw_example import STEP, STRETCH
from nucleotides.analyze.motifs.write_motif_report import render
from nucleotides.explain.coordinates import Coordinates
from nucleotides.explain.discover_motifs import Pattern
from nucleotides.explain.find_motifs import TaskMotifs
from nucleotides.explain.methods import How
from nucleotides.explain.name_motifs import COLUMNS
from nucleotides.explain.seqlets import find_seqlets
from nucleotides.explain.weigh_bases import actual
from nucleotides.genome import encode, reverse_complement
from tests.browser import Browser, find_chromium

WORD, LENGTH, LEFT, RIGHT = "TGACGTAC", 200, 3, 6

EXAMPLE = (
    r"<b>chr20:(\d+)</b>\s+letters of chr20:([\d,]+)-([\d,]+)"
    r".*?<rect x=\"([\d.]+)\"[^>]*width=\"([\d.]+)\""
)


def task(name: str = "HepG2 <CTCF> & more", n: int = 24) -> TaskMotifs:
    """A word in every window, on either strand, which is all that counts."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (n, LENGTH)).astype(np.uint8)
    would, rows = rng.normal(0, 0.05, (n, 4, LENGTH)), []
    for i, start in enumerate(rng.integers(6, LENGTH - 20, n)):
        strand = "+-"[i % 2]
        word = encode(WORD) if strand == "+" else reverse_complement(encode(WORD))
        codes[i, start : start + len(WORD)] = word
        would[i, word, start + np.arange(len(WORD))] += 1 + i / 8
        first, rest = (LEFT, RIGHT) if strand == "+" else (RIGHT, LEFT)
        rows.append((i, start - first, start + len(WORD) + rest, strand))
    sites = pd.DataFrame(rows, columns=["window", "start", "end", "strand"])
    p = np.full((LEFT + len(WORD) + RIGHT, 4), 0.25)
    p[LEFT:-RIGHT] = np.eye(4)[encode(WORD)]
    pattern = Pattern("positive 1", p, p * np.abs(p - 0.25), p - 0.25, sites)
    names = [("positive 1", "MA1.1 <known>", 1e-12, 2.5e-9, "-", 8, 1, False),
             ("positive 1", "MA2.1 other", 0.1, 0.3, "+", 5, 2, False),
             ("positive 1", "MA3.1 CTCF", 1e-7, 2e-5, "+", 5, 12, True)]  # fmt: skip
    seqlets = find_seqlets(actual(would, codes))
    places = [f"chr20:{i}" for i in range(n)]
    table = pd.DataFrame(names, columns=COLUMNS)
    coordinates = [
        Coordinates(1000, 1000 + LENGTH, "chr20", "-" if i % 4 == 3 else "+") for i in range(n)
    ]
    return TaskMotifs(
        *(name, codes, would.astype(np.float32), seqlets, [pattern], table, places, coordinates)
    )


def without() -> TaskMotifs:
    found = task("a task without")
    return TaskMotifs(
        *(found.task, found.codes, found.hypothetical * 0, found.seqlets.iloc[:0]),
        [],
        pd.DataFrame(columns=COLUMNS),
    )


@pytest.fixture(scope="module")
def page() -> str:
    return render(
        [task(), without()], "Motifs of a <model>", "motifs & more", How("saliency").contribution
    )


def words(html: str) -> str:
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL).split())


def test_what_is_known_of_a_pattern_is_told(page: str) -> None:
    text = words(page)
    assert "positive 1: 24 seqlets in 24 windows" in text
    assert "3 × 10⁻⁹" in text or "2 × 10⁻⁹" in text
    assert "MA1.1 &lt;known&gt;" in text
    assert "also CTCF (MA3.1), q = 2 × 10⁻⁵, rank 12" in text
    assert "CTCF (MA3.1), q = 2 × 10⁻⁵, rank 12 of positive 1" in text
    assert "those that were chosen for other tasks included" in text
    assert "no pattern" in text
    assert "They make no pattern" in text


def test_names_are_escaped(page: str) -> None:
    assert "HepG2 <CTCF>" not in page
    assert "HepG2 &lt;CTCF&gt; &amp; more" in page
    assert "<known>" not in page


def test_nothing_is_fetched(page: str) -> None:
    tags = [dict(attributes) for _, attributes in Tags.of(page)]
    links = [tag[name] for tag in tags for name in ("href", "src") if name in tag]
    assert all((link or "").startswith(("#", "data:")) for link in links)
    assert "default-src 'none'" in page


def test_tags_are_closed(page: str) -> None:
    assert Tags.left_open(page) == []


def test_marks_lie_below_the_word(page: str) -> None:
    """The windows that contribute most, their words on either strand, in the middle."""
    found = task()
    drawings = re.findall(EXAMPLE, page, flags=re.DOTALL)
    assert [int(window) for window, *_ in drawings] == [23, 22, 21]
    for window, low, high, x, width in drawings:
        at = found.coordinates[int(window)]
        site = found.patterns[0].sites.iloc[int(window)]
        word = site["start"] + (LEFT if site["strand"] == "+" else RIGHT)
        first = min(max(word + len(WORD) // 2 - STRETCH // 2, 0), LENGTH - STRETCH)
        ends = sorted((at.number(first), at.number(first + STRETCH - 1)))
        assert [int(low.replace(",", "")), int(high.replace(",", "")) - 1] == ends
        assert first + float(x) / STEP == pytest.approx(word)
        assert float(width) / STEP == pytest.approx(len(WORD))


def test_the_file_is_whole(tmp_path: Path) -> None:
    path = write_motif_report(tmp_path / "motifs.html", [task()])
    assert path.read_text(encoding="utf-8").endswith("</html>")
    assert [child.name for child in tmp_path.iterdir()] == ["motifs.html"]


@pytest.mark.slow
@pytest.mark.skipif(find_chromium() is None, reason="no chromium: apt-get install chromium")
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_by_day_and_by_night(page: str, tmp_path: Path, width: int) -> None:
    path = tmp_path / "motifs.html"
    path.write_text(page, encoding="utf-8")
    with Browser() as browser:
        for dark, green in ((False, "rgb(26, 143, 60)"), (True, "rgb(76, 196, 106)")):
            shown = browser.open(path, width=width, dark=dark)
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            fill = "getComputedStyle(document.querySelector('.logo .A')).fill"
            assert shown.evaluate(fill) == green
            assert shown.complaints == []
            assert [url for url in shown.requests if not url.startswith("file:")] == []
            shown.close()


class Tags(HTMLParser):
    """Tags of a page, in order."""

    VOID = frozenset({"meta", "link", "br", "img", "path", "rect", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.open: list[str] = []

    @classmethod
    def of(cls, html: str) -> list[tuple[str, list[tuple[str, str | None]]]]:
        parser = cls()
        parser.feed(html)
        return parser.found

    @classmethod
    def left_open(cls, html: str) -> list[str]:
        parser = cls()
        parser.feed(html)
        return parser.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag
