"""Files of predictions: what they hold, and that a killed command goes on to the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

from nucleotides.errors import FastaError, InputError
from nucleotides.genome import GenomeStore, decode
from nucleotides.predict import Model
from nucleotides.predict.regions import place_windows
from nucleotides.predict.regions.plan_prediction import Given, find_contigs, plan_prediction
from nucleotides.predict.regions.predict_file import predict_file
from nucleotides.predict.regions.predict_rows import How
from tests import toy
from tests.model.test_registry import Own

LENGTH, BIN = 50, 20


class Counted(Model):
    """A model that counts the batches it is given, and sends itself a signal at the n-th."""

    given = 0
    kill_at = 0

    def _scores(self, windows: NDArray[np.uint8], recalibrated: bool) -> NDArray[np.float64]:
        self.given += 1
        if self.given == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return super()._scores(windows, recalibrated)


def make_model() -> Counted:
    torch.manual_seed(0)
    return Counted(Own(2, LENGTH).eval(), pd.DataFrame({"task": ["a", "b"]}), step=BIN)


def run(model: Model, folder: Path, out: str, **given: object) -> Path:
    path = folder / out
    place_windows.PART = 16  # of a process of its own, or put back by the fixture
    chosen = Given(str(path), folder / "genome", **given)  # type: ignore[arg-type]
    source, write = plan_prediction(chosen, model)
    predict_file(model, source, How(batch_size=8), path, write)
    return path


@pytest.fixture(autouse=True)
def _parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_windows, "PART", 16)


@pytest.fixture
def genome(tmp_path: Path) -> GenomeStore:
    return toy.genome_store(tmp_path)


def test_tiles_are_the_windows_around_each_bin(genome: GenomeStore, tmp_path: Path) -> None:
    out = run(make_model(), tmp_path, "out.tsv", contigs="chrTiny,2")
    table = pd.read_csv(out, sep="\t")
    expected = [("chr2", i, i + 20) for i in range(0, 4000, 20)] + [("chrTiny", 0, 7)]
    assert [*table[["chrom", "start", "end"]].itertuples(index=False, name=None)] == expected
    windows = genome.codes("chr2", np.arange(0, 4000, 20) + 10 - 25, LENGTH)
    probabilities = make_model().predict([decode(window) for window in windows])
    np.testing.assert_allclose(table[["a", "b"]][:-1], probabilities, rtol=1e-5)


def test_sequences_of_a_fasta(tmp_path: Path) -> None:
    sequences = {f"s{n}": toy.sequence(n, n) for n in (50, 90, 1000, 51)}
    fasta = toy.write_fasta(tmp_path / "s.fa.gz", sequences, packing="gzip")
    with h5py.File(run(make_model(), tmp_path, "out.h5", fasta=fasta)) as file:
        assert sorted(file) == ["probability", "rows", "tasks"]
        assert file["rows/name"].asstr()[:].tolist() == list(sequences)
        assert file["rows/length"][:].tolist() == [50, 90, 1000, 51]
        found = file["probability"][:]
    np.testing.assert_allclose(found, make_model().predict(sequences), rtol=1e-5)


def test_regions_of_a_bed(genome: GenomeStore, tmp_path: Path) -> None:
    bed = toy.write_peaks(tmp_path / "r.bed", toy.peaks(0))
    found = pd.read_parquet(run(make_model(), tmp_path, "out.parquet", bed=bed))
    expected = make_model().predict_regions(bed, genome)
    np.testing.assert_allclose(found[["a", "b"]], expected, rtol=1e-5)
    assert len(found) == 40


KILLED = """
import sys
from pathlib import Path
from tests.predict.regions.test_predict_file import make_model, run
model = make_model()
model.kill_at = 9
run(model, Path(sys.argv[1]), sys.argv[2], contigs="all")
"""


@pytest.mark.usefixtures("genome")
@pytest.mark.parametrize("name", ["out.tsv.gz", "out.h5"])
def test_a_killed_command_goes_on_to_the_same_bytes(name: str, tmp_path: Path) -> None:
    whole = make_model()
    expected = run(whole, tmp_path, f"whole.{name}", contigs="all").read_bytes()
    environment = dict(os.environ) | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", KILLED, str(tmp_path), name]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert not (tmp_path / name).exists()
    again = make_model()
    assert run(again, tmp_path, name, contigs="all").read_bytes() == expected
    assert again.given == whole.given - 8  # two batches a part, four parts
    assert not list(tmp_path.glob(".*.parts"))


def test_another_way_to_predict_begins_anew(genome: GenomeStore, tmp_path: Path) -> None:
    def stopped(given: Given, how: How) -> int:
        model = make_model()
        source, _ = plan_prediction(given, model)

        def write(*_: object) -> None:
            raise InputError("stopped")

        with pytest.raises(InputError, match="stopped"):
            predict_file(model, source, how, Path(given.out), write)
        return model.given

    given = Given(str(tmp_path / "out.tsv"), genome.path, contigs="chr2")
    assert stopped(given, How()) > 0
    assert stopped(given, How()) == 0
    assert stopped(given, How(tasks=("a",))) > 0
    assert stopped(given, How(tasks=("a",), logits=True)) > 0
    assert stopped(Given(given.out, genome.path, contigs="chr2", step=21), How(("a",))) > 0


def test_what_was_predicted_before_a_malformed_record_is_kept(tmp_path: Path) -> None:
    fasta = tmp_path / "s.fa"
    records = {f"s{i}": toy.sequence(400, i) for i in range(4)}
    fasta.write_text(toy.fasta_text(records) + ">bad\nAC!T\n")
    model = make_model()
    with pytest.raises(FastaError, match=r"bad.*'!' is not a nucleotide letter \(record 5\)"):
        run(model, tmp_path, "out.tsv", fasta=fasta)
    assert model.given > 0
    fasta.write_text(toy.fasta_text({**records, "good": toy.sequence(60)}))
    again = make_model()
    run(again, tmp_path, "out.tsv", fasta=fasta)
    assert len(pd.read_csv(tmp_path / "out.tsv", sep="\t")) == 5
    whole = make_model()
    run(whole, tmp_path, "whole.tsv", fasta=fasta)
    assert again.given == whole.given - model.given


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "give one of --fasta, --bed and --contigs"),
        ({"bed": Path("r.bed"), "contigs": "all"}, "give one of"),
        ({"out": "out.txt", "contigs": "all"}, "the suffix chooses the format"),
        ({"out": "out/", "fasta": Path("s.fa")}, "sequences have no place on a genome"),
    ],
)
def test_what_cannot_be_is_refused_at_once(given: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        Given(**{"out": "out.tsv", "genome": Path(), **given})  # type: ignore[arg-type]


def test_contigs_are_found_in_the_order_of_the_genome(genome: GenomeStore) -> None:
    assert find_contigs("all", genome) == list(toy.CONTIGS)
    assert find_contigs("3_alt, chr1,1", genome) == ["chr1", "chr3_alt"]
    with pytest.raises(InputError, match="unknown contig 'chr11'; did you mean 'chr1'"):
        find_contigs("chr1,chr11", genome)
    with pytest.raises(InputError, match="unknown contig ''"):
        find_contigs("", genome)
