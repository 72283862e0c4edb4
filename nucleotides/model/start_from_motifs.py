"""Filters of a network's first convolution that begin as known motifs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nucleotides.errors import InputError
from nucleotides.model.encoding import one_hot
from nucleotides.model.motifs import Motif, centred


def start_from_motifs(network: nn.Module, motifs: Sequence[Motif], codes: Tensor) -> str:
    """Put motifs in the place of the first convolution's filters (Quang and Xie 2016, DanQ-JASPAR).

    A filter is a motif's log odds in the middle, or its most informative part where the filter is
    narrower; each position's mean is taken off and the whole is scaled, so that on random sequence
    the filter's response has mean 0 and the deviation that the network's own filters had. First
    come all motifs, then their reverse complements, as far as filters last; the others stay as
    they were. Of more motifs than filters, a random choice by torch's seed.

    Args:
        network: changed in place; with forward((n, 4, length)).
        motifs: one or more.
        codes: uint8 (n, length), a window that the network takes; to see which layer is first.

    Returns:
        How many filters start from how many motifs, for the user.

    Raises:
        InputError: the first layer with weights is no plain convolution over the four bases.
    """
    name, convolution = _first_convolution(network, one_hot(codes[:1]))
    weight = convolution.weight.data
    n, _, width = weight.shape
    if len(motifs) > n:
        motifs = [motifs[i] for i in sorted(torch.randperm(len(motifs))[:n].tolist())]
    forward = torch.from_numpy(np.stack([centred(motif, width) for motif in motifs]))
    filters = torch.cat([forward, forward.flip(1, 2)])[:n].to(weight)
    filters = filters - filters.mean(1, keepdim=True)
    usual = _deviation(weight).square().mean().sqrt()
    weight[: len(filters)] = filters * (usual / _deviation(filters).clamp(min=1e-6))[:, None, None]
    return (
        f"--init_motifs: {len(filters)} of {n} filters of {name} start from {len(motifs)} motifs "
        f"({len(filters) - len(motifs)} on both strands)"
    )


def _deviation(filters: Tensor) -> Tensor:
    """Standard deviation of each filter's response to uniform random bases: (n, 4, k) to (n,)."""
    return filters.var(1, correction=0).sum(1).sqrt()


def _first_convolution(network: nn.Module, x: Tensor) -> tuple[str, nn.Conv1d]:
    """Name and module of the layer with weights that sees the sequence first."""
    seen: list[tuple[str, nn.Module]] = []

    def watch(name: str) -> Any:
        return lambda module, _: seen.append((name, module))

    hooks = [
        module.register_forward_pre_hook(watch(name))
        for name, module in network.named_modules()
        if not list(module.children()) and list(module.parameters())
    ]
    training = network.training
    try:
        with torch.no_grad():
            network.eval()(x)
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    name, first = seen[0] if seen else ("", network)
    if isinstance(first, nn.Conv1d) and first.weight.shape[1] == 4 and first.dilation == (1,):
        return name, first
    raise InputError(
        f"--init_motifs: {type(network).__name__} does not begin with a convolution over the four "
        "bases, whose filters could start from motifs: leave --init_motifs out"
    )
