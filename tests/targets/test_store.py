"""The target store: peaks come back, counts are exact, what was left out is told."""

from __future__ import annotations

from pathlib import Path

import bioframe
import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from nucleotides.errors import InputError, StoreError, UnknownNameError
from nucleotides.genome.ranges import Ranges, merge
from nucleotides.targets import TargetStore
from nucleotides.targets import store as module
from nucleotides.targets.merge import Skipped
from tests import toy

CONTIGS = {"chr2": 4000, "chr1": 900, "x": 5}
TASKS = {
    "z": toy.peaks(1, CONTIGS, n=60),
    "a": toy.peaks(2, CONTIGS, n=5),
    "M": toy.peaks(3, CONTIGS, n=200, widest=20),
}


@pytest.fixture
def store(tmp_path: Path) -> TargetStore:
    return TargetStore.build(TASKS, CONTIGS, tmp_path / "targets")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # bioframe calls pandas as it was
def test_peaks_come_back_merged(store: TargetStore) -> None:
    for task, peaks in TASKS.items():
        found = store.peaks(task)
        merged = bioframe.merge(peaks, min_dist=0)[["chrom", "start", "end"]]
        order = merged["chrom"].map(list(CONTIGS).index)
        merged = merged.iloc[np.lexsort((merged["start"], order))].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, merged, check_dtype=False)


def test_tasks_keep_their_order_and_facts(tmp_path: Path) -> None:
    facts = pd.DataFrame(
        {"task": ["M", "a", "other"], "assay": ["DNase-seq", "", "x"], "note": ['q"\t', "NA", "x"]}
    )
    store = TargetStore.build(TASKS, CONTIGS, tmp_path / "targets", table=facts)
    expected = {
        "task": ["z", "a", "M"],
        "assay": ["", "", "DNase-seq"],
        "note": ["", "NA", 'q"\t'],
        "target": [""] * 3,
        "biosample": [""] * 3,
    }
    assert store.tasks.to_dict("list") == expected
    assert TargetStore.open(store.path).tasks.to_dict("list") == expected


