"""`--sampling` and `--background` as text."""

from __future__ import annotations

import pytest

from nucleotides.data.mixture import SOURCES, parse_sampling
from nucleotides.errors import InputError


@pytest.mark.parametrize(
    ("text", "background", "expected"),
    [
        (None, 0.0, {"intervals": 1}),
        (None, 1.0, {"genome": 1}),
        (None, 0.25, {"genome": 0.25, "intervals": 0.75}),
        ("gc", 0.0, {"gc": 1}),
        ("intervals=0.5,gc=0.3,genome=0.2", 0.0, {"genome": 0.2, "gc": 0.3, "intervals": 0.5}),
        (" intervals=3 , genome ", 0.0, {"genome": 0.25, "intervals": 0.75}),
        ("tasks assays=3", 0.0, {"tasks": 0.25, "assays": 0.75}),
        ("uniform=1,dinucleotide=0", 0.0, {"uniform": 1}),
    ],
)
def test_weights(text: str | None, background: float, expected: dict[str, float]) -> None:
    found = parse_sampling(text, background)
    assert found == pytest.approx(expected)
    assert list(found) == [name for name in SOURCES if name in expected]


@pytest.mark.parametrize(
    ("text", "background", "message"),
    [
        (None, 1.5, "--background 1.5 is not within 0 and 1"),
        (None, float("nan"), "--background nan"),
        ("gc", 0.5, "--background 0.5 and --sampling gc: give one of them"),
        ("gcc", 0.0, "unknown source 'gcc'; did you mean 'gc'? (in --sampling)"),
        ("", 0.0, "--sampling '' names no source: genome, uniform"),
        ("gc=-1", 0.0, "--sampling gc=-1: '-1' is no weight: give 0 or more"),
        ("gc=inf", 0.0, "'inf' is no weight"),
        ("gc=x", 0.0, "'x' is no weight"),
        ("gc=", 0.0, "'' is no weight"),
        ("gc=1,gc=2", 0.0, "gc is named twice"),
        ("gc=0", 0.0, "--sampling gc=0: all weights are 0"),
    ],
)
def test_what_cannot_be_names_the_flag(text: str | None, background: float, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_sampling(text, background)
    assert message in str(caught.value)
