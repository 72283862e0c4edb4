"""Matching of composition: nearer to the intervals than chance, by far; weights that fit."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from nucleotides.data.composition import gc_runs, moved_to_nearest
from nucleotides.data.dinucleotides import CLASSES, frequencies, rake
from nucleotides.data.mixture import parse_sampling
from nucleotides.data.open_plan import open_plan
from nucleotides.data.plan import SamplePlan
from nucleotides.data.strata import Strata
from nucleotides.genome import GenomeStore
from nucleotides.genome.alphabet import UNKNOWN
from nucleotides.genome.ranges import Ranges
from nucleotides.targets.layout import Layout
from tests import toy

LENGTH = 200


def isochores(seed: int) -> str:
    """Stretches of 400 bases of all GC contents, half of them rich in CpG."""
    rng = np.random.default_rng(seed)
    out = []
    for number in range(200):
        gc = rng.uniform(0.2, 0.8)
        bases = rng.choice(list("ACGT"), 400, p=[(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2])
        text = "".join(bases)
        out.append(text.replace("CC", "CG") if number % 2 else text.replace("CG", "GC"))
    return "".join(out)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Intervals lie where there is much G, C and CpG."""
    folder = tmp_path_factory.mktemp("stores")
    text = isochores(0)
    genome = toy.genome_store(folder, {"a": text, "b": toy.sequence(2000), "c": toy.sequence(500)})
    rich = [
        start
        for start in range(0, len(text), 400)
        if text[start : start + 400].count("CG") > 30 and start % 1200
    ]
    lines = "".join(f"a\t{start + 100}\t{start + 300}\n" for start in rich)
    (folder / "intervals.bed").write_text(lines)
    targets = toy.target_store(folder, genome)
    return {
        "genome": genome.path,
        "targets": targets.path,
        "intervals": folder / "intervals.bed",
    }


def plan(stores: dict[str, Path], sampling: str) -> SamplePlan:
    options = {"sequence_length": LENGTH, "bin": 50, "validation": "b", "test": "c"}
    return open_plan(sampling=parse_sampling(sampling), **stores, **options)  # type: ignore[arg-type]


