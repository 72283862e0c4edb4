"""Rewrite a program so that it does the same with less work."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

from torch import Tensor
from torch.nn.functional import linear

from nucleotides.model.local.program import Call, Program, Value, walk

_IDENTITIES = ("dropout", "dropout1d", "dropout2d", "alpha_dropout", "feature_alpha_dropout")
_RISING = ("relu", "relu6", "elu", "selu", "celu", "sigmoid", "tanh", "leaky_relu", "softplus")
_POOLS = ("max_pool1d", "max_pool2d")


def simplify(program: Program) -> Program:
    """Without dropout, with activations behind pooling, and flattened layers as one call."""
    calls = [_copy(call) for call in program.calls]
    calls, output = _without_identities(calls, program.output)
    shapes = list(program.shapes)
    _pool_first(calls, shapes, output)
    return replace(
        program, calls=_join_flattened(calls, shapes, output), shapes=shapes, output=output
    )


def _copy(call: Call) -> Call:
    return replace(call)


def _without_identities(calls: list[Call], output: Value) -> tuple[list[Call], Value]:
    """Calls that give back what they were given are left out."""
    same: dict[Value, Value] = {}
    left = []
    for call in calls:
        _substitute(call, same)
        if call.name in _IDENTITIES and isinstance(call.args[0], Value):
            same[call.out] = call.args[0]
        else:
            left.append(call)
    return left, same.get(output, output)


def _pool_first(calls: list[Call], shapes: list[tuple[int, ...]], output: Value) -> None:
    """A rising function of a maximum is the maximum of that function, and has fewer values."""
    uses = _uses(calls, output)
    for before, after in pairwise(calls):
        rising = before.name in _RISING and before.inputs() == [before.args[0]]
        if not (rising and after.name in _POOLS and after.args[0] == before.out):
            continue
        if uses[before.out] > 1 or not isinstance(after.out, Value) or _slope_falls(before):
            continue
        x, between, out = before.args[0], before.out, after.out
        pool, rise = replace(after), replace(before)
        pool.args, pool.out = (x, *after.args[1:]), between
        rise.args, rise.out = (between, *before.args[1:]), out
        for target, source in ((before, pool), (after, rise)):
            target.__dict__.update(source.__dict__)
        shapes[between.number] = shapes[out.number]


def _slope_falls(call: Call) -> bool:
    """Whether numbers given to an activation may make it fall."""
    numbers = [a for a in (*call.args[1:], *call.kwargs.values()) if isinstance(a, (int, float))]
    return any(number < 0 for number in numbers)


def _join_flattened(calls: list[Call], shapes: list[tuple[int, ...]], output: Value) -> list[Call]:
    """A linear layer of flattened positions is one call, `linear_of_all`."""
    uses = _uses(calls, output)
    made = {call.out: call for call in calls if isinstance(call.out, Value)}
    left, dropped = [], set()
    for call in calls:
        flat = made.get(call.args[0]) if call.name == "linear" else None
        whole = flat is not None and flat.name == "flatten" and len(shapes[flat.out.number]) == 2
        if flat is not None and whole and uses[flat.out] == 1:
            dropped.add(flat.out)
            args = (flat.args[0], *call.args[1:])
            call = Call("linear_of_all", linear_of_all, args, call.kwargs, call.out)
        left.append(call)
    return [call for call in left if not (isinstance(call.out, Value) and call.out in dropped)]


def linear_of_all(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """A linear layer of all of each window, (n, ...) to (n, out)."""
    return linear(x.flatten(1), weight, bias)


def _uses(calls: list[Call], output: Value) -> Counter[Any]:
    return Counter([value for call in calls for value in call.inputs()] + [output])


def _substitute(call: Call, same: dict[Value, Value]) -> None:
    def put(leaf: Any) -> Any:
        return same.get(leaf, leaf) if isinstance(leaf, Value) else leaf

    call.args, call.kwargs = walk(call.args, put), walk(call.kwargs, put)
