"""`nucleotides predict` from outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import logit
from typer.testing import CliRunner

import nucleotides.predict
from nucleotides.cli.main import make_app
from nucleotides.predict import Model
from tests import toy
from tests.cli.test_main import HEAVY, WATCHED_RUN
from tests.model.test_registry import Own

pytestmark = pytest.mark.usefixtures("empty_folder")
LENGTH = 50


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    """What `load` gives, whatever path it is given."""
    torch.manual_seed(0)
    tasks = pd.DataFrame({"task": ["hepg2_ctcf", "k562_ctcf", "k562_dnase-seq"]})
    made = Model(Own(3, LENGTH).eval(), tasks, step=20)
    made.calibration = toy.lines(list(tasks["task"]), [2.0, 0.5, 1.0], [-1.0, 1.0, 0.0])
    monkeypatch.setattr(nucleotides.predict, "load", lambda path, **options: made)
    return made


def predict(*arguments: object) -> Any:
    words = ["predict", "--model", "m", "--device", "cpu", *map(str, arguments)]
    return CliRunner().invoke(make_app(), words)


def test_sequences_with_options(model: Model, tmp_path: Path) -> None:
    sequences = {"x": toy.odd_sequence(120), "y": toy.sequence(50).lower()}
    fasta = toy.write_fasta(tmp_path / "s.fa", sequences, newline="\r\n")
    result = predict("--fasta", fasta, "--out", "out.tsv")
    assert (result.exit_code, result.stdout) == (0, "3 tasks: out.tsv\n")
    table = pd.read_csv("out.tsv", sep="\t", index_col="name")
    np.testing.assert_allclose(table.iloc[:, 1:], model.predict(sequences), rtol=1e-5)

    options = ("--tasks", "k562*", "hepg2_ctcf", "--recalibrated", "--logits", "--join", "mean")
    assert predict("--fasta", fasta, "--out", "out.tsv", *options).exit_code == 0
    table = pd.read_csv("out.tsv", sep="\t", index_col="name")
    assert list(table)[1:] == ["k562_ctcf", "k562_dnase-seq", "hepg2_ctcf"]
    windows = [sequences["x"][i : i + 50] for i in (0, 20, 40, 60, 70)]
    expected = logit(model.predict(windows, recalibrated=True)).mean()
    np.testing.assert_allclose(table.iloc[0, 1:], expected[list(table)[1:]], rtol=1e-4)


def test_regions_on_a_fasta(model: Model, tmp_path: Path) -> None:
    genome = toy.write_fasta(tmp_path / "toy.fa")
    bed = toy.write_peaks(tmp_path / "r.bed", toy.peaks(1))
    arguments = ("--bed", bed, "--genome", genome, "--both-strands", "--out", "out.parquet")
    assert predict(*arguments).exit_code == 0
    found = pd.read_parquet("out.parquet")
    expected = model.predict_regions(bed, genome, both_strands=True)
    np.testing.assert_allclose(found.iloc[:, 3:], expected, rtol=1e-5)


@pytest.mark.usefixtures("model")
def test_contigs_on_the_store_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUCLEOTIDES_GENOME_STORE", str(toy.genome_store(tmp_path).path))
    assert predict("--contigs", "chr2", "--step", "100", "--out", "out.tsv.gz").exit_code == 0
    assert pd.read_csv("out.tsv.gz", sep="\t")["start"].tolist() == list(range(0, 4000, 100))


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--out", "out.tsv"), "give one of --fasta, --bed and --contigs"),
        (("--fasta", "s.fa", "--out", "out.csv"), "one of .tsv, .tsv.gz, .parquet, .h5"),
        (("--fasta", "s.fa", "--out", "out.tsv"), "no FASTA at s.fa"),
        (("--fasta", "short.fa", "--out", "out.tsv"), "short.fa record 1, x: 4 bases; the model"),
        (
            ("--fasta", "short.fa", "--tasks", "k562_ctfc", "--out", "out.tsv"),
            "unknown task 'k562_ctfc'; did you mean 'k562_ctcf'?",
        ),
    ],
)
def test_what_is_wrong_is_a_message(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    (tmp_path / "short.fa").write_text(">x\nACGT\n")
    result = predict(*arguments)
    assert says in result.stderr
    assert result.exit_code == 2
    assert not Path("out.tsv").exists()


def test_help_comes_without_heavy_imports() -> None:
    script = WATCHED_RUN.format(arguments=["predict", "--help"], heavy=HEAVY)
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "HEAVY=[]" in result.stderr
    assert "--contigs" in result.stdout
