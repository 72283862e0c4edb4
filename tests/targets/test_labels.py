"""Labels against SPEC 4's rule, written out base by base."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.genome.ranges import Ranges, merge
from nucleotides.targets import TargetStore
from nucleotides.targets.centres import needed_bases, positive_centres
from nucleotides.targets.index import StabbingIndex
from tests import toy

CONTIGS = {"tiny": 3, "big": 30_000, "one": 1, "mid": 3_000, "small": 150}
WIDEST = [3, 40, 150, 300, 3000]
COMBINATIONS = [(bin, threshold) for bin in (1, 200, 201) for threshold in (0, 0.25, 0.5, 1)]
PER_SET = 25_000


def needed(bin: int, threshold: float) -> int:
    """trunc(max(0, float32(threshold) * B - 1)) + 1, in numpy's own float32."""
    part = np.array([threshold], np.float32) * bin - 1
    return int(np.trunc(np.maximum(0, part))[0]) + 1


def covered(peaks: pd.DataFrame, contig: str, length: int, pad: int) -> np.ndarray:
    """Whether each base of a contig, with `pad` more on both sides, is in some peak."""
    out = np.zeros(length + 2 * pad, bool)
    for start, end in peaks.loc[peaks["chrom"] == contig, ["start", "end"]].to_numpy():
        out[pad + start : pad + min(end, length)] = True
    return out


def labels(covered: np.ndarray, centres: np.ndarray, pad: int, bin: int, threshold: float):  # type: ignore[no-untyped-def]
    """The rule itself. Bins outside of `covered` hold no peak."""
    before = np.concatenate([[0], np.cumsum(covered)])
    low = centres - bin // 2 + pad
    count = before[np.clip(low + bin, 0, covered.size)] - before[np.clip(low, 0, covered.size)]
    return count >= needed(bin, threshold)


def random_set(seed: int) -> dict[str, pd.DataFrame]:
    """Tasks from a few wide to many short peaks, and one peak alone."""
    tables = {
        f"n{n}w{widest}": toy.peaks(100 * seed + i, CONTIGS, n=n, widest=widest)
        for i, (n, widest) in enumerate((n, w) for n in (5, 60, 600) for w in WIDEST)
    }
    rng = np.random.default_rng(seed)
    start = int(rng.integers(0, 29_000))
    alone = {"chrom": ["big"], "start": [start], "end": [start + int(rng.integers(1, 900))]}
    return tables | {"alone": pd.DataFrame(alone)}


