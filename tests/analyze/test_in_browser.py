"""The report as a reader meets it: in a browser, wide and on a phone, by day and by night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nucleotides.analyze.compare import compare
from nucleotides.analyze.report import insights, post_sections, write_report
from nucleotides.analyze.report.draw_map import task_map
from nucleotides.analyze.report.gallery import Gallery
from nucleotides.analyze.report.insights import Insights
from nucleotides.data.leakage import Leak
from tests.analyze.test_post_figures import groups, likeness
from tests.analyze.test_report import evaluation, facts
from tests.browser import Browser, Page, find_chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_chromium() is None, reason="no chromium: apt-get install chromium"),
]
TASKS = 40
SECTIONS = {
    *("data", "learning", "scores", "rare", "curves", "calibration"),
    *("map", "similarity", "comparison", "tracks", "next"),
}
WAYS = {
    f"{width} {'dark' if dark else 'light'}": (width, dark)
    for width in (1280, 390)
    for dark in (False, True)
}


def whole_report() -> str:
    """A report with every section, of what no network ever said."""
    rng = np.random.default_rng(0)
    data = evaluation(bins=1500, n_tasks=TASKS)
    tasks, gallery = data.tasks, Gallery()
    errors = 10 ** rng.uniform(-3, -1, (2, TASKS))
    worse = data.logits + rng.normal(0, 1, data.logits.shape).astype(np.float32)
    blocks = np.arange(len(data.centres)) // 50
    leak = Leak("test", "training", 5000, 5000, 4, 0, 0, 81, 3, np.arange(81))
    found = Insights(
        calibration=post_sections.calibrated(
            tasks, groups(TASKS), groups(TASKS, 1), *errors, gallery
        ),
        map=task_map(rng.normal(size=(TASKS, 2)), tasks, rng.integers(-1, 5, TASKS)),
        similarity=post_sections.similarity(
            tasks, likeness(TASKS), likeness(TASKS, 1), rng.permutation(TASKS), gallery
        ),
        long_tail=post_sections.long_tail(tasks, rng.integers(30, 3000, TASKS), data.lift, gallery),
        comparison=insights.compared(
            compare(tasks["task"].tolist(), data.labels, worse, data.logits, blocks),
            data,
            gallery,
            ("runs/first", "runs/second"),
        ),
        leaks=insights.leak_table([leak]),
        absent={"clusters": "too few tasks"},
    )
    rivals = {task: {"auroc": 0.6, "average_precision": 0.2} for task in tasks["task"]}
    told = facts(data, baselines={"GC content of the window": rivals, "JASPAR scan": rivals})
    return write_report.render(data, told, found, gallery)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("report") / "report.html"
    written.write_text(whole_report(), encoding="utf-8")
    return written


@pytest.fixture(scope="module", params=WAYS)
def page(request: pytest.FixtureRequest, browser: Browser, path: Path) -> Iterator[Page]:
    """A page to look at, not to touch: tests share it."""
    width, dark = WAYS[request.param]
    opened = browser.open(path, width, dark=dark)
    yield opened
    opened.close()


@pytest.fixture(params=(1280, 390))
def fresh(request: pytest.FixtureRequest, browser: Browser, path: Path) -> Iterator[Page]:
    """A page of the test's own."""
    opened = browser.open(path, request.param)
    yield opened
    opened.close()


def test_asks_for_nothing_and_complains_of_nothing(page: Page, path: Path) -> None:
    assert set(page.evaluate(IDS)) >= SECTIONS
    asked = page.requests
    assert asked[0] == path.as_uri()
    assert all(address.startswith("data:") for address in asked[1:])
    assert page.complaints == []


def test_fits_the_window(page: Page) -> None:
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert page.evaluate(BEYOND) == []


def test_no_figure_is_empty(page: Page) -> None:
    drawn = page.evaluate(FIGURES)
    assert len(drawn) > 15
    for figure in drawn:
        assert figure["width"] > 200, figure
        assert figure["height"] > 100, figure
        assert figure["marks"] > 3, figure
        assert figure["name"], figure


