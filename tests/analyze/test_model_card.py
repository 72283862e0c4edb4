"""The card, the provenance and the tables of a run: whole, and true to what was run."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nucleotides.analyze.examine import Findings
from nucleotides.analyze.report.evaluation import Evaluation
from nucleotides.analyze.report.list_tables import list_tables
from nucleotides.analyze.report.model_card import model_card
from nucleotides.analyze.report.provenance import accessions, describe_run, read_history
from nucleotides.train.reopen import reopen
from tests.analyze.test_report import evaluation, facts

NOTHING = Findings(*[None] * 11, absent={})


def rows(card: str) -> list[list[list[str]]]:
    """Cells of the card's tables, by table, as GitHub would cut them."""
    tables: list[list[list[str]]] = []
    before = ""
    for line in card.splitlines():
        if line.startswith("|"):
            if not before.startswith("|"):
                tables.append([])
            tables[-1].append([c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]])
        before = line
    return tables


def card(data: Evaluation, card_options: dict[str, Any] | None = None, **changed: Any) -> str:
    return model_card(data, facts(data, **changed), window=1000, **(card_options or {}))


def test_tables_are_whole_whatever_the_names() -> None:
    data = evaluation()
    data.tasks.loc[0, "assay"] = "a | b"
    provenance = {"Net|work": "x | y\nz", "Genome": "toy"}
    text = card(data, provenance=provenance)
    about, scores = rows(text)
    assert about[2:] == [["Net\\|work", "x \\| y z"], ["Genome", "toy"]]
    assert {len(row) for row in scores} == {5}
    assert [row[0] for row in scores[2:]] == [
        *("DNase-seq", "Histone ChIP-seq", "TF ChIP-seq", "a \\| b"),
        "all",
    ]
    assert not re.search(r"\bnan\b|\bNone\b|Undefined|\{\{|\}\}", text)


def test_scores_of_the_card_are_those_of_the_summary() -> None:
    data = evaluation()
    every = rows(card(data))[1][-1]
    low, median, high = data.tasks["auroc"].quantile([0.25, 0.5, 0.75])
    assert every[:4] == ["all", "12", "12", f"{median:.3f} ({low:.3f}–{high:.3f})"]


def test_a_card_without_a_score_or_a_summary() -> None:
    data = evaluation(empty=range(12), without=range(12))
    for changed in ({}, {"summary": {}}):
        text = card(data, **changed)
        assert rows(text)[1][-1][0] == "all"
        assert not re.search(r"\bnan\b|\bNone\b", text)
        assert "nothing can be scored" in text


def test_what_is_said_is_there_and_what_is_not_is_not() -> None:
    options = {
        "licence": "CC0",
        "limits": ["Toys only."],
        "calibration": "Well calibrated.",
        "absent": {"map": "too few"},
    }
    data = evaluation()
    text = card(data, options)
    assert all(words in text for words in ("\nCC0\n", "\n- Toys only.\n", "Well calibrated."))
    assert "Not known, and why:\n- map: too few\n" in text
    plain = card(data)
    assert "Not known" not in plain
    assert "Not stated by who trained it" in plain
    assert "names no accessions" in plain
    assert [line for line in plain.splitlines() if line.startswith("## ")] == [
        line for line in text.splitlines() if line.startswith("## ")
    ]


def test_accessions_are_listed_once() -> None:
    tasks = pd.DataFrame(
        {"accession": ["ENCFF2,ENCFF1", "ENCFF1", ""], "experiment": ["", np.nan, None]}
    )
    assert accessions(tasks) == {"accession": ["ENCFF1", "ENCFF2"]}
    data = evaluation(n_tasks=3)
    data.tasks["accession"] = tasks["accession"]
    assert "- accessions (2): ENCFF1, ENCFF2\n" in card(data)


def test_provenance_of_a_run(odd_run: Callable[[int], Path], tmp_path: Path) -> None:
    run = reopen(odd_run(200))
    told = describe_run(run)
    monitor = run.config["monitor"]
    assert told[f"Validation (choice of the epoch, by {monitor})"] == "chr2"
    assert told["Test"] == "chr3"
    assert told["Genome"] == "chr1, chr2, chr3: 0.1 Mb"
    assert told["Genome (SHA-256 of its FASTA)"] == run.data.genome.sha256
    assert "200 bp" in told["Window and label"]
    assert "50%" in told["Window and label"]
    parameters = sum(p.numel() for p in run.checkpoint.model.parameters())
    assert told["Parameters"] == f"{parameters:,}"
    assert "torch" in told["Versions"]
    assert all(isinstance(value, str) and value for value in told.values())
    bare = tmp_path / "bare"
    shutil.copytree(run.folder / "checkpoints", bare / "checkpoints")
    alone = describe_run(reopen(bare))
    assert alone["Run"] == "bare"
    assert not {"Trained on", "Versions", "Code"} & set(alone)
    assert read_history(bare).empty
    assert read_history(run.folder)["epoch"].tolist() == [1]
    for starts in (
        "[]",
        json.dumps([json.loads((run.folder / "environment.json").read_text())[0]]),
    ):
        (bare / "environment.json").write_text(starts)
        assert ("Trained on" in describe_run(reopen(bare))) == (starts != "[]")


def test_tables_of_parts_that_are_not_there_are_left_out() -> None:
    data = evaluation(empty=[2], without=[2])
    tables = list_tables(data, facts(data), NOTHING)
    assert set(tables) == {"tasks.tsv", "by_assay.tsv", "history.tsv"}
    assert tables["by_assay.tsv"]["n_tasks"].tolist() == [3, 3, 6, 12]
    every = tables["by_assay.tsv"].iloc[-1]
    assert every["auroc_median"] == pytest.approx(data.tasks["auroc"].median())
    none = list_tables(data, facts(data, history=pd.DataFrame()), NOTHING)
    assert set(none) == {"tasks.tsv", "by_assay.tsv"}


def test_baselines_and_positives_as_tables() -> None:
    data = evaluation(n_tasks=7)
    rival = {"task0000": {"auroc": 0.6, "average_precision": 0.2}}
    positives = np.array([5, 1, 9, 0, 3, 7, 2])
    found = replace(NOTHING, positives=positives)
    tables = list_tables(data, facts(data, baselines={"x": rival}), found)
    assert tables["baselines.tsv"].to_dict("records") == [
        {"baseline": "x", "task": "task0000", **rival["task0000"]}
    ]
    tail = tables["long_tail.tsv"]
    assert tail["training_positives"].tolist() == positives.tolist()
    means = tail.groupby("third")["training_positives"].mean().sort_values()
    assert list(means.index) == ["tail", "medium", "head"]
    np.testing.assert_allclose(tail["lift"], data.lift)
