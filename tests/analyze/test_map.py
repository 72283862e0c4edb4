"""The map of the tasks: every task once, small, escaped, and coloured by rule."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from nucleotides.analyze.report import theme, write_report
from nucleotides.analyze.report.colour_tasks import by_steps, by_word
from nucleotides.analyze.report.draw_map import TaskMap, task_map
from nucleotides.errors import MismatchError
from tests.analyze.test_post_figures import render, table
from tests.analyze.test_report import Page


def drawn(data: pd.DataFrame) -> TaskMap:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(len(data), 2))
    return task_map(points, data, rng.integers(-1, 12, len(data)))


def titles(shown: TaskMap) -> list[str]:
    parsed = Page(shown.svg)
    return [word for word in parsed.words if word.strip()]


def test_every_task_is_one_dot_with_its_words() -> None:
    data = table(40)
    shown = drawn(data)
    names = titles(shown)
    assert sorted(names) == sorted(data["task"])
    assert shown.svg.count("<path") == 40
    content = json.loads(shown.data)
    known = data.set_index("task")
    for by in ("assay", "target", "biosample"):
        words = [content["words"][by][code] for code in content["codes"][by]]
        assert words == [known.loc[name, by] for name in names]
    assert content["auroc"] == [f"{known.loc[name, 'auroc']:.3f}" for name in names]


def test_dots_lie_to_scale_within_the_box() -> None:
    points = np.array([[0, 0], [2, 0], [2, 1], [0.5, 0.25]])
    svg = task_map(points, table(4)).svg
    width, height = (float(x) for x in re.search(r"0 0 (\S+) (\S+)\"", svg).groups())  # type: ignore[union-attr]
    found = {
        name: np.array([float(x), float(y)])
        for x, y, name in re.findall(r"M(\S+) (\S+)h0\"><title>(task\d+)", svg)
    }
    places = np.stack([found[name] for name in sorted(found)])
    assert (places > 0).all()
    assert (places < (width, height)).all()
    steps = (places[1:] - places[0]) / (points[1:] - points[0] + 1e-12)
    assert steps[1, 0] == pytest.approx(-steps[1, 1], abs=0.2)
    assert steps[2, 0] == pytest.approx(steps[1, 0], abs=0.3)


def test_without_script_the_assays_colour_the_dots() -> None:
    data = table(9)
    svg = drawn(data).svg
    colours = theme.assay_colours(data["assay"].value_counts().index)
    for group in re.findall(r'<g class="(\w+)">((?:<path.*?</path>)+)</g>', svg):
        names = re.findall(r"<title>(\w+)</title>", group[1])
        assert {colours[data.set_index("task").loc[name, "assay"]] for name in names} == {group[0]}


def test_four_thousand_tasks_are_small() -> None:
    data = table(4000)
    data["task"] = [f"ENCSR{i:06d}.a_rather_long_biosample_name.H3K27ac" for i in range(4000)]
    data["biosample"] = [f"a rather long biosample {i % 250}" for i in range(4000)]
    data["target"] = [f"TARGET{i % 700}" for i in range(4000)]
    shown = drawn(data)
    assert len(shown.svg.encode()) + len(shown.data.encode()) < 600_000
    assert len(titles(shown)) == 4000


def test_odd_names_stay_text() -> None:
    data = table(4)
    data["task"] = ["</script><b>", 'a"b & c', "$x$ $y$", "two\nlines"]
    data["target"] = ["</script>", "<i>", "&amp;", "$"]
    text = render({"map": drawn(data)})
    parsed = Page(text)
    assert text.count("<script") == text.count("</script") == 1
    assert {*data["task"][:3], "two lines"} <= set(parsed.words)
    assert json.loads(drawn(data).data)["words"]["target"][0] == "</script>"
    assert "http" not in text


def test_map_with_its_legends_renders_without_script() -> None:
    text = render({"map": drawn(table(30))})
    parsed = Page(text)
    buttons = [v for tag, name, v in parsed.attributes if (tag, name) == ("button", "value")]
    assert buttons == ["assay", "target", "biosample", "cluster", "auroc"]
    assert text.count('class="colours"') == 5
    assert re.findall(r'data-by="(\w+)"[^>]*? hidden>', text) == buttons[1:]
    assert '<div class="tools" hidden>' in text
    assert "http" not in text


@pytest.mark.parametrize("tasks", [1, 2])
def test_few_tasks_and_equal_places(tasks: int) -> None:
    data = table(tasks).assign(auroc=np.nan)
    shown = task_map(np.full((tasks, 2), 3.0), data)
    assert "nan" not in shown.svg + shown.data
    assert shown.svg.count("<path") == tasks
    assert [c.name for c in shown.colourings] == ["assay", "target", "biosample", "auroc"]
    assert shown.colourings[-1].legend == [(theme.OTHER, "no AUROC", tasks)]


def test_points_that_do_not_fit_are_refused() -> None:
    with pytest.raises(MismatchError, match=r"shape \(3, 2\).*each of 4 tasks"):
        task_map(np.zeros((3, 2)), table(4))
    with pytest.raises(MismatchError, match="two finite numbers"):
        task_map(np.full((4, 2), np.nan), table(4))
    with pytest.raises(MismatchError, match="3 cluster numbers for 4 tasks"):
        task_map(np.zeros((4, 2)), table(4), np.zeros(3, int))


def test_the_eight_commonest_words_have_colours() -> None:
    values = [word for i, word in enumerate("abcdefghijk") for _ in range(20 - i)] + [""] * 50
    made = by_word("target", "target", values)
    assert [(label, tasks) for _, label, tasks in made.legend] == [
        *((word, 20 - i) for i, word in enumerate("abcdefgh")),
        ("3 others", 12 + 11 + 10),
        ("no target", 50),
    ]
    colours = [colour for colour, _, _ in made.legend]
    assert colours == [*theme.CATEGORIES, theme.OTHER, theme.OTHER]
    assert made.colours == list(theme.CATEGORIES)
    assert [made.words[code] for code in made.codes] == values


def test_settled_colours_are_kept() -> None:
    chosen = theme.assay_colours(["DNase-seq", "TF ChIP-seq"])
    made = by_word("assay", "assay", ["TF ChIP-seq", "DNase-seq", "DNase-seq"], chosen)
    assert made.legend == [("assay2", "DNase-seq", 2), ("assay0", "TF ChIP-seq", 1)]


@pytest.mark.parametrize("seed", range(5))
def test_steps_hold_their_values(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.append(rng.uniform(*np.sort(rng.uniform(0, 1, 2)), 50), [np.nan, 0.01])
    made = by_steps("auroc", "AUROC", values)
    assert 1 <= len(made.colours) <= len(theme.RAMP)
    assert sum(tasks for _, _, tasks in made.legend) == len(values)
    for value, code in zip(values, made.codes, strict=True):
        label = made.words[code]
        if not np.isfinite(value):
            assert label == ""
        elif label.startswith("below "):
            assert value < float(label.split()[1]) + 1e-6
        else:
            low, high = (float(end) for end in label.split(" – "))
            assert low - 1e-6 <= value <= high + 1e-6


def test_steps_are_round_and_rise_along_the_ramp() -> None:
    made = by_steps("auroc", "AUROC", np.linspace(0.71, 0.98, 40))
    assert made.legend[0][1:] == ("0.70 – 0.75", 6)
    assert [label for _, label, _ in made.legend][1:3] == ["0.75 – 0.80", "0.80 – 0.85"]
    assert made.colours == sorted(made.colours)
    assert made.colours[-1] == theme.RAMP[-1]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_dots_stand_out_from_what_they_lie_on(colours: dict[str, str]) -> None:
    """Web Content Accessibility Guidelines 2.1, 1.4.11: 3:1 for what must be seen."""
    for name in (*theme.CATEGORIES, *theme.RAMP, theme.OTHER):
        for ground in ("paper", "card"):
            pair = sorted(luminance(colours[x]) for x in (name, ground))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 2.7, (name, ground)
    ramp = [luminance(colours[name]) for name in theme.RAMP]
    assert np.all(np.diff(ramp) < 0) or np.all(np.diff(ramp) > 0)


def test_script_and_style_ask_nothing_of_the_network() -> None:
    for name in ("report_map.js", "report_map.css"):
        assert not re.search(
            r"https?:|url\(|import", write_report._shipped(name).replace("!important", "")
        )
