"""Run one call of a program so that gradients pass, by the quicker way where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from nucleotides.model.local.program import Call, Program, Value, leaves
from nucleotides.model.local.quicker import convolve


def run_call(program: Program, call: Call, values: Mapping[int, Tensor], size: int) -> Any:
    """What a call returns for values by number, of `size` windows."""
    args, kwargs = call.filled(lambda value: values[value.number], size)
    if call.name == "conv1d" and not kwargs and _is_plain(args) and _is_plain_value(call):
        return _Convolution.apply(args[0], program, args[1], args[2])  # type: ignore[no-untyped-call]
    return call.function(*args, **kwargs)


def keep(call: Call, result: Any, values: dict[int, Tensor]) -> None:
    """Put what a call returned among the values."""
    for value, tensor in zip(leaves(call.out), leaves(result), strict=True):
        if isinstance(value, Value):
            values[value.number] = tensor


def _is_plain_value(call: Call) -> bool:
    return len(call.inputs()) == 1 and isinstance(call.args[0], Value)


def _is_plain(args: Any) -> bool:
    """Whether a convolution has stride and dilation 1, one group, and no padding."""
    options = [list(a) if isinstance(a, tuple) else [a] for a in args[3:]]
    return len(args) >= 3 and options == [[1], [0], [1], [1]][: len(options)]


class _Convolution(torch.autograd.Function):
    """A convolution whose gradient is a convolution too, both by `model.local.quicker`."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, program: Program, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.program, ctx.weight = program, weight
        return convolve(program, x, weight, bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        mirrored = ctx.program.prepare(ctx.weight, "mirrored", _mirrored)
        room = ctx.weight.shape[2] - 1
        return convolve(ctx.program, gradient, mirrored, padding=room), None, None, None


def _mirrored(weight: Tensor) -> Tensor:
    return weight.flip(2).transpose(0, 1).contiguous()
