"""The explorer as people use it: in Chromium, against a server that computes.

After every test nothing has been complained of, and nobody but the server has been asked.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from xml.etree import ElementTree

import httpx2
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("playwright", reason="no playwright: pip install 'nucleotides[dev]'")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Download, Page, expect, sync_playwright

from nucleotides.analyze.report.theme import DARK, LIGHT, assay_colours
from nucleotides.api.config import Config
from nucleotides.api.main import create_app
from nucleotides.genome import GenomeStore, decode, encode, reverse_complement
from nucleotides.predict import Model
from nucleotides.schemas.example import SEQUENCE
from tests.api.live import live, request
from tests.api.test_live import body, connect, until
from tests.browser import find_chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_chromium() is None, reason="no chromium: apt-get install chromium"),
]
VARIANT, REGION = "chr20:1104061 T>C", "chr20:1,103,561-1,104,561"
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """What tabs share: scripts that were fetched once."""
    opened = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce", color_scheme="light"
    )
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server(config: Config) -> Iterator[str]:
    with live(create_app(config)) as port:
        yield f"http://127.0.0.1:{port}/"


@dataclass
class Explorer:
    """A tab with the page, and what it complained of and asked for."""

    page: Page
    address: str
    complaints: list[str]
    asked: list[str]

    def open(self, **view: str) -> None:
        self.page.goto("about:blank")
        self.page.goto(self.address + "#" + "&".join(f"{k}={quote(v)}" for k, v in view.items()))

    def ask(self, text: str) -> None:
        self.page.fill("#box", text)
        self.page.press("#box", "Enter")

    def answered(self) -> None:
        expect(self.page.locator("#answer")).to_be_visible(timeout=PATIENCE)
        expect(self.page.locator("#why .logo")).to_be_visible(timeout=PATIENCE)
        expect(self.page.locator("#working")).to_be_empty(timeout=PATIENCE)

    def rows(self) -> list[str]:
        """Tasks of the table, top down."""
        return [
            str(row.get_attribute("title"))
            for row in self.page.locator("#table tbody th[scope=row]").all()
        ]

    def saved(self, where: str, ending: str) -> str:
        with self.page.expect_download() as coming:
            self.page.locator(f"{where} .saves").get_by_text(ending.upper(), exact=True).click()
        download: Download = coming.value
        assert download.suggested_filename.endswith(f".{ending}")
        return download.path().read_text("utf-8")

    def hash(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.page.url).fragment)

    def forgive(self, status: int) -> None:
        """The browser itself complains of this status, in its console."""
        said = f"Failed to load resource: the server responded with a status of {status}"
        assert any(said in line for line in self.complaints)
        self.complaints[:] = [line for line in self.complaints if said not in line]


def open_tab(browser: Browser, address: str, width: int = 1280, dark: bool = False) -> Explorer:
    scheme = "dark" if dark else "light"
    size = {"width": width, "height": 900}
    page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    return watch(page, address)


def watch(page: Page, address: str) -> Explorer:
    page.set_default_timeout(PATIENCE)
    found = Explorer(page, address, [], [])
    page.on("console", lambda said: found.complaints.append(said.text))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("request", lambda sent: found.asked.append(sent.url))
    return found


def close(tab: Explorer) -> None:
    tab.page.close()
    assert tab.complaints == []
    assert [url for url in tab.asked if not url.startswith((tab.address, "data:", "blob:"))] == []


@pytest.fixture
def tab(context: BrowserContext, server: str) -> Iterator[Explorer]:
    opened = watch(context.new_page(), server)
    opened.open()
    expect(opened.page.locator("#table table")).to_be_visible()
    yield opened
    close(opened)


def tsv(text: str) -> pd.DataFrame:
    from io import StringIO

    return pd.read_csv(StringIO(text), sep="\t")


def test_tasks_are_searched_and_filtered(tab: Explorer, model: Model) -> None:
    page, tasks = tab.page, model.tasks
    expect(page.locator("#chosen")).to_have_text("40 tasks")
    page.fill("#find", "ctcf hepg2")
    both = [name for name in tasks["task"] if "CTCF" in name and "HepG2" in name]
    expect(page.locator("#chosen")).to_have_text(f"{len(both)} of 40 tasks")
    assert sorted(tab.rows()) == sorted(both)
    page.fill("#find", "")
    page.get_by_role("button", name="Histone ChIP-seq").click()
    page.get_by_role("button", name=re.compile(r"^GM12878")).click()
    histone = tasks[(tasks["assay"] == "Histone ChIP-seq") & (tasks["biosample"] == "GM12878")]
    assert sorted(tab.rows()) == sorted(histone["task"])
    assert tab.hash() == {"assay": ["Histone ChIP-seq"], "biosample": ["GM12878"]}
    page.get_by_role("button", name="Show all tasks again").click()
    expect(page.locator("#chosen")).to_have_text("40 tasks")


def test_a_line_on_the_map_chooses(tab: Explorer) -> None:
    page = tab.page
    assert page.locator("#map .task").count() == 39  # one has no place
    dots = [
        (float(dot.get_attribute("cx") or 0), float(dot.get_attribute("cy") or 0))
        for dot in page.locator("#map .task").all()
    ]
    page.locator("#map svg").scroll_into_view_if_needed()
    box = page.locator("#map svg").bounding_box()
    assert box is not None
    scale = box["width"] / 320
    corners = [(2, 2), (150, 2), (150, 318), (2, 318)]
    page.mouse.move(box["x"] + 2 * scale, box["y"] + 2 * scale)
    page.mouse.down()
    for x, y in corners[1:]:
        page.mouse.move(box["x"] + x * scale, box["y"] + y * scale, steps=3)
    page.mouse.up()
    inside = sum(x < 150 for x, _ in dots)
    assert 5 < inside < 35
    expect(page.locator("#chosen")).to_have_text(f"{inside} of 40 tasks")
    assert page.locator("#map .task.off").count() == 39 - inside


def test_the_map_is_walked_with_keys(tab: Explorer) -> None:
    page = tab.page
    page.locator("#find").focus()
    while page.evaluate("document.activeElement.closest('#map') === null"):
        page.keyboard.press("Tab")
    names = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
        names.add(page.locator("#map .tip").inner_text())
    assert len(names) > 2
    page.keyboard.press(" ")
    expect(page.locator("#chosen")).to_have_text("1 of 40 tasks")
    assert tab.rows()[0] in page.locator("#map .tip").inner_text()
    page.keyboard.press("Escape")
    expect(page.locator("#chosen")).to_have_text("40 tasks")


def test_a_region_is_predicted(tab: Explorer, model: Model, genome: GenomeStore) -> None:
    page = tab.page
    tab.ask(REGION)
    tab.answered()
    place = pd.DataFrame({"chrom": ["chr20"], "start": [1103561], "end": [1104561]})
    expected = model.predict_regions(place, genome).iloc[0]
    found = tsv(tab.saved("#answer", "tsv")).set_index("task")
    assert found["prediction"].to_dict() == expected.loc[found.index].to_dict()
    assert found["genome_tail"].between(0, 1).all()
    page.get_by_role("button", name="nothing", exact=True).click()
    assert tab.rows() == expected.sort_values(ascending=False).index[: len(tab.rows())].tolist()
    page.get_by_role("button", name="genome quantile").click()
    order = found["genome_tail"].loc[tab.rows()].tolist()
    assert order == sorted(order)
    figure = ElementTree.fromstring(tab.saved("#answer", "svg"))
    assert len(list(figure.iter("{http://www.w3.org/2000/svg}text"))) > 80
    assert "var(" not in ElementTree.tostring(figure, "unicode")


def test_a_sequence_is_predicted(tab: Explorer, model: Model) -> None:
    tab.ask(f">mine\n{SEQUENCE[:500].lower()}\n{SEQUENCE[500:]}")
    tab.answered()
    expect(tab.page.locator("#answer-name")).to_have_text("mine")
    expected = model.predict([SEQUENCE]).iloc[0]
    assert json.loads(tab.saved("#answer", "json"))["predictions"] == expected.to_dict()
    expect(tab.page.locator("#known")).to_be_hidden()


@pytest.mark.parametrize(
    "text", ["20 1104200 . GGA G", "chr20:1104061 T>TAAC", "chr20:10000000 G>A"]
)
def test_a_variant_is_scored_and_explained(
    text: str, tab: Explorer, model: Model, genome: GenomeStore
) -> None:
    tab.ask(text)
    tab.answered()
    at, ref, alt = re.findall(r"\d{7,}|[ACGT]+", text)
    row = {"chrom": "chr20", "pos": int(at), "ref": ref, "alt": alt}
    effects = model.variant_effects(pd.DataFrame([row]), genome)
    diff = effects.diff.iloc[0]
    found = tsv(tab.saved("#answer", "tsv")).set_index("task")
    assert found["diff"].to_dict() == diff.loc[found.index].to_dict()
    strongest = str(diff.abs().idxmax())
    assert tab.rows()[0] in found.index[:1]
    assert tab.hash()["why"] == [strongest]
    told = json.loads(tab.saved("#why", "json"))
    spots = tab.page.locator("#why .spots li").all_text_contents()
    assert {spot[:4] for spot in spots} == {"REF ", "ALT "}
    start = int(at) - 1
    low = start + len(ref) // 2 - 500
    bases = decode(genome.codes("chr20", [low], 1100)[0])
    spliced = bases[: start - low] + alt + bases[start - low + len(ref) :]
    found_in = re.match(r"REF ([ACGTN]+) .*:([0-9,]+)-([0-9,]+)$", spots[0])
    assert found_in is not None
    first, last = (int(place.replace(",", "")) for place in found_in.groups()[1:])
    assert bases[first - 1 - low : last - low] == found_in[1]  # from 1, as the variant
    assert [read["sequence"] for read in told["reads"]] == [bases[:1000], spliced[:1000]]
    for read in told["reads"]:
        expected = model.explain([read["sequence"]], method="input_x_gradient", tasks=[strongest])
        got = read["contributions"][strongest]
        np.testing.assert_array_equal(got, expected.contributions[0, 0].astype(np.float64))


def test_what_is_read_on_the_other_strand_is_drawn_forward(tab: Explorer, model: Model) -> None:
    tab.ask("chr20:1103561-1104561 -")
    tab.answered()
    told = json.loads(tab.saved("#why", "json"))
    (read,) = told["reads"]
    assert read["sequence"] == SEQUENCE
    ((task, got),) = read["contributions"].items()
    turned = decode(reverse_complement(encode(SEQUENCE)))
    explained = model.explain([turned], method="input_x_gradient", tasks=[task])
    np.testing.assert_array_equal(got, explained.contributions[0, 0, ::-1].astype(np.float64))


def test_letters_are_zoomed_and_moved(tab: Explorer) -> None:
    page, letters = tab.page, tab.page.locator("#why .logo path:is(.A, .C, .G, .T)")
    tab.ask(SEQUENCE)
    tab.answered()
    assert 20 < letters.count() < 140
    logo = page.locator("#why .logo")
    logo.focus()

    def seen() -> tuple[int, int]:
        first, end = tab.hash()["near"][0].split("-")
        return int(first), int(end)

    page.keyboard.press("0")
    assert seen() == (0, 1000)
    assert letters.count() == 0
    assert page.locator("#why .logo .raises").count() == 1
    page.keyboard.press("+")
    assert seen() == (200, 800)
    page.keyboard.press("Home")
    assert seen() == (0, 600)
    page.keyboard.press("ArrowRight")
    assert seen() == (150, 750)
    logo.scroll_into_view_if_needed()
    box = logo.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - box["width"] / 6, middle[1], steps=4)
    page.mouse.up()
    assert abs(seen()[0] - 250) <= 1
    before = seen()
    page.mouse.wheel(0, -200)  # the logo has the focus
    expect(page).not_to_have_url(re.compile(f"near={before[0]}-{before[1]}"))
    assert before[0] < seen()[0] < seen()[1] < before[1]
    page.locator("#why .spots button").first.click()
    assert letters.count() > 20
    picture = ElementTree.fromstring(tab.saved("#why", "svg"))
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}path"))) == letters.count()


def test_tasks_are_added_and_taken_away(tab: Explorer) -> None:
    page = tab.page
    tab.ask(SEQUENCE)
    tab.answered()
    page.locator("#table .ask button[aria-pressed=false]").first.click()
    expect(page.locator("#why .picked li")).to_have_count(2)
    assert len(tab.hash()["why"]) == 2
    page.locator("#why .picked button").first.click()
    expect(page.locator("#why .picked li")).to_have_count(1)
    page.get_by_role("button", name="DeepLIFT/SHAP, seconds").click()
    expect(page.locator("#working")).to_be_empty()
    assert json.loads(tab.saved("#why", "json"))["method"] == "deep_lift_shap"


def test_known_variants_are_shown_and_asked(tab: Explorer) -> None:
    page = tab.page
    tab.ask(REGION)
    tab.answered()
    expect(page.locator("#known .stem")).to_have_count(4)  # of the 5 of tests/api/demo.py
    values = tsv(tab.saved("#known", "tsv"))
    assert values["pos"].tolist() == [1103970, 1104061, 1104061, 1104200]
    page.locator("#known select").select_option(label="aggregate: avg")
    expect(page.locator("#known .stem")).to_have_count(4)
    assert tab.hash()["shows"] == ["aggregate: avg"]
    page.locator("#known summary").click()
    page.locator("#known tbody").get_by_role("button", name="GGA>G").click()
    expect(page.locator("#answer-name")).to_have_text("chr20:1,104,200 GGA>G")
    tab.answered()


def test_a_link_shows_the_same_again(tab: Explorer) -> None:
    page = tab.page
    tab.ask(VARIANT)
    tab.answered()
    page.get_by_role("button", name="biosample", exact=True).click()
    page.get_by_role("button", name="decrease").click()
    page.fill("#find", "h")
    page.locator("#why .moves button").nth(3).click()

    def shown() -> Any:
        return [tab.rows(), page.url, page.locator("#why .logo").get_attribute("aria-label")]

    before = shown()
    page.locator("#skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#box")).to_be_focused()
    expect(page.locator("#answer")).to_be_visible()
    assert shown() == before
    page.reload()
    tab.answered()
    assert shown() == before
    tab.ask(REGION)
    expect(page.locator("#answer-name")).to_have_text("chr20:1,103,561-1,104,561")
    tab.answered()
    page.go_back()
    expect(page.locator("#answer-name")).to_have_text("chr20:1,104,061 T>C")
    tab.answered()
    assert shown() == before


def reader(tab: Explorer) -> str:
    """A script that takes a text: what the page would ask, or why it would not."""
    place = tab.page.locator("script").get_attribute("src")
    read = f"async text => {{ const m = await import('./{place}'.replace('main', 'read_question'));"
    read += "try { const q = m.readQuestion(text); return [q.kind, q.body]; }"
    return read + "catch (error) { return ['error', error.message]; } }"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("chr20:1104061-1104162 T>C", "Two positions"),
        ("chr20:1104061 1104161 T>C", "Two positions"),
        ("chr20 1104061 1104161 T>C", "Two positions"),
        ("chr20 1104060 1104061 T C", "Two positions"),  # from 0, or an end elsewhere
        ("chr20 1104061 1104061 T -", "Two positions"),
        ("chr20:1 104", "more than one way"),
        ("chr20 1 104 061", "more than one way"),
        ("chr20 1 104 061 1 104 161", "more than one way"),
        ("chr20\t5\t9\nchr20\t5\t9", "here are 2 lines"),
        ("chr20:5-9 peak", "Not understood"),
        ("20 5 rs1 T C A", "Not understood"),
        ("chr20\t7\trs1\tT\tC,A", "Ask about chr20:7 T>C, or about chr20:7 T>A."),
        ("chr20\t7\trs1\tT\tC,A\t.\tPASS\tAF=" + "0.1," * 40, "One ALT at a time"),
        ("chr20:7 T>C,A", "One ALT at a time"),
        ("chr20:7 T>-", "with the base before it"),
        ("chr20:7 ->T", "with the base before it"),
        ("chr20 7 . T .", "with the base before it"),
        ("chr20:7 T>*", "a deletion further up"),
        ("chr20 7 . T <DEL>", "<DEL> names no bases"),
        ("chr20:99999999999999999999 A>C", "No contig reaches as far as 99999999999999999999."),
    ],
)
def test_what_might_mean_something_else_is_not_guessed(text: str, said: str, tab: Explorer) -> None:
    kind, message = tab.page.evaluate(reader(tab), text)
    assert kind == "error"
    assert said in message


def test_questions_are_understood(tab: Explorer) -> None:
    read = reader(tab)
    variant = {"chrom": "chr20", "pos": 1104061, "ref": "T", "alt": "C"}
    for text in (
        *("chr20:1104061 T>C", "chr20:1,104,061 T/C", "chr20-1104061-T-C", " chr20:1104061:t:c "),
        *("chr20:1104061 T→C", "chr20:1 104 061 T>C", "chr20 1104061 1104061 T C"),
        "chr20\t1104061\t.\tT\tC\t50\tPASS\tAC=1",
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\nchr20\t1104061\t.\tT\tC\n",
    ):
        assert tab.page.evaluate(read, text) == ["variant", variant], text
    assert tab.page.evaluate(read, "20 1104061 rs7 T C") == [
        "variant",
        variant | {"chrom": "20", "id": "rs7"},
    ]
    region = {"chrom": "chr20", "start": 1103561, "end": 1104561, "strand": "+"}
    for text, strand in {
        "chr20:1,103,561-1,104,561": "+",
        "chr20:1103561-1104561(-)": "-",
        "chr20 1103561 1104561": "+",
        "chr20\t1103561\t1104561\tpeak 1\t0\t-": "-",
        "chr20:1103561..1104561": "+",
        "chr20:1103561–1104561": "+",
        "chr20:1 103 561-1 104 561": "+",
        "chr20:1,103,561-1,104,561 (−)": "-",  # as the page writes it
        "chr20\t1103561\t1104561\t.\t0\t-\t5.1\t-1\t2.2\t500": "-",
    }.items():
        assert tab.page.evaluate(read, text) == ["region", region | {"strand": strand}], text
    assert tab.page.evaluate(read, "X:5") == [
        "region",
        {"chrom": "X", "start": 5, "end": 6, "strand": "+"},
    ]
    for text, said in {
        "": "Type or paste",
        "hello": "Not understood",
        "rs123": "rs123",
        "chr20:9-5": "ends behind",
        "chr20:0 A>C": "counts from 1",
        ">a\nACGT\n>b\nACGT": "One sequence",
        "ACGTX" * 20: "Character X at base 5",
    }.items():
        kind, message = tab.page.evaluate(read, text)
        assert kind == "error"
        assert said in message


def test_assays_have_the_colours_of_the_reports(tab: Explorer) -> None:
    place = tab.page.locator("script").get_attribute("src")
    script = f"async names => {{ const m = await import('./{place}'.replace('main', 'colour'));"
    script += "return names.map(m.assayColours(names)); }"
    for names in (
        ["TF ChIP-seq", "DNase-seq", "ATAC-seq", "Histone ChIP-seq"],
        ["RNA-seq", "DNase-seq", "DNase-seq (old)", *"abcdefg"],
    ):
        expected = assay_colours(names)
        found = tab.page.evaluate(script, names)
        assert found == [f"var(--{expected[name]})" for name in names]


def test_what_cannot_be_read_is_said_beside_it(tab: Explorer) -> None:
    page, wrong = tab.page, tab.page.locator("#wrong")
    tab.ask("hello")
    expect(wrong).to_contain_text("Not understood")
    expect(page.locator("#box")).to_have_attribute("aria-invalid", "true")
    tab.ask("chr21:5-9")
    expect(wrong).to_contain_text("Unknown contig 'chr21'; did you mean 'chr20'?")
    tab.forgive(422)
    tab.ask("chr20:1-9999999999999")
    expect(wrong).to_have_text("No contig reaches as far as 9999999999999.")
    tab.ask("ACGT")
    expect(wrong).to_contain_text("1000")
    tab.forgive(422)
    tab.ask(SEQUENCE)
    tab.answered()
    expect(wrong).to_be_empty()
    expect(page.locator("#box")).not_to_have_attribute("aria-invalid", "true")
    tab.ask("chr20:0-20000")
    expect(page.locator("#failure h2")).to_have_text("Too much at once")
    said = page.locator("#failure p").first
    expect(said).to_have_text(re.compile(r"^chr20:0-20000\(\+\) has 20,000 bases"))
    expect(page.locator("#failure button")).to_have_count(0)
    tab.forgive(413)
    assert tab.hash()["q"] == ["chr20:0-20000"]
    for part in ("#answer", "#why", "#known"):  # of what was asked before
        expect(page.locator(part)).to_be_hidden()
    tab.ask("hello")
    expect(page.locator("#failure")).to_be_empty()
    tab.ask("N" * 1000)
    expect(page.locator("#answer .notice")).to_contain_text("No base is known here")
    tab.answered()


@pytest.mark.parametrize("wrong", ["hello", "chr20:1104061 T>-", ""])
def test_an_answer_goes_when_something_else_is_asked(wrong: str, tab: Explorer) -> None:
    tab.ask(VARIANT)
    tab.answered()
    tab.ask(wrong)
    for part in ("#answer", "#why", "#known"):
        expect(tab.page.locator(part)).to_be_hidden()
    expect(tab.page.locator("#wrong")).not_to_be_empty()
    expect(tab.page.locator("#working")).to_be_empty()
    assert tab.hash().get("q", [""]) == [wrong]
    tab.page.go_back()
    tab.answered()
    expect(tab.page.locator("#answer-name")).to_have_text("chr20:1,104,061 T>C")
    expect(tab.page.locator("#wrong")).to_be_empty()


def test_ref_is_what_the_genome_has(tab: Explorer) -> None:
    tab.ask("chr20:1104061 G>C")
    tab.answered()
    facts = tab.page.locator("#answer-facts")
    expect(facts.locator(".about")).to_contain_text("with C less that with the genome's T, windows")
    expect(facts.locator(".notice")).to_contain_text("does not have G here")
    expect(facts.locator(".notice")).to_contain_text("REF below is the genome's T, ALT")
    tab.ask(VARIANT)
    expect(facts.locator(".about")).to_contain_text("with C less that with T, windows")


def test_stretches_are_of_bases_that_are_known(tab: Explorer, genome: GenomeStore) -> None:
    spots = tab.page.locator("#why .spots li")
    tab.ask("chr20:0-100")  # in the demo's genome N goes up to 60,000
    tab.answered()
    expect(spots).to_have_text(["None: no base of the window is known."])
    tab.ask("chr20:59950-60050")
    expect(tab.page.locator("#answer-name")).to_have_text("chr20:59,950-60,050")
    tab.answered()
    assert spots.count() > 1
    for spot in spots.all_text_contents():
        found = re.match(r"([ACGTN]+) .*:([0-9,]+)-([0-9,]+)$", spot)
        assert found is not None
        first, end = (int(place.replace(",", "")) for place in found.groups()[1:])
        assert decode(genome.codes("chr20", [first], end - first)[0]) == found[1]
        assert {found[1][0], found[1][-1]} <= set("ACGT")


@pytest.mark.parametrize("width", [1280, 390])
def test_inserted_bases_can_be_read(width: int, tab: Explorer) -> None:
    alt = "TATGTAACATGTAACATGTAACGATTACAGATTACA"
    tab.page.set_viewport_size({"width": width, "height": 900})
    tab.ask(f"chr20:1104061 T>{alt}")
    tab.answered()
    tab.page.get_by_role("button", name="See the inserted bases").click()
    boxes = [
        letter.bounding_box() for letter in tab.page.locator("#why .logo g:last-of-type path").all()
    ]
    wide = [box["width"] for box in boxes if box is not None]
    assert len(wide) >= len(alt) * 0.8  # those of no height are not drawn
    assert np.median(wide) > 5
    near = tab.hash()["near"]
    before = tab.page.locator("#why .logo").inner_html()
    tab.page.reload()
    tab.answered()
    assert tab.page.locator("#why .logo").inner_html() == before
    assert tab.hash()["near"] == near
    tab.ask(VARIANT)
    tab.answered()
    expect(tab.page.get_by_role("button", name="See the inserted bases")).to_have_count(0)


def test_what_a_link_names_in_vain_is_said(tab: Explorer) -> None:
    tab.open(q=VARIANT, task="nope", model="zzz", method="zz", by="none", find="ctcf")
    tab.answered()
    said = "Not known here and left out: model zzz, task nope, method zz."
    expect(tab.page.locator("#left-out")).to_have_text(said)
    expect(tab.page.locator("#wrong")).to_be_empty()
    expect(tab.page.get_by_role("button", name="gradient, at once")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert tab.rows()  # of the words found
    assert all("CTCF" in name for name in tab.rows())
    assert not {"task", "model", "method"} & tab.hash().keys()
    tab.ask(SEQUENCE)
    tab.answered()
    expect(tab.page.locator("#left-out")).to_be_empty()
    tab.open(q=SEQUENCE, sort="increase", method="mutagenesis", shows="aggregate: avg")
    tab.answered()
    expect(tab.page.locator("#left-out")).to_be_empty()


@pytest.mark.parametrize("text", [REGION, VARIANT])
def test_headings_stand_apart_on_a_phone(text: str, tab: Explorer) -> None:
    tab.page.set_viewport_size({"width": 390, "height": 900})
    tab.ask(text)
    tab.answered()
    edges = tab.page.evaluate(
        """() => [...document.querySelectorAll('#table thead th:not(:last-child)')].map((head) => {
          const words = document.createRange();
          words.selectNodeContents(head);
          const { left, right } = words.getBoundingClientRect();
          return [left, right];
        }).filter(([left, right]) => right > left)"""
    )
    gaps = [right[0] - left[1] for left, right in pairwise(edges)]
    assert len(gaps) >= 3
    assert min(gaps) >= 5


def test_a_server_that_has_gone(tab: Explorer) -> None:
    page = tab.page
    page.context.set_offline(True)
    tab.ask(SEQUENCE)
    expect(page.locator("#failure")).to_contain_text("The server does not answer")
    assert all("ERR_INTERNET_DISCONNECTED" in line for line in tab.complaints)
    tab.complaints.clear()
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    tab.answered()
    expect(page.locator("#failure")).to_be_empty()


@contextmanager
def busy(port: int, batcher: Any) -> Iterator[threading.Event]:
    """A server that computes nothing until the event is set, and whose queue of one is full."""
    go_on = threading.Event()
    batcher._thread.submit(go_on.wait)
    with (
        connect(port) as one,
        connect(port) as other,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        try:
            one.sendall(request("/predictions_for_sequence", body(1), "Connection: close"))
            taken = batcher._thread._work_queue.qsize
            until(lambda: taken() or client.get("/health").is_error)
            other.sendall(request("/predictions_for_sequence", body(2), "Connection: close"))
            until(lambda: batcher.waiting or client.get("/health").is_error)
            yield go_on
        finally:
            go_on.set()


def test_a_busy_server_is_asked_again(browser: Browser, config: Config) -> None:
    app = create_app(replace(config, max_queue=1))
    with live(app) as port:
        tab = open_tab(browser, f"http://127.0.0.1:{port}/")
        tab.open()
        expect(tab.page.locator("#table table")).to_be_visible()
        with busy(port, app.state.served.model(None).batcher) as go_on:
            tab.ask(SEQUENCE)
            expect(tab.page.locator("#working")).to_contain_text("asking again in 1 s")
            go_on.set()
            tab.answered()
        tab.forgive(429)
        close(tab)


def test_a_server_without_a_genome(browser: Browser, config: Config) -> None:
    with live(create_app(replace(config, genome=None, predictions=None))) as port:
        tab = open_tab(browser, f"http://127.0.0.1:{port}/")
        tab.open()
        expect(tab.page.locator("#server")).to_contain_text("This server has no genome")
        expect(tab.page.locator(".examples button:visible")).to_have_text(["a sequence"])
        tab.ask(VARIANT)
        expect(tab.page.locator("#failure")).to_contain_text("The server lacks something")
        tab.forgive(503)
        tab.page.get_by_role("button", name="a sequence").click()
        tab.answered()
        close(tab)


def test_another_model_is_chosen(browser: Browser, config: Config) -> None:
    models = {"one": config.models["demo"], "two": config.models["demo"]}
    with live(create_app(replace(config, models=models, predictions=None))) as port:
        tab = open_tab(browser, f"http://127.0.0.1:{port}/")
        tab.open(q=SEQUENCE)
        tab.answered()
        assert json.loads(tab.saved("#answer", "json"))["model"] == "one"
        tab.page.locator("#models select").select_option("two")
        expect(tab.page).to_have_url(re.compile("model=two"))
        tab.answered()
        assert json.loads(tab.saved("#answer", "json"))["model"] == "two"
        tab.ask("ACGT" * 250)
        tab.answered()
        tab.page.locator("#models select").select_option("one")
        expect(tab.page).to_have_url(re.compile("model=one"))
        tab.answered()
        tab.page.go_back()
        expect(tab.page.locator("#models select")).to_have_value("two")
        expect(tab.page.locator("#box")).to_have_value(SEQUENCE)
        tab.answered()
        assert json.loads(tab.saved("#answer", "json"))["model"] == "two"
        close(tab)


def test_a_server_with_nothing(browser: Browser) -> None:
    with live(create_app(Config({}))) as port:
        tab = open_tab(browser, f"http://127.0.0.1:{port}/")
        tab.open()
        expect(tab.page.locator("#server")).to_contain_text("nucleotides serve --model PATH")
        expect(tab.page.locator("#box")).to_be_disabled()
        tab.forgive(503)  # of /ready
        close(tab)


def test_a_server_that_wants_a_key(browser: Browser, config: Config) -> None:
    with live(create_app(replace(config, keys=("sesame",)))) as port:
        tab = open_tab(browser, f"http://127.0.0.1:{port}/")
        tab.open(q=SEQUENCE)
        for word in ("wrong", "sesame"):
            tab.page.get_by_role("dialog").get_by_label("Key").fill(word)
            tab.page.get_by_role("button", name="Use it").click()
        tab.answered()
        tab.forgive(401)
        assert "sesame" not in tab.page.url
        close(tab)


def test_effects_not_computed_are_said_to_be_missing(browser: Browser, config: Config) -> None:
    with live(create_app(replace(config, predictions=None))) as port:
        tab = open_tab(browser, f"http://127.0.0.1:{port}/")
        tab.open(q=REGION)
        tab.answered()
        expect(tab.page.locator("#known")).to_contain_text("nucleotides variants VCF --out")
        expect(tab.page.locator("#server")).to_be_empty()
        close(tab)


def is_drawn_by_day(figure: str) -> None:
    """Dark on a light ground of its own, which is under all else, with a title."""
    drawn = ElementTree.fromstring(figure)
    ground, *_ = drawn
    assert ground.tag.endswith("}rect")
    assert ground.get("fill") == LIGHT["paper"]
    for colour in set(DARK.values()) - set(LIGHT.values()):
        as_computed = ", ".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
        assert colour not in figure
        assert f"rgb({as_computed})" not in figure
    words = [str(text.text) for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert any(text.startswith(("chr20:1,104,061 T>C", "Precomputed variants,")) for text in words)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
def test_anybody_can_use_it(width: int, dark: bool, browser: Browser, server: str) -> None:
    tab = open_tab(browser, server, width, dark)
    tab.open(q=VARIANT)
    tab.answered()
    expect(tab.page.locator("#known .stem").first).to_be_attached()
    tab.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    for part in ("#map svg", "#why .logo", "#known .known"):
        box = tab.page.locator(part).bounding_box()
        assert box is not None
        assert box["width"] > 300
        assert box["height"] > 100
    assert tab.page.evaluate("document.scrollingElement.scrollWidth") <= width
    for part in ("#answer", "#why", "#known"):
        is_drawn_by_day(tab.saved(part, "svg"))
    found = Axe().run(tab.page).response["violations"]
    assert [(one["id"], one["impact"], len(one["nodes"])) for one in found] == []
    close(tab)


@pytest.fixture(scope="module")
def designing(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that takes jobs."""
    jobs = tmp_path_factory.mktemp("jobs")
    with live(create_app(replace(config, jobs=jobs))) as port:
        yield f"http://127.0.0.1:{port}/"


