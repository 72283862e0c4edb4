"""VCFs scored into files: bytes kept, values right, read by htslib, ended anywhere and resumed."""

from __future__ import annotations

import gzip
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pysam
import pytest
from pysam import bcftools

from nucleotides.errors import InputError
from nucleotides.genome import GenomeStore
from nucleotides.predict import Model
from nucleotides.predict.effects import write_effects
from nucleotides.predict.effects.choose_columns import Columns
from nucleotides.predict.effects.score_alleles import AlleleScorer, Reading
from nucleotides.predict.effects.write_effects import Job
from tests import toy
from tests.predict.effects.test_variant_effects import CONTIG, own, random_variants

TASKS = pd.DataFrame(
    {
        "task": ["K562.CTCF", "K562.CTCF;b", "H1 50%,=x"],
        "assay": ["ChIP-seq", "ChIP-seq", "DNase-seq"],
        "biosample": ["K562", "K562", "H1"],
    }
)
HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=3000>
##INFO=<ID=AC,Number=A,Type=Integer,Description="Count">
##INFO=<ID=DB,Number=0,Type=Flag,Description="In dbSNP">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tHG002
"""
FORMS = (".vcf", ".vcf.gz", ".tsv", ".tsv.gz", ".parquet", ".h5")


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> GenomeStore:
    return toy.genome_store(tmp_path_factory.mktemp("genome"), {"chr1": CONTIG, "chr2": "ACNNT"})


@pytest.fixture(scope="module")
def model() -> Model:
    found = own(0)
    found.tasks = TASKS
    return found


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_effects, "_ALLELES", 16)


def records() -> list[str]:
    """Lines of a sorted VCF with all kinds of alleles, several a record, INFO or none."""
    lines = []
    for i, (start, ref, alt) in enumerate(sorted(random_variants(60, (1, 2, 5)))):
        alts = [alt, f"{alt},{ref}A", "<DEL>", "*,G", f"{alt},*"][i % 5]
        if i == 7:
            ref = "A" if ref != "A" else "C"
        info = [".", "AC=1", "AC=2;DB"][i % 3]
        lines.append(f"chr1\t{start + 1}\trs{i}\t{ref}\t{alts}\t.\tPASS\t{info}\tGT\t0|1")
    return lines


def write(folder: Path, lines: list[str], header: str = HEADER) -> Path:
    path = folder / "in.vcf"
    path.write_text(header + "".join(f"{line}\n" for line in lines))
    return path


def job(scores: tuple[str, ...] = ("diff", "logit_diff"), **options: object) -> Job:
    reading = Reading(**{k: options.pop(k) for k in ("batch_size", "shifts") if k in options})
    columns = Columns(TASKS, np.array([0, 1, 2]), scores, by=("assay",))
    return Job(columns, reading, **options)  # type: ignore[arg-type]


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_a_vcf_stays_as_it_was_but_for_info(
    model: Model, genome: GenomeStore, tmp_path: Path
) -> None:
    vcf, out = write(tmp_path, records()), tmp_path / "out.vcf"
    told = write_effects.write_effects(model, vcf, genome, out, job())
    assert (told.totals.records, told.totals.bad) == (60, 0)
    given, found = vcf.read_text().splitlines(), out.read_text().splitlines()
    added = [line for line in found if line not in given and line.startswith("##")]
    assert len(added) == 2 + 3 * 7 + 2 * 3 + 3
    assert genome.sha256 in added[1]
    assert "anchor centre; shifts 0; strands as the network; precision float32" in added[1]
    assert [line for line in found if line[:2] == "##"] == [*given[:5], *added]
    for old, new in zip(given[5:], found[-61:], strict=True):
        a, b = old.split("\t"), new.split("\t")
        kept = ";".join(x for x in b[7].split(";") if not x.startswith("NT_")) or "."
        assert [*b[:7], kept, *b[8:]] == a
    assert not list(tmp_path.glob(".*"))


def test_the_numbers_are_those_of_variant_effects(
    model: Model, genome: GenomeStore, tmp_path: Path
) -> None:
    vcf, out = write(tmp_path, records()), tmp_path / "out.vcf.gz"
    write_effects.write_effects(model, vcf, genome, out, job())
    wanted = model.variant_effects(vcf, genome)
    table = wanted.variants
    row = 0
    with pysam.VariantFile(str(out)) as file:
        for record in file:
            for i in range(len(record.alts)):
                scored = table["reason"].iloc[row] == ""
                for j, key in enumerate(("K562.CTCF", "K562.CTCF_b", "H1_50___x")):
                    for score in ("diff", "logit_diff"):
                        value = record.info.get(f"NT_{score}_{key}", [None] * 9)[i]
                        assert (value is not None) == scored
                        if scored:
                            exact = getattr(wanted, score).iloc[row, j]
                            assert value == pytest.approx(exact, rel=1e-5, abs=1e-8)
                if scored:
                    diff = wanted.diff.iloc[row]
                    best = int(diff.abs().argmax())
                    assert record.info["NT_max_abs"][i] == pytest.approx(diff.iloc[best], rel=1e-5)
                    task = ["K562.CTCF", "K562.CTCF%3Bb", "H1%2050%25%2C%3Dx"][best]
                    assert diff.iloc[best] == 0 or record.info["NT_max_abs_task"][i] == task
                reasons = record.info.get("NT_unscored", [None] * 9)
                assert (reasons[i] in (None, ".")) == scored
                assert record.info.get("NT_ref_mismatch", False) == (
                    not table["matches_reference"].iloc[row]
                )
                row += 1
    assert row == len(table)
    assert (~table["matches_reference"]).any()


def test_htslib_reads_indexes_and_queries(
    model: Model, genome: GenomeStore, tmp_path: Path
) -> None:
    out = tmp_path / "out.vcf.gz"
    write_effects.write_effects(model, write(tmp_path, records()), genome, out, job())
    with pysam.TabixFile(str(out)) as index:
        some = [int(line.split("\t")[1]) for line in index.fetch("chr1", 500, 1500)]
    positions = [int(line.split("\t")[1]) for line in records()]
    ends = [p + len(line.split("\t")[3]) - 1 for p, line in zip(positions, records(), strict=True)]
    assert some == [p for p, e in zip(positions, ends, strict=True) if e > 500 and p <= 1500]
    text = bcftools.query("-f", "%POS %NT_max_abs %NT_max_abs_task\n", str(out))
    assert len(text.splitlines()) == 60
    strong = bcftools.view("-H", "-i", "ABS(NT_max_abs)>0.01", str(out))
    assert 0 < len(strong.splitlines()) < 60
    packed = bcftools.view("-Ob", str(out))
    assert packed[:2] == b"\x1f\x8b" or packed


@pytest.mark.parametrize("form", FORMS)
def test_ended_anywhere_and_run_again(
    model: Model,
    genome: GenomeStore,
    tmp_path: Path,
    form: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vcf = write(tmp_path, records())
    whole, out = tmp_path / f"whole{form}", tmp_path / f"out{form}"
    wanted = write_effects.write_effects(model, vcf, genome, whole, job(top=2))
    real, scored = AlleleScorer.__call__, []

    def dies(self: AlleleScorer, table: pd.DataFrame, windows: object) -> object:
        if len(scored) == dies.after:
            raise KeyboardInterrupt
        scored.append(len(table))
        return real(self, table, windows)

    monkeypatch.setattr(AlleleScorer, "__call__", dies)
    for after in (2, 3):
        dies.after = after
        with pytest.raises(KeyboardInterrupt):
            write_effects.write_effects(model, vcf, genome, out, job(top=2))
        assert not out.exists()
    dies.after = None
    told = write_effects.write_effects(model, vcf, genome, out, job(top=2))
    assert sum(scored) == wanted.totals.alleles
    assert told.totals.plain() == wanted.totals.plain()
    assert told.strongest == wanted.strongest
    assert out.read_bytes() == whole.read_bytes()
    assert not list(tmp_path.glob(".*"))


def test_a_bad_record_is_told_and_once_mended_the_command_goes_on(
    model: Model, genome: GenomeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, out = records(), tmp_path / "out.vcf"
    bad = [*lines[:40], lines[40].replace("chr1\t", "chr1\t-", 1), *lines[41:]]
    with pytest.raises(InputError, match=r"record 41, line 47.*negative"):
        write_effects.write_effects(model, write(tmp_path, bad), genome, out, job())
    assert not out.exists()
    real, scored = AlleleScorer.__call__, []

    def counted(self: AlleleScorer, table: pd.DataFrame, windows: object) -> object:
        scored.append(len(table))
        return real(self, table, windows)

    monkeypatch.setattr(AlleleScorer, "__call__", counted)
    told = write_effects.write_effects(model, write(tmp_path, lines), genome, out, job())
    assert sum(scored) <= told.totals.alleles - 32
    write_effects.write_effects(model, tmp_path / "in.vcf", genome, tmp_path / "w.vcf", job())
    assert out.read_bytes() == (tmp_path / "w.vcf").read_bytes()


def test_bad_records_are_left_out(model: Model, genome: GenomeStore, tmp_path: Path) -> None:
    lines, out = records(), tmp_path / "out.vcf.gz"
    lines[3], lines[40] = "chr1\t7", lines[40].replace("chr1\t", "chr1\tx", 1)
    vcf = write(tmp_path, lines)
    told = write_effects.write_effects(model, vcf, genome, out, job(skip_bad=True))
    notes = told.totals.notes()
    assert "2 bad records left out:" in notes
    assert any("record 4, line 10: 2 columns" in note for note in notes)
    found = content(out).decode().splitlines()
    assert [found[-60 + 3], found[-60 + 40]] == [lines[3], lines[40]]
    assert "NT_" in found[-60 + 41]
    assert not out.with_name("out.vcf.gz.tbi").exists()
    assert sum("NT_max_abs=" in line for line in found[-60:]) == sum(
        any(alt[0] in "ACGT" for alt in line.split("\t")[4].split(","))
        for i, line in enumerate(lines)
        if i not in (3, 40)
    )


def test_batches_and_files_agree(model: Model, genome: GenomeStore, tmp_path: Path) -> None:
    vcf = write(tmp_path, records())
    tables = []
    for size in (1, 7, 256):
        out = tmp_path / f"{size}.parquet"
        write_effects.write_effects(model, vcf, genome, out, job(batch_size=size))
        tables.append(pd.read_parquet(out))
    numbers = tables[0].select_dtypes("number").columns
    assert len(numbers) == 1 + 3 * 4 + 2 * 3
    for other in tables[1:]:
        np.testing.assert_allclose(other[numbers], tables[0][numbers], atol=1e-5)
    for form in (".h5", ".tsv"):
        write_effects.write_effects(model, vcf, genome, tmp_path / f"a{form}", job())
    with h5py.File(tmp_path / "a.h5") as file:
        names = [f"{task}:logit_diff" for task in TASKS["task"]]
        np.testing.assert_allclose(file["logit_diff"], tables[0][names], atol=1e-5)
        assert file["rows/max_abs[assay=DNase-seq]_task"].asstr()[0] in ("", TASKS["task"][2])
    text = pd.read_csv(tmp_path / "a.tsv", sep="\t", keep_default_na=False)
    assert text["reason"].tolist() == tables[0]["reason"].tolist()


def test_annotated_again_the_fields_are_replaced(
    model: Model, genome: GenomeStore, tmp_path: Path
) -> None:
    vcf, (once, twice) = write(tmp_path, records()), (tmp_path / "1.vcf", tmp_path / "2.vcf")
    write_effects.write_effects(model, vcf, genome, once, job(("diff", "ref")))
    write_effects.write_effects(model, once, genome, twice, job(("diff",)))
    wanted = tmp_path / "3.vcf"
    write_effects.write_effects(model, vcf, genome, wanted, job(("diff",)))
    assert twice.read_text() == wanted.read_text()


@pytest.mark.parametrize("columns", [5, 8, 10])
def test_without_a_header_one_is_made(
    model: Model, genome: GenomeStore, tmp_path: Path, columns: int
) -> None:
    lines = ["\t".join(line.split("\t")[:columns]) for line in records()]
    out = tmp_path / "out.vcf"
    write_effects.write_effects(model, write(tmp_path, lines, ""), genome, out, job())
    found = out.read_text().splitlines()
    titles = next(line for line in found if line.startswith("#CHROM")).split("\t")
    assert found[0] == "##fileformat=VCFv4.3"
    assert {len(line.split("\t")) for line in found[-60:]} == {len(titles)} == {max(columns, 8)}


@pytest.mark.parametrize("form", FORMS)
def test_a_vcf_without_records(
    model: Model, genome: GenomeStore, tmp_path: Path, form: str
) -> None:
    out = tmp_path / f"out{form}"
    told = write_effects.write_effects(model, write(tmp_path, []), genome, out, job(top=1))
    assert out.stat().st_size > 0
    assert (told.totals.alleles, told.strongest) == (0, [])


def test_an_unsorted_vcf_has_no_index(
    model: Model, genome: GenomeStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.vcf.gz"
    write_effects.write_effects(model, write(tmp_path, records()), genome, out, job())
    index = tmp_path / "out.vcf.gz.tbi"
    assert index.exists()
    lines = records()
    write_effects.write_effects(model, write(tmp_path, lines[::-1]), genome, out, job())
    assert not index.exists()
    assert "no index of out.vcf.gz: the records are not sorted" in capsys.readouterr().err
    assert len(content(out).decode().splitlines()[-60:]) == 60
    other = "chr2\t1\t.\tA\tC\t.\t.\t.\tGT\t0|1"
    for some, sorted_ in (([*lines, other], True), ([*lines[:9], other, *lines[9:]], False)):
        write_effects.write_effects(model, write(tmp_path, some), genome, out, job())
        assert index.exists() == sorted_


def test_the_strongest(model: Model, genome: GenomeStore, tmp_path: Path) -> None:
    vcf, tops = write(tmp_path, records()), tmp_path / "tops.tsv"
    told = write_effects.write_effects(
        model, vcf, genome, tmp_path / "out.tsv", job(top=2, top_out=tops)
    )
    wanted = model.variant_effects(vcf, genome)
    table = pd.read_csv(tops, sep="\t")
    scored = np.flatnonzero(wanted.variants["reason"] == "")
    assert len(table) == 2 * scored.size
    for i, row in enumerate(scored):
        diff = wanted.diff.iloc[row].abs().sort_values(ascending=False, kind="stable")
        assert table["task"].iloc[2 * i : 2 * i + 2].tolist() == diff.index[:2].tolist()
    most = wanted.diff.iloc[scored].abs().max(axis=1).sort_values(ascending=False)
    shown = [abs(rows[0]["diff"]) for rows in told.strongest]
    np.testing.assert_allclose(shown, most.iloc[:20], rtol=1e-6)


def test_what_is_refused_before_any_work(model: Model, genome: GenomeStore, tmp_path: Path) -> None:
    vcf = write(tmp_path, records())
    for name, wanted, says in (
        ("out.csv", job(), "its suffix chooses the format: .vcf"),
        ("out.vcf", job(("z_score",)), "knows no background"),
        ("out.vcf", job(mismatch="what"), "one of flag, skip, stop"),
    ):
        with pytest.raises(InputError, match=says):
            write_effects.write_effects(model, vcf, genome, tmp_path / name, wanted)
    assert [path.name for path in tmp_path.iterdir()] == ["in.vcf"]


def phased(folder: Path) -> tuple[Path, list[tuple[int, str, str, str]]]:
    """SNVs in pairs: 5 bases apart, in cis, in trans, unphased, on both copies, not carried."""
    genotypes = [("0|1", "0|1"), ("0|1", "1|0"), ("0/1", "0|1"), ("1|1", "0|1"), ("0|0", "0|1")]
    found = []
    for i, pair in enumerate(genotypes):
        for start, genotype in zip((300 + 200 * i, 305 + 200 * i), pair, strict=True):
            ref = CONTIG[start]
            found.append((start, ref, "ACGT"[("ACGT".index(ref) + 1) % 4], genotype))
    lines = [f"chr1\t{s + 1}\t.\t{r}\t{a}\t.\t.\t.\tGT\t{g}" for s, r, a, g in found]
    return write(folder, lines), found


@pytest.mark.parametrize("shifts", [(0,), (-7, 12)])
def test_a_samples_own_haplotypes(
    model: Model, genome: GenomeStore, tmp_path: Path, shifts: tuple[int, ...]
) -> None:
    (vcf, found), out = phased(tmp_path), tmp_path / "out.tsv"
    told = write_effects.write_effects(model, vcf, genome, out, job(phased="HG002", shifts=shifts))
    table = pd.read_csv(out, sep="\t", keep_default_na=False)
    names = TASKS["task"].tolist()
    row = 0
    for i, (start, ref, alt, genotype) in enumerate(found):
        near_start, _, near_alt, near = found[i ^ 1]
        copies = [1, 2] if genotype == "1|1" else [genotype.find("1") // 2 + 1]
        copies = {"0/1": [0], "0|0": []}.get(genotype, copies)
        for copy in copies:
            text = CONTIG
            if copy and "|" in near and near.split("|")[copy - 1] == "1":
                text = text[:near_start] + near_alt + text[near_start + 1 :]
            z = []
            for allele in (ref, alt):
                haplotype = text[:start] + allele + text[start + 1 :]
                p = model.predict([haplotype[start - 25 + s :][:50] for s in shifts]).to_numpy(
                    float
                )
                z.append(np.log(p / (1 - p)).mean(axis=0))
            got = table.iloc[row]
            assert (got["pos"], got["haplotype"]) == (start + 1, copy)
            scores = got[[f"{name}:logit_diff" for name in names]].to_numpy(float)
            np.testing.assert_allclose(scores, z[1] - z[0], atol=1e-5)
            row += 1
    assert row == len(table) == 10
    assert told.notes == ["1 allele in no windows but their own: its genotype is not phased"]


def test_a_vcf_of_haplotypes_has_the_mean_of_both(
    model: Model, genome: GenomeStore, tmp_path: Path
) -> None:
    vcf, found = phased(tmp_path)
    for form in ("vcf", "parquet"):
        out = tmp_path / f"out.{form}"
        write_effects.write_effects(model, vcf, genome, out, job(("logit_diff",), phased="HG002"))
    means = pd.read_parquet(tmp_path / "out.parquet").groupby("pos")["K562.CTCF"].mean()
    with pysam.VariantFile(str(tmp_path / "out.vcf")) as file:
        for record, (_, _, _, genotype) in zip(file, found, strict=True):
            if genotype == "0|0":
                assert record.info["NT_unscored"] == ("the_sample_does_not_carry_it",)
                assert "NT_logit_diff_K562.CTCF" not in record.info
            else:
                value = record.info["NT_logit_diff_K562.CTCF"][0]
                assert value == pytest.approx(means[record.pos], rel=1e-4)
    with pytest.raises(InputError, match="without --left-align"):
        write_effects.write_effects(
            model, vcf, genome, tmp_path / "a.vcf", job(phased="HG002", left_align=True)
        )
