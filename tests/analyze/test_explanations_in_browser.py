"""The page of explanations as a reader meets it: wide and on a phone, by day and by night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nucleotides.analyze.explanations.gather_items import Items
from nucleotides.analyze.explanations.keep_explanations import Row, Stored, write_explanations
from nucleotides.analyze.explanations.write_page import write_page
from nucleotides.explain.methods import How
from nucleotides.genome import encode
from tests import toy
from tests.analyze.test_explanations import CTCF
from tests.analyze.test_in_browser import FAINT, WAYS
from tests.browser import Browser, Page, find_chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_chromium() is None, reason="no chromium: apt-get install chromium"),
]
TASKS = ["HepG2.CTCF.ENCFF199YFA", "$x$ <i>", "gm12878.H3K27ac." + "long" * 12, "K562|MAX"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of three sequences, with motifs side by side, a long one among them."""
    folder = tmp_path_factory.mktemp("explanations")
    rng = np.random.default_rng(0)
    lengths, sites = [1000, 3500, 1000], range(300, 480, 26)
    codes = [encode(toy.sequence(n, i)) for i, n in enumerate(lengths)]
    rows = []
    for one in codes:
        values = 0.01 * rng.normal(size=(len(TASKS), 4, one.size)).astype(np.float32)
        for at in sites:
            one[at : at + 19] = encode(CTCF)
            values[:, :, at + 1 : at + 16] += np.where(at % 4, 0.5, -0.5) * rng.random(15)
        rows.append(Row(values, rng.random(len(TASKS)), np.full(len(TASKS), 0.02)))
    facts = pd.DataFrame(
        {"name": ["chr1:5-1005", "a <b> & c", "x" * 90], "note": "number 1 (test)"}
    )
    file = folder / "explanations.h5"
    write_explanations(file, Items(facts, codes), TASKS, How("deep_lift_shap"), iter(rows), {})
    with Stored(file) as stored:
        return write_page(stored, folder, links=(("explanations.h5", "explanations.h5"),))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module", params=WAYS)
def page(request: pytest.FixtureRequest, browser: Browser, path: Path) -> Iterator[Page]:
    width, dark = WAYS[request.param]
    opened = browser.open(path, width, dark=dark)
    yield opened
    opened.close()


def test_asks_for_nothing_and_complains_of_nothing(page: Page, path: Path) -> None:
    asked = page.requests
    assert asked[0] == path.as_uri()
    assert all(address.startswith("data:") for address in asked[1:])
    assert page.complaints == []


def test_fits_the_window(page: Page) -> None:
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_every_sequence_and_task_is_drawn(page: Page) -> None:
    assert page.evaluate('document.querySelectorAll("section").length') == 3
    for kind in ("strip", "logo", "below", "marks"):
        assert page.evaluate(f'document.querySelectorAll(".task svg.{kind}").length') == 9
    shown = '[...document.querySelectorAll("svg.figure")].filter(f => f.checkVisibility()).length'
    assert page.evaluate(shown) == 3
    assert page.evaluate('document.querySelectorAll(".marks text").length') > 9


def test_letters_in_the_middle_are_seen(page: Page) -> None:
    scrolled = "box => [box.scrollLeft, box.scrollWidth - box.clientWidth]"
    places = page.evaluate(f'[...document.querySelectorAll(".task .scroll")].map({scrolled})')
    for left, room in places:
        assert abs(left - room / 2) <= 1


def test_no_words_overlap(page: Page) -> None:
    assert page.evaluate(OVERLAPS) == []


def test_no_words_leave_their_drawing(page: Page) -> None:
    assert page.evaluate(OUTSIDE) == []


def test_words_stand_out_from_the_page(page: Page) -> None:
    assert page.evaluate(FAINT) == []


# A line's box is higher than its letters: a fifth of it, above and below, is air.
OVERLAPS = """(() => {
const found = [];
for (const drawing of document.querySelectorAll("svg.figure, svg.marks, svg.below")) {
  if (!drawing.checkVisibility()) continue;
  const boxes = [...drawing.querySelectorAll("text")].map((text) => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    const air = (bottom - top) / 5;
    return { words: text.textContent, left, right, top: top + air, bottom: bottom - air };
  }).filter(({ words }) => words.trim());
  boxes.forEach((a, i) => {
    for (const b of boxes.slice(i + 1)) {
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) {
        found.push(`${a.words} / ${b.words}`);
      }
    }
  });
}
return found;
})()"""

OUTSIDE = """(() => [...document.querySelectorAll("svg.figure, svg.marks, svg.below")]
  .filter((drawing) => drawing.checkVisibility())
  .flatMap((drawing) => {
    const frame = drawing.getBoundingClientRect();
    return [...drawing.querySelectorAll("text")].filter((text) => {
      const box = text.getBoundingClientRect();
      return box.left < frame.left - 1 || box.right > frame.right + 1;
    }).map((text) => text.textContent);
  }))()"""
