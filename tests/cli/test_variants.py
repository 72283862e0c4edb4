"""`nucleotides variants`: answers, exit codes, standard input, a FASTA as the genome."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

from nucleotides.bundle import write_bundle
from nucleotides.bundle.bundle import Knowledge
from nucleotides.cli.main import make_app
from nucleotides.genome import GenomeStore
from nucleotides.metrics.background import TAILS, Background
from nucleotides.model.checkpoint import Checkpoint
from nucleotides.model.registry import create_model
from nucleotides.predict import load
from nucleotides.predict.effects.effects_store import EffectsStore
from nucleotides.predict.effects.summarise_tasks import AGGREGATES
from tests import toy
from tests.cli.test_main import HEAVY, WATCHED_RUN
from tests.predict.effects.test_variant_effects import CONTIG

pytestmark = pytest.mark.usefixtures("empty_folder")
TASKS = ["K562.CTCF", "H1.CTCF", "H1.DNase"]
SETTINGS = {"channels": [2, 2, 2], "hidden": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A FASTA, its store, two bundles, one of which knows a background, and a VCF."""
    folder = tmp_path_factory.mktemp("toy")
    toy.genome_store(folder, {"chr1": CONTIG})
    for seed, name in enumerate(("model", "other")):
        torch.manual_seed(seed)
        network = create_model("deepsea", len(TASKS), 200, SETTINGS).eval()
        facts = {"model_class": "deepsea", "model": SETTINGS, "sequence_length": 200}
        facts |= {"bin": 100, "threshold": 0.5, "average_strands": False}
        logits = np.sort(np.random.default_rng(0).normal(size=(3, TAILS.size))).astype(np.float32)
        known = Background(TASKS, logits, np.full(3, 0.5), np.full(3, 0.1), 100)
        write_bundle(
            Checkpoint(network, TASKS, facts),
            pd.DataFrame({"task": TASKS, "assay": "a", "biosample": ["K562", "H1", "H1"]}),
            {},
            folder / name,
            Knowledge(background=known if name == "model" else None),
        )
    rows = [
        (i, CONTIG[i - 1], "ACGT"[("ACGT".index(CONTIG[i - 1]) + 1) % 4])
        for i in range(9, 2900, 90)
    ]
    lines = [f"1\t{pos}\t.\t{ref}\t{alt}\t.\t.\t.\n" for pos, ref, alt in rows]
    lines.append("1\t2990\t.\tA\t<DEL>\t.\t.\t.\n")
    head = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    (folder / "in.vcf").write_text(head + "".join(lines))
    return folder


def invoke(*arguments: str | Path, **options: Any) -> Any:
    return CliRunner().invoke(make_app(), ["variants", *map(str, arguments)], **options)


def given(folder: Path) -> list[str | Path]:
    return ["--model", folder / "model", "--genome", folder / "genome", "--device", "cpu"]


def test_a_vcf_and_what_is_told(folder: Path) -> None:
    result = invoke(folder / "in.vcf", *given(folder), "--out", "out.vcf.gz", "--top", "2")
    assert result.exit_code == 0, result.output
    assert "out.vcf.gz: 34 alleles of 34 records" in result.stdout
    assert "1 is read as chr1: 34 alleles" in result.stderr
    assert "1 allele not scored: a symbolic allele has no sequence" in result.stderr
    assert result.stdout.count("CTCF") + result.stdout.count("DNase") == 40
    assert Path("out.vcf.gz.tbi").exists()


