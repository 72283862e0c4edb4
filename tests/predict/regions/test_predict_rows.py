"""Predictions of regions and sequences agree with `Model.predict` on the same strings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import logit

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.genome import GenomeStore, decode, encode
from nucleotides.predict import Ensemble, Model
from nucleotides.predict.regions.place_windows import windows_of_sequences
from nucleotides.predict.regions.predict_rows import How, Predictor, last_of
from nucleotides.predict.regions.read_sequences import Record
from tests import toy
from tests.model.test_registry import Own

LENGTH, STEP = 50, 20
COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


def make_model(seed: int = 0) -> Model:
    torch.manual_seed(seed)
    return Model(Own(3, LENGTH).eval(), pd.DataFrame({"task": ["a", "b", "c"]}), step=STEP)


@pytest.fixture
def model() -> Model:
    return make_model()


@pytest.fixture
def genome(tmp_path: Path) -> GenomeStore:
    return toy.genome_store(tmp_path)


def regions() -> pd.DataFrame:
    starts = [100, 3000, 700, 0, 5870]
    ends = [150, 3221, 751, 50, 6000]
    strands = ["+", "-", "-", ".", "+"]
    table = {"chrom": "chr1", "start": starts, "end": ends, "strand": strands}
    return pd.DataFrame(table, index=list("vwxyz"))


def strings(genome: GenomeStore) -> dict[str, str]:
    """Sequences of the regions, all as long as a window or longer."""
    whole = decode(genome.codes("chr1", [0], 6000)[0])
    out = {}
    for name, _, start, end, strand in regions().itertuples():
        text = whole[start:end]
        out[name] = text.translate(COMPLEMENT)[::-1] if strand == "-" else text
    return out


def test_regions_are_predicted_as_their_sequences(model: Model, genome: GenomeStore) -> None:
    table = model.predict_regions(regions(), genome.path)
    expected = model.predict(strings(genome))
    pd.testing.assert_frame_equal(table, expected, rtol=1e-6)


def test_a_shorter_region_is_centred(model: Model, genome: GenomeStore) -> None:
    table = pd.DataFrame({"chrom": ["chr1", "1"], "start": [200, 0], "end": [203, 1]})
    found = model.predict_regions(table, genome)
    windows = genome.codes("chr1", [201 - 25, -25], LENGTH)
    np.testing.assert_allclose(found, model.predict([decode(w) for w in windows]), rtol=1e-6)


def test_both_strands_are_the_mean_of_logits(model: Model, genome: GenomeStore) -> None:
    table = regions()[["chrom", "start", "end"]].iloc[[0, 3]]
    one, other = (
        model.predict_regions(table.assign(strand=strand), genome) for strand in ("+", "-")
    )
    both = model.predict_regions(table, genome, both_strands=True)
    np.testing.assert_allclose(logit(both), (logit(one) + logit(other)) / 2, rtol=1e-5)
    reverse = model.predict_regions(table.assign(strand="-"), genome, both_strands=True)
    np.testing.assert_allclose(both, reverse, rtol=1e-6)


def predicted(model: Model, sequences: dict[str, str], how: How) -> pd.DataFrame:
    records = [Record(name, encode(text)) for name, text in sequences.items()]
    predictor = Predictor(model, how)
    parts = list(windows_of_sequences(records, LENGTH, STEP))
    values = np.concatenate([last_of(predictor.rows(part)) for part in parts])
    return pd.DataFrame(values, list(sequences), predictor.tasks)


@pytest.mark.parametrize("batch_size", [1, 2, 5, 256])
@pytest.mark.parametrize("join", ["max", "mean"])
def test_sequences_are_joined_whatever_the_batch(batch_size: int, join: str, model: Model) -> None:
    sequences = {str(n): toy.sequence(n, n) for n in (50, 51, 200, 70, 345)}
    how = How(join=join, batch_size=batch_size)
    found = predicted(model, sequences, how)
    for name, text in sequences.items():
        last = len(text) - LENGTH
        windows = [text[i : i + LENGTH] for i in sorted({*range(0, last + 1, STEP), last})]
        expected = model.predict(windows).agg(join)
        np.testing.assert_allclose(found.loc[name], expected, rtol=1e-6)


def test_logits_and_chosen_tasks(model: Model) -> None:
    sequences = {"x": toy.sequence(100)}
    found = predicted(model, sequences, How(tasks=("c", "a"), logits=True))
    assert list(found) == ["c", "a"]
    np.testing.assert_allclose(found, logit(model.predict(sequences)[["c", "a"]]), rtol=1e-6)


def test_recalibrated_ones_and_an_ensemble(genome: GenomeStore) -> None:
    models = {str(seed): make_model(seed) for seed in (0, 1)}
    for seed, model in enumerate(models.values()):
        model.calibration = toy.lines(["a", "b", "c"], [2.0, 0.5, 1.0], [-1.0, 1.0, seed])
    both = Ensemble(models)
    found = both.predict_regions(regions(), genome, recalibrated=True)
    expected = both.predict(strings(genome), recalibrated=True)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-6)


def test_what_is_wrong_is_refused(model: Model, genome: GenomeStore) -> None:
    with pytest.raises(InputError, match="one of max, mean"):
        model.predict_regions(regions(), genome, join="median")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="this model has no calibration"):
        model.predict_regions(regions(), genome, recalibrated=True)
    with pytest.raises(UnknownNameError, match="unknown task"):
        Predictor(model, How(tasks=("d",)))