def windows(made: SamplePlan, n: int = 20_000) -> np.ndarray:
    at = made.training_positions().draw(0, np.arange(n))
    return made.genome.windows(at.contigs, at.centres - LENGTH // 2, LENGTH)


def distance(a: np.ndarray, b: np.ndarray, bins: np.ndarray) -> float:
    """Total variation distance of two samples, in bins."""
    parts = [np.histogram(x, bins)[0] / x.size for x in (a, b)]
    return float(np.abs(parts[0] - parts[1]).sum() / 2)


def gc(codes: np.ndarray) -> np.ndarray:
    return ((codes == 1) | (codes == 2)).mean(1)


def test_gc_content_is_matched(stores: dict[str, Path]) -> None:
    bins = np.arange(0, 1.01, 0.02)
    wanted = gc(windows(plan(stores, "intervals")))
    before = distance(gc(windows(plan(stores, "uniform"))), wanted, bins)
    after = distance(gc(windows(plan(stores, "gc"))), wanted, bins)
    assert before > 0.4
    assert after < 0.06  # 20,000 draws each; a window differs from its block's by up to 8 bases


def test_dinucleotides_are_matched_where_gc_content_alone_does_not(
    stores: dict[str, Path],
) -> None:
    def cpg(sampling: str) -> np.ndarray:
        codes = windows(plan(stores, sampling))
        return ((codes[:, :-1] == 1) & (codes[:, 1:] == 2)).mean(1)

    wanted = cpg("intervals")
    bins = np.arange(0, 0.3, 0.02)
    by_gc, by_both = (distance(cpg(s), wanted, bins) for s in ("gc", "dinucleotide"))
    assert by_gc > 0.2
    assert by_both < 0.05
    assert distance(cpg("uniform"), wanted, bins) > by_gc


@pytest.mark.parametrize("sampling", ["uniform", "gc", "dinucleotide"])
def test_background_lies_outside_of_the_intervals(sampling: str, stores: dict[str, Path]) -> None:
    made = plan(stores, sampling)
    at = made.training_positions().draw(0, np.arange(5000))
    cells = made.layout.cells(at.contigs, at.centres)
    row = np.searchsorted(made.inside.starts, cells, side="right") - 1
    assert not ((row >= 0) & (cells < made.inside.ends[row])).any()


def test_a_class_without_positions_gives_its_share_to_the_nearest() -> None:
    wanted = np.array([1.0, 2, 0, 4, 8])
    possible = np.array([False, True, False, True, False])
    assert moved_to_nearest(wanted, possible).tolist() == [0, 3, 0, 12, 0]
    assert moved_to_nearest(np.array([0.0, 0, 1]), np.array([1, 0, 0], bool)).tolist() == [1, 0, 0]
    tie = moved_to_nearest(np.array([0.0, 5, 0]), np.array([1, 0, 1], bool))
    assert tie.tolist() == [5, 0, 0]


def test_runs_cover_what_was_asked_for_once(tmp_path: Path) -> None:
    genome = toy.genome_store(tmp_path)
    layout = Layout(genome.contigs, 50)
    asked = Ranges(layout.zero[[0, 0, 1]] + [3, 700, 11], layout.zero[[0, 0, 1]] + [600, 5999, 17])
    runs = gc_runs(genome, layout, asked, 101)
    cells = np.concatenate(
        [np.arange(s, s + w) for s, w in zip(runs.starts, runs.widths, strict=True)]
    )
    expected = np.concatenate([np.arange(s, e) for s, e in zip(*asked, strict=True)])
    assert np.array_equal(cells, expected)
    assert runs.profile().sum() == expected.size


def test_stretches_of_a_long_contig_join(
    stores: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(stores, "gc")
    whole = gc_runs(made.genome, made.layout, made.allowed, LENGTH)
    monkeypatch.setattr("nucleotides.data.composition._AT_ONCE", 1024)
    cut = gc_runs(made.genome, made.layout, made.allowed, LENGTH)
    classes = [np.repeat(runs.classes, runs.widths.astype(int)) for runs in (whole, cut)]
    assert np.array_equal(*classes)


def test_dinucleotide_classes_join_a_strand_with_the_other() -> None:
    names = [a + b for a in "ACGT" for b in "ACGT"]
    other = str.maketrans("ACGT", "TGCA")
    by_name = dict(zip(names, CLASSES.tolist(), strict=True))
    assert all(by_name[name] == by_name[name[::-1].translate(other)] for name in names)
    assert sorted(set(by_name.values())) == list(range(10))


def test_frequencies_are_counted_within_known_sequence(tmp_path: Path) -> None:
    text = "ACGTNNAATTCGCGN" + toy.odd_sequence(85)
    genome = GenomeStore.build(toy.write_fasta(tmp_path / "a.fa", {"a": text}), tmp_path / "g")
    layout = Layout(genome.contigs, 10)
    strata = Strata.of(layout, [layout.join([Ranges(np.array([0]), np.array([100]))])], [1])
    cells = layout.zero[0] + np.array([0, 7, 50, 99])
    found = frequencies(genome, strata, cells, 15)
    codes = genome.windows(np.zeros(4, int), np.array([0, 7, 50, 99]) - 7, 15)
    for row, window in zip(found, codes, strict=True):
        pairs = Counter(
            int(CLASSES[4 * a + b])
            for a, b in zip(window[:-1].astype(int), window[1:].astype(int), strict=True)
            if UNKNOWN not in (a, b)
        )
        expected = np.array([pairs[k] for k in range(10)]) / max(sum(pairs.values()), 1)
        assert row == pytest.approx(expected)


def test_raking_fits_every_feature() -> None:
    rng = np.random.default_rng(0)
    pool = rng.normal(0, 1, (20_000, 3)).astype(np.float32)
    wanted = rng.normal([0.5, 0, -0.3], [0.8, 1, 0.9], (5000, 3)).astype(np.float32)
    raked = rake(pool, wanted)
    assert raked.weights.sum() == pytest.approx(1)
    assert raked.distance < 1e-3
    assert 1000 < raked.effective < 20_000
    assert raked.weights @ pool == pytest.approx(wanted.mean(0), abs=0.05)
    same = rake(pool, pool)
    assert same.effective == pytest.approx(20_000)
