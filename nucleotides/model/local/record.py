"""Record what a network computes, call by call, so that it can be gone through again otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from nucleotides.model.local.join_tapes import join_tapes
from nucleotides.model.local.program import Program
from nucleotides.model.local.tape import Tape, UnrecordableError

_TOLERANCE = 1e-3


def record(function: Callable[[Tensor], Tensor], length: int, device: torch.device) -> Program:
    """The calls by which `function` makes outputs (batch, ...) of (batch, 4, length).

    It is called with two and with five windows: what differs between the two recordings depends
    on the size of the batch. Calls that do not see the input become constants. A first call, which
    is not recorded, lets it make what it keeps from call to call.

    Raises:
        UnrecordableError: its calls depend on what is in the windows, or a window's outputs on
            others; it writes where others read, draws at random, or computes in mixed precision.
    """
    x = _windows(5, length).to(device)
    with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.no_grad():
        function(x.clone())
        before = _random_state(device)
        one, other = (Tape(function, x[rows]) for rows in ([0, 1], [2, 3, 4, 0, 1]))
        if not all(map(torch.equal, before, _random_state(device))):
            raise UnrecordableError("it draws at random")
    _check_alike(one.result, other.result[3:])
    return join_tapes(one, other)


def _windows(n: int, length: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    codes = torch.randint(4, (n, length), generator=generator)
    return torch.nn.functional.one_hot(codes, 4).float().transpose(1, 2).contiguous()


def _random_state(device: torch.device) -> list[Tensor]:
    states = [torch.random.get_rng_state()]
    return states + ([torch.cuda.get_rng_state(device)] if device.type == "cuda" else [])


def _check_alike(some: Any, same: Any) -> None:
    """That windows have the same outputs beside others."""
    if some.shape != same.shape:
        raise UnrecordableError("its outputs are not one row a window")
    if not torch.allclose(some, same, _TOLERANCE, _TOLERANCE, equal_nan=True):
        raise UnrecordableError("what it makes of a window depends on the others in the batch")
