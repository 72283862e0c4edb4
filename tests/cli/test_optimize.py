"""`nucleotides optimize` from outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

import nucleotides.predict
from nucleotides.cli.main import make_app
from nucleotides.design import Budget, Constraints, optimize, read_objective
from nucleotides.design.judge import Judge
from nucleotides.errors import OutOfSpaceError
from nucleotides.predict import Model
from tests import toy
from tests.cli.test_main import HEAVY, WATCHED_RUN
from tests.design import nets

pytestmark = pytest.mark.usefixtures("empty_folder")
LENGTH = 60


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    """What `load` gives for m; another for c."""
    made = {"m": nets.linear(0, length=LENGTH), "c": nets.linear(1, length=LENGTH)}
    monkeypatch.setattr(nucleotides.predict, "load", lambda path, **options: made[str(path)])
    return made["m"]


def run(*arguments: object, objective: str = "positive: k562_ctcf\n") -> Any:
    Path("asked.yaml").write_text(objective)
    words = ["optimize", "--model", "m", "--objective", "asked.yaml", "--device", "cpu"]
    return CliRunner().invoke(make_app(), [*words, *map(str, arguments)])


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(name, sep="\t")


def fasta(folder: Path, n: int = 3) -> Path:
    starts = {f"s{i}": toy.sequence(LENGTH + i, i) for i in range(n)}
    return toy.write_fasta(folder / "starts.fa", starts)


def test_sequences(model: Model, tmp_path: Path) -> None:
    text = "positive: k562_ctcf\nnegative: hepg2*\nconstraints: {max_edits: 9}\n"
    arguments = ("--fasta", fasta(tmp_path), "--budget", 300, "--shown", 2, "--seed", 3)
    result = run(*arguments, "--out", "out", objective=text)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("3 designs, median score ")
    starts = {f"s{i}": toy.sequence(LENGTH + i, i) for i in range(3)}
    asked = read_objective(Path("asked.yaml"))
    expected = optimize(
        model,
        starts,
        asked.objective,
        constraints=Constraints(max_edits=9),
        budget=Budget(300),
        seed=3,
    )
    table = read("out/designs.tsv")
    pd.testing.assert_frame_equal(table, expected.table(), check_dtype=False, rtol=1e-5)
    assert (table["edits"] <= 9).all()
    edits = read("out/edits.tsv")
    assert edits.groupby("name").size().tolist() == table["edits"].tolist()
    assert list(edits) == ["name", "position", "from", "to"]
    assert read("out/curves.tsv").groupby("name")["score"].is_monotonic_increasing.all()
    written = Path("out/designs.fasta").read_text()
    assert written.count(">") == 3
    assert expected[0].sequence == "".join(written.split(">")[1].splitlines()[1:])
    page = Path("out/index.html").read_text(encoding="utf-8")
    assert page.count('<figure class="task">') == 4
    for told in (
        "positive k562_ctcf; negative hepg2*; others masked; scale logit",
        *("at most 9 edits", "sequences given", "<dd>substitute</dd>", "<dd>3</dd>"),
        *("300 forward passes a design", "Linear, 3 tasks, windows of 60 bases, SHA-256 "),
    ):
        assert told in page
    given = read("out/starts.tsv")
    assert list(given) == ["name", "chrom", "start", "end", "strand", "sequence"]
    assert dict(zip(given["name"], given["sequence"], strict=True)) == starts
    assert given["chrom"].isna().all()
    for address in {part.split('"')[0] for part in page.split('href="')[1:]}:
        assert address.startswith(("#", "data:")) or Path("out", address).exists(), address
    assert not [path for path in Path("out").iterdir() if path.name.startswith(".")]
    again = run(*arguments, "--out", "again", objective=text)
    assert again.exit_code == 0
    assert toy.listing(Path("out")) == toy.listing(Path("again"))


@pytest.mark.usefixtures("model")
def test_random_starts_constraints_and_a_check(tmp_path: Path) -> None:
    genome = toy.genome_store(tmp_path)
    result = run(
        *("--random", 4, "--gc", 0.3, "--gc-range", "0.4-0.6", "--forbid", "GAATTC", "GANTC"),
        *("--longest-homopolymer", 3, "--protect", "0-5", "20-30", "--copies", 2),
        *("--check", "c", "--disagreement-penalty", 0.5, "--genome", genome.path),
        *("--method", "evolve", "--set", "population=10", "elite=2", "--steps", 5),
        *("--out", "out", "--shown", 0),
    )
    assert result.exit_code == 0, result.stderr
    table, edits = read("out/designs.tsv"), read("out/edits.tsv")
    assert table["name"].tolist() == [f"random{i}.{k}" for i in range(1, 5) for k in (1, 2)]
    assert (table["passes"] <= 2 * (1 + 10 + 5 * 10)).all()
    assert table["disagreement"].notna().all()
    assert (table["genome_share"] == 0).all()
    assert not edits["position"].isin([*range(5), *range(20, 30)]).any()
    for record in Path("out/designs.fasta").read_text().split(">")[1:]:
        letters = "".join(record.splitlines()[1:])
        assert 0.4 <= sum(letter in "GC" for letter in letters) / LENGTH <= 0.6
        assert "GAATTC" not in letters
        assert not any(base * 4 in letters for base in "ACGT")
    page = Path("out/index.html").read_text(encoding="utf-8")
    assert "% of 24-mers in the genome" in page
    assert "disagreement" in page
    for told in (
        "GC content 0.4 to 0.6; without GAATTC, GANTC; no base more than 3 times in a row",
        "random sequences of 30 % G and C, 2 designs of each",
        *("evolve with population 10, elite 2", "a design, 5 steps of the method at most"),
        *("<dt>checked by</dt><dd>Linear, 3 tasks", "<dt>disagreement penalty</dt><dd>0.5</dd>"),
    ):
        assert told in page
    given = read("out/starts.tsv")
    assert given["name"].tolist() == table["name"].tolist()
    assert given["sequence"].nunique() == 4


def test_regions_of_a_genome(model: Model, tmp_path: Path) -> None:
    genome = toy.genome_store(tmp_path)
    Path("r.bed").write_text("chr1\t100\t130\ta\t0\t+\nchr2\t500\t600\t.\t0\t-\n")
    given = ("--bed", "r.bed", "--genome", genome.path, "--out", "out")
    result = run(*given, "--budget", 60, "--method", "implant")
    assert result.exit_code == 0, result.stderr
    table = read("out/designs.tsv")
    assert table["name"].tolist() == ["a", "chr2:500-600"]
    expected = model.predict(toy.genome()["chr1"][85:145])["k562_ctcf"].iloc[0]
    assert table["k562_ctcf:before"].iloc[0] == pytest.approx(expected, rel=1e-4)
    assert (table["genome_share"] > 0).any()
    assert "hang over" not in result.stderr
    starts = read("out/starts.tsv").set_index("name")
    assert starts.loc["a", ["chrom", "start", "end", "strand"]].tolist() == ["chr1", 85, 145, "+"]
    assert starts.loc["chr2:500-600", "strand"] == "-"
    edits = read("out/edits.tsv")
    assert set(edits["name"]) == set(starts.index)
    for edit in edits.itertuples():
        start = starts.loc[edit.name]
        at = start["start"] + edit.position
        base = toy.genome()[start["chrom"]][at]
        if start["strand"] == "-":
            at = start["end"] - 1 - edit.position
            base = "TGCAN"["ACGTN".index(toy.genome()[start["chrom"]][at].upper())]
        assert base.upper() == edit[3]


@pytest.mark.usefixtures("model")
def test_windows_that_hang_over_the_end_of_a_contig_are_told(tmp_path: Path) -> None:
    genome = toy.genome_store(tmp_path)
    length = len(toy.genome()["chr1"])
    Path("r.bed").write_text(
        f"chr1\t0\t20\ta\nchr1\t200\t210\tb\nchr1\t{length - 20}\t{length}\tc\n"
    )
    result = run("--bed", "r.bed", "--genome", genome.path, "--out", "out", "--budget", 5)
    assert result.exit_code == 0, result.stderr
    told = "2 of 3 windows hang over the end of their contig: a (20 N before the contig), c (20 N"
    assert told in result.stderr
    starts = read("out/starts.tsv")
    assert starts["start"].tolist() == [-20, 175, length - 40]
    assert starts["sequence"].iloc[0][:21].rstrip("ACGT") == "N" * 20
    assert starts["sequence"].iloc[2][-21:].lstrip("ACGT") == "N" * 20


@pytest.mark.usefixtures("model")
def test_options_replace_what_the_page_says_of_the_file(tmp_path: Path) -> None:
    text = "positive: k562_ctcf\nconstraints: {max_edits: 9}\n"
    given = ("--fasta", fasta(tmp_path, 1), "--max-edits", 1, "--budget", 20, "--shown", 0)
    assert run(*given, "--out", "out", objective=text).exit_code == 0
    page = Path("out/index.html").read_text(encoding="utf-8")
    assert "at most 1 edit<" in page
    assert "9" not in page.split('<dl class="facts">')[1].split("<dt>model")[0]


@pytest.mark.usefixtures("model")
def test_names_and_sequences_that_are_unusual(tmp_path: Path) -> None:
    name = "x" * 300
    path = toy.write_fasta(tmp_path / "s.fa", {name: "N" * LENGTH, "y" * 300: "A" * LENGTH})
    genome = toy.genome_store(tmp_path)
    given = ("--fasta", path, "--genome", genome.path, "--allow", "N" * LENGTH)
    result = run(*given, "--out", "out", "--protect", f"0-{LENGTH - 24}", "--budget", 1)
    assert result.exit_code == 0, result.stderr
    assert read("out/designs.tsv")["name"].tolist() == [name, "y" * 300]
    page = Path("out/index.html").read_text(encoding="utf-8")
    assert "<td>nan</td>" not in page
    assert "<td>\N{EN DASH}</td>" in page
    logos = [address.split('"')[0] for address in page.split('href="logos/')[1:]]
    assert len(set(logos)) == len(logos) == 8
    assert all(Path("out/logos", logo).exists() for logo in logos)


@pytest.mark.usefixtures("model")
def test_what_is_replaced_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--fasta", fasta(tmp_path), "--budget", 50, "--shown", 0, "--out", "out")
    first = run(*arguments)
    assert "replaced" not in first.stderr
    assert "out holds designs already: they are replaced" in run(*arguments).stderr
    with monkeypatch.context() as patched:
        patched.setattr("nucleotides.design.write_designs.write_page", stopped)
        assert run(*arguments, "--seed", 1).exit_code == 130
    result = run(*arguments, "--seed", 2)
    assert "designs.tsv was begun with other options" in result.stderr
    assert "3 parts of it are thrown away" in result.stderr


def stopped(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.usefixtures("model")
def test_lower_case_of_a_fasta_is_protected(tmp_path: Path) -> None:
    letters = toy.sequence(30, 1).lower() + toy.sequence(40, 2)
    path = toy.write_fasta(tmp_path / "s.fa", {"x": letters}, packing="gzip")
    result = run("--fasta", path, "--protect-lower-case", "--out", "out", "--budget", 300)
    assert result.exit_code == 0, result.stderr
    positions = read("out/edits.tsv")["position"]
    assert positions.min() >= 30
    assert len(positions) > 20


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("method", ["substitute", "evolve"])
def test_killed_and_given_again(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("--fasta", fasta(tmp_path, 5), "--budget", 150, "--method", method, "--shown", 1)
    real, calls, stop_at = Judge.disagreement, list[int](), 0

    def counted(*given: Any) -> Any:
        calls.append(1)
        if len(calls) == stop_at:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(Judge, "disagreement", counted)
    assert run(*arguments, "--out", "whole").exit_code == 0
    assert len(calls) == 5
    calls.clear()
    stop_at = 4
    assert run(*arguments, "--out", "out").exit_code == 130
    assert not Path("out/designs.tsv").exists()
    calls.clear()
    stop_at = 0
    result = run(*arguments, "--out", "out")
    assert result.exit_code == 0
    assert "3 parts of it are there" in result.stderr
    assert len(calls) == 2
    assert toy.listing(Path("whole")) == toy.listing(Path("out"))


@pytest.mark.usefixtures("model")
def test_parts_of_another_seed_are_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("--fasta", fasta(tmp_path), "--budget", 50, "--method", "anneal", "--shown", 0)

    def full(*_: Any) -> None:
        raise OutOfSpaceError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("nucleotides.design.write_designs.write_page", full)
        assert run(*arguments, "--seed", 1, "--out", "out").exit_code == 4
    result = run(*arguments, "--seed", 2, "--out", "out")
    assert result.exit_code == 0
    assert "parts of it are there" not in result.stderr
    assert run(*arguments, "--seed", 2, "--out", "fresh").exit_code == 0
    assert toy.listing(Path("out")) == toy.listing(Path("fresh"))


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    ("arguments", "objective", "says"),
    [
        ((), "positive: k562_ctcf", "give one of --fasta, --bed and --random"),
        (("--bed", "r.bed"), "positive: k562_ctcf", "--bed is of a genome: say which, --genome"),
        (("--fasta", "none.fa"), "positive: k562_ctcf", "no FASTA at none.fa"),
        (("--random", 1, "--gc", 1.5), "positive: k562_ctcf", "--gc 1.5: a share is from 0 to 1"),
        (("--random", 1), "positive: k562_ctfc", "did you mean 'k562_ctcf'?"),
        (("--random", 1), "positiv: k562_ctcf", "asked.yaml line 1: unknown key 'positiv'"),
        (("--random", 1, "--method", "evolv"), "positive: '*'", "did you mean 'evolve'?"),
        (("--random", 1, "--set", "x"), "positive: '*'", "--set x: give NAME=VALUE"),
        (("--random", 1, "--set", "kicks=1"), "positive: '*'", "did you mean 'kick'?"),
        (("--random", 1, "--protect", "5"), "positive: '*'", "'5' is no range of positions"),
        (("--random", 1, "--gc-range", "x"), "positive: '*'", "'x' is no range of GC content"),
        (("--random", 1, "--allow", "NN"), "positive: '*'", "2 letters say what is allowed"),
        (("--random", 1, "--allow", ""), "positive: '*'", "--allow is empty: give a value"),
        (("--random", 1), "positive: '*'\nconstraints: {allowed: ''}", "the alphabet is empty"),
        (("--random", 1, "--set", "rate=nan", "--method", "gradient"), "positive: '*'", "not nan"),
        (("--random", 1), "scale: logit\npositive: x", "asked.yaml line 2: positive: unknown task"),
        (("--random", 1, "--out", "asked.yaml"), "positive: '*'", "asked.yaml is a file: give a"),
        (("--random", 1, "--forbid", "S", "W"), "positive: '*'", "no sequence keeps to"),
        (("--random", 1, "--attribution", "saliencies"), "positive: '*'", "did you mean 'salien"),
        (("--fasta", "short.fa"), "positive: '*'", "sequence x has 4 bases; the model needs 60"),
        (("--fasta", "eco.fa", "--forbid", "GAATTC"), "positive: '*'", "itself breaks"),
    ],
)
def test_what_is_wrong_is_a_message(
    arguments: tuple[object, ...], objective: str, says: str, tmp_path: Path
) -> None:
    toy.write_fasta(tmp_path / "short.fa", {"x": "ACGT"})
    toy.write_fasta(tmp_path / "eco.fa", {"x": "GAATTC" + "CA" * 27})
    result = run("--out", "out", *arguments, objective=objective)
    assert says in " ".join(result.stderr.split())
    assert result.exit_code == 2
    assert not Path("out").exists()


def test_help_comes_without_heavy_imports() -> None:
    script = WATCHED_RUN.format(arguments=["optimize", "--help"], heavy=HEAVY)
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "HEAVY=[]" in result.stderr
    assert "--objective" in result.stdout