def random_places(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Contigs by number, and positions: on the contig, beyond its ends, and far beyond."""
    rng = np.random.default_rng(seed)
    lengths = np.array(list(CONTIGS.values()))
    contigs = rng.choice(5, PER_SET, p=[0.1, 0.5, 0.1, 0.2, 0.1])
    centres = rng.integers(-300, lengths[contigs] + 300)
    far = rng.random(PER_SET) < 0.02
    centres[far] = rng.integers(-(10**9), 10**9, far.sum())
    return contigs, centres


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict, TargetStore]]:
    folder = tmp_path_factory.mktemp("sets")
    tables = [random_set(seed) for seed in range(4)]
    return [
        (tasks, TargetStore.build(tasks, CONTIGS, folder / str(i)))
        for i, tasks in enumerate(tables)
    ]


@pytest.mark.parametrize(("bin", "threshold"), COMBINATIONS)
def test_labels_equal_the_rule_at_100_000_positions(
    bin: int, threshold: float, sets: list[tuple[dict[str, pd.DataFrame], TargetStore]]
) -> None:
    checked = positive = 0
    for seed, (tasks, store) in enumerate(sets):
        contigs, centres = random_places(seed)
        found = store.labels_at(contigs, centres, bin, threshold)
        assert (found.dtype, found.shape) == (np.uint8, (PER_SET, len(tasks)))
        for number, (contig, length) in enumerate(CONTIGS.items()):
            here = contigs == number
            by_name = store.labels(contig, centres[here], bin, threshold)
            assert np.array_equal(by_name, found[here])
            for column, peaks in enumerate(tasks.values()):
                cover = covered(peaks, contig, length, pad=bin)
                expected = labels(cover, centres[here], bin, bin, threshold)
                assert np.array_equal(found[here, column], expected)
        checked += centres.size
        positive += int(found.sum())
    assert checked == 100_000
    assert positive > 10_000


@st.composite
def rules_and_peaks(draw: st.DrawFn) -> tuple[int, float, list[tuple[int, int]]]:
    """A small bin, a threshold, and peaks whose gaps are about as wide as the bin, or any."""
    bin = draw(st.integers(1, 40))
    few = st.integers(0, min(bin, 8)).map(lambda n: n / bin)
    threshold = draw(few | st.floats(0, 1, width=32))
    gaps = st.integers(-3, 3).map(lambda n: max(bin + n, 0)) | st.integers(-10, 30)
    end, peaks = 10, []
    for gap, width in draw(st.lists(st.tuples(gaps, st.integers(1, 25)), min_size=1, max_size=6)):
        start = max(end + gap, 0)
        end = start + width
        peaks.append((start, end))
    return bin, threshold, peaks


@settings(max_examples=300)
@given(rules_and_peaks())
def test_positive_centres_equal_the_rule(case: tuple[int, float, list[tuple[int, int]]]) -> None:
    bin, threshold, peaks = case
    found = positive_centres(merge(*np.array(peaks).T), bin, threshold)
    assert (found.ends > found.starts).all()
    assert (found.starts[1:] > found.ends[:-1]).all()
    cover = np.zeros(600, bool)
    for start, end in peaks:
        cover[100 + start : 100 + end] = True
    for centre in range(-50, 450):
        low = 100 + centre - bin // 2
        count = np.count_nonzero(cover[low : low + bin])
        inside = bool(((found.starts <= centre) & (centre < found.ends)).any())
        assert inside == (count >= needed(bin, threshold)), centre


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_needed_bases(bin: int, threshold: float) -> None:
    assert needed_bases(bin, threshold) == needed(bin, threshold)
    assert 1 <= needed_bases(bin, threshold) <= bin


def test_needed_bases_of_the_usual_rules() -> None:
    assert [needed_bases(200, t) for t in (0, 0.25, 0.5, 1)] == [1, 50, 100, 200]
    assert [needed_bases(201, t) for t in (0, 0.25, 0.5, 1)] == [1, 50, 100, 201]
    assert [needed_bases(1, t) for t in (0, 0.25, 0.5, 1)] == [1, 1, 1, 1]


@given(st.integers(100, 2000), st.integers(500, 5000))
def test_a_lone_peak_of_100_or_more_holds_from_start_to_end_inclusive(
    width: int, start: int
) -> None:
    found = positive_centres(Ranges(np.array([start]), np.array([start + width])), 200, 0.5)
    assert list(zip(*found, strict=True)) == [(start, start + width + 1)]


def test_a_peak_too_short_for_the_bin_holds_nowhere() -> None:
    found = positive_centres(Ranges(np.array([50]), np.array([149])), 200, 0.5)
    assert found.starts.size == 0


@pytest.fixture
def store(tmp_path: Path) -> TargetStore:
    peaks = pd.DataFrame({"chrom": ["a", "b"], "start": [0, 10], "end": [300, 400]})
    return TargetStore.build({"t": peaks}, {"a": 300, "b": 500}, tmp_path / "store")


def test_a_bin_never_sees_the_next_contig(store: TargetStore) -> None:
    # Contig a ends in a peak; b begins with one ten bases on.
    centres = np.arange(-600, 1200)
    for contig, start, end, length in (("a", 0, 300, 300), ("b", 10, 400, 500)):
        for bin, threshold in ((200, 0.5), (500, 0.01), (1, 1.0), (1000, 0.3)):
            cover = np.zeros(length + 4000, bool)
            cover[2000 + start : 2000 + end] = True
            expected = labels(cover, centres, 2000, bin, threshold)
            assert np.array_equal(store.labels(contig, centres, bin, threshold)[:, 0], expected)


def test_what_cannot_be_asked_for(store: TargetStore) -> None:
    with pytest.raises(UnknownNameError, match="unknown contig 'A'; did you mean 'a'"):
        store.labels("A", [0])
    with pytest.raises(InputError, match="a bin of 0 bases"):
        store.labels("a", [0], bin=0)
    for threshold in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="is not within 0 and 1"):
            store.labels("a", [0], threshold=threshold)
    assert store.labels("a", []).shape == (0, 1)
    assert store.labels("a", 150).tolist() == [[1]]


def test_more_tasks_than_16_bits_count() -> None:
    n = (1 << 16) + 3
    ranges = [Ranges(np.array([0]), np.array([1]))] * (n - 1)
    index = StabbingIndex.build([*ranges, Ranges(np.array([10]), np.array([12]))], 256)
    out = np.empty((2, n), np.uint8)
    index.stab(np.array([0, 11]), out)
    assert out.sum(1).tolist() == [n - 1, 1]
    assert out[1, -1] == 1
