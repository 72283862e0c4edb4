"""`nucleotides train`: what it takes from the settings when nothing else is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nucleotides.cli.main import make_app
from nucleotides.errors import InputError
from nucleotides.train import run
from nucleotides.train.arguments import TrainConfig

pytestmark = pytest.mark.usefixtures("empty_folder")


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The data arguments of runs that do not take place."""
    data: list[dict[str, Any]] = []

    def stop(config: TrainConfig) -> None:
        data.append(config.data)
        raise InputError("stopped here")

    monkeypatch.setattr(run, "train", stop)
    for name in ("BLACKLIST", "INTERVALS"):
        Path(name).touch()
        monkeypatch.setenv(f"NUCLEOTIDES_{name}", name)
    return data


@pytest.mark.parametrize(
    ("arguments", "blacklist", "intervals"),
    [
        ([], "BLACKLIST", "INTERVALS"),
        (["--blacklist", "none"], "none", "INTERVALS"),
        (["--blacklist", "own.bed", "--intervals", "i.bed"], "own.bed", "i.bed"),
        (["--genome", "mine"], None, "INTERVALS"),
        (["--targets", "mine"], "BLACKLIST", None),
    ],
)
def test_blacklist_and_intervals_go_with_the_stores_of_the_settings(
    arguments: list[str], blacklist: str | None, intervals: str | None, seen: list[dict[str, Any]]
) -> None:
    result = CliRunner().invoke(make_app(), ["train", *arguments])
    assert "stopped here" in result.stderr
    found = [None if x is None else str(x) for x in (seen[0]["blacklist"], seen[0]["intervals"])]
    assert found == [blacklist, intervals]


def test_a_setting_whose_file_is_not_there_is_no_default(seen: list[dict[str, Any]]) -> None:
    Path("BLACKLIST").unlink()
    CliRunner().invoke(make_app(), ["train"])
    assert seen[0]["blacklist"] is None


def test_sampling_and_folds_arrive(seen: list[dict[str, Any]]) -> None:
    words = ["--sampling", "intervals=0.5,gc=0.5", "--folds", "5", "--fold", "2"]
    CliRunner().invoke(make_app(), ["train", *words, "--split_file", "s.bed"])
    names = ("sampling", "folds", "fold", "split_file")
    assert [seen[0][name] for name in names] == ["intervals=0.5,gc=0.5", 5, 2, "s.bed"]
