"""Calls that look at each position by itself: activations, arithmetic, normalisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import batch_norm

from nucleotides.model.local.program import Call, Value
from nucleotides.model.local.run import Run, State
from nucleotides.model.local.slab import Change, widen

UNARY = (
    *("relu", "relu6", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign"),
    *("sigmoid", "logsigmoid", "tanh", "hardtanh", "hardswish", "hardsigmoid", "leaky_relu"),
    *("exp", "expm1", "log", "log1p", "abs", "sqrt", "rsqrt", "square", "pow", "clamp"),
    *("sin", "cos", "erf", "logit", "reciprocal", "rsub", "rpow", "rtruediv"),
)
BINARY = ("add", "sub", "mul", "div", "maximum", "minimum")
SAME = ("contiguous", "clone", "detach", "float", "to", "type_as")


def keep(run: Run, call: Call) -> State | None:
    """Changes of memory alone, or of a type to the same."""
    change = run.change(call)
    if change is None:
        return None
    return change.with_delta(_call(call, {call.args[0].number: change.delta}))


def apply(run: Run, call: Call) -> State | None:
    """A function of values, position by position: f(reference + change) - f(reference)."""
    values, shape = call.inputs(), run.shape(call.outputs()[0])
    if any(run.shape(value) != shape for value in values):
        return None
    first = run.state(values[0])
    constants = [leaf for leaf in call.leaves() if isinstance(leaf, Tensor)]
    if not isinstance(first, Change) or not all(_fits(c, first, len(shape)) for c in constants):
        return None
    return _difference(run, call, values)


def arithmetic(run: Run, call: Call) -> State | None:
    """Of two values, or of one and a constant; most of it acts on changes alone."""
    values = call.inputs()
    change, shape = run.state(values[0]), run.shape(call.outputs()[0])
    if call.kwargs or not isinstance(change, Change) or run.shape(values[0]) != shape:
        return None
    if len(values) == 2:
        linear = call.name in ("add", "sub") and run.shape(values[1]) == shape
        return _difference(run, call, values, linear=True) if linear else apply(run, call)
    first = isinstance(call.args[0], Value)
    if call.name in ("add", "sub"):
        return change if first or call.name == "add" else change.with_delta(-change.delta)
    constant = call.args[1 if first else 0]
    fits = not isinstance(constant, Tensor) or _fits(constant, change, len(shape))
    if fits and (call.name == "mul" or (call.name == "div" and first)):
        return change.with_delta(_call(call, {values[0].number: change.delta}))
    return apply(run, call)


def normalise_batch(run: Run, call: Call) -> State | None:
    """Batch normalisation in evaluation: a line, channel by channel."""
    change = run.change(call)
    names = "input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"
    given = call.given(*names) if call.function is batch_norm else None
    if change is None or given is None or given.get("training") or change.dim == 1:
        return None
    weight, variance = given["weight"], given["running_var"]
    zero = torch.zeros_like(variance)
    bias = None if weight is None else zero
    scaled = batch_norm(change.delta, zero, variance, weight, bias, eps=given["eps"])
    return change.with_delta(scaled)


def normalise_layer(run: Run, call: Call) -> State | None:
    """Layer normalisation over dimensions behind that of positions."""
    change = run.change(call)
    if change is None or len(call.args) < 2:
        return None
    last = len(run.shape(call.args[0])) + 1 - len(call.args[1])
    if change.dim is not None and change.dim >= last:
        return None
    return _difference(run, call, [call.args[0]])


def softmax(run: Run, call: Call) -> State | None:
    """Over another dimension than that of positions."""
    change = run.change(call)
    dim = call.args[1] if len(call.args) > 1 else call.kwargs.get("dim")
    if change is None or not isinstance(dim, int):
        return None
    if dim % (len(run.shape(call.args[0])) + 1) == change.dim:
        return None
    return _difference(run, call, [call.args[0]])


def align(changes: list[Change]) -> list[Change] | None:
    """The same changes at positions that all of them share, or None if they are not alike."""
    one = changes[0]
    if any((c.dim, c.size) != (one.dim, one.size) for c in changes):
        return None
    if one.dim is None or all(c is one for c in changes):
        return changes
    firsts = [c.first for c in changes if c.first is not None]
    first = torch.stack(firsts).amin(0)
    ends = torch.stack([f + c.width for f, c in zip(firsts, changes, strict=True)]).amax(0)
    width = int((ends - first).max())
    return [Change(widen(c, first, width), c.dim, first, c.size) for c in changes]


def _difference(run: Run, call: Call, values: list[Value], linear: bool = False) -> State | None:
    """What a call of values at the same positions makes of their changes."""
    states = [run.state(value) for value in values]
    aligned = align([state for state in states if isinstance(state, Change)])
    if aligned is None or len(aligned) < len(states):
        return None
    one = aligned[0]
    deltas = {v.number: c.delta for v, c in zip(values, aligned, strict=True)}
    if linear:
        return one.with_delta(_call(call, deltas))
    width = 0 if one.dim is None else one.width
    old = {v.number: run.reference(v, one, one.first, width) for v in values}
    new = {number: old[number] + delta for number, delta in deltas.items()}
    return one.with_delta(_call(call, new) - _call(call, old))


def _call(call: Call, values: dict[int, Tensor]) -> Any:
    size = len(next(iter(values.values())))
    args, kwargs = call.filled(lambda value: values[value.number], size)
    return call.function(*args, **kwargs)


def _fits(constant: Tensor, change: Change, n_dims: int) -> bool:
    """Whether a constant is the same at all positions of a value of so many other dimensions."""
    if change.dim is None:
        return True
    place = change.dim - (n_dims + 1) + constant.ndim
    return place < 0 or constant.shape[place] == 1


Rule = Callable[[Run, Call], State | tuple[State, ...] | None]
"""What a call makes of changes; None if it has to be run anew."""

RULES: dict[str, Rule] = {
    **dict.fromkeys(UNARY, apply),
    **dict.fromkeys(BINARY, arithmetic),
    **dict.fromkeys(SAME, keep),
    "neg": apply,
    "batch_norm": normalise_batch,
    "layer_norm": normalise_layer,
    "softmax": softmax,
    "log_softmax": softmax,
}
