"""An evaluator of a network, if it is one of those that can be followed, and checked against it."""

from __future__ import annotations

from collections.abc import Callable
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
    reader = open_reader(network)
    return reader and trust_changes(reader, network, precision)


def open_reader(network: Network) -> LocalEvaluator | None:
    """As `open_evaluator`, but only what it makes of windows is compared, not of changes."""

    reader: LocalEvaluator | None = None

    def logits(x: Tensor) -> Tensor:
        z: Tensor = network(x)
        return (z + network(reverse_complement(x))) / 2 if network.both_strands else z

    def compare() -> float:
        nonlocal reader
        reader = LocalEvaluator(logits, network.sequence_length, device=network.device)
        x = one_hot(_windows(network))
        return _relative(reader.outputs(x), _whole(reader, x))

    return reader if _agrees(network, compare) else None


def trust_changes(
    reader: LocalEvaluator, network: Network, precision: torch.dtype = torch.float32
) -> LocalEvaluator | None:
    """What `open_evaluator` returns, of what `open_reader` opened, which stays as it is."""
    evaluator = reader.copy()
    if not _agrees(network, lambda: _disagreement(evaluator, network)):
        return None
    if precision != torch.float32:
        evaluator.program = replace(evaluator.program, precision=precision, prepared={})
    return evaluator


def _agrees(network: Network, compare: Callable[[], float]) -> bool:
    told = f"{type(network).__name__} is read as a whole for every change"
    try:
        difference = compare()
    except UnrecordableError as error:
        say(f"{told}: {error}")
        return False
    except Exception as error:  # whatever a network does that nobody thought of: it works as before
        say(f"{told}: followed, it fails ({error!r})")
        return False
    if not difference <= _TOLERANCE:
        say(f"{told}: followed, it is off by {difference:.1e}")
        return False
    return True


def _windows(network: Network) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    codes = torch.randint(4, (2, network.sequence_length), generator=generator, dtype=torch.uint8)
    return codes.to(network.device)


def _whole(evaluator: LocalEvaluator, x: Tensor) -> Tensor:
    with torch.inference_mode(), full_precision():
        return evaluator.function(x)


def _disagreement(evaluator: LocalEvaluator, network: Network) -> float:
    """Of differences between outputs, relative to the largest output."""
    codes, length = _windows(network), network.sequence_length
    first = torch.tensor([0, length // 3, length // 2, length - 1], device=codes.device)
    index = torch.arange(len(first), device=codes.device), first
    rows = index[0] % len(codes)
    changed = codes[rows].clone()
    changed[index] = 3 - changed[index]
    x, new = one_hot(codes), one_hot(changed)
    delta = (new - x[rows])[index[0], :, first].unsqueeze(2)
    found = evaluator.change(evaluator.read(x), rows, first, delta)
    old = _whole(evaluator, x)
    return _relative(old[rows] + found, _whole(evaluator, new))


def _relative(found: Tensor, wanted: Tensor) -> float:
    return float((found - wanted).abs().max()) / (1 + float(wanted.abs().max()))
