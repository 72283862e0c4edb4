"""Logits of windows that differ from reference windows in few bases, by what can change."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from nucleotides.model.full_precision import full_precision
from nucleotides.model.local import contract, convolve, elementwise, highest, moves
from nucleotides.model.local.program import Call, Value, leaves
from nucleotides.model.local.record import record
from nucleotides.model.local.reference import Reference
from nucleotides.model.local.run import Run
from nucleotides.model.local.simplify import simplify
from nucleotides.model.local.slab import Change

RULES = {
    **elementwise.RULES,
    **moves.RULES,
    **convolve.RULES,
    **contract.RULES,
    **highest.RULES,
}


class Sizes(NamedTuple):
    """What is done at once: windows that are read, bytes of their values, changes followed."""

    windows: int
    memory: int
    changes: int


_PROCESSOR, _GPU = Sizes(128, 400_000_000, 512), Sizes(1024, 8_000_000_000, 4096)


class LocalEvaluator:
    """A network that is told where windows differ from others that it has read.

    Args:
        function: makes outputs (n, ...) of one-hot (n, 4, length), each window by itself.
        length: bases of a window.
        precision: of convolutions and large layers; sums, and differences, are float32.
        device: where the function's constants are.

    Raises:
        UnrecordableError: the network is none whose calls can be gone through again.
    """

    def __init__(
        self,
        function: Callable[[Tensor], Tensor],
        length: int,
        precision: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        self.function, self.device = function, torch.device(device)
        with full_precision():
            program = simplify(record(function, length, self.device))
        self.program = replace(program, precision=precision)
        self._needed: set[int] = {self.program.output.number}
        self._steps = list(self.program.steps(self._needed))

    def copy(self) -> LocalEvaluator:
        """Another of the same program, which learns for itself what changes ask for."""
        other = copy.copy(self)
        other._needed = {self.program.output.number}
        return other

    @property
    def n_outputs(self) -> int:
        """Numbers that the function returns for a window."""
        return self.program.shapes[self.program.output.number][1]

    @property
    def at_once(self) -> int:
        """Windows to read together: up to 128, on a GPU 1024, fewer where values are large."""
        shapes = self.program.shapes
        sizes = [math.prod(shapes[number][1:]) for number in self._needed]
        most = max(math.prod(shape[1:]) for shape in shapes)
        room = self._sizes.memory // (4 * (sum(sizes) + 2 * most))
        return max(1, min(self._sizes.windows, room))

    @property
    def changes_at_once(self) -> int:
        """Changes to follow together."""
        return self._sizes.changes

    @property
    def _sizes(self) -> Sizes:
        return _PROCESSOR if self.device.type == "cpu" else _GPU

    def outputs(self, x: Tensor) -> Tensor:
        """What the function returns for (n, 4, length), and nothing kept."""
        with torch.inference_mode(), full_precision():
            return Reference(self.program, x, set()).value(self.program.output)

    def read(self, x: Tensor) -> Reading:
        """Read reference windows (b, 4, length)."""
        with torch.inference_mode(), full_precision():
            return Reading(Reference(self.program, x, self._needed))

    def change(self, reading: Reading, rows: Tensor, first: Tensor, delta: Tensor) -> Tensor:
        """By how much outputs differ where input does.

        Args:
            reading: the reference windows.
            rows: int64 (n,), which of them each changed window is like.
            first: int64 (n,), where it begins to differ.
            delta: float32 (n, 4, width), by how much.

        Returns:
            (n, ...) differences to the reference's outputs.
        """
        if not len(rows):
            return reading.outputs[:0].float()
        with torch.inference_mode(), full_precision():
            run = Run(self.program, reading.reference.value, rows)
            run.states[0] = Change(delta, 2, first, self.program.shapes[0][-1])
            for call, done in self._steps:
                _follow(run, call)
                for number in done:
                    run.states.pop(number, None)
            return _difference(run, reading, self.program.output)


@dataclass(frozen=True)
class Reading:
    """Reference windows that were read."""

    reference: Reference

    @property
    def outputs(self) -> Tensor:
        """What the network returns for them."""
        return self.reference.value(self.reference.program.output)


def _follow(run: Run, call: Call) -> None:
    rule = RULES.get(call.name)
    states = [run.state(value) for value in call.inputs()]
    if rule and states and call.args and all(isinstance(state, Change) for state in states):
        result = rule(run, call)
        if result is not None and all(map(_is_single, leaves(result))):
            run.set(call, result)
            return
    run.rerun(call)


def _is_single(state: Change) -> bool:
    """Whether a change is in float32, as those are that rules are given."""
    return state.delta.dtype == torch.float32


def _difference(run: Run, reading: Reading, output: Value) -> Tensor:
    state = run.state(output)
    if isinstance(state, Change) and state.dim is None:
        return state.delta
    return run.whole(output) - reading.outputs.index_select(0, run.rows).float()
