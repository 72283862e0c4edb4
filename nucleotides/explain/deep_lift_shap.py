"""DeepLIFT/SHAP: contributions against shuffles of each window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nucleotides.choose_tasks import choose_tasks
from nucleotides.explain.attributions import Attributions, bases_of, with_gap
from nucleotides.explain.check_windows import check_number, check_windows
from nucleotides.explain.differentiate import hypothetical, pull_back
from nucleotides.explain.open_program import open_program
from nucleotides.explain.secants import run_secants, windows_stay_in_order
from nucleotides.explain.shuffle import shuffle_dinucleotides
from nucleotides.model.full_precision import full_precision
from nucleotides.model.local.program import Program

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained

_AT_ONCE = 40
"""References."""


@full_precision()
def deep_lift_shap(
    model: Explained,
    codes: NDArray[Any],
    tasks: Sequence[str] | None = None,
    *,
    references: int | NDArray[np.uint8] = 20,
    seed: int = 0,
) -> Attributions:
    """DeepLIFT (Shrikumar et al. 2017, arXiv:1704.02685), mean over references of each window.

    With dinucleotide shuffles as references it is DeepSHAP (Lundberg and Lee 2017,
    arXiv:1705.07874) as in TF-MoDISco's tutorials; rules are those of `explain.secants`. Values
    are hypothetical contributions: of base b, sum over c of multiplier_c (b_c - reference_c).

    Args:
        model: any model; what cannot be followed call by call is one call.
        codes: uint8 (n, length), windows of the model's length; N allowed.
        tasks: names or patterns; by default all.
        references: shuffles of each window, or codes uint8 (n, r, length).
        seed: of the shuffles; a window's are the same whatever windows are beside it.

    Returns:
        The contributions; `gap` tells by how much their sum differs from the window's logit less
        the mean of its references'. A line says where that is more than 1 %.

    Raises:
        InputError: an array of another shape, or no references.
        UnknownNameError: a task that the model does not have.
    """
    windows = check_windows(codes, model.sequence_length)
    names = list(model.tasks["task"])
    columns = choose_tasks(tasks or (), names)
    if isinstance(references, int):
        check_number("references", references)
        others = shuffle_dinucleotides(windows, references, seed)
    else:
        check_number("references", references.size)
        flat = check_windows(references.reshape(-1, references.shape[-1]), model.sequence_length)
        others = flat.reshape(len(windows), -1, model.sequence_length)
    program, device = open_program(model.network), model.network.device
    in_order = windows_stay_in_order(program)
    values = np.zeros((len(windows), columns.size, 4, model.sequence_length), np.float32)
    change = np.zeros(values.shape[:2])
    for rows, some in _blocks(*others.shape[:2]):
        x, base = (
            torch.from_numpy(bases_of(c)).to(device)
            for c in (windows[rows], _flat(others[rows, some]))
        )
        part = others[rows, some].shape[1] / others.shape[1]
        found, rise = _contributions(program, x, base, columns, in_order)
        values[rows] += part * found
        change[rows] += part * rise
    return with_gap(values, windows, [names[c] for c in columns], "DeepLIFT/SHAP", change)


def _blocks(n: int, r: int) -> Iterator[tuple[slice, slice]]:
    """Which windows, and which of their references, at once."""
    step, most = max(1, _AT_ONCE // r), min(r, _AT_ONCE)
    for row in range(0, n, step):
        for first in range(0, r, most):
            yield slice(row, row + step), slice(first, first + most)


def _flat(references: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return references.reshape(-1, references.shape[2])


def _contributions(
    program: Program, x: Tensor, base: Tensor, columns: NDArray[np.int64], in_order: bool
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Of x (n, 4, length) against (n * r, 4, length): (n, tasks, 4, length); changes of logits."""
    n, r = len(x), len(base) // len(x)
    base.requires_grad_()
    ends, starts = run_secants(program, x if in_order else x.repeat_interleave(r, 0), base)
    ends = ends if in_order else ends[::r]
    found = [
        torch.unflatten(hypothetical(multipliers, base), 0, (n, r)).mean(1)
        for (multipliers,) in pull_back(starts, columns, [base])
    ]
    rise = ends.double() - torch.unflatten(starts.detach().double(), 0, (n, r)).mean(1)
    return torch.stack(found, 1).cpu().numpy(), rise[:, columns].cpu().numpy()
