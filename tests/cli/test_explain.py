"""`nucleotides explain` from outside."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

import nucleotides.explain.explainer as explainer
import nucleotides.predict
from nucleotides.cli.main import make_app
from nucleotides.genome import GenomeStore, encode, reverse_complement
from nucleotides.predict import Model
from nucleotides.targets import TargetStore
from tests import toy
from tests.cli.test_main import HEAVY, WATCHED_RUN
from tests.model.test_registry import Own

pytestmark = pytest.mark.usefixtures("empty_folder")
LENGTH = 50
TASKS = ["hepg2_ctcf", "k562_ctcf", "k562_dnase-seq"]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    """What `load` gives, whatever path it is given."""
    torch.manual_seed(0)
    made = Model(Own(3, LENGTH).eval(), pd.DataFrame({"task": TASKS}), step=20)
    monkeypatch.setattr(nucleotides.predict, "load", lambda path, **options: made)
    return made


def explain(*arguments: object) -> Any:
    words = ["explain", "--model", "m", "--device", "cpu", *map(str, arguments)]
    return CliRunner().invoke(make_app(), words)


def read(path: str) -> dict[str, Any]:
    """Arrays and attributes of the HDF5 file."""
    found: dict[str, Any] = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: found.update({name: item[()]} if hasattr(item, "shape") else {})
        )
        return found | dict(file.attrs)


def test_sequences(model: Model, tmp_path: Path) -> None:
    sequences = {"x": toy.odd_sequence(120), "y": toy.sequence(50).lower(), "z": "N" * 50}
    fasta = toy.write_fasta(tmp_path / "s.fa", sequences)
    options = ("--tasks", "k562*", "--scale", "probability", "--npz", "--shown", "2")
    result = explain("--fasta", fasta, "--out", "out", *options)
    assert (result.exit_code, result.stdout) == (0, "3 sequences, 2 tasks: out/index.html\n")
    expected = model.explain(sequences, tasks=["k562*"], scale="probability")
    found = read("out/explanations.h5")
    assert found["rows/name"].astype(str).tolist() == ["x", "y", "z"]
    assert found["tasks"].astype(str).tolist() == TASKS[1:]
    np.testing.assert_array_equal(found["codes"], expected.codes)
    np.testing.assert_array_equal(found["lengths"], [120, 50, 50])
    np.testing.assert_allclose(found["values"], expected.values, atol=1e-6)
    np.testing.assert_allclose(found["contributions"], expected.contributions, atol=1e-6)
    np.testing.assert_allclose(found["probability"], model.predict(sequences)[TASKS[1:]], atol=1e-6)
    assert np.isnan(found["gap"]).all()
    assert (found["method"], found["scale"], found["step"]) == ("mutagenesis", "probability", 12)
    with np.load("out/explanations.npz") as arrays:
        for name in ("values", "contributions", "codes"):
            np.testing.assert_array_equal(arrays[name], found[name])
        assert arrays["rows/name"].tolist() == ["x", "y", "z"]
    page = Path("out/index.html").read_text(encoding="utf-8")
    assert page.count("<section") == 2
    assert "nothing to show" not in page
    assert "The first 2 are shown" in page
    for address in {part.split('"')[0] for part in page.split('href="')[1:]}:
        assert address.startswith(("#", "data:")) or Path("out", address).exists(), address
    assert not Path("out/contributions").exists()
    assert not [path for path in Path("out").iterdir() if path.name.startswith(".")]


@pytest.mark.usefixtures("model")
def test_a_sequence_that_is_not_known_shows_nothing(tmp_path: Path) -> None:
    fasta = toy.write_fasta(tmp_path / "s.fa", {"z": "N" * 50, "x": toy.sequence(50)})
    assert explain("--fasta", fasta, "--out", "out", "--method", "saliency").exit_code == 0
    unknown, known = Path("out/index.html").read_text(encoding="utf-8").split("<section")[1:]
    assert unknown.count("nothing to show: every contribution is 0") == 3
    assert "<svg" not in unknown
    assert "nothing to show" not in known
    assert not [path for path in Path("out/logos").iterdir() if path.name.startswith("001")]


def test_regions(model: Model, tmp_path: Path) -> None:
    genome = toy.genome_store(tmp_path)
    bed = tmp_path / "r.bed"
    bed.write_text("chr1\t10\t40\ta\t0\t+\nchr2\t500\t620\t.\t0\t-\nchr1\t0\t20\tb\t0\t-\n")
    arguments = ("--bed", bed, "--genome", genome.path, "--method", "input_x_gradient")
    assert explain(*arguments, "--out", "out").exit_code == 0
    found = read("out/explanations.h5")
    assert found["rows/name"].astype(str).tolist() == ["a", "chr2:500-620", "b"]
    assert found["rows/start"].tolist() == [0, 500, -15]
    assert found["rows/end"].tolist() == [50, 620, 35]
    one, two = (encode(toy.genome()[name]) for name in ("chr1", "chr2"))
    early = np.concatenate([np.full(15, 4, np.uint8), one[:35]])
    texts = [one[:50], reverse_complement(two[500:620]), reverse_complement(early)]
    for i, codes in enumerate(texts):
        expected = model.explain(codes[None], "input_x_gradient").values[0]
        np.testing.assert_allclose(found["values"][i, ..., : codes.size], expected, atol=1e-6)
    page = Path("out/index.html").read_text(encoding="utf-8")
    assert "<h2>chr2:500-620 (strand −)</h2>" in page
    assert "chr1:0-35 (strand −); 50 bases; 15 N before the contig" in page
    assert "-15" not in re.sub(r"<(style|svg).*?</\1>", "", page, flags=re.DOTALL)
    pybigtools = pytest.importorskip("pybigtools")
    track = pybigtools.open("out/contributions/k562_ctcf.bw")
    values = track.values("chr2", 500, 620, fillna=None)
    np.testing.assert_allclose(values, found["contributions"][1, 1][119::-1], atol=1e-6)
    first, last = found["contributions"][0, 1, :50], found["contributions"][2, 1, :50][::-1]
    both = np.concatenate([(first[:35] + last[15:]) / 2, first[35:]])
    np.testing.assert_allclose(track.values("chr1", 0, 50, fillna=None), both, atol=1e-6)


def bundle(folder: Path) -> dict[str, str]:
    """Stores, and what a bundle at ./m says of its training on them."""
    genome = toy.genome_store(folder)
    tables = {task: toy.peaks(i, genome.contigs, n=30) for i, task in enumerate(TASKS)}
    targets = TargetStore.build(tables, genome.contigs, folder / "targets", bin=20)
    config = {
        "genome": "gone",
        "targets": "gone",
        "sequence_length": LENGTH,
        "bin": 20,
        "test": "chr2",
        "validation": "chr1:0-1000",
    }
    Path("m").mkdir()
    Path("m/manifest.json").write_text("{}")
    Path("m/metrics.json").write_text(json.dumps({"config": config}))
    return {"genome": str(genome.path), "targets": str(targets.path)}


def test_top_windows(model: Model, tmp_path: Path) -> None:
    stores = bundle(tmp_path)
    options = [word for name, path in stores.items() for word in (f"--{name}", path)]
    task = "k562_ctcf"
    result = explain("--top", 30, "--tasks", task, *options, "--out", "out", "--method", "saliency")
    assert result.exit_code == 0, result.stderr
    found = read("out/explanations.h5")
    starts = found["rows/start"]
    assert set(found["rows/chrom"].astype(str)) == {"chr2"}
    genome, targets = GenomeStore.open(stores["genome"]), TargetStore.open(stores["targets"])
    centres = np.arange(10, genome.contigs["chr2"] - 9, 20)
    codes = genome.codes("chr2", centres - 25, LENGTH)
    known = (codes < 4).mean(1) >= 0.6
    scores = np.where(known, model.logits(codes)[:, 1], -np.inf)
    assert starts[0] == centres[scores.argmax()] - 25
    far = np.abs(centres - centres[scores.argmax()]) >= LENGTH
    assert starts.size == 30
    assert np.diff(np.sort(starts)).min() >= LENGTH
    assert starts[1] == centres[np.where(far, scores, -np.inf).argmax()] - 25
    labels = targets.labels("chr2", starts + 25, 20)[:, 1]
    for i, note in enumerate(found["rows/note"].astype(str)):
        inside = "in a peak" if labels[i] else "in no peak"
        assert note == f"number {i + 1} of {task}, {inside} (test)"
    assert set(found["rows/top_of"].astype(str)) == {task}
    options += ["--tasks", task, "--part", "validation", "--out", "out2", "--method", "saliency"]
    assert explain("--top", 1, *options).exit_code == 0
    row = read("out2/explanations.h5")
    assert row["rows/chrom"].astype(str) == ["chr1"]
    assert row["rows/start"] < 1000


@pytest.mark.usefixtures("model")
def test_killed_and_given_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sequences = {f"s{i}": toy.sequence(LENGTH + 7 * i, i) for i in range(30)}
    arguments = ("--fasta", toy.write_fasta(tmp_path / "s.fa", sequences), "--shown", "1")
    real, calls, stop_at = explainer.explain_windows, list[int](), 0

    def counted(*given: Any) -> Any:
        calls.append(1)
        if len(calls) == stop_at:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(explainer, "explain_windows", counted)
    assert explain(*arguments, "--out", "whole").exit_code == 0
    needed = len(calls)
    calls.clear()
    stop_at = 12
    result = explain(*arguments, "--out", "out")
    assert result.exit_code == 130
    assert f"11 of {needed} batches are kept: run it again to go on" in result.stderr
    assert not Path("out/explanations.h5").exists()
    calls.clear()
    stop_at = 0
    result = explain(*arguments, "--out", "out")
    assert result.exit_code == 0
    assert "was begun: 11 parts of it are there" in result.stderr
    assert len(calls) == needed - 11
    content = Path("whole/explanations.h5").read_bytes()
    assert content == Path("out/explanations.h5").read_bytes()


@pytest.mark.usefixtures("model")
def test_motifs(tmp_path: Path) -> None:
    pytest.importorskip("modiscolite")
    sequences = {f"s{i}": toy.sequence(LENGTH, i) for i in range(4)}
    fasta = toy.write_fasta(tmp_path / "s.fa", sequences)
    known = tmp_path / "mine.meme"
    known.write_text("MEME version 4\nMOTIF X1 Mine\n" + "0.97 0.01 0.01 0.01\n" * 4)
    options = ("--motifs", "--method", "integrated_gradients", "--tasks", "k562_ctcf")
    options += ("--motif-file", str(known))
    assert explain("--fasta", fasta, "--out", "out", *options).exit_code == 0
    page = Path("out/index.html").read_text(encoding="utf-8")
    assert 'href="motifs.html"' in page
    assert "with the motif (mine.meme) that matches" in page
    motifs = Path("out/motifs.html").read_text(encoding="utf-8")
    assert "k562_ctcf" in motifs
    assert "compares each with mine.meme" in motifs
    assert np.isfinite(read("out/explanations.h5")["gap"]).all()


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "give one of --fasta, --bed and --top"),
        (("--top", "3"), "say which, --tasks"),
        (("--top", "3", "--tasks", "k562_ctcf"), "m does not say what it was trained on"),
        (("--fasta", "s.fa"), "no FASTA at s.fa"),
        (("--fasta", "short.fa"), "short.fa record 2, x: 4 bases; the model needs 50"),
        (("--fasta", "short.fa", "--tasks", "k562_ctfc"), "did you mean 'k562_ctcf'?"),
        (("--fasta", "short.fa", "--method", "salience"), "did you mean 'saliency'?"),
        (("--fasta", "fine.fa", "--out", "fine.fa"), "fine.fa is a file: give a folder"),
        (("--fasta", "fine.fa", "--motif-file", "none.meme"), "none.meme cannot be read"),
        (("--bed", "r.bed", "--genome", "nope"), "no genome at nope: give one, --genome, a FASTA"),
        (
            ("--fasta", "fine.fa", "--method", "deep_lift_shap", "--precision", "bfloat16"),
            "bfloat16 is for mutagenesis",
        ),
        (("--fasta", "fine.fa", "--step", "51"), "a step of 51 bases is not possible"),
    ],
)
def test_what_is_wrong_is_a_message(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    (tmp_path / "genome").mkdir()
    toy.write_fasta(tmp_path / "short.fa", {"y": toy.sequence(50), "x": "ACGT"})
    toy.write_fasta(tmp_path / "fine.fa", {"y": toy.sequence(50)})
    genome = toy.genome_store(tmp_path / "g").path
    result = explain("--genome", genome, "--out", "out", *arguments)
    assert says in " ".join(result.stderr.split())
    assert result.exit_code == 2
    assert not Path("out").exists()


def test_help_comes_without_heavy_imports() -> None:
    script = WATCHED_RUN.format(arguments=["explain", "--help"], heavy=HEAVY)
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "HEAVY=[]" in result.stderr
    assert "--method" in result.stdout
