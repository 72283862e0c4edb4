"""Shared sequence: what was planted is found, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.data import scan_windows
from nucleotides.data.leakage import Leak, leakage, leakage_line, leakage_table
from nucleotides.data.mixture import parse_sampling
from nucleotides.data.open_plan import open_plan
from nucleotides.data.plan import SamplePlan
from nucleotides.data.rolling import first_places, make_filter, row_hashes
from nucleotides.data.sketch import LEAST_KEPT, MOST_WINDOWS, K, make_sketches, shared
from nucleotides.genome.alphabet import encode, reverse_complement
from tests import toy

LENGTH, BIN = 1000, 200
HELD = 20_000


def mutated(text: str, rate: float, seed: int) -> str:
    """Bases exchanged for others at a rate."""
    rng = np.random.default_rng(seed)
    letters = np.array(list(text))
    for i in np.flatnonzero(rng.random(letters.size) < rate):
        letters[i] = rng.choice([c for c in "ACGT" if c != letters[i]])
    return "".join(letters)


def reverse(text: str) -> str:
    return text[::-1].translate(str.maketrans("ACGT", "TGCA"))


VALIDATION, TEST = toy.sequence(HELD, 1), toy.sequence(HELD, 2)
PLANTED = [  # (where in the validation, copied how)
    (2000, 3000, lambda text: text),
    (7000, 2500, reverse),
    (12_000, 3000, lambda text: mutated(text, 0.05, 9)),
    (16_500, 2000, lambda text: reverse(mutated(text, 0.05, 8))),
]


def contigs(planted: bool = True) -> dict[str, str]:
    training = toy.sequence(80_000, 3)
    if planted:
        for number, (start, width, copied) in enumerate(PLANTED):
            at = 9_137 + 17_001 * number
            copy = copied(VALIDATION[start : start + width])
            training = training[:at] + copy + training[at + width :]
    test = TEST[:5000] + VALIDATION[5000:6500] + TEST[6500:]
    return {"train": training, "val": VALIDATION, "test": test}


def make(folder: Path, genome: dict[str, str], **options: Any) -> SamplePlan:
    rule = {"sequence_length": LENGTH, "bin": BIN, "validation": "val", "test": "test"} | options
    return open_plan(**toy.stores(folder, genome), sampling=parse_sampling("genome"), **rule)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> SamplePlan:
    return make(tmp_path_factory.mktemp("leaky"), contigs())


def starts_of(plan: SamplePlan, leak: Leak) -> list[int]:
    centres = plan.held_out_positions(leak.part).centres
    return (centres[leak.numbers] - LENGTH // 2).tolist()


def test_what_was_planted_is_found_and_nothing_else(plan: SamplePlan) -> None:
    found = leakage(plan)
    assert [(leak.part, leak.other) for leak in found] == [
        ("validation", "training"),
        ("test", "training"),
        ("validation", "test"),
    ]
    first, second, third = found
    starts = plan.held_out_positions("validation").centres - LENGTH // 2
    exact = [s for s in starts for a, n, _ in PLANTED[:2] if a <= s and s + LENGTH <= a + n]
    assert first.identical == len(exact) == 10 + 8 + 1
    assert first.windows == first.compared == starts.size
    assert first.in_place == first.whole == first.skipped == 0
    told = starts_of(plan, first)
    assert set(told) >= set(exact)
    for start, width, _ in PLANTED[2:]:  # mutated: all whole windows, by their k-mers
        whole = [s for s in starts if start <= s and s + LENGTH <= start + width]
        assert len(whole) > 4
        assert set(whole) <= set(told)
    for s in told:  # a fifth of the window at least lies in what was copied
        shares = [min(s + LENGTH, a + n) - max(s, a) for a, n, _ in PLANTED]
        assert max(shares) >= 0.15 * LENGTH
    assert second.identical == second.alike == 0
    assert third.identical == sum(s >= 5000 and s + LENGTH <= 6500 for s in starts) == 3
    assert all(4200 <= s <= 6300 for s in starts_of(plan, third))


def test_a_clean_genome_is_clean(tmp_path: Path) -> None:
    genome = contigs(planted=False) | {"test": TEST}
    for leak in leakage(make(tmp_path, genome)):
        assert (leak.in_place, leak.whole, leak.identical, leak.alike) == (0, 0, 0, 0)
        assert leak.numbers.size == 0


def test_stretches_of_a_long_genome_find_the_same(
    plan: SamplePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = leakage(plan)
    monkeypatch.setattr(scan_windows, "_AT_ONCE", 3000)
    for one, other in zip(whole, leakage(plan), strict=True):
        assert one.sentence() == other.sentence()
        # Tiles begin elsewhere, so that windows at the limit may differ.
        assert len(set(one.numbers) ^ set(other.numbers)) <= 4


def test_only_what_training_draws_is_compared(plan: SamplePlan, tmp_path: Path) -> None:
    (tmp_path / "own.bed").write_text("train\t10000\t10001\ntrain\t70000\t70001\n")
    rule: dict[str, Any] = {"sequence_length": LENGTH, "validation": "val", "test": "test"}
    some = open_plan(
        plan.genome.path,
        plan.targets.path,
        sampling=parse_sampling("intervals"),
        intervals=tmp_path / "own.bed",
        **rule,
    )
    first = leakage(some)[0]
    # The one window [9500, 10500) of the first copy, which begins at 9137.
    assert first.identical == 0
    assert 4 <= first.alike <= 9
    assert all(2000 - 700 < s < 4200 for s in starts_of(some, first))


def test_regions_on_one_contig_overlap_at_their_edges_only(tmp_path: Path) -> None:
    genome = {"one": toy.sequence(30_000, 7)}
    made = make(tmp_path, genome, validation="one:10000-14000", test="one:14000-20000")
    validation, test, both = leakage(made)
    # A window reaches 400 bases out of its region: the bins 0 and 200 from its edge.
    assert (validation.in_place, test.in_place) == (2, 2)
    assert both.in_place > 0
    assert [leak.whole for leak in (validation, test, both)] == [0, 0, 0]
    assert [leak.identical for leak in (validation, test, both)] == [0, 0, 0]


def test_many_windows_are_sampled_by_the_seed(plan: SamplePlan) -> None:
    first, again = leakage(plan, most=30)[0], leakage(plan, most=30)[0]
    assert (first.compared, first.windows) == (30, 100)
    assert first.sentence() == again.sentence()
    assert "of 30 sampled" in first.sentence()
    assert set(first.numbers) <= set(leakage(plan)[0].numbers)


def test_nothing_held_out_nothing_to_say(plan: SamplePlan) -> None:
    rule: dict[str, Any] = {"sequence_length": LENGTH, "sampling": {"genome": 1.0}}
    stores = (plan.genome.path, plan.targets.path)
    assert leakage(open_plan(*stores, validation="", test="", **rule)) == []
    assert "nothing is held out" in leakage_line([])
    one = leakage(open_plan(*stores, validation="", test="test", **rule))
    assert [(leak.part, leak.other) for leak in one] == [("test", "training")]


def test_as_a_table_and_as_a_line(plan: SamplePlan) -> None:
    found = leakage(plan)
    table = leakage_table(found)
    assert table["identical"].tolist() == [19, 0, 3]
    assert list(table["part"]) == ["validation", "test", "validation"]
    line = leakage_line(found)
    assert "\n" not in line
    assert f"validation in training: 19 identical, {found[0].alike} alike of 100" in line


letters = st.text("ACGTN", min_size=6, max_size=60)


@given(letters, st.integers(1, 6), st.booleans())
def test_rolling_hashes_find_every_window_on_either_strand(
    text: str, length: int, turned: bool
) -> None:
    codes = encode(text)
    windows = np.lib.stride_tricks.sliding_window_view(codes, length)
    asked = reverse_complement(windows) if turned else windows
    table = np.unique(row_hashes(np.ascontiguousarray(asked)))
    places = first_places(codes, length, table, make_filter(table))
    both = {w.tobytes() for w in windows} | {w.tobytes() for w in reverse_complement(windows)}
    strands = {min(w.tobytes(), reverse_complement(w[None])[0].tobytes()) for w in windows}
    assert table.size == len(strands) <= len(both)
    assert (places >= 0).all()
    found = row_hashes(np.ascontiguousarray(windows[places]))
    assert np.array_equal(found, table)
    for place, wanted in zip(places, table, strict=True):
        hashes = row_hashes(np.ascontiguousarray(windows[: place + 1]))
        assert (hashes == wanted).tolist().index(True) == place


def test_a_hash_that_is_not_there_has_no_place() -> None:
    codes, other = encode(toy.sequence(500, 1)), encode(toy.sequence(500, 2))
    table = np.unique(row_hashes(other[None, :30]))
    assert first_places(codes, 30, table, make_filter(table)).tolist() == [-1]
    assert first_places(codes[:10], 30, table, make_filter(table)).tolist() == [-1]


@pytest.mark.parametrize("length", [200, 1000, 4000])
def test_a_sketch_has_about_120_of_the_kmers(length: int) -> None:
    codes = encode(toy.sequence(50 * length, 5)).reshape(50, length)
    sizes = make_sketches(codes).sizes
    assert 100 < sizes.mean() < 190
    assert sizes.min() > LEAST_KEPT
    turned = make_sketches(reverse_complement(codes))
    assert np.array_equal(turned.sizes, sizes)
    assert np.array_equal(turned.hashes, make_sketches(codes).hashes)


def test_kmers_across_unknown_bases_are_none() -> None:
    codes = encode(toy.sequence(200, 5))
    codes[::K] = 4
    assert make_sketches(codes[None]).sizes.tolist() == [0]


def test_containment_is_as_the_rate_of_mutation_says() -> None:
    text = toy.sequence(40_000, 4)
    codes = encode(text).reshape(40, 1000)
    sketches = make_sketches(codes)
    assert np.array_equal(sketches.sizes, shared_with_itself(codes))
    found = shared(encode(mutated(text, 0.05, 1)), sketches, 1000)[0]
    assert np.mean(found / sketches.sizes) == pytest.approx(0.95**K, abs=0.04)
    unrelated = shared(encode(toy.sequence(40_000, 6)), sketches, 1000)[0]
    assert unrelated.max() == 0


def shared_with_itself(codes: np.ndarray) -> np.ndarray:
    rows = [shared(row, make_sketches(row[None]), row.size)[0] for row in codes]
    return np.concatenate(rows)


def test_a_kmer_counts_once_however_often_it_comes() -> None:
    text = toy.sequence(1000, 4)
    sketches = make_sketches(encode(text)[None])
    piece = encode(text[300:350] * 20)  # 30 of its 980 k-mers, over and over
    found = int(shared(piece, sketches, 1000)[0, 0])
    assert found == int(shared(piece[:50], sketches, 1000)[0, 0]) <= 30


def test_kmers_of_very_many_windows_are_left_out() -> None:
    same = np.tile(encode(toy.sequence(1000, 4)), (MOST_WINDOWS, 1))
    assert make_sketches(same).sizes.min() > LEAST_KEPT
    more = np.concatenate([same, same[:1]])
    assert make_sketches(more).sizes.max() == 0
    assert make_sketches(more).hashes.size == 0


def test_windows_of_repeats_are_said_not_to_be_compared(tmp_path: Path) -> None:
    unit = toy.sequence(200, 9)
    genome = {
        "train": toy.sequence(9000, 1),
        "val": unit * 100,
        "test": toy.sequence(3000, 2),
    }
    first = leakage(make(tmp_path, genome))[0]
    assert first.skipped == first.compared == 100
    assert first.alike == 0
