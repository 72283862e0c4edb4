"""The model bundle: what is written is read, and nothing else."""

import json
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
import torch

import nucleotides
from nucleotides.bundle import Knowledge, read_bundle, write_bundle
from nucleotides.bundle.read_bundle import read_weights
from nucleotides.errors import CorruptStoreError, InputError, MismatchError, StoreError
from nucleotides.genome import encode
from nucleotides.metrics.background import TAILS, Background
from nucleotides.metrics.monotone import Calibration, Curve
from nucleotides.model.checkpoint import Checkpoint
from nucleotides.model.deepsea import DeepSEA
from tests import toy
from tests.toy import lines

TASKS = pd.DataFrame(
    {
        "task": ["a", "NA"],
        "assay": ["TF ChIP-seq", ""],
        "target": ["CTCF", ""],
        "biosample": ["K562", ""],
        "auroc": [0.9, float("nan")],
    }
)
CHOSEN = {
    "model_class": "deepsea",
    "model": {"channels": [4, 4, 4], "hidden": 5},
    "sequence_length": 200,
    "bin": 200,
    "threshold": 0.5,
    "average_strands": True,
}


@pytest.fixture
def checkpoint():
    torch.manual_seed(0)
    model = DeepSEA(2, 200, channels=(4, 4, 4), hidden=5).eval()
    model.both_strands = True
    return Checkpoint(model, ["a", "NA"], CHOSEN)


@pytest.fixture
def bundle(checkpoint, tmp_path):
    return write_bundle(checkpoint, TASKS, {"summary": {}}, tmp_path / "model")


def test_what_is_written_is_read(checkpoint, bundle):
    read = read_bundle(bundle)
    codes = torch.randint(0, 5, (3, 200), dtype=torch.uint8)
    assert torch.equal(read.model.logits(codes), checkpoint.model.logits(codes))
    assert read.model.both_strands
    pd.testing.assert_frame_equal(read.tasks, TASKS, check_dtype=False)
    assert read.metrics == {"summary": {}}


@pytest.fixture
def calibration():
    knots = np.array([-1.0, 0.1, 2.0])
    curves = [Curve(2.0, knots[:1], knots[1:2]), Curve(1.0, knots, knots**3)]
    return Calibration.of(curves, ["a", "NA"])


def test_its_calibration_is_what_predictions_are_made_by(checkpoint, calibration, tmp_path):
    path = write_bundle(checkpoint, TASKS, {}, tmp_path / "model", Knowledge(calibration))
    model = nucleotides.load(path)
    letters = ["ACG"[i] * 100 + "GATTA" * 20 for i in range(3)]
    logits = model.logits(np.stack([encode(text) for text in letters])).astype(float)
    found = model.predict(letters, recalibrated=True)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-calibration.apply(logits))), rtol=1e-6)
    line = Knowledge(lines(["a", "NA"], [2.0, 0.5], [-1.0, 3.0]))
    both = nucleotides.load([path, write_bundle(checkpoint, TASKS, {}, tmp_path / "b", line)])
    line_alone = nucleotides.load(tmp_path / "b").predict(letters, recalibrated=True)
    np.testing.assert_allclose(
        both.predict(letters, recalibrated=True), (found + line_alone) / 2, rtol=1e-6
    )


def test_its_background_and_card_are_read_with_it(checkpoint, tmp_path):
    scores = np.linspace(3, -3, TAILS.size, dtype=np.float32)[::-1]
    background = Background(["a", "NA"], np.stack([scores, scores + 1]), *np.ones((2, 2)), 9)
    known = Knowledge(background=background, card="# Card\n")
    path = write_bundle(checkpoint, TASKS, {}, tmp_path / "model", known)
    read = read_bundle(path).known
    assert read.card == "# Card\n"
    assert read.gc_matched is None
    assert read.background is not None
    np.testing.assert_array_equal(read.background.logits, background.logits)
    assert read.background.windows == 9
    model = nucleotides.load(path)
    text = "GATTA" * 40
    expected = background.tail(model.logits(encode(text)[None]))
    np.testing.assert_allclose(model.genome_tail(text), expected)
    other = Knowledge(background=Background(["b", "a"], background.logits, *np.ones((2, 2)), 9))
    with pytest.raises(MismatchError, match="background is of other tasks"):
        write_bundle(checkpoint, TASKS, {}, tmp_path / "other", other)
    with pytest.raises(InputError, match="knows no background"):
        nucleotides.load(write_bundle(checkpoint, TASKS, {}, tmp_path / "b")).genome_tail(text)


