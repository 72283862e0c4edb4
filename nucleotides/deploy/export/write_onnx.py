"""A network as an ONNX file, which other programs run, held against torch before it is kept."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from nucleotides.errors import InputError, MissingDependencyError
from nucleotides.model.encoding import one_hot, reverse_complement
from nucleotides.model.network import Network

WORST = 1e-4
"""How far the file's logits may be from torch's, relative to the largest one (at least 1)."""

_WINDOWS = (5, 1, 2)  # batches that are compared
_OPSET = 18
_NOISY = ("torch.onnx", "onnxscript", "onnx_ir")


class _Evaluated(nn.Module):
    """What evaluation does: both strands where the network averages them."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, sequences: Tensor) -> Tensor:
        logits: Tensor = self.network(sequences)
        if self.network.both_strands:
            logits = (logits + self.network(reverse_complement(sequences))) / 2
        return logits


def write_onnx(network: Network, path: Path) -> float:
    """Write a network as ONNX: `sequences` float32 (batch, 4, length), channels A C G T and 0.25
    four times for an unknown base, to `logits` (batch, tasks); any batch.

    Args:
        network: in evaluation mode, on the CPU.
        path: one file, which may be of 2 GB at most.

    Returns:
        The largest difference from torch on a few random windows, unknown bases among them,
        relative to the largest logit (at least 1).

    Raises:
        MissingDependencyError: onnx, onnxscript or onnxruntime is not installed.
        InputError: torch cannot export this network, or the file does not compute what it does.
    """
    try:
        import onnxruntime
        import onnxscript  # noqa: F401 (torch's exporter needs it)
    except ImportError as error:
        raise MissingDependencyError(error.name or "onnxruntime", "onnx") from error
    module = _Evaluated(network).eval()
    x = _windows(network, 3)
    with _quiet(), torch.no_grad():
        try:
            program = torch.onnx.export(
                module,
                (x,),
                input_names=["sequences"],
                output_names=["logits"],
                dynamic_shapes={"sequences": {0: torch.export.Dim("batch", min=1)}},
                opset_version=_OPSET,
                dynamo=True,
                verbose=False,
            )
            assert program is not None
            program.save(path, external_data=False)
            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            session = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
        except Exception as error:  # torch's and onnxruntime's own kinds, and whatever a model does
            raise InputError(
                f"{type(network).__name__} cannot be written as ONNX: {_reason(error)}. "
                "Export it without --onnx"
            ) from error
    return _compared(module, session, network)


def _reason(error: Exception) -> str:
    """What the exporter lacks, if that is it; else the first line that it says."""
    lacking = re.search(r"No ONNX function found for <OpOverload\(op='([\w.]+)'", str(error))
    return f"ONNX has no {lacking[1]}" if lacking else str(error).strip().split("\n")[0]


def _compared(module: nn.Module, session: object, network: Network) -> float:
    worst = 0.0
    for n in _WINDOWS:
        x = _windows(network, n)
        with torch.inference_mode():
            wanted = module(x).numpy()
        (found,) = session.run(["logits"], {"sequences": x.numpy()})  # type: ignore[attr-defined]
        if found.shape != wanted.shape:
            raise InputError(f"the ONNX file gives {found.shape}, torch {wanted.shape}")
        worst = max(worst, float(np.abs(found - wanted).max() / max(1, np.abs(wanted).max())))
    if not worst <= WORST:
        raise InputError(
            f"{type(network).__name__} as ONNX is off by {worst:.1e} of the largest logit "
            f"({WORST:.0e} is allowed): export it without --onnx"
        )
    return worst


def _windows(network: Network, n: int) -> Tensor:
    """One-hot windows (n, 4, length) of random bases, one in fifty unknown."""
    generator = torch.Generator().manual_seed(n)
    shape = (n, network.sequence_length)
    codes = torch.randint(4, shape, generator=generator, dtype=torch.uint8)
    unknown = torch.rand(shape, generator=generator) < 0.02
    return one_hot(codes.masked_fill(unknown, 4))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what the exporter says to its own developers."""
    levels = {name: logging.getLogger(name).level for name in _NOISY}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in _NOISY:
            logging.getLogger(name).setLevel(logging.ERROR)
        try:
            yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
