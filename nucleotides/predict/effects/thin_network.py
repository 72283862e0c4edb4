"""One network out of those that dropout stands for: the same units left out of every sequence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_KINDS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)


def dropouts(network: nn.Module) -> list[nn.Module]:
    """The modules that leave out units in training, in order; those with p = 0 are not counted.

    Dropout inside of functions, such as of attention weights, is no module and is not among them.
    """
    return [m for m in network.modules() if isinstance(m, _KINDS) and m.p > 0]


@contextmanager
def thinned(network: nn.Module, number: int) -> Iterator[None]:
    """Let each dropout leave out units drawn for `number`, the same of every sequence.

    So the block computes with one network of those that dropout averages (Gal and Ghahramani 2016,
    proceedings.mlr.press/v48/gal16.html, where a pass draws the weights, not the units of a batch):
    two sequences differ by what they are, and batches do not matter. All else stays as it is, batch
    normalisation in evaluation mode included. Units are drawn on the CPU: the same on any device.

    Args:
        network: in evaluation mode.
        number: which of the thinned networks, from 0.
    """
    handles = [
        module.register_forward_hook(_Mask(place, number))
        for place, module in enumerate(dropouts(network))
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class _Mask:
    """The units that one dropout leaves out, by the shape of what it is given."""

    def __init__(self, place: int, number: int) -> None:
        self._seed = place + (number << 16)
        self._masks: dict[torch.Size, Tensor] = {}

    def __call__(self, module: nn.Module, given: tuple[Tensor], _: Tensor) -> Tensor:
        x, p = given[0], float(module.p)  # type: ignore[arg-type]
        shape = x.shape[1:]
        if not isinstance(module, nn.Dropout):  # whole channels
            shape = torch.Size([*shape[:1], *[1] * (len(shape) - 1)])
        if shape not in self._masks:
            generator = torch.Generator().manual_seed(self._seed)
            kept = torch.rand(shape, generator=generator) >= p
            self._masks[shape] = (kept / max(1 - p, 1e-9)).to(x)
        return x * self._masks[shape]
