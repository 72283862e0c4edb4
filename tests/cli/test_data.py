"""`nucleotides data`: tables, JSON, the table by task, checks, and messages that name the flag."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from nucleotides.cli.main import make_app
from nucleotides.data.positions import enough_known
from nucleotides.genome import GenomeStore
from nucleotides.targets import TargetStore
from tests import toy

SPLIT = ["--validation", "chr2:1000-2500", "--test", "chr3_alt"]
SMALL = [*SPLIT, "--sequence_length", "200", "--bin", "50"]

pytestmark = pytest.mark.usefixtures("empty_folder")


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return toy.stores(tmp_path_factory.mktemp("stores"))


def validation_bins(stores: dict[str, str]) -> np.ndarray:
    """Centres of the bins of SMALL's validation region that have known sequence."""
    centres = np.arange(1000, 2500, 50) + 25
    genome = GenomeStore.open(stores["genome"])
    return centres[enough_known(genome, np.full(centres.size, 1), centres, 200)]


def run(stores: dict[str, str], *arguments: str) -> Any:
    places = [word for name, path in stores.items() for word in (f"--{name}", path)]
    return CliRunner().invoke(make_app(), ["data", *places, *arguments], prog_name="nucleotides")


def answer(stores: dict[str, str], *arguments: str) -> dict[str, Any]:
    result = run(stores, *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_tables_tell_what_is_there(stores: dict[str, str]) -> None:
    result = run(stores, *SMALL)
    assert result.exit_code == 0
    assert result.stderr == ""
    store = TargetStore.open(stores["targets"])
    for text in [
        "12,507 bases, 4 contigs",
        f"5 tasks, {store.n_peaks:,} merged peaks; bin 50, threshold 0.5",
        "intervals 1",
        "chr2:1,000-2,500",
        f"{validation_bins(stores).size} bins",
        "DNase-seq",
        "TF ChIP-seq",
        "shared windows",
    ]:
        assert text in result.stdout
    assert "blacklist" not in result.stdout
    assert "not looked for" in run(stores, *SMALL, "--no-leakage").stdout


def test_counts_are_exact(stores: dict[str, str], tmp_path: Path) -> None:
    found = answer(stores, *SMALL, "--tasks", str(tmp_path / "tasks.tsv"))
    table = pd.read_csv(tmp_path / "tasks.tsv", sep="\t")
    store = TargetStore.open(stores["targets"])
    assert table["task"].tolist() == store.tasks["task"].tolist()
    assert table["peaks"].tolist() == [len(store.peaks(task)) for task in table["task"]]
    bins = validation_bins(stores)
    labels = store.labels("chr2", bins, 50)
    assert found["parts"]["validation"] == len(bins) < 30
    assert table["validation_positives"].tolist() == labels.sum(0).tolist()
    assert table["validation_rate"].tolist() == pytest.approx(labels.mean(0).tolist(), rel=1e-5)
    rates = table["training_positives"] / found["parts"]["training"]
    assert table["training_rate"].tolist() == pytest.approx(rates.tolist(), rel=1e-5)
    whole = found["base_rates"][-1]
    assert (whole["assay"], whole["tasks"], whole["peaks"]) == ("all", 5, store.n_peaks)
    assert whole["median"] == pytest.approx(rates.median())
    assert [row["tasks"] for row in found["base_rates"]] == [1, 4, 5]
    assert whole["none_in_validation"] == int((labels.sum(0) == 0).sum())
    assert found["genome"]["unknown"] == sum(
        text.upper().translate(str.maketrans("RYSWKMBDHVX", "N" * 11)).count("N")
        for text in toy.genome().values()
    )
    assert [leak["part"] for leak in found["leakage"]] == ["validation", "test", "validation"]


def test_other_splits_and_samplings(stores: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "split.bed").write_text("chr1\t0\t2000\tvalidation\nchr1\t2000\t4000\ttest\n")
    small = SMALL[4:]
    found = answer(stores, *small, "--split_file", str(tmp_path / "split.bed"))
    assert found["split"]["made"] == f"from {tmp_path / 'split.bed'}"
    assert found["split"]["test"] == "chr1:2,000-4,000"
    folds = [answer(stores, *small, "--folds", "3", "--fold", str(fold)) for fold in range(3)]
    assert len({found["split"]["test"] for found in folds}) == 3
    mixed = answer(stores, *SMALL, "--sampling", "gc=1,intervals=3", "--no-leakage")
    assert mixed["sampling"] == {"gc": 0.25, "intervals": 0.75}
    assert mixed["leakage"] == []
    half = answer(stores, *SMALL, "--background", "0.5")
    assert half["sampling"] == {"genome": 0.5, "intervals": 0.5}


def test_a_blacklist(
    stores: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = validation_bins(stores)[3]
    (tmp_path / "black.bed").write_text(f"chr2\t{centre}\t{centre + 1}\nchr1\t0\t500\n")
    plain = answer(stores, *SMALL)["parts"]
    black = answer(stores, *SMALL, "--blacklist", "black.bed")["parts"]
    assert black["blacklisted"] == 501
    assert black["validation"] == plain["validation"] - 1
    assert black["training"] < plain["training"]
    assert "501 bases" in run(stores, *SMALL, "--blacklist", "black.bed").stdout
    # That of the settings goes with the genome of the settings.
    monkeypatch.setenv("NUCLEOTIDES_BLACKLIST", "black.bed")
    assert answer(stores, *SMALL)["parts"] == plain
    monkeypatch.setenv("NUCLEOTIDES_GENOME_STORE", stores["genome"])
    targets = {"targets": stores["targets"]}
    assert answer(targets, *SMALL)["parts"] == black
    assert answer(targets, *SMALL, "--blacklist", "none")["parts"] == plain


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--validation", "chr5"], 2, "unknown contig 'chr5'"),
        ([*SMALL, "--folds", "3"], 2, "--validation and --test and --folds say different things"),
        (["--folds", "2"], 2, "--folds 2 is not possible"),
        (["--fold", "1"], 2, "--fold 1 needs --folds"),
        (["--split_file", "no.bed"], 2, "--split_file no.bed cannot be read"),
        ([*SMALL, "--blacklist", "no.bed"], 2, "--blacklist no.bed: no such file"),
        ([*SMALL, "--sampling", "gcc"], 2, "unknown source 'gcc'; did you mean 'gc'? (in --samp"),
        ([*SMALL, "--intervals", "no.bed"], 2, "no peak file at no.bed"),
        ([*SPLIT, "--bin", "2000"], 2, "--bin 2000 is wider than --sequence_length 1000"),
        ([*SMALL, "--threshold", "2"], 2, "threshold 2.0 is not within 0 and 1"),
        (["--genome", "nowhere"], 3, "no nucleotides genome store at nowhere"),
        (["--check", "--targets", "nowhere"], 3, "no nucleotides target store at nowhere"),
    ],
)
def test_mistakes_are_messages_that_name_the_flag(
    arguments: list[str], code: int, message: str, stores: dict[str, str]
) -> None:
    result = run(stores, *arguments)
    assert message in result.stderr
    assert result.exit_code == code
    assert result.stdout == ""


def test_check(tmp_path: Path) -> None:
    stores = toy.stores(tmp_path)
    result = run(stores, "--check")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 6
    assert all(line.startswith("whole") for line in result.stdout.splitlines())
    assert answer(stores, "--check")["ok"] is True
    damaged = Path(stores["targets"]) / "peaks.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    result = run(stores, "--check")
    assert result.exit_code == 3
    assert f"damaged   {damaged}" in result.stdout
    assert f"not as written: {damaged}. Run `nucleotides pre-process` again" in result.stderr
    told = json.loads(run(stores, "--check", "--json").stdout)
    assert told["ok"] is False
    assert [one["path"] for one in told["files"] if one["state"] != "whole"] == [str(damaged)]
