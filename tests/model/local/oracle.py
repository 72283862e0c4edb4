"""What a change makes of a network's outputs, by reading all windows as a whole."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from nucleotides.model.encoding import one_hot
from nucleotides.model.local import LocalEvaluator

Function = Callable[[Tensor], Tensor]


def random_codes(n: int, length: int, seed: int = 0) -> Tensor:
    """Codes (n, length), one in twenty unknown."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (n, length))
    codes[rng.random((n, length)) < 0.05] = 4
    return torch.from_numpy(codes.astype(np.uint8))


def changed(codes: Tensor, rows: Tensor, first: Tensor, width: int, seed: int = 0) -> Tensor:
    """Windows `rows` with other bases at `width` positions from `first` (n,) on."""
    rng = np.random.default_rng(seed)
    new = codes[rows].clone()
    for window, at in zip(new, first.tolist(), strict=True):
        other = torch.from_numpy(rng.integers(1, 5, width).astype(np.uint8))
        window[at : at + width] = (window[at : at + width] + other) % 5
    return new


def largest_error(
    function: Function,
    length: int,
    widths: tuple[int, ...] = (1, 2, 7, 40),
    n: int = 12,
    evaluator: LocalEvaluator | None = None,
) -> float:
    """Of outputs and differences by local evaluation, relative to the largest output.

    Changes lie at both ends and at random; windows with different ones are followed together.
    """
    evaluator = evaluator or LocalEvaluator(function, length)
    codes = random_codes(3, length)
    x = one_hot(codes)
    with torch.inference_mode():
        wanted = function(x.clone())
    reading = evaluator.read(x)
    worst = float((reading.outputs - wanted).abs().max())
    rng = np.random.default_rng(len(widths))
    for width in (w for w in widths if w <= length):
        ends = [0, length - width, min(1, length - width), max(length - width - 1, 0)]
        first = torch.tensor(ends + rng.integers(0, length - width + 1, n - 4).tolist())
        for some in (first, first[:1].expand(n), first[-1:]):
            rows = torch.from_numpy(rng.integers(0, 3, len(some)))
            new = changed(codes, rows, some, width, seed=width)
            at = some[:, None] + torch.arange(width)
            delta = one_hot(new.gather(1, at)) - one_hot(codes[rows].gather(1, at))
            found = evaluator.change(reading, rows, some.contiguous(), delta)
            with torch.inference_mode():
                difference = function(one_hot(new)) - wanted[rows]
            assert found.shape == difference.shape
            worst = max(worst, float((found - difference).abs().nan_to_num(torch.inf).max()))
    return worst / (1 + float(wanted.abs().max()))


def make_unlike_new(network: torch.nn.Module, seed: int = 0) -> torch.nn.Module:
    """Statistics and scales of normalisation as training leaves them; evaluation mode."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in [*network.named_parameters(), *network.named_buffers()]:
            if tensor.ndim == 1 and tensor.is_floating_point():
                noise = torch.rand(tensor.shape, generator=generator)
                scale = name.endswith(("weight", "running_var"))
                tensor.copy_(0.5 + noise if scale else 0.4 * noise - 0.2)
    return network.eval()
