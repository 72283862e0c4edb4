"""The rate of the last download is kept where it says something."""

from __future__ import annotations

from pathlib import Path

import pytest

from nucleotides.encode.rate import read_rate, write_rate


def test_the_first_folder_that_has_one(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert read_rate(first, second) is None
    write_rate(second, 1_000_000, 4.0)
    assert read_rate(first, second) == 250_000.0
    write_rate(first, 1_000_000, 2.0)
    assert read_rate(first, second) == 500_000.0
    assert read_rate() is None


def test_a_few_bytes_say_nothing(tmp_path: Path) -> None:
    write_rate(tmp_path, 99_999, 1.0)
    write_rate(tmp_path, 1_000_000, 0.0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"bytes_per_second": "x"}', "3", "\xff"])
def test_a_damaged_one_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "rate.json").write_text(text, encoding="latin-1")
    assert read_rate(tmp_path) is None
