"""A model's opinion of sequences that are alike, at little cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch import Tensor

from nucleotides.design.bind_objective import Goal
from nucleotides.errors import InputError
from nucleotides.model.encoding import one_hot, reverse_complement
from nucleotides.model.local import Reading, follow_windows

if TYPE_CHECKING:
    from nucleotides.design.objective import Objective
    from nucleotides.predict import Model

Codes = NDArray[np.uint8]
Floats = NDArray[np.float64]

_CHANGES = 512


class Voice:
    """Scores of sequences of one length by one model.

    A sequence longer than the window is read as `Model.predict` reads it: window by window, a bin
    apart, first and last included; of each task the highest logit counts.

    Args:
        model: scores.
        objective: what for.
        length: bases of the sequences, the window's or more.

    Attributes:
        n_windows: windows of a sequence: what one costs in forward passes.

    Raises:
        InputError, UnknownNameError: as `Goal`; or sequences shorter than the window.
    """

    def __init__(self, model: Model, objective: Objective, length: int) -> None:
        size = model.sequence_length
        if length < size:
            raise InputError(f"a sequence has {length} bases; the model needs {size} or more")
        self.model, self.goal, self._size = model, Goal(objective, model), size
        last = length - size
        self._begins = np.unique(np.append(np.arange(0, last + 1, model._step), last))
        self.n_windows = self._begins.size
        self._columns = torch.from_numpy(self.goal.columns)
        self._read: tuple[bytes, list[Reading], NDArray[np.float32]] | None = None

    def scores(self, codes: Codes) -> Floats:
        """Of codes (n, length): (n,)."""
        if not len(codes):
            return np.empty(0)
        windows = self._windows(codes)
        logits = self.model._quick_logits(windows)[:, self.goal.columns]
        return self._joined(logits.reshape(len(codes), self.n_windows, -1))

    def every_logit(self, codes: Codes) -> NDArray[np.float32]:
        """Of all tasks, (n, tasks) of codes (n, length): of each the highest of the windows."""
        logits = self.model._quick_logits(self._windows(codes))
        joined: NDArray[np.float32] = logits.reshape(len(codes), self.n_windows, -1).max(axis=1)
        return joined

    def exchanges(self, codes: Codes, position: NDArray[np.int64], base: Codes) -> Floats:
        """Of one sequence (length,) with one base exchanged: (k,) for k positions and bases."""
        evaluator = self.model.evaluator()
        if evaluator is None:
            parts = [slice(i, i + _CHANGES) for i in range(0, position.size, _CHANGES)]
            found = [self.scores(exchanged(codes, position[s], base[s])) for s in parts]
            return np.concatenate([np.empty(0), *found])
        readings, wild = self._reading(codes)
        logits = np.repeat(wild[None], position.size, axis=0)
        for number, begin in enumerate(self._begins):
            inside = np.flatnonzero((position >= begin) & (position < begin + self._size))
            reading, row = readings[number // evaluator.at_once], number % evaluator.at_once
            for i in range(0, inside.size, _CHANGES):
                some = inside[i : i + _CHANGES]
                delta = self._one_hot(base[some][:, None]) - self._one_hot(
                    codes[position[some]][:, None]
                )
                at = torch.from_numpy(position[some] - begin).to(delta.device)
                rows = torch.full_like(at, row)
                change = evaluator.change(reading, rows, at, delta)[:, self._columns]
                logits[some, number] += change.float().cpu().numpy()
        return self._joined(logits)

    def patches(self, codes: Codes, edited: Codes) -> Floats:
        """Of sequences (k, length) that differ from one (length,) over a few bases each: (k,)."""
        evaluator = self.model.evaluator()
        if evaluator is None or not len(edited):
            return self.scores(edited)
        logits = np.empty((len(edited), self.n_windows, self.goal.columns.size), np.float32)
        for number, begin in enumerate(self._begins):
            end = begin + self._size
            windows = np.concatenate([codes[None, begin:end], edited[:, begin:end]])
            outputs, change = follow_windows(evaluator, windows, np.zeros(len(windows), np.int64))
            logits[:, number] = (outputs + change)[1:, self.goal.columns]
        return self._joined(logits)

    def soft_scores(self, x: Tensor) -> Tensor:
        """Of bases (n, 4, length) in any mixture: (n,), differentiable."""
        parts = [x[..., begin : begin + self._size] for begin in self._begins.tolist()]
        windows = torch.stack(parts, 1).flatten(0, 1).to(self.model.network.device)
        network = self.model.network
        logits = network(windows)
        if network.both_strands:
            logits = (logits + network(reverse_complement(windows))) / 2
        logits = logits.cpu().index_select(1, self._columns).double()
        return self.goal.score(logits.unflatten(0, (len(x), self.n_windows)).amax(1))

    def _joined(self, logits: NDArray[np.float32]) -> Floats:
        return self.goal.score_array(logits.max(axis=1))

    def _windows(self, codes: Codes) -> Codes:
        """(n * windows, size) of codes (n, length)."""
        cut = sliding_window_view(codes, self._size, axis=1)[:, self._begins]
        return np.ascontiguousarray(cut).reshape(-1, self._size)

    def _reading(self, codes: Codes) -> tuple[list[Reading], NDArray[np.float32]]:
        """What was read of a sequence, that of the last one kept; logits (windows, columns)."""
        key = codes.tobytes()
        if self._read is None or self._read[0] != key:
            self._read = None
            evaluator = self.model.evaluator()
            assert evaluator is not None
            windows, size = self._windows(codes[None]), evaluator.at_once
            readings = [
                evaluator.read(self._one_hot(windows[i : i + size]))
                for i in range(0, len(windows), size)
            ]
            outputs = np.concatenate([r.outputs.float().cpu().numpy() for r in readings])
            self._read = key, readings, outputs[:, self.goal.columns]
        return self._read[1:]

    def _one_hot(self, codes: Codes) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(codes))
        return one_hot(tensor.to(self.model.network.device))


def exchanged(codes: Codes, position: NDArray[np.int64], base: Codes) -> Codes:
    """One sequence (length,) with one base exchanged, (k, length)."""
    out = np.repeat(codes[None], position.size, axis=0)
    out[np.arange(position.size), position] = base
    return out
