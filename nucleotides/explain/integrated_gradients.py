"""Integrated gradients: the mean derivative on the way from a baseline to a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nucleotides.choose_tasks import choose_tasks
from nucleotides.explain.attributions import Attributions, bases_of, with_gap
from nucleotides.explain.check_windows import check_choice, check_number, check_windows
from nucleotides.explain.differentiate import hypothetical, pull_back, run_program
from nucleotides.explain.open_program import is_affine, program_of
from nucleotides.explain.run_call import keep, run_call
from nucleotides.explain.shuffle import shuffle_dinucleotides
from nucleotides.model.full_precision import full_precision
from nucleotides.model.local.program import Call, Program

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained

Baseline = Literal["uniform", "zeros", "shuffles"]
Rule = Literal["midpoint", "trapezoid"]
Nodes = tuple[NDArray[np.float64], NDArray[np.float64]]

_AT_ONCE = 64


@full_precision()
def integrated_gradients(
    model: Explained,
    codes: NDArray[Any],
    tasks: Sequence[str] | None = None,
    *,
    baseline: Baseline = "uniform",
    steps: int = 50,
    rule: Rule = "midpoint",
    copies: int = 10,
    seed: int = 0,
) -> Attributions:
    """Integrated gradients (Sundararajan, Taly and Yan 2017, arXiv:1703.01365).

    Args:
        model: any model; logits are the mean of both strands if the model averages them.
        codes: uint8 (n, length), windows of the model's length; N allowed.
        tasks: names or patterns; by default all.
        baseline: 0.25 for each base, zeros, or the mean over dinucleotide shuffles of each window.
        steps: points on the way, of each shuffle too.
        rule: points in the middle of equal parts; or at their ends, the first and last included.
        copies: shuffles.
        seed: of the shuffles.

    Returns:
        Hypothetical contributions: of base b, sum over c of slope_c (b_c - baseline_c). `gap` tells
        by how much their sum differs from the window's logit less the (mean) baseline's; a line
        says where that is more than 1 %: then more steps help.

    Raises:
        InputError: an array of another shape, no steps or no copies.
        UnknownNameError: a task that the model does not have, another baseline or rule.
    """
    check_choice("baseline", baseline, Baseline)
    check_choice("rule", rule, Rule)
    check_number("steps", steps)
    check_number("copies", copies)
    windows = check_windows(codes, model.sequence_length)
    names = list(model.tasks["task"])
    columns = choose_tasks(tasks or (), names)
    path, nodes = _open_path(model), place_nodes(steps, rule)
    values = np.zeros((len(windows), columns.size, 4, model.sequence_length), np.float32)
    change = np.zeros(values.shape[:2])
    for row in range(len(windows)):
        starts = _baselines(windows[row : row + 1], baseline, copies, seed)
        x = torch.from_numpy(bases_of(windows[row : row + 1])).to(path.device)
        for start in torch.split(torch.from_numpy(starts).to(path.device), 1):
            found, rise = _integrate(path, x, start, columns, nodes)
            values[row] += found / len(starts)
            change[row] += rise / len(starts)
    method = f"integrated gradients from {baseline}"
    return with_gap(values, windows, [names[c] for c in columns], method, change)


def place_nodes(steps: int, rule: Rule) -> Nodes:
    """Points in [0, 1] and their weights, of sum 1."""
    if rule == "midpoint" or steps == 1:
        return (np.arange(steps) + 0.5) / steps, np.full(steps, 1 / steps)
    weights = np.full(steps, 1 / (steps - 1))
    weights[[0, -1]] /= 2
    return np.linspace(0, 1, steps), weights


def _baselines(window: NDArray[np.uint8], kind: Baseline, copies: int, seed: int) -> Any:
    """Starts of the ways to a window (1, length): (k, 4, length)."""
    if kind == "shuffles":
        return bases_of(shuffle_dinucleotides(window, copies, seed)[0])
    return np.full((1, 4, window.shape[1]), 0.25 if kind == "uniform" else 0, np.float32)


class _Path(NamedTuple):
    """A program cut where it stops being affine.

    Before the cut, values between two inputs lie on a line; so this part is run at the ends alone,
    and derivatives, which are the same everywhere, are taken of the sum.
    """

    before: Program
    after: Program
    cut: list[int]
    device: torch.device


def _open_path(model: Explained) -> _Path:
    program = program_of(model)
    affine, before, after = {0}, list[Call](), list[Call]()
    for call in program.calls:
        inside = is_affine(call) and all(value.number in affine for value in call.inputs())
        (before if inside else after).append(call)
        affine |= {value.number for value in call.outputs()} if inside else set()
    needed = {value.number for call in after for value in call.inputs()} | {program.output.number}
    start, rest = (replace(program, calls=calls) for calls in (before, after))
    return _Path(start, rest, sorted(needed & affine), model.network.device)


def _integrate(
    path: _Path, x: Tensor, start: Tensor, columns: NDArray[np.int64], nodes: Nodes
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Contributions (tasks, 4, length) of a window (1, 4, length), and changes of logits."""
    ends = torch.cat([start, x]).requires_grad_()
    lines = _run_before(path, ends)
    total = torch.zeros(len(columns), *x.shape[1:], device=x.device)
    for t, weights in _some_at_once(nodes, x):
        points = [torch.lerp(line[:1], line[1:], _like(t, line)).detach() for line in lines]
        values = dict(zip(path.cut, (p.requires_grad_() for p in points), strict=True))
        outputs = run_program(path.after, values, len(t))
        for i, slopes in enumerate(pull_back(outputs, columns, points)):
            sums = [torch.tensordot(weights, s, 1)[None] for s in slopes]
            total[i] += _slopes_before(lines, sums, ends)
    with torch.no_grad():
        known = {number: line.detach() for number, line in zip(path.cut, lines, strict=True)}
        logits = run_program(path.after, known, 2).double()[:, columns]
    found = hypothetical(total, start)
    return found.cpu().numpy(), (logits[1] - logits[0]).cpu().numpy()


def _run_before(path: _Path, ends: Tensor) -> list[Tensor]:
    values = {0: ends}
    for call in path.before.calls:
        keep(call, run_call(path.before, call, values, 2), values)
    return [values[number] for number in path.cut]


def _slopes_before(lines: list[Tensor], sums: list[Tensor], ends: Tensor) -> Tensor:
    """Derivatives with respect to the input (4, length) of those with respect to the cut."""
    outputs = [line[1:] for line in lines]
    (found,) = torch.autograd.grad(outputs, ends, sums, retain_graph=True)
    return found[1]


def _some_at_once(nodes: Nodes, x: Tensor) -> list[tuple[Tensor, Tensor]]:
    points, weights = (torch.from_numpy(part).to(x) for part in nodes)
    parts = torch.split(points, _AT_ONCE), torch.split(weights, _AT_ONCE)
    return list(zip(*parts, strict=True))


def _like(numbers: Tensor, other: Tensor) -> Tensor:
    return numbers.view(-1, *[1] * (other.ndim - 1))
