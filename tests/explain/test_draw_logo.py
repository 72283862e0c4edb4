"""Logos: letters stand where and as high as they should, whoever draws them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest

from nucleotides.explain.draw_logo import (
    BASES,
    COLOURS,
    draw_logo,
    information,
    reach,
    stack,
)

SVG = "{http://www.w3.org/2000/svg}"


def heights(n: int = 12, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 4))


def corners(path: str) -> np.ndarray:
    """All points of path data."""
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]
    return np.array(numbers).reshape(-1, 2)


def outlines(svg: str) -> dict[str, np.ndarray]:
    root = ET.fromstring(svg)
    return {
        path.attrib["class"]: corners(path.attrib["d"])
        for path in root.iter(f"{SVG}path")
        if path.attrib["class"] in BASES
    }


def test_stacks_are_as_high_as_the_sums_of_each_sign() -> None:
    array = heights()
    for x, column in enumerate(array):
        letters = [letter for letter in stack(array) if letter.x == x]
        top = max((one.y + one.height for one in letters), default=0)
        bottom = min((one.y for one in letters), default=0)
        assert max(top, 0) == pytest.approx(column[column > 0].sum())
        assert min(bottom, 0) == pytest.approx(column[column < 0].sum())
        for one in letters:
            assert one.height == pytest.approx(abs(column[BASES.index(one.base)]))
            assert one.turned == (column[BASES.index(one.base)] < 0)


def test_letters_of_a_stack_touch_and_the_largest_is_outermost() -> None:
    for x in range(12):
        up = [one for one in stack(heights()) if one.x == x and not one.turned]
        assert all(
            a.y + a.height == pytest.approx(b.y) and a.height <= b.height for a, b in pairwise(up)
        )


@pytest.mark.parametrize("base", BASES)
def test_a_letter_fills_its_box(base: str) -> None:
    array = np.zeros((3, 4))
    array[1, BASES.index(base)] = 2.0
    points = outlines(draw_logo(array, "one letter", width=300, height=50))[base]
    low, high = points.min(axis=0), points.max(axis=0)
    assert np.allclose(low, [104, 0], atol=0.02)
    assert np.allclose(high, [196, 50], atol=0.02)


def test_what_is_below_the_line_stands_on_its_head() -> None:
    up, down = np.zeros((1, 4)), np.zeros((1, 4))
    up[0, 0], down[0, 0] = 1.0, -1.0
    a, b = (outlines(draw_logo(x, "A", width=100, height=50))["A"] for x in (up, down))
    assert np.allclose(a * [1, -1] + [0, 50], b, atol=0.02)


def test_limits_are_shared() -> None:
    array = np.abs(heights(3))
    high = reach(array)[1]
    alone = outlines(draw_logo(array, "alone", height=60))
    half = outlines(draw_logo(array, "half", height=60, limits=(0, 2 * high)))
    for base, points in alone.items():
        assert np.allclose(60 - half[base][:, 1], (60 - points[:, 1]) / 2, atol=0.02)


def test_information_is_between_nothing_and_two_bits() -> None:
    p = np.array([[0.25] * 4, [1, 0, 0, 0], [0.5, 0.5, 0, 0]])
    assert np.allclose(information(p).sum(axis=1), [0, 2, 1])
    assert np.allclose(information(p)[2], [0.5, 0.5, 0, 0])


def test_a_description_is_escaped_and_the_drawing_is_xml() -> None:
    svg = draw_logo(heights(), '<b> & "quotes"')
    assert ET.fromstring(svg).attrib["aria-label"] == '<b> & "quotes"'


@pytest.mark.parametrize("empty", [np.zeros((5, 4)), np.zeros((0, 4))])
def test_nothing_is_drawn_of_nothing(empty: np.ndarray) -> None:
    assert outlines(draw_logo(empty, "nothing")) == {}


@pytest.mark.parametrize("paper", ["#ffffff", "#14171a"])
def test_colours_can_be_read_by_day_and_by_night(paper: str) -> None:
    for colour in COLOURS.values():
        light, dark = sorted((luminance(colour), luminance(paper)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 has it."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
