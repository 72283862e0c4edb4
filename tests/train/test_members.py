"""Runs of several seeds and folds, and bundles, load as one model."""

import numpy as np
import pandas as pd
import pytest

import nucleotides
from nucleotides.bundle import Knowledge, write_bundle
from nucleotides.errors import InputError
from nucleotides.genome import decode
from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.predict import Ensemble
from nucleotides.train.arguments import parse
from nucleotides.train.keep_calibration import read_calibration
from nucleotides.train.run import train


@pytest.fixture(scope="module")
def runs(stores, tmp_path_factory):
    """Two runs of different seeds and folds, a bundle of the first, and an unfinished run."""
    logs = tmp_path_factory.mktemp("logs")
    arguments = [
        *("--model_class", "deepsea", "--model.channels", "[8,8,8]", "--model.hidden", "8"),
        *("--samples_per_epoch", "64", "--batch_size", "32", "--validation_size", "512"),
        *("--max_epochs", "1", "--accelerator", "cpu", "--leakage", "false", "--folds", "3"),
    ]
    for k in ("0", "1"):
        words = ["--seed", k, "--fold", k, "--run_name", f"group/fold_{k}"]
        run = train(parse([*arguments, *words], {**stores, "logs": str(logs)}))
    checkpoint = load_checkpoint(run.best)
    known = Knowledge(read_calibration(run.folder, checkpoint.tasks))
    write_bundle(checkpoint, run.validation.table, {}, logs / "bundles" / "b", known)
    (logs / "unfinished" / "checkpoints").mkdir(parents=True)
    config = (run.folder / "config.yaml").read_bytes()
    (logs / "unfinished" / "config.yaml").write_bytes(config)
    return logs


def test_runs_and_bundles_load_alone_or_together(runs):
    rng = np.random.default_rng(0)
    texts = [decode(rng.integers(0, 4, n).astype(np.uint8)) for n in (1000, 1500)]
    folds = [runs / "group" / f"fold_{k}" for k in (0, 1)]
    alone = [nucleotides.load(fold) for fold in folds]
    assert alone[0].tasks["assay"].nunique() > 1
    together = nucleotides.load(folds)
    assert list(together.members) == [str(fold) for fold in folds]
    first = np.stack([m.predict(texts[0], recalibrated=True) for m in alone]).mean(0)
    found = together.predict(texts, recalibrated=True)
    np.testing.assert_allclose(found.iloc[:1], first, rtol=1e-6)
    pd.testing.assert_frame_equal(
        nucleotides.load(runs / "group").predict(texts), together.predict(texts)
    )
    mixed = nucleotides.load([folds[0], runs / "bundles" / "b"])
    np.testing.assert_allclose(mixed.predict(texts, recalibrated=True), found, rtol=1e-4)
    single = nucleotides.load([folds[0] / "checkpoints" / "best.ckpt"])
    assert not isinstance(single, Ensemble)
    pd.testing.assert_frame_equal(  # its calibration lies beside it
        single.predict(texts, recalibrated=True), alone[0].predict(texts, recalibrated=True)
    )


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        ([], "the list is empty"),
        (["group", "group/fold_1"], "given twice"),
        (["unfinished"], "is not finished"),
        (["group/fold_0/checkpoints"], "holds no model"),
        (["none.ckpt"], "no checkpoint at"),
    ],
)
def test_what_is_no_model_is_named(runs, paths, says):
    with pytest.raises(InputError, match=says):
        nucleotides.load([runs / path for path in paths])
