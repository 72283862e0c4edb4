"""Curves by task: what they give, and that files give them back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from nucleotides.arrays import save_arrays
from nucleotides.errors import CorruptStoreError, MismatchError
from nucleotides.metrics.calibration import Recalibration
from nucleotides.metrics.monotone import Calibration, Curve, line_curves

TASKS = ["CTCF", "NA", "é"]
CURVES = [
    Curve(0.5, np.array([-4.0, -1, 2]), np.array([-6.0, -5, 1])),
    Curve(1.0, np.zeros(1), np.zeros(1)),
    Curve(2.0, np.array([5.01, 5.31]), np.array([-3.0, 0])),
]


@pytest.fixture
def calibration() -> Calibration:
    return Calibration.of(CURVES, TASKS)


def by_numpy(curve: Curve, z: np.ndarray) -> np.ndarray:
    """Between knots numpy's interpolation, outside the slope of the ends."""
    inside = np.interp(z, curve.x, curve.y)
    below, above = np.minimum(z - curve.x[0], 0), np.maximum(z - curve.x[-1], 0)
    return inside + curve.slope * (below + above)


def test_what_is_applied_is_what_numpy_interpolates(calibration: Calibration) -> None:
    z = np.random.default_rng(0).normal(0, 5, (7, 50, 3))
    z[0, 0] = [-1, 0, 5.01]  # knots
    expected = np.stack([by_numpy(curve, z[..., k]) for k, curve in enumerate(CURVES)], -1)
    np.testing.assert_allclose(calibration.apply(z), expected, rtol=1e-12)
    np.testing.assert_allclose(calibration.apply(z[0, 0]), expected[0, 0])
    assert calibration.apply(z[:0]).shape == (0, 50, 3)


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.bfloat16])
def test_torch_and_numpy_agree_in_the_type_given(
    calibration: Calibration, kind: torch.dtype
) -> None:
    z = torch.linspace(-9, 9, 300, dtype=kind).reshape(100, 3)
    found = calibration.apply(z)
    assert found.dtype == kind
    expected = torch.from_numpy(calibration.apply(z.double().numpy())).to(kind)
    torch.testing.assert_close(found, expected)


def test_nothing_breaks_at_the_ends_of_numbers(calibration: Calibration) -> None:
    z = np.array([[np.inf] * 3, [-np.inf] * 3, [1e30] * 3])
    assert calibration.apply(z)[:2].tolist() == z[:2].tolist()
    z.setflags(write=False)
    assert np.isfinite(calibration.apply(z)[2]).all()


def test_a_line_is_a_curve() -> None:
    line = Recalibration(torch.tensor([2.0, 0.5]), torch.tensor([1.0, -3.0]))
    z = torch.randn(20, 2)
    curve = Calibration.of(line_curves(line), ["a", "b"])
    torch.testing.assert_close(curve.apply(z), line.apply(z))


def test_its_methods_and_a_shift(calibration: Calibration) -> None:
    assert calibration.methods == ["isotonic", "none", "isotonic"]
    z = np.random.default_rng(0).normal(0, 5, (50, 3))
    by = np.array([1.0, -2.0, 0.0])
    moved = calibration.shifted(by)
    np.testing.assert_allclose(moved.apply(z), calibration.apply(z) + by)
    assert moved.methods == ["isotonic", "platt", "isotonic"]


def test_a_file_gives_it_back(calibration: Calibration, tmp_path: Path) -> None:
    path = tmp_path / "calibration.safetensors"
    calibration.save(path)
    read = Calibration.load(path, TASKS)
    for name in ("slope", "x", "y"):
        assert torch.equal(getattr(read, name), getattr(calibration, name))
    assert read.methods == calibration.methods
    for others in (TASKS[::-1], TASKS[:2], ["x", *TASKS[1:]]):
        with pytest.raises(MismatchError, match="other tasks"):
            Calibration.load(path, others)


def test_a_file_of_other_arrays_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.safetensors"
    save_arrays(path, {"slope": np.ones(3)})
    with pytest.raises(CorruptStoreError, match="no calibration"):
        Calibration.load(path, TASKS)
    names = np.frombuffer("\n".join(TASKS).encode(), np.uint8)
    save_arrays(path, {"tasks": names, "slope": np.ones(2), "x": np.ones((3, 1)), "y": np.ones(3)})
    with pytest.raises(CorruptStoreError, match="do not fit"):
        Calibration.load(path, TASKS)
