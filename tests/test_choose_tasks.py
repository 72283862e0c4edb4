"""Tasks by name and pattern."""

from __future__ import annotations

import pytest

from nucleotides.choose_tasks import choose_tasks
from nucleotides.errors import UnknownNameError

TASKS = ["hepg2_ctcf", "k562_ctcf", "k562_dnase-seq", "own[1]", "own1"]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ([], [0, 1, 2, 3, 4]),
        (["k562_ctcf"], [1]),
        (["own1", "hepg2_ctcf", "own1"], [4, 0]),
        (["*ctcf"], [0, 1]),
        (["k562_*", "*ctcf"], [1, 2, 0]),
        (["own[1]"], [3]),
        (["own[2-9]", "own?"], None),
        (["K562*"], None),
    ],
)
def test_names_and_patterns(wanted: list[str], places: list[int] | None) -> None:
    if places is None:
        with pytest.raises(UnknownNameError):
            choose_tasks(wanted, TASKS)
    else:
        assert choose_tasks(wanted, TASKS).tolist() == places


def test_the_nearest_is_suggested() -> None:
    with pytest.raises(UnknownNameError, match="unknown task 'k562_ctfc'; did you mean 'k562_ctcf"):
        choose_tasks(["k562_ctfc"], TASKS)


@pytest.mark.parametrize("wrong", ["HepG2.CTFC", "hepg2.ctcf.ENCFF1", "HepG2.CTC"])
def test_a_task_without_its_accession_is_suggested(wrong: str) -> None:
    tasks = ["GM12878.SPI1.ENCFF002CHQ", "HepG2.CTCF.ENCFF199YFA", "HepG2.DNase.ENCFF209DJG"]
    with pytest.raises(UnknownNameError, match=r"did you mean 'HepG2\.CTCF\.ENCFF199YFA'"):
        choose_tasks([wrong], tasks)