def test_no_words_of_a_figure_overlap(page: Page) -> None:
    assert page.evaluate(OVERLAPS) == []


def test_words_stand_out_from_the_page(page: Page) -> None:
    assert page.evaluate(FAINT) == []


def test_follows_the_wish_for_dark(browser: Browser, path: Path) -> None:
    shades = {}
    for dark in (False, True):
        page = browser.open(path, dark=dark)
        shades[dark] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.close()
    light, dark_shade = (int(shades[dark].split("(")[1].split(",")[0]) for dark in (False, True))
    assert light > 200
    assert dark_shade < 60


def dot(page: Page, at: int) -> dict[str, Any]:
    """Where in the window a dot of the map lies, its place in the figure, and its name's end."""
    page.evaluate('document.querySelector(".map svg").scrollIntoView({block: "center"})')
    found: dict[str, Any] = page.evaluate(DOT.replace("AT", str(at)))
    return found


def shown(page: Page) -> str | None:
    """The name in the map's tip."""
    name: str | None = page.evaluate(
        '(tip => tip.hidden ? null : tip.querySelector("b").textContent)'
        '(document.querySelector(".map .tip"))'
    )
    return name


def test_map_says_what_the_pointer_is_on(fresh: Page) -> None:
    assert shown(fresh) is None
    names = set()
    for at in (0, TASKS // 2):
        place = dot(fresh, at)
        fresh.point(place["x"], place["y"])
        names.add(shown(fresh))
        assert fresh.evaluate(CHOSEN) == place["d"]
        assert fresh.evaluate(TIP_INSIDE)
    assert len(names) == 2
    assert None not in names
    fresh.point(1, 1)
    assert shown(fresh) is None


def test_map_is_walked_with_the_keys(fresh: Page) -> None:
    fresh.evaluate('document.querySelector(".map svg").focus()')
    fresh.press("ArrowRight")
    walk = [shown(fresh)]
    for key in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown") * 2:
        fresh.press(key)
        walk.append(shown(fresh))
    assert None not in walk
    assert len(set(walk)) > 2
    fresh.press("Escape")
    assert shown(fresh) is None


def test_map_is_searched(fresh: Page) -> None:
    fresh.evaluate('document.querySelector(".map input").focus()')
    fresh.write("task003")
    assert fresh.evaluate('document.querySelector(".map output").textContent') == "10 of 40"
    assert fresh.evaluate('document.querySelectorAll(".map .dots .off").length') == 30
    names = []
    for _ in range(10):
        fresh.press("Enter")
        names.append(shown(fresh))
    assert sorted(map(str, names)) == [f"task00{at}" for at in range(30, 40)]


def test_map_is_coloured_anew(fresh: Page) -> None:
    strokes = (
        'JSON.stringify([...document.querySelectorAll(".map .dots path")]'
        ".map(dot => dot.style.stroke))"
    )
    seen = set()
    for by in ("assay", "target", "biosample", "cluster", "auroc"):
        fresh.evaluate(f"document.querySelector('.map button[value={by}]').click()")
        seen.add(fresh.evaluate(strokes))
        legends = fresh.evaluate(LEGENDS)
        assert legends == [by]
    assert len(seen) == 5


def test_table_is_sorted_and_filtered(fresh: Page) -> None:
    rows = '[...document.querySelectorAll("#by-task tbody tr:not([hidden])")]'
    column = f"{rows}.map(row => row.cells[6].textContent)"
    heads = '[...document.querySelectorAll("#by-task .columns th")]'
    fresh.evaluate(f'{heads}.find(head => head.textContent === "AUROC").firstChild.click()')
    values = [float(text) for text in fresh.evaluate(column)]
    assert len(values) == TASKS
    assert values == sorted(values, reverse=True)
    fresh.evaluate('document.querySelector(".filter input").focus()')
    fresh.write("task003")
    assert len(fresh.evaluate(column)) == 10


IDS = '[...document.querySelectorAll("section")].map(section => section.id)'

SEEN = """
const seen = (part) => part.checkVisibility() && part.getBoundingClientRect().width > 0;
const figures = [...document.querySelectorAll("svg.figure")].filter(seen);
"""

BEYOND = f"""(() => {{ {SEEN}
return figures.flatMap((figure) => [...figure.querySelectorAll("text")])
  .filter((text) => {{
    const box = text.getBoundingClientRect();
    return box.width > 0 && (box.left < -0.5 || box.right > innerWidth + 0.5);
  }}).map((text) => text.textContent);
}})()"""

# Grid and frame are there without data, so they are no marks.
FIGURES = f"""(() => {{ {SEEN}
const probe = document.body.appendChild(document.createElement("i"));
const bare = ["grid", "rule"].map((name) => {{
  probe.style.color = `var(--${{name}})`;
  return getComputedStyle(probe).color;
}}).concat("none");
return figures.map((figure) => {{
  const {{ width, height }} = figure.getBoundingClientRect();
  const marks = [...figure.querySelectorAll("path, use, image")].filter((mark) => {{
    const {{ fill, stroke }} = getComputedStyle(mark);
    return !mark.closest("defs, text")
      && (mark.matches("image") || !bare.includes(fill) || !bare.includes(stroke));
  }}).length;
  return {{ name: figure.getAttribute("aria-label"), width, height, marks }};
}});
}})()"""

# A line's box is higher than its letters: a fifth of it, above and below, is air.
OVERLAPS = f"""(() => {{ {SEEN}
const found = [];
for (const figure of figures) {{
  const boxes = [...figure.querySelectorAll("text")].map((text) => {{
    const {{ left, right, top, bottom }} = text.getBoundingClientRect();
    const [across, down] = right - left > bottom - top ? [1, (bottom - top) / 5]
      : [(right - left) / 5, 1];
    return {{ words: text.textContent.trim(), left: left + across, right: right - across,
              top: top + down, bottom: bottom - down }};
  }}).filter(({{ words }}) => words);
  boxes.forEach((a, i) => {{
    for (const b of boxes.slice(i + 1)) {{
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) {{
        found.push(`${{figure.getAttribute("aria-label")}}: ${{a.words}} / ${{b.words}}`);
      }}
    }}
  }});
}}
return found;
}})()"""

# Contrast as WCAG 2.2 defines it, 1.4.3: at least 4.5 for text.
FAINT = """(() => {
const light = (colour) => {
  const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
};
const under = (part) => {
  for (let at = part; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!/, 0\\)$/.test(colour)) return colour;
  }
};
const found = new Set();
for (const part of document.querySelectorAll("main *, main text")) {
  const spoken = [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!spoken || !part.checkVisibility() || part.closest("script, title, .tip")) continue;
  const style = getComputedStyle(part);
  const [a, b] = [light(part.closest("svg") ? style.fill : style.color), light(under(part))];
  if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5) found.add(part.textContent);
}
return [...found];
})()"""

DOT = """(() => {
const dot = document.querySelectorAll(".map .dots path")[AT];
const [x, y] = dot.getAttribute("d").slice(1, -2).split(" ").map(Number);
const svg = dot.ownerSVGElement;
const box = svg.getBoundingClientRect();
const scale = box.width / svg.viewBox.baseVal.width;
return { x: box.left + x * scale, y: box.top + y * scale, d: `M${x} ${y}h0` };
})()"""
CHOSEN = 'document.querySelector(".map .chosen").getAttribute("d")'
TIP_INSIDE = """(() => {
const { left, right } = document.querySelector(".map .tip").getBoundingClientRect();
return left >= 0 && right <= innerWidth;
})()"""
LEGENDS = """[...document.querySelectorAll(".map .colours")]
  .filter((legend) => legend.checkVisibility()).map((legend) => legend.dataset.by)"""
