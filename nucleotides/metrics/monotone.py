"""Increasing curves from logits to calibrated logits, task by task, and their file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from nucleotides.arrays import open_arrays, save_arrays
from nucleotides.errors import CorruptStoreError, MismatchError
from nucleotides.files import replacing
from nucleotides.metrics.calibration import Recalibration

Floats = NDArray[np.float64]


class Curve(NamedTuple):
    """Straight between its knots, and of one slope outside of them; a line has one knot.

    Attributes:
        slope: that before the first and after the last knot.
        x, y: float64 (knots,), logits and what becomes of them, both increasing.
    """

    slope: float
    x: Floats
    y: Floats


@dataclass(frozen=True)
class Calibration:
    """A curve for each task.

    Attributes:
        tasks: their names.
        slope: float64 (tasks,), of the curves' ends.
        x, y: float64 (tasks, knots), those of one task followed by infinity up to the most.
    """

    tasks: list[str]
    slope: Tensor
    x: Tensor
    y: Tensor

    @classmethod
    def of(cls, curves: Sequence[Curve], tasks: Sequence[str]) -> Calibration:
        """That of one curve a task."""
        slope = torch.tensor([curve.slope for curve in curves], dtype=torch.float64)
        return cls(list(tasks), slope, _rows([c.x for c in curves]), _rows([c.y for c in curves]))

    @property
    def methods(self) -> list[str]:
        """By task: isotonic, platt (a line), or none (what changes nothing)."""
        n_knots = self.x.isfinite().sum(1)
        idle = (n_knots == 1) & (self.slope == 1) & (self.x[:, 0] == self.y[:, 0])
        lines = np.where(idle.cpu(), "none", "platt")
        return [str(name) for name in np.where((n_knots > 1).cpu(), "isotonic", lines)]

    @overload
    def apply(self, logits: Tensor) -> Tensor: ...
    @overload
    def apply(self, logits: NDArray[Any]) -> NDArray[Any]: ...
    def apply(self, logits: Tensor | NDArray[Any]) -> Tensor | NDArray[Any]:
        """Calibrated logits, (..., tasks) in the type given; the order of windows is kept.

        In exact numbers, that is: logits nearer to each other than the type can tell once they
        were multiplied by a slope may become equal.
        """
        if isinstance(logits, np.ndarray):
            return np.asarray(self.apply(torch.tensor(logits)).numpy())
        kind = logits.dtype if logits.dtype.itemsize >= 4 else torch.float32
        z = logits.to(kind).reshape(-1, len(self.tasks)).T.contiguous()
        start, height, slope = (part.to(z) for part in self._pieces())
        piece = torch.searchsorted(self.x.to(z), z, right=True)
        start, height, slope = (part.gather(1, piece) for part in (start, height, slope))
        return (height + slope * (z - start)).T.reshape(logits.shape).to(logits.dtype)

    def shifted(self, by: Tensor | Floats) -> Calibration:
        """The same with `by`, (tasks,), added to the calibrated logits (see `prior_shift`)."""
        return replace(self, y=self.y + torch.as_tensor(by).to(self.y)[:, None])

    def save(self, path: Path) -> None:
        """Write a safetensors file: slope, x, y, and the names as UTF-8, a line each."""
        names = np.frombuffer("\n".join(self.tasks).encode(), np.uint8)
        numbers = {name: getattr(self, name).cpu().numpy() for name in ("slope", "x", "y")}
        with replacing(path) as temporary:
            save_arrays(temporary, {"tasks": names, **numbers})

    @classmethod
    def load(cls, path: Path, tasks: Sequence[str]) -> Calibration:
        """Read what `save` wrote.

        Raises:
            MismatchError: it is of other tasks than `tasks`, or of another order.
            CorruptStoreError: the file is no calibration, or damaged.
        """
        arrays = open_arrays(path)
        try:
            names = arrays["tasks"].tobytes().decode().split("\n")
            slope, x, y = (torch.tensor(arrays[name]) for name in ("slope", "x", "y"))
        except (KeyError, UnicodeDecodeError) as error:
            raise CorruptStoreError(f"{path} holds no calibration: make it again") from error
        if names != list(tasks):
            raise MismatchError(f"{path} is of other tasks than the model: calibrate it again")
        made = cls(names, slope, x, y)
        if wrong := made._unsound():
            raise CorruptStoreError(f"{path} is damaged: {wrong}. Make it again")
        return made

    def _unsound(self) -> str | None:
        """What no calibration is, or None."""
        n, (slope, x, y) = len(self.tasks), (self.slope, self.x, self.y)
        if slope.shape != (n,) or x.ndim != 2 or x.shape != y.shape or len(x) != n or not x.numel():
            return "its arrays do not fit"
        if not all(v.is_floating_point() for v in (slope, x, y)):
            return "its arrays are not of numbers"
        if not (slope.isfinite().all() and (slope >= 0).all()):
            return "slope is no number, or falls"
        for name, knots in (("x", x), ("y", y)):
            there = knots.isfinite()
            if not (there | (knots == torch.inf)).all() or not there[:, :1].all():
                return f"{name} holds values that are no numbers"
            falls = knots.diff(dim=1) < 0 if name == "y" else knots.diff(dim=1) <= 0
            if falls.any():
                return f"{name} does not increase"
        return None if torch.equal(x.isfinite(), y.isfinite()) else "x and y differ in knots"

    def _pieces(self) -> tuple[Tensor, Tensor, Tensor]:
        """Start, height there and slope of each straight piece, (tasks, knots + 1)."""
        between = self.x.diff(dim=1).isfinite()
        inner = torch.where(between, self.y.diff(dim=1) / self.x.diff(dim=1), self.slope[:, None])
        slope = torch.cat([self.slope[:, None], inner, self.slope[:, None]], 1)
        start, height = (pad(v, (1, 0)) for v in (self.x, self.y))
        start[:, 0], height[:, 0] = self.x[:, 0], self.y[:, 0]
        last = self.x.isfinite().sum(1, keepdim=True)
        place = torch.arange(start.shape[1], device=start.device).minimum(last)
        return start.gather(1, place), height.gather(1, place), slope


def line_curves(line: Recalibration) -> list[Curve]:
    """Lines as curves, one a task."""
    pairs = zip(line.slope.tolist(), line.offset.tolist(), strict=True)
    return [Curve(slope, np.zeros(1), np.array([offset])) for slope, offset in pairs]


def _rows(knots: Sequence[Floats]) -> Tensor:
    rows = np.full((len(knots), max((k.size for k in knots), default=1)), np.inf)
    for row, values in zip(rows, knots, strict=True):
        row[: values.size] = values
    return torch.from_numpy(rows)
