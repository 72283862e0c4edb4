"""Derivatives of logits with respect to bases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from nucleotides.choose_tasks import choose_tasks
from nucleotides.explain.attributions import Attributions, bases_of
from nucleotides.explain.check_windows import check_windows
from nucleotides.explain.differentiate import pull_back, run_program
from nucleotides.explain.open_program import program_of
from nucleotides.model.full_precision import full_precision

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained

_AT_ONCE = 64


@full_precision()
def saliency(
    model: Explained, codes: NDArray[Any], tasks: Sequence[str] | None = None
) -> Attributions:
    """Derivatives of logits, with their sign (Simonyan et al. 2014, arXiv:1312.6034, took it off).

    Args:
        model: any model; logits are the mean of both strands if the model averages them.
        codes: uint8 (n, length), windows of the model's length; N allowed.
        tasks: names or patterns; by default all.

    Returns:
        Derivatives with respect to each of the four numbers of each position.

    Raises:
        InputError: an array of another shape.
        UnknownNameError: a task that the model does not have.
    """
    windows = check_windows(codes, model.sequence_length)
    names = list(model.tasks["task"])
    columns = choose_tasks(tasks or (), names)
    program, device = program_of(model), model.network.device
    values = np.zeros((len(windows), columns.size, 4, model.sequence_length), np.float32)
    for first in range(0, len(windows), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        x = torch.from_numpy(bases_of(windows[some])).to(device).requires_grad_()
        outputs = run_program(program, {0: x}, len(x))
        for i, (slopes,) in enumerate(pull_back(outputs, columns, [x])):
            values[some, i] = slopes.cpu().numpy()
    return Attributions(values, windows, [names[c] for c in columns], "saliency")


def input_x_gradient(
    model: Explained,
    codes: NDArray[Any],
    tasks: Sequence[str] | None = None,
    *,
    simplex: bool = True,
) -> Attributions:
    """Input x gradient: `actual()` is the derivative with respect to the base that is there.

    Args:
        model: as `saliency`, like the next two.
        codes: windows.
        tasks: names or patterns.
        simplex: whether to take off the mean over the four bases. The four numbers of a position
            add up to 1, so that this part of a derivative leads where no sequence is, and is noise
            (Majdandzic et al. 2023, 10.1186/s13059-023-02956-3).

    Raises:
        InputError, UnknownNameError: as `saliency`.
    """
    found = saliency(model, codes, tasks)
    values = found.values
    if simplex:
        values = values - values.mean(axis=2, keepdims=True)
    return Attributions(values, found.codes, found.tasks, "input x gradient")
