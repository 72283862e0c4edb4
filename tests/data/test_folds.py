"""Folds and split files: parts that share nothing, together the genome."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.data.folds import STRETCH, deal, fold_split
from nucleotides.data.split_file import read_split
from nucleotides.errors import InputError
from nucleotides.genome import Interval
from nucleotides.targets import TargetStore

HUMAN = {
    "chr1": 248956422, "chr2": 242193529, "chr3": 198295559, "chr4": 190214555,
    "chr5": 181538259, "chr6": 170805979, "chr7": 159345973, "chr8": 145138636,
    "chr9": 138394717, "chr10": 133797422, "chr11": 135086622, "chr12": 133275309,
    "chr13": 114364328, "chr14": 107043718, "chr15": 101991189, "chr16": 90338345,
    "chr17": 83257441, "chr18": 80373285, "chr19": 58617616, "chr20": 64444167,
    "chr21": 46709983, "chr22": 50818468, "chrX": 156040895, "chrY": 57227415,
}  # fmt: skip


def peaks_of(contigs: dict[str, int], seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.poisson(1.0, -(-n // STRETCH)) for n in contigs.values()]


@given(
    st.lists(st.integers(1, 900_000), min_size=1, max_size=6),
    st.integers(3, 7),
    st.integers(0, 3),
)
def test_folds_partition_the_genome(lengths: list[int], folds: int, seed: int) -> None:
    contigs = {f"c{i}": n for i, n in enumerate(lengths)}
    try:
        parts, _ = deal(contigs, peaks_of(contigs, seed), folds)
    except InputError:
        assert sum(-(-n // STRETCH) for n in lengths) < 20 * folds
        return
    assert len(parts) == folds
    assert all(parts)
    flat = [region for part in parts for region in part]
    assert not any(a.overlaps(b) for a, b in combinations(flat, 2))
    assert sum(region.width for region in flat) == sum(lengths)
    assert all(0 <= r.start < r.end <= contigs[r.contig] for r in flat)


@pytest.mark.parametrize("folds", [3, 5, 8, 10])
def test_a_genome_of_many_contigs_is_dealt_whole_and_evenly(folds: int) -> None:
    peaks = peaks_of(HUMAN)
    parts, how = deal(HUMAN, peaks, folds)
    assert how == "contigs dealt"
    assert sorted(r.contig for part in parts for r in part) == sorted(HUMAN)
    of = dict(zip(HUMAN, (p.sum() for p in peaks), strict=True))
    for shares in (
        [sum(r.width for r in part) / sum(HUMAN.values()) for part in parts],
        [sum(of[r.contig] for r in part) / sum(of.values()) for part in parts],
    ):
        assert max(shares) < 1.25 / folds
    assert deal(HUMAN, peaks, folds)[0] == parts


def test_peaks_weigh_as_much_as_bases() -> None:
    contigs = {f"c{i}": 1_000_000 for i in range(6)}
    peaks = [np.full(100, n) for n in (10, 10, 10, 1, 1, 1)]
    parts, how = deal(contigs, peaks, 3)
    assert how == "contigs dealt"
    for part in parts:
        assert sorted(int(r.contig[1:]) < 3 for r in part) == [False, True]


def test_one_contig_is_cut_into_stretches_of_like_load() -> None:
    contigs = {"one": 10_005_000, "tiny": 500}
    peaks = [np.concatenate([np.full(500, 9), np.full(501, 1)]), np.zeros(1, int)]
    parts, how = deal(contigs, peaks, 4)
    assert how == "stretches cut"
    edges = [part[0].start for part in parts]
    assert all(edge % STRETCH == 0 for edge in edges)
    assert [len(part) for part in parts] == [1, 1, 1, 2]
    widths = [part[0].width for part in parts]
    assert widths[0] < widths[-1]
    loads = [
        sum(r.width for r in part) / 10_005_500
        + sum(peaks[0][r.start // STRETCH : -(-r.end // STRETCH)].sum() for r in part[:1])
        / peaks[0].sum()
        for part in parts
    ]
    assert max(loads) < 1.02 * min(loads)


@pytest.fixture
def store(tmp_path: Path) -> TargetStore:
    contigs = {"a": 400_000, "b": 390_000, "c": 410_000, "d": 30_000}
    rng = np.random.default_rng(0)
    starts = rng.integers(0, 380_000, 900)
    table = pd.DataFrame({"chrom": np.repeat(["a", "b", "c"], 300), "start": starts})
    table["end"] = table["start"] + 150
    return TargetStore.build({"t": table}, contigs, tmp_path / "targets")


def test_each_fold_is_the_test_once_and_the_next_validates(store: TargetStore) -> None:
    splits = [fold_split(store, 3, fold) for fold in range(3)]
    names = [sorted(r.contig for r in split.test) for split in splits]
    assert sorted(sum(names, [])) == ["a", "b", "c", "d"]  # noqa: RUF017
    for fold, split in enumerate(splits):
        assert split.validation == splits[(fold + 1) % 3].test
        assert split.describe()["made"] == f"fold {fold} of 3, contigs dealt by length and peaks"
        trained = sum(ranges.total for ranges in split.training())
        held = sum(r.width for r in (*split.validation, *split.test))
        assert trained + held == sum(store.contigs.values())


@pytest.mark.parametrize(
    ("folds", "fold", "message"),
    [
        (2, 0, "--folds 2 is not possible: test, validation, training need 3"),
        (5, 5, "--fold 5 is not within 0 and 4 (--folds 5)"),
        (5, -1, "--fold -1 is not within"),
        (500, 0, "--folds 500: the genome is too small to cut"),
    ],
)
def test_folds_that_cannot_be(folds: int, fold: int, message: str, store: TargetStore) -> None:
    with pytest.raises(InputError) as caught:
        fold_split(store, folds, fold)
    assert message in str(caught.value)


CONTIGS = {"chr1": 1000, "chr2": 500}
LINES = "# mine\nchr1\t0\t100\ttest\nchr1 100 200 validation more\n\nchr2\t0\t500\tvalidation\n"


def test_a_split_file(tmp_path: Path) -> None:
    path = tmp_path / "split.bed"
    path.write_text(LINES)
    split = read_split(path, CONTIGS)
    assert split.test == (Interval("chr1", 0, 100),)
    assert split.validation == (Interval("chr1", 100, 200), Interval("chr2", 0, 500))
    assert [r.total for r in split.training()] == [800, 0]
    assert [r.total for r in split.training(50)] == [750, 0]
    assert split.describe()["made"] == f"from {path}"
    path.write_text(LINES + "chr1\t300\t400\ttrain\nchr1\t390\t500\ttrain\n")
    limited = read_split(path, CONTIGS)
    assert [r.total for r in limited.training()] == [200, 0]
    told = limited.describe()["training"]
    assert told == "chr1:300-400, chr1:390-500 (0.0 Mb)"
    many = [f"chr1\t{i}\t{i + 1}\ttest\n" for i in range(0, 100, 2)]
    path.write_text("".join(many) + "chr2\t0\t500\tvalidation\n")
    assert read_split(path, CONTIGS).describe()["test"] == "50 regions on 1 contigs, 0.0 Mb"


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("chr1\t500\t600\n", "line 6: chrom, start, end and part are needed: 'chr1\\t500\\t600'"),
        ("chr1\t500\t600\ttets\n", "unknown part 'tets'; did you mean 'test'? (--split_file"),
        ("chr3\t0\t1\ttest\n", "unknown contig 'chr3'; did you mean 'chr2'? (--split_file"),
        ("chr1\tx\t600\ttest\n", "line 6: x-600 is no interval"),
        ("chr1\t700\t600\ttest\n", "line 6: 700-600 is no interval"),
        ("chr1\t700\t1001\ttest\n", "line 6: chr1:700-1001 does not lie on chr1, which has 1,000"),
        ("chr1\t700\t700\ttest\n", "does not lie on chr1"),
        ("chr2\t499\t500\ttest\n", "validation chr2:0-500 and test chr2:499-500 overlap"),
        ("chr2\t499\t500\ttrain\n", "validation chr2:0-500 and train chr2:499-500 overlap"),
    ],
)
def test_a_split_file_that_cannot_be(extra: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "split.bed").write_text(LINES + extra)
    with pytest.raises(InputError) as caught:
        read_split(tmp_path / "split.bed", CONTIGS)
    assert message in str(caught.value)


def test_a_split_file_needs_both_held_out_parts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_split(tmp_path / "none.bed", CONTIGS)
    (tmp_path / "split.bed").write_text("chr1\t0\t5\ttest\n")
    with pytest.raises(InputError, match="needs a line for validation and one for test"):
        read_split(tmp_path / "split.bed", CONTIGS)