def test_tasks_scores_and_aggregates(folder: Path) -> None:
    chosen = ["--tasks", "H1.*", "--scores", "logit_diff,z_score,alt_tail", "--by", "biosample"]
    result = invoke(
        folder / "in.vcf", *given(folder), "--out", "out.tsv", *chosen, "--aggregates", "mean"
    )
    assert result.exit_code == 0, result.output
    table = pd.read_csv("out.tsv", sep="\t")
    scores = [f"{t}{s}" for s in ("", ":z_score", ":alt_tail") for t in ("H1.CTCF", "H1.DNase")]
    assert table.columns[-8:].tolist() == ["mean", "mean[biosample=H1]", *scores]
    store = GenomeStore.open(folder / "genome")
    wanted = load(folder / "model").variant_effects(folder / "in.vcf", store)
    np.testing.assert_allclose(
        table["H1.DNase"], wanted.logit_diff["H1.DNase"], rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(table["mean"], wanted.diff.iloc[:, 1:].mean(axis=1), atol=1e-6)
    z = wanted.score("z_score")["H1.CTCF"]
    np.testing.assert_allclose(z, wanted.diff["H1.CTCF"] / 0.1, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(table["H1.CTCF:z_score"], z, rtol=1e-4, atol=1e-6)


def test_standard_input_and_a_fasta(folder: Path) -> None:
    text = (folder / "in.vcf").read_bytes()
    source = ["--model", folder / "model", "--genome", folder / "toy.fa", "--device", "cpu"]
    assert invoke("-", *source, "--out", "a.vcf", input=text).exit_code == 0
    assert invoke(folder / "in.vcf", *given(folder), "--out", "b.vcf").exit_code == 0
    assert Path("a.vcf").read_bytes() == Path("b.vcf").read_bytes()


def test_reading_in_other_ways(folder: Path) -> None:
    ways = {
        "plain": [],
        "strands": ["--both-strands"],
        "shifted": ["--shifts", "-10,0,10"],
        "right": ["--left-align", "--anchor", "right"],
    }
    found = {}
    for name, options in ways.items():
        out = f"{name}.parquet"
        result = invoke(folder / "in.vcf", *given(folder), "--out", out, *options)
        assert result.exit_code == 0, result.output
        found[name] = pd.read_parquet(out)["K562.CTCF"]
    store = GenomeStore.open(folder / "genome")
    model = load(folder / "model")
    wanted = model.variant_effects(folder / "in.vcf", store, shifts=(-10, 0, 10))
    np.testing.assert_allclose(found["shifted"], wanted.diff["K562.CTCF"], atol=1e-6)
    assert not np.allclose(found["shifted"][:-1], found["plain"][:-1], atol=1e-7)
    assert not np.allclose(found["strands"][:-1], found["plain"][:-1], atol=1e-7)
    np.testing.assert_allclose(found["right"], found["plain"], atol=1e-6)  # all are SNVs


def test_standard_deviations(folder: Path) -> None:
    result = invoke(folder / "in.vcf", *given(folder), "--out", "a.tsv", "--dropout-passes", "3")
    assert result.exit_code == 0, result.output
    table = pd.read_csv("a.tsv", sep="\t")
    assert (table["K562.CTCF:diff_std"][:-1] > 0).any()
    members = [*given(folder)[2:], "--scores", "diff_std"]
    members += ["--model", folder / "model", folder / "other"]
    result = invoke(folder / "in.vcf", *members, "--out", "b.tsv")
    assert result.exit_code == 0, result.output
    one, two = (load(folder / name) for name in ("model", "other"))
    store = GenomeStore.open(folder / "genome")
    diffs = [m.variant_effects(folder / "in.vcf", store).diff["H1.CTCF"] for m in (one, two)]
    wanted = np.abs(diffs[0] - diffs[1]) / 2
    np.testing.assert_allclose(pd.read_csv("b.tsv", sep="\t")["H1.CTCF"], wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "says", "code"),
    [
        (["--out", "a.csv"], "its suffix chooses the format", 2),
        (["--out", "a.vcf", "--tasks", "K562.CTFC"], "did you mean 'K562.CTCF'", 2),
        (["--out", "a.vcf", "--scores", "dif"], "did you mean 'diff'", 2),
        (["--out", "a.vcf", "--aggregates", "max"], "unknown aggregate 'max'", 2),
        (["--out", "a.vcf", "--by", "target"], "tasks cannot be grouped", 2),
        (["--out", "a.vcf", "--scores", "diff_std"], "needs several networks", 2),
        (["--out", "a.vcf", "--shifts", "x"], "whole numbers parted by commas", 2),
        (["--out", "a.vcf", "--shifts=-101"], "moved by more than 100 bases", 2),
        (["--out", "a.vcf", "--model", "nowhere"], "nowhere", 2),
        (["--out", "a.vcf", "--genome", "nowhere"], "nowhere", 3),
    ],
)
def test_what_is_refused(folder: Path, options: list[str], says: str, code: int) -> None:
    result = invoke(folder / "in.vcf", *given(folder), *options)
    assert result.exit_code == code, result.output
    assert says in result.stderr.replace("\n", " ")
    assert not list(Path().iterdir())


def test_the_input_is_not_written_over(folder: Path) -> None:
    text = (folder / "in.vcf").read_text()
    Path("in.vcf").write_text(text)
    result = invoke("in.vcf", *given(folder), "--out", Path("in.vcf").resolve())
    assert result.exit_code == 2
    assert "is the VCF that is read" in result.stderr
    assert Path("in.vcf").read_text() == text


def test_what_is_no_bundle_is_not_taken_for_one(folder: Path) -> None:
    result = invoke(
        folder / "in.vcf", *given(folder)[2:], "--out", "a.vcf", "--model", folder / "genome"
    )
    assert result.exit_code == 2
    assert "holds no model: give a bundle, a checkpoint" in result.stderr.replace("\n", " ")


def test_records_of_another_assembly_are_asked_about(folder: Path) -> None:
    text = (folder / "in.vcf").read_text()
    other = "".join(f"{c}\t10\t.\t{CONTIG[9]}\tN\t.\t.\t.\n" for c in ("7", "MT", "3", "4"))
    Path("a.vcf").write_text(text.replace("\tA\t", "\tC\t") + other)
    result = invoke("a.vcf", *given(folder), "--out", "b.vcf")
    assert result.exit_code == 0, result.output
    assert "of 34: are they of this assembly?" in result.stderr.replace("\n", " ")
    assert "the genome has no such contig (7, MT, 3, ...)" in result.stderr.replace("\n", " ")


def test_an_input_that_is_not_there_leaves_nothing(folder: Path) -> None:
    for name in ("nowhere.vcf", "bad.vcf"):
        Path("bad.vcf").write_text("1\tx\t.\tA\tC\n")
        assert invoke(name, *given(folder), "--out", "a.vcf").exit_code == 2
        assert [path.name for path in Path().iterdir()] == ["bad.vcf"]


def test_a_bad_record_stops_or_is_skipped(folder: Path) -> None:
    lines = (folder / "in.vcf").read_text().splitlines()
    Path("bad.vcf").write_text("\n".join([*lines[:5], "1\tx\t.\tA\tC\t.\t.\t.", *lines[5:], ""]))
    result = invoke("bad.vcf", *given(folder), "--out", "a.vcf")
    assert result.exit_code == 2
    assert "record 4, line 6: POS x is no whole number" in result.stderr
    result = invoke("bad.vcf", *given(folder), "--out", "a.vcf", "--bad-records", "skip")
    assert result.exit_code == 0, result.output
    assert "1 bad record left out" in result.stderr
    assert result.stderr.count("bad.vcf record 4") == 1
    assert "\n1\tx\t.\tA\tC\t.\t.\t.\n" in Path("a.vcf").read_text()


def test_help_without_heavy_imports() -> None:
    script = WATCHED_RUN.format(arguments=["variants", "--help"], heavy=HEAVY)
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "HEAVY=[]" in result.stderr


def test_a_store_that_answers_by_region_and_task(folder: Path) -> None:
    result = invoke(folder / "in.vcf", *given(folder), "--out", "a.effects")
    assert result.exit_code == 0, result.output
    assert "a.effects: 34 alleles of 34 records" in result.stdout
    store = EffectsStore.open("a.effects")
    assert store.aggregates == list(AGGREGATES)
    found = store.region("chr1", 900, 1500, ["H1.DNase", "max_alt"])
    wanted = load(folder / "model").variant_effects(folder / "in.vcf", folder / "genome")
    here = wanted.variants["start"].between(900, 1499)
    assert found["pos"].tolist() == wanted.variants.loc[here, "pos"].tolist() != []
    np.testing.assert_allclose(found["H1.DNase:diff"], wanted.diff.loc[here, "H1.DNase"], atol=1e-6)
    np.testing.assert_allclose(found["max_alt"], wanted.alt[here].max(axis=1), atol=1e-6)
    Path("b.vcf").write_text(
        "\n".join(reversed(list((folder / "in.vcf").read_text().splitlines()[2:])))
    )
    result = invoke("b.vcf", *given(folder), "--out", "b.effects")
    assert result.exit_code == 2
    assert "`bcftools sort`" in result.stderr.replace("\n", " ")
