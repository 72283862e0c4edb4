"""What is drawn from where, and how often each task is positive there, position by position.

The genome is small enough to write the probability of every position down.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nucleotides.data import rates
from nucleotides.data.mixture import parse_sampling
from nucleotides.data.open_plan import open_plan
from nucleotides.data.plan import SamplePlan
from nucleotides.data.positions import enough_known
from nucleotides.errors import InputError
from nucleotides.targets import TargetStore
from tests import toy

LENGTH, BIN = 120, 40
CONTIGS = {
    "c1": toy.sequence(2500, 1) + "N" * 200 + "G" * 500 + toy.sequence(2000, 2),
    "c2": toy.sequence(1500, 3) + "AT" * 400,
    "c3": toy.sequence(900, 4),
}
SPLIT: dict[str, Any] = {"validation": "c1:4000-4600", "test": "c3"}
BLACK = "c1\t100\t400\nc1\t4300\t4310\nc2\t1000\t1003\nelsewhere\t1\t2\n"


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("stores")
    (folder / "black.bed").write_text(BLACK)
    return toy.stores(folder, CONTIGS, n_tasks=4) | {"blacklist": str(folder / "black.bed")}


def plan(stores: dict[str, str], sampling: str = "intervals", **options: Any) -> SamplePlan:
    options = {"sequence_length": LENGTH, "bin": BIN, **SPLIT, **stores, **options}
    return open_plan(sampling=parse_sampling(sampling), **options)


def flat(mask: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([mask[name] for name in CONTIGS])


def allowed(stores: dict[str, str], shift: int = 0, black: bool = True) -> np.ndarray:
    """Centres whose windows hold no held-out base and are known, whose bins are not blacklisted."""
    genome = plan(stores).genome
    out = {}
    for number, (name, text) in enumerate(CONTIGS.items()):
        held, bad = np.zeros(len(text) + 2000, bool), np.zeros(len(text) + 2000, bool)
        if name == "c1":
            held[1000 + 4000 : 1000 + 4600] = True
        if name == "c3":
            held[1000 : 1000 + len(text)] = True
        for line in BLACK.splitlines() if black else ():
            contig, start, end = line.split("\t")
            if contig == name:
                bad[1000 + int(start) : 1000 + int(end)] = True
        fine = np.ones(len(text), bool)
        for p in range(len(text)):
            low, left = 1000 + p - LENGTH // 2, 1000 + p - BIN // 2
            # A margin of a whole half window: the base after an even window counts too.
            fine[p] &= not held[low - shift : low + LENGTH + shift + (LENGTH % 2 == 0)].any()
            fine[p] &= not bad[left : left + BIN].any()
        centres = np.arange(len(text))
        for s in range(-shift, shift + 1):
            fine &= enough_known(genome, np.full(len(text), number), centres + s, LENGTH)
        out[name] = fine
    return flat(out)


def inside(stores: dict[str, str]) -> np.ndarray:
    """Positions in the union of the non-accessibility peaks."""
    store = TargetStore.open(stores["targets"])
    out = {name: np.zeros(len(text), bool) for name, text in CONTIGS.items()}
    for task in store.tasks["task"][1:]:
        for name, start, end in store.peaks(task).itertuples(index=False):
            out[name][start:end] = True
    return flat(out)


def labels(stores: dict[str, str]) -> np.ndarray:
    store = TargetStore.open(stores["targets"])
    return np.concatenate(
        [store.labels(name, np.arange(len(text)), BIN) for name, text in CONTIGS.items()]
    )


def gc_class() -> np.ndarray:
    """By the letters: the class of the window around the middle of each position's block."""
    out = {}
    for name, text in CONTIGS.items():
        mine = np.zeros(len(text), int)
        for p in range(len(text)):
            start = p // 16 * 16 + 8 - LENGTH // 2
            window = text[max(start, 0) : start + LENGTH]
            known = len(window) - window.count("N")
            gc = window.count("G") + window.count("C")
            mine[p] = min(50 * gc // max(known, 1), 49)
        out[name] = mine
    return flat(out)


def share(mask: np.ndarray) -> np.ndarray:
    return mask / mask.sum()


def matched(stores: dict[str, str], ok: np.ndarray) -> np.ndarray:
    """Outside of the intervals, each class as often as inside, or else the nearest one there."""
    classes, within = gc_class(), inside(stores)
    here, there = ok & within, ok & ~within
    wanted = np.bincount(classes[here], minlength=50) / here.sum()
    can = np.flatnonzero(np.bincount(classes[there], minlength=50))
    out = np.zeros(ok.size)
    for number in np.flatnonzero(wanted):
        nearest = min(can, key=lambda c: (abs(c - number), c))
        out += wanted[number] * share(there & (classes == nearest))
    return out


def by_task(stores: dict[str, str], ok: np.ndarray, weights: list[float]) -> np.ndarray:
    table = labels(stores).astype(bool)
    return sum(w * share(table[:, t] & ok) for t, w in enumerate(weights))


EXPECTED = {
    "intervals": lambda s, ok: share(ok & inside(s)),
    "genome": lambda s, ok: share(ok),
    "uniform": lambda s, ok: share(ok & ~inside(s)),
    "gc": matched,
    "tasks": lambda s, ok: by_task(s, ok, [0.25] * 4),
    "assays": lambda s, ok: by_task(s, ok, [1 / 2, 1 / 6, 1 / 6, 1 / 6]),
    "intervals=0.5,gc=0.2,tasks=0.3": lambda s, ok: (
        0.5 * share(ok & inside(s)) + 0.2 * matched(s, ok) + 0.3 * by_task(s, ok, [0.25] * 4)
    ),
}


@pytest.mark.parametrize("sampling", EXPECTED)
@pytest.mark.parametrize("options", [{}, {"blacklist": "none"}, {"max_shift": 7}])
def test_each_position_is_drawn_as_often_as_it_should_be_and_rates_follow(
    sampling: str, options: dict[str, Any], stores: dict[str, str]
) -> None:
    ok = allowed(stores, options.get("max_shift", 0), "blacklist" not in options)
    expected = EXPECTED[sampling](stores, ok)
    assert expected.sum() == pytest.approx(1)
    made = plan(stores, sampling, **options)
    n = 300_000
    at = made.training_positions().draw(3, np.arange(n))
    first = np.cumsum([0, *map(len, CONTIGS.values())])
    counts = np.bincount(first[at.contigs] + at.centres, minlength=expected.size)
    assert not counts[expected == 0].any()
    toy.assert_as_expected(counts[expected > 0], expected[expected > 0] * n)
    positives, samples = made.positive_rates()
    assert np.abs(positives - expected @ labels(stores) * samples).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("sampling", [*EXPECTED, "dinucleotide", "dinucleotide=0.5,assays=0.5"])
def test_a_sample_depends_on_seed_epoch_and_index_only(
    sampling: str, stores: dict[str, str]
) -> None:
    whole = plan(stores, sampling, seed=5).training_positions().draw(2, np.arange(400))
    again = plan(stores, sampling, seed=5).training_positions()
    for index in (np.array([7]), np.array([399, 0, 7, 7])):
        some = again.draw(2, index)
        assert all(np.array_equal(a, b) for a, b in zip(some, whole.take(index), strict=True))
    assert not np.array_equal(again.draw(3, np.arange(400)).centres, whole.centres)
    other = plan(stores, sampling, seed=6).training_positions().draw(2, np.arange(400))
    assert not np.array_equal(other.centres, whole.centres)


def test_rates_of_a_pool_are_those_of_what_is_drawn_from_it(stores: dict[str, str]) -> None:
    made = plan(stores, "intervals=0.4,dinucleotide=0.6")
    n = 200_000
    at = made.training_positions().draw(0, np.arange(n))
    seen = made.targets.labels_at(at.contigs, at.centres, BIN).mean(0)
    positives, samples = made.positive_rates()
    assert samples == allowed(stores).sum()
    assert np.abs(seen - positives / samples).max() < 5 * np.sqrt(0.25 / n)


def test_too_many_ranges_are_estimated(
    stores: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    exact, samples = plan(stores, "tasks").positive_rates()
    monkeypatch.setattr(rates, "EXACT", 3)
    about, same = plan(stores, "tasks").positive_rates()
    assert samples == same
    assert 0 < np.abs(about - exact).max() < 5 * np.sqrt(0.25 / rates.ESTIMATE) * samples


@pytest.mark.parametrize("length", [BIN, 119, 120])
def test_no_bin_of_any_part_touches_the_blacklist(length: int, stores: dict[str, str]) -> None:
    made = plan(stores, "genome", sequence_length=length)
    parts = {
        "training": made.training_positions().draw(0, np.arange(50_000)),
        "validation": made.held_out_positions("validation"),
        "test": made.held_out_positions("test"),
    }
    nearest = 10_000
    for name, at in parts.items():
        for contig, start, end in (line.split("\t") for line in BLACK.splitlines()[:-1]):
            here = at.centres[at.contigs == list(CONTIGS).index(contig)]
            left, right = here - BIN // 2, here - BIN // 2 + BIN
            assert not ((left < int(end)) & (right > int(start))).any(), name
            if name == "training":
                nearest = min([nearest, *np.abs(left - int(end)), *np.abs(right - int(start))])
    assert nearest == 0  # and a bin may lie right beside it
    without = plan(stores, "genome", blacklist="none", sequence_length=length)
    bins = without.held_out_positions("validation").centres
    lost = sorted(set(bins) - set(parts["validation"].centres))
    assert lost == [4300]
    assert set(parts["validation"].centres) < set(bins)


def test_a_blacklist_may_be_gzipped(stores: dict[str, str], tmp_path: Path) -> None:
    packed = toy.write_packed(tmp_path / "b.bed.gz", BLACK.encode(), "bgzip")
    ours, theirs = plan(stores, "genome"), plan(stores, "genome", blacklist=packed)
    assert np.array_equal(ours.allowed.starts, theirs.allowed.starts)
    without = [plan(stores, blacklist=value).allowed.total for value in (None, "NONE", "none")]
    assert min(without) > ours.allowed.total


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"blacklist": "nowhere.bed"}, "--blacklist nowhere.bed: no such file (`--blacklist none`"),
        ({"blacklist": "OTHER"}, "the genome has none of its contigs (chr9, ...)"),
        ({"folds": 5, "validation": "c2"}, "--validation and --test and --folds say different"),
        (
            {"folds": 5, "split_file": "x"} | {"validation": "chr6,chr7", "test": "chr8,chr9"},
            "--split_file and --folds say different things",
        ),
        ({"fold": 1}, "--fold 1 needs --folds"),
        ({"validation": "c1", "test": "c2,c3"}, "no training interval lies in the training part"),
        (
            {"validation": "c1", "test": "c2,c3", "sampling": "genome"},
            "nothing to train on",
        ),
        ({"validation": "c1", "test": "c2,c3", "sampling": "tasks"}, "no task is positive in the"),
        ({"intervals": "ALL", "sampling": "uniform"}, "no position lies outside of the"),
        ({"intervals": "ALL", "sampling": "gc"}, "no position of the training part lies outside"),
    ],
)
def test_what_cannot_be_names_the_flag(
    options: dict[str, Any], message: str, stores: dict[str, str], tmp_path: Path
) -> None:
    texts = {"OTHER": "chr9\t1\t2\n", "ALL": "".join(f"{c}\t0\t9999\n" for c in CONTIGS)}
    for name, value in options.items():
        if value in texts:
            (tmp_path / "file.bed").write_text(texts[value])
            options = options | {name: str(tmp_path / "file.bed")}
    with pytest.raises(InputError) as caught:
        plan(stores, **options).strata  # noqa: B018
    assert message in str(caught.value)
