"""Rewrite a program so that it does the same with less work."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from torch import Tensor
from torch.nn.functional import linear

from nucleotides.model.local.program import Call, Program, Value, walk

_IDENTITIES = ("dropout", "dropout1d", "dropout2d", "alpha_dropout", "feature_alpha_dropout")
_RISING = ("relu", "relu6", "elu", "selu", "celu", "sigmoid", "tanh", "leaky_relu", "softplus")
_POOLS = ("max_pool1d", "max_pool2d")


def simplify(program: Program) -> Program:
    """Without dropout, with activations behind pooling, and flattened layers as one call."""
    calls = [replace(call) for call in program.calls]
    calls, output = _without_identities(calls, program.output)
    shapes = list(program.shapes)
    _pool_first(calls, shapes, output)
    return replace(
        program, calls=_join_flattened(calls, shapes, output), shapes=shapes, output=output
    )


def _without_identities(calls: list[Call], output: Value) -> tuple[list[Call], Value]:
    """Calls that give back what they were given are left out."""
    same: dict[Value, Value] = {}
    left = []
    for call in calls:
        _substitute(call, same)
        if call.name in _IDENTITIES and _is_off(call):
            same[call.out] = call.args[0]
        else:
            left.append(call)
    return left, same.get(output, output)


def _is_off(call: Call) -> bool:
    """Whether this is dropout in evaluation."""
    training = call.kwargs.get("training", call.kwargs.get("train", True))
    return (call.args[2] if len(call.args) > 2 else training) is False


def _pool_first(calls: list[Call], shapes: list[tuple[int, ...]], output: Value) -> None:
    """A rising function of a maximum is the maximum of that function, and has fewer values."""
    uses = _uses(calls, output)
    for i in range(len(calls) - 1):
        before, after = calls[i : i + 2]
        x, between, out = before.args[:1], before.out, after.out
        pools = after.name in _POOLS and after.args[:1] == (between,) and isinstance(out, Value)
        if pools and _rises(before) and uses[between] == 1:
            calls[i] = replace(after, args=(*x, *after.args[1:]), out=between)
            calls[i + 1] = replace(before, args=(between, *before.args[1:]), out=out)
            shapes[between.number] = shapes[out.number]


def _rises(call: Call) -> bool:
    """Whether a call is of a function that never falls; some do with negative parameters."""
    numbers = [*call.args[1:], *call.kwargs.values()]
    known = all(isinstance(number, (int, float)) and number >= 0 for number in numbers)
    return call.name in _RISING and known


def _join_flattened(calls: list[Call], shapes: list[tuple[int, ...]], output: Value) -> list[Call]:
    """A linear layer of flattened positions is one call, `linear_of_all`."""
    uses = _uses(calls, output)
    made = {call.out: call for call in calls if isinstance(call.out, Value)}
    left, dropped = [], set()
    for call in calls:
        layer = call.name == "linear" and len(call.inputs()) == 1
        flat = made.get(call.args[0]) if layer else None
        if flat is not None and _flattens(flat, shapes) and uses[flat.out] == 1:
            dropped.add(flat.out)
            args = (flat.args[0], *call.args[1:])
            call = Call("linear_of_all", linear_of_all, args, call.kwargs, call.out)
        left.append(call)
    return [call for call in left if not (isinstance(call.out, Value) and call.out in dropped)]


def _flattens(call: Call, shapes: list[tuple[int, ...]]) -> bool:
    """Whether a call makes one row of each window."""
    if call.name not in ("flatten", "reshape", "view") or len(call.inputs()) != 1:
        return False
    before, after = (shapes[value.number] for value in (call.inputs()[0], call.out))
    return len(after) == 2 and before[0] == after[0] and len(before) > 1


def linear_of_all(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """A linear layer of all of each window, (n, ...) to (n, out)."""
    return linear(x.flatten(1), weight, bias)


def _uses(calls: list[Call], output: Value) -> Counter[Any]:
    return Counter([value for call in calls for value in call.inputs()] + [output])


def _substitute(call: Call, same: dict[Value, Value]) -> None:
    def put(leaf: Any) -> Any:
        return same.get(leaf, leaf) if isinstance(leaf, Value) else leaf

    call.args, call.kwargs = walk(call.args, put), walk(call.kwargs, put)
