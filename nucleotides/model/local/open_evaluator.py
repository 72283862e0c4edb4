"""An evaluator of a network, if it is one of those that can be followed, and checked against it."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from nucleotides.model.encoding import one_hot, reverse_complement
from nucleotides.model.full_precision import full_precision
from nucleotides.model.local.evaluate import LocalEvaluator
from nucleotides.model.local.tape import UnrecordableError
from nucleotides.model.network import Network
from nucleotides.progress import say

_TOLERANCE = 1e-3


def open_evaluator(
    network: Network, precision: torch.dtype = torch.float32
) -> LocalEvaluator | None:
    """The evaluator of a network in evaluation mode, or None, with a line that says why.

    Before it is trusted it has to agree with the network, on some windows and some changes of
    them, in float32.
    """

    def logits(x: Tensor) -> Tensor:
        z: Tensor = network(x)
        return (z + network(reverse_complement(x))) / 2 if network.both_strands else z

    name = type(network).__name__
    try:
        evaluator = LocalEvaluator(logits, network.sequence_length, device=network.device)
        difference = _disagreement(evaluator, network)
    except UnrecordableError as error:
        say(f"{name} is read as a whole for every change: {error}")
        return None
    except Exception as error:  # whatever a network does that nobody thought of: it works as before
        say(f"{name} is read as a whole for every change: followed, it fails ({error!r})")
        return None
    if not difference <= _TOLERANCE:
        say(f"{name} is read as a whole for every change: followed, it is off by {difference:.1e}")
        return None
    if precision != torch.float32:
        evaluator.program = replace(evaluator.program, precision=precision, prepared={})
    return evaluator


def _disagreement(evaluator: LocalEvaluator, network: Network) -> float:
    """Of outputs and of differences, relative to the largest output."""
    length, generator = network.sequence_length, torch.Generator().manual_seed(0)
    codes = torch.randint(4, (2, length), generator=generator, dtype=torch.uint8)
    first = torch.tensor([0, length // 3, length // 2, length - 1])
    rows = torch.arange(len(first)) % len(codes)
    changed = codes[rows].clone()
    index = torch.arange(len(first)), first
    changed[index] = 3 - changed[index]
    x, new = (one_hot(c.to(network.device)) for c in (codes, changed))
    delta = (new - x[rows])[index[0], :, first].unsqueeze(2)
    reading = evaluator.read(x)
    found = evaluator.change(reading, rows.to(x.device), first.to(x.device), delta)
    with torch.inference_mode(), full_precision():
        old, wanted = evaluator.function(x), evaluator.function(new)
    errors = reading.outputs - old, found - (wanted - old[rows])
    worst = max(float(error.abs().max()) for error in errors)
    return worst / (1 + float(old.abs().max()))
