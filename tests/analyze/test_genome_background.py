"""The background of a genome: which windows it is of, and that streaming changes no number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from nucleotides.analyze.genome_background import background_positions, genome_background
from nucleotides.data.open_plan import open_plan
from nucleotides.data.plan import SamplePlan
from nucleotides.data.positions import Positions
from nucleotides.errors import InputError
from nucleotides.genome.alphabet import UNKNOWN
from nucleotides.model.deepsea import DeepSEA
from nucleotides.targets import TargetStore
from nucleotides.targets.export import training_intervals
from tests import toy

LENGTH, BIN, BLOCK = 200, 50, 2000
SOURCES = ("genome", "gc")


def isochores() -> str:
    """Stretches of 2 kb, by turns poor and rich in GC; every seventh holds an unknown base."""
    rng = np.random.default_rng(0)
    blocks = []
    for number in range(80):
        gc = (0.3, 0.6)[number % 2]
        chances = [(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2]
        bases = rng.choice(list("ACGT"), BLOCK, p=chances)
        bases[500] = "N" if number % 7 == 0 else bases[500]
        blocks.append("".join(bases))
    return "".join(blocks)


def open_toy(folder: Path, contigs: dict[str, str], peaks: pd.DataFrame) -> SamplePlan:
    genome = toy.genome_store(folder, contigs)
    facts = pd.DataFrame({"task": ["t"], "assay": "", "target": "", "biosample": ""})
    TargetStore.build({"t": peaks}, genome.contigs, folder / "targets", table=facts, bin=BIN)
    (folder / "blacklist.bed").write_text(f"{next(iter(contigs))}\t1000\t1400\n")
    return open_plan(
        genome.path,
        folder / "targets",
        sampling={"intervals": 1.0},
        validation="small",
        test="",
        blacklist=folder / "blacklist.bed",
        sequence_length=LENGTH,
        bin=BIN,
    )


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> SamplePlan:
    """Peaks lie in every fourth stretch, all rich in GC."""
    starts = np.arange(3, 80, 4) * BLOCK
    peaks = pd.DataFrame({"chrom": "large", "start": starts + 200, "end": starts + 1800})
    contigs = {"large": isochores(), "small": toy.sequence(5000)}
    return open_toy(tmp_path_factory.mktemp("stores"), contigs, peaks)


def same(a: Positions, b: Positions) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def windows(plan: SamplePlan, at: Positions) -> np.ndarray:
    return plan.genome.windows(at.contigs, at.centres - LENGTH // 2, LENGTH)


@pytest.mark.parametrize("source", SOURCES)
def test_which_windows(plan: SamplePlan, source: str) -> None:
    at = background_positions(plan, 3000, source)
    codes = windows(plan, at)
    assert at.centres.size == 3000
    assert (codes != UNKNOWN).all()
    assert not at.reverse.any()
    assert not at.shifts.any()
    touching = (at.centres + BIN // 2 > 1000) & (at.centres - BIN // 2 < 1400)
    assert not (touching & (at.contigs == 0)).any()
    assert (at.contigs == 1).any()  # held out of the training, and of the genome nonetheless


@pytest.mark.parametrize("source", SOURCES)
def test_the_same_whatever_was_trained_on(plan: SamplePlan, source: str) -> None:
    at = background_positions(plan, 200, source)
    other = replace(
        plan,
        split=replace(plan.split, validation=(), test=plan.split.validation),
        sampling={"genome": 1.0},
        max_shift=30,
        seed=7,
    )
    assert same(at, background_positions(other, 200, source))


@pytest.mark.parametrize("source", SOURCES)
def test_few_windows_are_the_first_of_many(plan: SamplePlan, source: str) -> None:
    many = background_positions(plan, 700, source)
    for n in (1, 60, 699):
        assert same(background_positions(plan, n, source), many.take(np.arange(n)))


def gc_content(codes: np.ndarray) -> np.ndarray:
    return np.isin(codes, (1, 2)).mean(1)


def test_like_gc_outside_of_the_intervals(plan: SamplePlan) -> None:
    at = background_positions(plan, 3000, "gc")
    starts, ends = training_intervals(plan.targets)[0]
    assert not any(
        ((at.contigs == 0) & (low <= at.centres) & (at.centres < high)).any()
        for low, high in zip(starts, ends, strict=True)
    )
    inner = np.concatenate([np.arange(a, b, 7) for a, b in zip(starts, ends, strict=True)])
    nothing = np.zeros(inner.size, np.int64)
    peaks = windows(plan, Positions(nothing, inner, nothing.astype(bool), nothing))
    quantiles = [0.1, 0.25, 0.5, 0.75, 0.9]
    found, wanted = (np.quantile(gc_content(x), quantiles) for x in (windows(plan, at), peaks))
    np.testing.assert_allclose(found, wanted, atol=0.02)
    anywhere = gc_content(windows(plan, background_positions(plan, 3000)))
    assert np.median(anywhere) < wanted[2] - 0.05


@pytest.mark.parametrize(
    ("sequence", "says"),
    [
        (("A" * 30 + "N") * 200, "hardly a window of 200 known bases"),
        ("N" * 6000, "no window for this background"),
    ],
)
def test_a_genome_without_such_windows(tmp_path: Path, sequence: str, says: str) -> None:
    peaks = pd.DataFrame({"chrom": ["odd"], "start": [3000], "end": [3200]})
    odd = open_toy(tmp_path, {"odd": sequence, "small": "N" * 500}, peaks)
    for source in SOURCES:
        with pytest.raises(InputError, match=says):
            background_positions(odd, 5, source)


@pytest.fixture(scope="module")
def model() -> DeepSEA:
    torch.manual_seed(0)
    return DeepSEA(3, LENGTH, channels=(4, 4, 4), hidden=5)


def test_streaming_equals_one_pass(
    plan: SamplePlan, model: DeepSEA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no batch is larger than any other's most: memory does not grow with the windows."""
    n, seen = 600, []
    codes = torch.from_numpy(windows(plan, background_positions(plan, n, "gc")))
    with torch.no_grad():
        exact = model.eval().logits(codes).double().numpy()
    model.train()
    real = model.logits

    def watched(codes: torch.Tensor) -> torch.Tensor:
        seen.append(len(codes))
        return real(codes)

    monkeypatch.setattr(model, "logits", watched)
    found = genome_background(model, ["a", "b", "c"], plan, n, "gc")
    assert seen == [128, 128, 128, 128, 88]
    tails = np.array([0.0, 0.001, 0.25, 0.5, 1.0])
    asked = found.tail(np.quantile(exact, 1 - tails, axis=0))
    np.testing.assert_allclose(
        asked, np.maximum(tails, 1 / (n + 1))[:, None] + np.zeros(3), atol=2e-3
    )
    p = 1 / (1 + np.exp(-exact))
    np.testing.assert_allclose(found.mean, p.mean(0), rtol=1e-5)
    np.testing.assert_allclose(found.std, p.std(0), rtol=1e-3)
    assert (found.tasks, found.windows) == (["a", "b", "c"], n)


def test_no_windows_are_no_background(plan: SamplePlan, model: Any) -> None:
    with pytest.raises(InputError, match="background of 0 windows"):
        genome_background(model, ["a", "b", "c"], plan, 0)