def test_a_store_that_is_replaced_while_it_is_opened_is_read_again(
    store: TargetStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = dict(zip(TASKS, reversed(TASKS.values()), strict=True))
    other = TargetStore.build(tasks, CONTIGS, tmp_path / "other", bin=100)
    toy.replace_once(monkeypatch, module, "open_arrays", store.path, other.path)
    found = TargetStore.open(store.path)
    assert found.bin == 100
    for task in tasks:
        pd.testing.assert_frame_equal(found.peaks(task), other.peaks(task))


def test_opening_gives_what_was_built(store: TargetStore) -> None:
    again = TargetStore.open(store.path)
    assert (again.contigs, again.bin, again.threshold) == (CONTIGS, 200, 0.5)
    assert list(again.contigs) == list(CONTIGS)
    assert (again.skipped, again.n_peaks) == (store.skipped, store.n_peaks)
    assert again.n_peaks == sum(len(again.peaks(task)) for task in TASKS)
    centres = np.arange(-300, 4300)
    assert np.array_equal(again.labels("chr2", centres), store.labels("chr2", centres))


@pytest.mark.parametrize(("bin", "threshold"), [(1, 1.0), (37, 0.3), (400, 0.0)])
def test_the_same_labels_whatever_rule_lies_on_disk(
    bin: int, threshold: float, store: TargetStore, tmp_path: Path
) -> None:
    other = TargetStore.build(TASKS, CONTIGS, tmp_path / "o", bin=bin, threshold=threshold)
    centres = np.arange(-500, 4500)
    for rule in ((200, 0.5), (bin, threshold), (3, 0.7)):
        for contig in CONTIGS:
            expected = store.labels(contig, centres, *rule)
            assert np.array_equal(other.labels(contig, centres, *rule), expected)


def test_the_order_of_peaks_does_not_matter(store: TargetStore, tmp_path: Path) -> None:
    shuffled = {task: peaks.sample(frac=1, random_state=1) for task, peaks in TASKS.items()}
    other = TargetStore.build(shuffled, CONTIGS, tmp_path / "other")
    assert toy.listing(other.path) == toy.listing(store.path)


@pytest.mark.parametrize("rule", [(None, None), (1, 1.0), (201, 0.25), (350, 0.9)])
def test_count_positive_counts_labels(
    rule: tuple[int | None, float | None], store: TargetStore
) -> None:
    rng = np.random.default_rng(0)
    regions = []
    for length in CONTIGS.values():
        starts = rng.integers(0, length, 4)
        regions.append(merge(starts, np.minimum(starts + length // 4, length)))
    regions[2] = Ranges(np.empty(0, np.int64), np.empty(0, np.int64))
    expected = np.zeros(len(TASKS), np.int64)
    for contig, ranges in zip(CONTIGS, regions, strict=True):
        for start, end in zip(*ranges, strict=True):
            asked = {k: v for k, v in zip(("bin", "threshold"), rule, strict=True) if v is not None}
            expected += store.labels(contig, np.arange(start, end), **asked).sum(0, dtype=np.int64)
    assert np.array_equal(store.count_positive(regions, *rule), expected)


def test_labels_fit_onto_a_device_in_one_call(store: TargetStore) -> None:
    arrays = load_file(store.path / "centres.safetensors")
    assert {"rows", "pieces"} == set(arrays)


def test_unknown_contigs_are_counted_or_refused(tmp_path: Path) -> None:
    more = pd.DataFrame({"chrom": ["chrUn", "chrUn", "K"], "start": [1, 2, 3], "end": [9, 9, 9]})
    tasks = {"a": pd.concat([TASKS["a"], more]), "b": pd.concat([more[:1], TASKS["z"]])}
    store = TargetStore.build(tasks, CONTIGS, tmp_path / "targets")
    assert store.skipped["unknown_contigs"] == {"chrUn": 3, "K": 1}
    told = Skipped(**store.skipped).sentences()
    assert told == ["4 peaks lie on contigs that the FASTA lacks: K (1), chrUn (3)"]
    plain = TargetStore.build({"a": TASKS["a"], "b": TASKS["z"]}, CONTIGS, tmp_path / "plain")
    assert store.peaks("a").equals(plain.peaks("a"))
    assert plain.skipped == {"unknown_contigs": {}, "beyond_end": 0, "clipped": 0, "empty": 0}
    assert Skipped(**plain.skipped).sentences() == []
    with pytest.raises(
        InputError, match=r"task a: 3 peaks lie on contigs .*: K \(1\), chrUn \(2\)"
    ):
        TargetStore.build(tasks, CONTIGS, tmp_path / "refused", unknown_contigs="refuse")
    assert not (tmp_path / "refused").exists()


def test_peaks_beyond_the_end_are_cut_and_counted(tmp_path: Path) -> None:
    peaks = pd.DataFrame(
        {
            "chrom": ["chr1"] * 5 + ["x"],
            "start": [800, 899, 900, 5000, 10, 0],
            "end": [1000, 900, 950, 6000, 10, 2**31 - 1],
        }
    )
    store = TargetStore.build({"t": peaks}, CONTIGS, tmp_path / "targets")
    found = store.peaks("t").to_dict("list")
    assert found == {"chrom": ["chr1", "x"], "start": [800, 0], "end": [900, 5]}
    assert store.skipped == {"unknown_contigs": {}, "beyond_end": 2, "clipped": 2, "empty": 1}
    told = " ".join(Skipped(**store.skipped).sentences())
    assert "2 peaks begin after the end of their contig and were left out, 2 were cut" in told
    assert "1 rows of zero length" in told


def one(**columns: list) -> dict[str, pd.DataFrame]:
    return {"t": pd.DataFrame({"chrom": ["chr1"], "start": [1], "end": [9]} | columns)}


BAD_TABLES = {
    "no task": ({}, "there is no task to store"),
    "no column": ({"t": pd.DataFrame({"chrom": ["chr1"], "end": [5]})}, "lacks the columns start"),
    "start beyond end": (one(start=[10]), "peak 0: start 10, end 9 is no interval"),
    "negative": (one(start=[-1]), "peak 0: start -1, end 9 is no interval"),
    "fraction": (one(end=[9.5]), "peak 0: end '9.5' is not a whole number"),
    "missing": (one(end=[np.nan]), "peak 0: end 'nan' is not a whole number"),
    "text": (one(end=["nine"]), "peak 0: end 'nine' is not a whole number"),
    "no chrom": (one(chrom=[None]), "peak 0 has no chrom"),
    "no known contig": (one(chrom=["1"]), "none of its 1 peaks lies on a contig of the FASTA"),
    "no peak": ({"t": TASKS["a"][:0]}, "none of its 0 peaks"),
    "all empty": (one(end=[1]), "none of its 1 peaks"),
    "all beyond": (one(start=[5000], end=[6000]), "none of its 1 peaks"),
}


@pytest.mark.parametrize("fault", BAD_TABLES)
def test_a_bad_table_changes_nothing(fault: str, store: TargetStore, tmp_path: Path) -> None:
    tables, message = BAD_TABLES[fault]
    before = toy.listing(tmp_path)
    for out in (store.path, tmp_path / "new"):
        with pytest.raises(InputError) as caught:
            TargetStore.build(tables, CONTIGS, out)
        assert message in str(caught.value)
    assert toy.listing(tmp_path) == before
    assert not (tmp_path / "new").exists()


def test_none_on_a_contig_names_both_sides(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        TargetStore.build(one(chrom=["1"]), CONTIGS, tmp_path / "t")
    assert "the peaks have 1; the FASTA has chr2, chr1, x" in str(caught.value)


def test_contigs_that_are_numbers(tmp_path: Path) -> None:
    peaks = pd.DataFrame({"chrom": [2, 1], "start": [1, 2], "end": [9.0, 10.0]})
    store = TargetStore.build({"t": peaks}, {"1": 100, "2": 50}, tmp_path / "t")
    assert store.peaks("t").to_dict("list") == {
        "chrom": ["1", "2"],
        "start": [2, 1],
        "end": [10, 9],
    }


@pytest.mark.parametrize("rule", [(0, 0.5), (200, 2.0)])
def test_a_bad_rule_changes_nothing(rule: tuple[int, float], tmp_path: Path) -> None:
    with pytest.raises(InputError):
        TargetStore.build(TASKS, CONTIGS, tmp_path / "t", bin=rule[0], threshold=rule[1])
    assert list(tmp_path.iterdir()) == []


def test_unknown_tasks_are_named(store: TargetStore) -> None:
    with pytest.raises(UnknownNameError, match="unknown task 'm'; did you mean 'M'"):
        store.peaks("m")


@pytest.mark.parametrize("name", ["tasks.tsv", "peaks.safetensors", "centres.safetensors"])
@pytest.mark.parametrize("how", ["cut", "longer", "missing", "empty"])
def test_a_damaged_store_is_refused(name: str, how: str, store: TargetStore) -> None:
    path = store.path / name
    raw = path.read_bytes()
    content = {"cut": raw[: len(raw) // 2], "longer": raw + b"more\n", "empty": b""}
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(content[how])
    with pytest.raises(StoreError) as caught:
        TargetStore.open(store.path)
    assert str(path) in str(caught.value)


def test_another_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no nucleotides target store at"):
        TargetStore.open(tmp_path)
    with pytest.raises(StoreError, match="not 'nucleotides target store'"):
        TargetStore.open(toy.genome_store(tmp_path).path)
