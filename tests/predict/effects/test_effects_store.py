"""Stores of effects: what tables hold, by region and task; foreign and damaged ones are refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nucleotides.errors import (
    CoordinateError,
    CorruptStoreError,
    InputError,
    StoreError,
    UnknownNameError,
)
from nucleotides.genome import GenomeStore
from nucleotides.predict import Model
from nucleotides.predict.effects import block_effects, write_effects
from nucleotides.predict.effects import effects_store as module
from nucleotides.predict.effects.choose_columns import Columns
from nucleotides.predict.effects.effects_store import EffectsStore
from nucleotides.predict.effects.score_alleles import AlleleScorer, Reading
from nucleotides.predict.effects.summarise_tasks import AGGREGATES
from nucleotides.predict.effects.write_effects import Job
from tests import toy
from tests.predict.effects.test_variant_effects import CONTIG, own, random_variants
from tests.predict.effects.test_write_effects import TASKS, write

SCORES = ("diff", "logit_diff", "ref", "alt")
BASES = {"chr1": CONTIG, "chr2": CONTIG[::-1], "chrM": CONTIG[:900]}
FILES = ("facts.arrow", "reaches.i64", "starts.i64", "values.f32")


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> GenomeStore:
    return toy.genome_store(tmp_path_factory.mktemp("genome"), BASES)


@pytest.fixture(scope="module")
def model() -> Model:
    found = own(0)
    found.tasks = TASKS
    return found


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 16 alleles or some more, blocks of 32 rows (12 columns)."""
    monkeypatch.setattr(write_effects, "_ALLELES", 16)
    monkeypatch.setattr(block_effects, "_MOST_ROWS", 32)


def records() -> list[str]:
    """In order, on three contigs and one that the genome lacks; a REF of 700 bases among them."""
    lines = []
    for chrom in ("chr1", "2", "chrM", "unplaced"):
        bases = BASES.get(chrom, BASES["chr2"])
        variants = [(300, bases[300:1000] or "A", "G")] if chrom == "chr1" else []
        variants += [(s, bases[s : s + len(r)], a) for s, r, a in random_variants(40, (1, 2, 5))]
        for i, (start, ref, alt) in enumerate(sorted(v for v in variants if v[1])):
            alts = [alt, f"{alt},{ref}A", "<DEL>", "*,G"][i % 4]
            lines.append(f"{chrom}\t{start + 1}\trs{i}\t{ref}\t{alts}\t.\t.\t.\tGT\t0|1")
    return lines


def job(scores: tuple[str, ...] = SCORES) -> Job:
    return Job(Columns(TASKS, np.arange(3), scores, tuple(AGGREGATES), ("assay",)), Reading())


def make(model: Model, genome: GenomeStore, folder: Path, name: str = "a.effects") -> Path:
    vcf = write(folder, records())
    write_effects.write_effects(model, vcf, genome, folder / name, job())
    return folder / name


