"""What the explorer is made of, as the server gives it."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files

from starlette.testclient import TestClient

from nucleotides.analyze.report.theme import DARK, LIGHT
from nucleotides.api.config import Config
from nucleotides.api.main import create_app
from nucleotides.explain.draw_logo import Letter, _placed
from tests.api.test_hostile import refused

FOLDER = files("nucleotides.api") / "explorer"


def parts(page: str) -> set[str]:
    return set(re.findall(r'(?:src|href)="(explorer/[^"]+)"', page))


def test_page_lets_in_nothing_but_its_own(client: TestClient) -> None:
    page = client.get("/")
    policy = dict(
        rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-cache"
    assert not re.search(r"<script(?![^>]* src=)|<style|style=|\son\w+=|https?:", page.text)


def test_every_part_is_there_and_kept(client: TestClient) -> None:
    named = parts(client.get("/").text)
    assert {name.rpartition("/")[2] for name in named} == {
        "theme.css",
        *(file.name for file in FOLDER.iterdir() if file.name.endswith((".js", ".css"))),
    }
    for name in named:
        part = client.get(f"/{name}")
        assert part.status_code == 200
        assert part.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert part.headers["content-type"].startswith(
            "text/javascript" if name.endswith(".js") else "text/css"
        )
        assert part.headers["x-content-type-options"] == "nosniff"
        assert "http" not in part.text.replace("http://www.w3.org", "")


def test_modules_ask_only_for_modules_that_are_there() -> None:
    for file in FOLDER.iterdir():
        for name in re.findall(r'^import .* from "\./([^"]+)";', file.read_text("utf-8"), re.M):
            assert (FOLDER / name).is_file(), f"{file.name} imports {name}"


def test_nothing_else_is_given(client: TestClient) -> None:
    place = next(iter(parts(client.get("/").text))).rpartition("/")[0]
    names = ["index.html.j2", "nothing.js", "../main.py", "..%2Fmain.py", "%2e%2e/main.py"]
    names += ["/etc/passwd", "main.js%00", "Main.js"]
    paths = [*(f"/{place}/{name}" for name in names), "/explorer/0123456789abcdef/main.js"]
    answers = [client.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [404] * len(paths)
    for answer in answers:
        refused(answer, 404, "no_such_path", "")


def test_the_page_needs_no_key_but_what_it_asks_does(config: Config) -> None:
    with TestClient(create_app(replace(config, models={}, predictions=None, keys=("k",)))) as one:
        page = one.get("/")
        assert page.status_code == 200
        assert {one.get(f"/{name}").status_code for name in parts(page.text)} == {200}
        for path in ("/models", "/explorers", "/explorer/../models", "/explorer/%2e%2e/models"):
            assert one.get(path).status_code in {401, 404}


def test_colours_are_those_of_the_reports(client: TestClient) -> None:
    place = next(iter(parts(client.get("/").text))).rpartition("/")[0]
    light, dark = client.get(f"/{place}/theme.css").text.splitlines()
    for text, colours in ((light, LIGHT), (dark, DARK)):
        assert dict(re.findall(r"--(\w+): (#\w{6});", text)) == colours
    assert "prefers-color-scheme: dark" in dark


def test_letters_are_those_of_the_logos() -> None:
    text = (FOLDER / "letters.js").read_text("utf-8")
    drawn = dict(re.findall(r'^  ([ACGT]): "([^"]+)",$', text, re.M))
    assert drawn == {
        base: _placed(Letter(base, 0, 0, 1.0, False), 100, 100, 100).strip() for base in "ACGT"
    }
