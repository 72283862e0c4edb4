"""The calls of a network, ready to be differentiated with respect to its input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from torch import Tensor

from nucleotides.model.encoding import reverse_complement
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.model.local.program import Call, Program, Value, walk
from nucleotides.model.local.record import record
from nucleotides.model.local.tape import UnrecordableError
from nucleotides.progress import say

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained


def program_of(model: Explained) -> Program:
    """As `open_program`, but calls may be exchanged for others of the same result and derivative.

    It is that of the model's evaluator, if there is one, which was recorded before.
    """
    evaluator = model.evaluator()
    return open_program(model.network) if evaluator is None else _differentiable(evaluator.program)


def open_program(network: FunctionalModel) -> Program:
    """What the network, in evaluation mode, computes of one-hot windows.

    The mean of both strands if it averages them. A network that cannot be recorded becomes a
    program of a single call.
    """
    function = mean_logits(network)
    try:
        return _differentiable(record(function, network.sequence_length, network.device))
    except UnrecordableError as error:
        say(f"{type(network).__name__} is differentiated as a whole: {error}")
        shapes = [(2, 4, network.sequence_length), (2, network.n_tasks)]
        return Program([Call("network", function, (Value(0),), {}, Value(1))], shapes, Value(1))


def mean_logits(network: FunctionalModel) -> Callable[[Tensor], Tensor]:
    """Logits (n, tasks) of one-hot (n, 4, length), as evaluation finds them."""

    def logits(x: Tensor) -> Tensor:
        z: Tensor = network(x)
        return (z + network(reverse_complement(x))) / 2 if network.both_strands else z

    return logits


def _differentiable(program: Program) -> Program:
    """Constants ask for no gradients, and allow those of others to pass."""

    def thaw(leaf: Any) -> Any:
        if not isinstance(leaf, Tensor):
            return leaf
        return known.setdefault(id(leaf), leaf.clone() if leaf.is_inference() else leaf.detach())

    known: dict[int, Tensor] = {}
    calls = [
        replace(call, args=walk(call.args, thaw), kwargs=walk(call.kwargs, thaw))
        for call in program.calls
    ]
    return replace(program, calls=calls, prepared={})


_MOVES = (
    *("transpose", "swapaxes", "swapdims", "permute", "movedim", "squeeze", "unsqueeze", "flip"),
    *("flatten", "unflatten", "reshape", "view", "getitem", "select", "narrow", "index_select"),
    *("cat", "concat", "concatenate", "stack", "split", "chunk", "unbind", "expand", "repeat"),
    *("contiguous", "clone", "float", "to", "type_as", "dropout", "dropout1d", "dropout2d"),
)
_SUMS = ("sum", "mean", "avg_pool1d", "avg_pool2d", "neg", "pad")
_LAYERS = ("linear", "linear_of_all", "conv1d", "conv2d", "batch_norm")
_PRODUCTS = ("mul", "matmul", "mm", "bmm", "einsum")


def is_affine(call: Call) -> bool:
    """Whether a call's result is a matrix times its values, plus a constant."""
    n_values = len(call.inputs())
    if call.name in _MOVES or call.name in ("add", "sub", "rsub"):
        return True
    if call.name in (*_SUMS, *_LAYERS, *_PRODUCTS):
        return n_values == 1
    return call.name == "div" and n_values == 1 and isinstance(call.args[0], Value)


def is_product(call: Call) -> bool:
    """Whether a call multiplies two values."""
    return call.name in _PRODUCTS and len(call.inputs()) == 2