def test_a_damaged_calibration_or_one_of_other_tasks(checkpoint, calibration, tmp_path):
    path = write_bundle(checkpoint, TASKS, {}, tmp_path / "model", Knowledge(calibration))
    assert read_bundle(path).known.calibration.methods == ["platt", "isotonic"]
    file = path / "calibration.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(CorruptStoreError, match="calibration"):
        read_bundle(path)
    file.unlink()
    with pytest.raises(CorruptStoreError, match=r"calibration\.safetensors is missing"):
        read_bundle(path)
    other = Calibration(["a", "b"], calibration.slope, calibration.x, calibration.y)
    with pytest.raises(MismatchError, match="other tasks"):
        write_bundle(checkpoint, TASKS, {}, tmp_path / "other", Knowledge(other))
    assert not (tmp_path / "other").exists()


def test_it_holds_no_pickle(bundle):
    names = {path.name for path in bundle.iterdir()}
    assert names == {"manifest.json", "weights.safetensors", "tasks.tsv", "metrics.json"}


@pytest.mark.parametrize("name", ["weights.safetensors", "tasks.tsv", "metrics.json"])
def test_a_flipped_byte_is_noticed_by_name(bundle, name):
    content = bytearray((bundle / name).read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / name).write_bytes(content)
    with pytest.raises(CorruptStoreError, match=name):
        read_bundle(bundle)


def test_one_that_is_replaced_while_it_is_read_is_read_again(
    checkpoint, bundle, tmp_path, monkeypatch
):
    named = Checkpoint(checkpoint.model, ["x", "y"], CHOSEN)
    other = write_bundle(named, TASKS.assign(task=["x", "y"]), {}, tmp_path / "other")
    module = sys.modules["nucleotides.bundle.read_bundle"]
    for read, found in (
        (read_bundle, lambda one: list(one.tasks["task"])),
        (read_weights, lambda one: one[1]),
    ):
        toy.replace_once(monkeypatch, module, "check_files", bundle, other)
        assert found(read(bundle)) == ["x", "y"]
        shutil.rmtree(bundle)
        write_bundle(checkpoint, TASKS, {"summary": {}}, bundle)


def test_a_missing_file_is_noticed(bundle):
    (bundle / "tasks.tsv").unlink()
    with pytest.raises(CorruptStoreError, match=r"tasks\.tsv is missing"):
        read_bundle(bundle)


def test_names_outside_the_bundle_are_refused(bundle):
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["sha256"]["../../etc/passwd"] = "0"
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CorruptStoreError):
        read_bundle(bundle)


def test_another_version_or_no_bundle_is_refused(bundle, tmp_path):
    manifest = json.loads((bundle / "manifest.json").read_text())
    (bundle / "manifest.json").write_text(json.dumps(manifest | {"version": 99}))
    with pytest.raises(StoreError, match="version 99"):
        read_bundle(bundle)
    with pytest.raises(StoreError, match="no nucleotides model bundle"):
        read_bundle(tmp_path)


def test_weights_of_another_shape_are_refused(bundle, tmp_path):
    other = shutil.copytree(bundle, tmp_path / "other")
    manifest = json.loads((other / "manifest.json").read_text())
    manifest["model"]["hidden"] = 6
    (other / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CorruptStoreError, match="do not fit"):
        read_bundle(other)


def test_a_table_of_other_tasks_is_refused(checkpoint, tmp_path):
    with pytest.raises(InputError, match="order"):
        write_bundle(checkpoint, TASKS[::-1], {}, tmp_path / "model")
    assert not list(tmp_path.iterdir())