@pytest.fixture(scope="module")
def path(model: Model, genome: GenomeStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        small_parts.__wrapped__(patch)
        return make(model, genome, tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def table(model: Model, genome: GenomeStore, path: Path) -> pd.DataFrame:
    """The same alleles as a table, with the names that a store gives its columns."""
    out = path.with_name("a.parquet")
    write_effects.write_effects(model, path.with_name("in.vcf"), genome, out, job())
    return pd.read_parquet(out).rename(columns={task: f"{task}:diff" for task in TASKS["task"]})


def test_every_region_has_what_the_table_has(path: Path, table: pd.DataFrame) -> None:
    store = EffectsStore.open(path)
    assert len(store) == len(table) > 5 * 32
    facts = ("id", "chrom", "pos", "ref", "alt", "kind", "matches_reference", "unknown_bases")
    assert store.facts == [*facts, "reason"]
    rng = np.random.default_rng(0)
    begin = table["pos"] - 1
    end = begin + table["ref"].str.len()
    for _ in range(150):
        chrom = str(rng.choice(["chr1", "2", "chrM", "unplaced"]))
        a, b = sorted(rng.integers(0, 3200, 2).tolist())
        b = a + int(rng.integers(1, 40)) if rng.random() < 0.5 else b
        asked = rng.permutation(store.columns)[: rng.integers(0, 6)].tolist()
        found = store.region(chrom, a, b, asked)
        here = (table["chrom"] == chrom) & (begin < b) & (end > a) & (a < b)
        wanted = table.loc[here, found.columns]
        pd.testing.assert_frame_equal(found, wanted, check_dtype=False)
        assert [c for c in found.columns if c in asked] == asked


def test_starts_and_reaches_ascend_by_contig(path: Path, table: pd.DataFrame) -> None:
    starts, reaches = (np.fromfile(path / f"{name}.i64", "<i8") for name in ("starts", "reaches"))
    ends = table["pos"] - 1 + table["ref"].str.len()
    assert starts.tolist() == (table["pos"] - 1).tolist()
    assert reaches.tolist() == ends.groupby(table["chrom"]).cummax().tolist()
    assert (reaches > ends).any()


def test_a_store_that_is_replaced_while_it_is_opened_is_read_again(
    path: Path,
    model: Model,
    genome: GenomeStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = tmp_path / "one.effects", tmp_path / "other.effects"
    write_effects.write_effects(model, write(tmp_path, records()[:9]), genome, other, job())
    shutil.copytree(path, one)
    toy.replace_once(monkeypatch, module, "EffectsFiles", one, other)
    found, there = EffectsStore.open(one), EffectsStore.open(other)
    assert 0 < len(found) == len(there) != len(EffectsStore.open(path))


def test_names_of_columns(path: Path) -> None:
    store = EffectsStore.open(path)
    assert store.tasks == TASKS["task"].tolist()
    assert store.aggregates[:7] == list(AGGREGATES)
    assert store.aggregates[7] == "max_abs[assay=ChIP-seq]"
    assert store.columns[2:4] == ["H1 50%,=x:diff", "K562.CTCF:logit_diff"]
    found = store.region("chr1", 0, 500, ["K562.CTCF", "max_abs", "mean", "K562.CTCF:ref"])
    n = len(store.facts)
    scores = [f"K562.CTCF:{score}" for score in SCORES]
    assert found.columns[n:].tolist() == [*scores, "max_abs", "max_abs_task", "mean"]
    assert found["max_abs_task"].dropna().isin(store.tasks).all()
    assert store.region("chr1", 0, 500).columns.tolist() == store.facts


def test_contigs_by_other_names(path: Path) -> None:
    store = EffectsStore.open(path)
    for name, other in (("chr1", "1"), ("2", "chr2"), ("chrM", "MT"), ("unplaced", "unplaced")):
        found = store.region(other, 0, 3000)
        assert set(found["chrom"]) == {name}
        pd.testing.assert_frame_equal(found, store.region(name, 0, 3000))


def test_places_without_alleles(path: Path) -> None:
    store = EffectsStore.open(path)
    for start, end in ((10**6, 10**7), (5, 5), (500, 500)):
        found = store.region("chr1", start, end, ["mean"])
        assert len(found) == 0
        assert found["mean"].dtype == np.float32


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (("chr3", 0, 9), UnknownNameError, "unknown contig 'chr3'; did you mean 'chr"),
        (("chr1", 0, 9, ["K562.CTFC"]), UnknownNameError, "did you mean 'K562.CTCF'"),
        (("chr1", 0, 9, ["max_ab"]), UnknownNameError, "did you mean 'max_abs'"),
        (("chr1", 0, 9, ["K562.CTCF:dif"]), UnknownNameError, "did you mean 'K562.CTCF:diff'"),
        (("chr1", -1, 9), CoordinateError, "0 <= start <= end"),
        (("chr1", 9, 3), CoordinateError, "0 <= start <= end"),
    ],
)
def test_what_is_refused(
    path: Path, arguments: tuple[object, ...], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says.replace("(", r"\(")):
        EffectsStore.open(path).region(*arguments)  # type: ignore[arg-type]


def test_the_same_bytes_whole_or_resumed(
    model: Model, genome: GenomeStore, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, scored = AlleleScorer.__call__, []

    def dies(self: AlleleScorer, table: pd.DataFrame, windows: object) -> object:
        if len(scored) == 3:
            scored.append(0)
            raise KeyboardInterrupt
        scored.append(len(table))
        return real(self, table, windows)

    monkeypatch.setattr(AlleleScorer, "__call__", dies)
    with pytest.raises(KeyboardInterrupt):
        make(model, genome, tmp_path)
    assert not (tmp_path / "a.effects").exists()
    made = make(model, genome, tmp_path)
    assert sum(scored) == len(EffectsStore.open(made))
    assert toy.listing(made) == toy.listing(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.effects", "in.vcf"]
    assert str(tmp_path) not in (made / "manifest.json").read_text()
    assert toy.listing(make(model, genome, tmp_path)) == toy.listing(path)  # over itself


def test_no_records_and_no_scores(model: Model, genome: GenomeStore, tmp_path: Path) -> None:
    none, out = write(tmp_path, []), tmp_path / "none.effects"
    write_effects.write_effects(model, none, genome, out, job())
    store = EffectsStore.open(out)
    assert len(store) == 0
    assert len(store.region("chr1", 0, 3000, ["K562.CTCF", "max_abs"])) == 0
    store.verify()
    vcf, out = write(tmp_path, records()), tmp_path / "some.effects"
    write_effects.write_effects(model, vcf, genome, out, job(scores=()))
    store = EffectsStore.open(out)
    assert store.columns == store.aggregates
    assert store.region("chr1", 0, 3000, ["mean"])["mean"].notna().any()


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ([1, 0], "record 2, line 8: chr1:10 comes after a later place.*bcftools sort"),
        ([0, 2, 1], "record 3, line 9: chr1:20 comes after another contig.*bcftools sort"),
    ],
)
def test_records_that_are_not_in_order(
    model: Model, genome: GenomeStore, tmp_path: Path, order: list[int], says: str
) -> None:
    places = [("chr1", 10), ("chr1", 20), ("chr2", 5)]
    lines = [f"{c}\t{p}\t.\t{BASES[c][p - 1]}\tN\t.\t.\t.\tGT\t0|1" for c, p in places]
    vcf, out = write(tmp_path, [lines[i] for i in order]), tmp_path / "a.effects"
    with pytest.raises(InputError, match=says):
        write_effects.write_effects(model, vcf, genome, out, job())
    assert not out.exists()
    moved = Job(job().columns, Reading(), left_align=True)
    with pytest.raises(InputError, match="--left-align moves them"):
        write_effects.write_effects(model, write(tmp_path, lines), genome, out, moved)


def test_other_folders_are_not_replaced(model: Model, genome: GenomeStore, tmp_path: Path) -> None:
    mine = tmp_path / "a.effects"
    mine.mkdir()
    (mine / "thesis.txt").write_text("x")
    with pytest.raises(InputError, match="is no store of effects: give another path"):
        make(model, genome, tmp_path)
    assert (mine / "thesis.txt").exists()
    (tmp_path / "b.effects").write_text("")
    with pytest.raises(InputError, match="is no store of effects"):
        make(model, genome, tmp_path, "b.effects")


def test_nobodys_files_are_lost_with_an_older_store(
    model: Model, genome: GenomeStore, tmp_path: Path
) -> None:
    make(model, genome, tmp_path)
    mine = tmp_path / "a.effects" / "thesis.txt"
    mine.write_text("x")
    with pytest.raises(InputError, match=r"thesis\.txt is not of the store that is there"):
        make(model, genome, tmp_path)
    assert mine.exists()
    mine.unlink()
    make(model, genome, tmp_path)


def copied(path: Path, folder: Path) -> Path:
    return Path(shutil.copytree(path, folder / "copy.effects"))


@pytest.mark.parametrize("name", FILES)
def test_missing_truncated_and_changed_files(path: Path, tmp_path: Path, name: str) -> None:
    EffectsStore.open(path).verify()
    copy = copied(path, tmp_path)
    whole = (copy / name).read_bytes()
    (copy / name).write_bytes(whole[: len(whole) // 2] + b"?" + whole[len(whole) // 2 + 1 :])
    with pytest.raises(CorruptStoreError, match=f"{name} is damaged: its SHA-256"):
        EffectsStore.open(copy).verify()
    (copy / name).write_bytes(whole[:-1])
    with pytest.raises(CorruptStoreError, match=f"{name} is damaged: it has .* were written"):
        EffectsStore.open(copy)
    (copy / name).unlink()
    with pytest.raises(CorruptStoreError, match=f"{name} is damaged: it cannot be read.*No such"):
        EffectsStore.open(copy)


def test_facts_that_are_no_arrow(path: Path, tmp_path: Path) -> None:
    copy = copied(path, tmp_path)
    size = (copy / "facts.arrow").stat().st_size
    (copy / "facts.arrow").write_bytes(bytes(size))
    with pytest.raises(CorruptStoreError, match=r"facts.arrow is damaged.*nucleotides variants"):
        EffectsStore.open(copy)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"version": 2}, StoreError, "holds 'nucleotides effects store' version 2"),
        ({"format": "nucleotides target store"}, StoreError, "holds 'nucleotides target store'"),
        ({"rows": None}, CorruptStoreError, "manifest.json is damaged"),
        ({"bytes": {}}, CorruptStoreError, "manifest.json is damaged"),
        (None, CorruptStoreError, "manifest.json is damaged"),
    ],
)
def test_foreign_stores(
    path: Path, tmp_path: Path, change: dict[str, object] | None, error: type[Exception], says: str
) -> None:
    copy = copied(path, tmp_path)
    manifest = json.loads((copy / "manifest.json").read_text())
    text = "{" if change is None else json.dumps(manifest | change)
    (copy / "manifest.json").write_text(text)
    with pytest.raises(error, match=f"{says}.*nucleotides variants VCF --out"):
        EffectsStore.open(copy)
    with pytest.raises(StoreError, match=r"no nucleotides effects store at .*nowhere"):
        EffectsStore.open(tmp_path / "nowhere")