def test_a_sequence_is_designed(browser: Browser, designing: str, model: Model) -> None:
    tab = open_tab(browser, designing)
    tab.open(q=SEQUENCE)
    tab.answered()
    panel = tab.page.locator("#design")
    panel.get_by_role("button", name="Design", exact=True).click()
    expect(panel.get_by_role("alert")).to_have_text("Name a task to raise or to lower.")
    panel.get_by_label("Raise: add a task or a pattern").fill("HepG2.CTFC")
    panel.get_by_role("button", name="Raise: add it").click()
    panel.get_by_role("button", name="Design", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("HepG2.CTFC")
    panel.get_by_role("button", name="Raise: without HepG2.CTFC").click()
    panel.get_by_label("Raise: add a task or a pattern").fill("*CTCF*")
    panel.get_by_label("Raise: add a task or a pattern").press("Enter")
    panel.get_by_label("Bases that may change").fill("4")
    panel.get_by_role("button", name="quick").click()
    panel.get_by_role("button", name="Design", exact=True).click()
    expect(panel.locator("progress")).to_be_visible()
    expect(panel.locator(".designs")).to_be_visible(timeout=5 * PATIENCE)  # workers are nice
    letters = "".join(panel.locator(".letters code").all_text_contents())
    changed = sum(a != b for a, b in zip(letters, SEQUENCE, strict=True))
    assert 1 <= changed <= 4
    assert panel.locator(".letters mark").count() == changed
    columns = [i for i, name in enumerate(model.tasks["task"]) if "CTCF" in name]
    before, after = model.logits(np.stack([encode(SEQUENCE), encode(letters)]))[:, columns].mean(1)
    told = str(panel.locator(".designs b").text_content()).replace("−", "-")
    assert [float(part) for part in told.split(" → ")] == pytest.approx([before, after], abs=0.006)
    assert after > before
    for width in (1280, 390):  # all letters are in the picture
        tab.page.set_viewport_size({"width": width, "height": 900})
        lines = panel.locator(".letters")
        assert lines.evaluate("one => one.scrollWidth <= one.clientWidth")
        first = lines.locator("div").first.inner_text()
        assert re.findall("[0-9]+", first) == (["0"] if width == 1280 else ["0", "30"])
    assert tab.saved("#design", "fasta").split("\n", 1)[1].replace("\n", "") == letters
    found = Axe().run(tab.page, context="#design")
    assert found.response["violations"] == [], found.generate_report()
    address = tab.page.url
    tab.page.get_by_role("button", name="Ask about it").click()
    expect(tab.page.locator("#box")).to_have_value(letters)
    tab.forgive(422)
    close(tab)
    again = open_tab(browser, designing)
    again.page.goto(address)
    wanted = told.replace("-", "−")
    expect(again.page.locator("#design .designs b")).to_have_text(wanted, timeout=PATIENCE)
    close(again)


def test_a_design_is_cancelled(browser: Browser, designing: str) -> None:
    tab = open_tab(browser, designing)
    tab.open(**{"raise": "*CTCF*", "budget": "2000"})
    panel = tab.page.locator("#design")
    panel.get_by_role("button", name="Design", exact=True).click()
    panel.get_by_role("button", name="Cancel").click()
    expect(panel.get_by_role("status")).to_have_text("Cancelled.", timeout=5 * PATIENCE)
    expect(panel.get_by_role("button", name="Design", exact=True)).to_be_enabled()
    close(tab)
