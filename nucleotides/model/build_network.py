"""A network for weights that are there, of a file that may come from anyone.

It is built without memory first (on torch's meta device) and compared with the weights, then once
more in memory that nobody fills: the weights do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.modules import module as hooks
from torch.overrides import TorchFunctionMode

from nucleotides.errors import InputError, UnknownNameError, UntrustedCodeError
from nucleotides.model.network import Network
from nucleotides.model.registry import MODELS, create_network

LONGEST = 1 << 20  # bases of a window
_AT_LEAST = 512  # that a number among a network's arguments may be
_MODULES_A_TENSOR, _MODULES = 16, 256
_RANDOM = {
    *("uniform_", "normal_", "kaiming_uniform_", "kaiming_normal_", "xavier_uniform_"),
    *("xavier_normal_", "trunc_normal_", "orthogonal_", "erfinv_"),
}


class Kind(NamedTuple):
    """Shape and type of a tensor."""

    shape: tuple[int, ...]
    dtype: torch.dtype

    def takes(self, other: Kind) -> bool:
        """Whether values of the other kind can stand here; a floating-point number for another."""
        floating = self.dtype.is_floating_point and other.dtype.is_floating_point
        return self.shape == other.shape and (floating or self.dtype == other.dtype)

    def __str__(self) -> str:
        return f"{str(self.dtype).removeprefix('torch.')} {self.shape}"


def build_network(
    chosen: Mapping[str, Any],
    n_tasks: int,
    weights: Mapping[str, Kind],
    *,
    trust_code: bool = False,
) -> Network:
    """A network whose weights have the names, shapes and types given; their values are arbitrary.

    Args:
        chosen: model_class, model (its arguments) and sequence_length, as a manifest or a
            checkpoint names them.
        n_tasks: number of tasks.
        weights: of the file that is loaded next.
        trust_code: whether a class that is not of the zoo may be imported.

    Raises:
        InputError: it cannot be built, or is not what the weights are of; the message says where.
        UntrustedCodeError: see `registry.find_known_network`.
    """
    name, arguments, length = _checked(chosen, weights)

    def create() -> Network:
        return create_network(name, n_tasks, length, arguments, trust_code=trust_code)

    if name not in MODELS:  # code that is trusted, and may do what a meta device cannot
        network = create()
        _compare(network, weights)
        return network
    with torch.device("meta"), _no_more_than(len(weights)):
        _compare(_sound(create, name), weights)
    with _Unfilled():
        return create()


def _checked(
    chosen: Mapping[str, Any], weights: Mapping[str, Kind]
) -> tuple[str, dict[str, Any], int]:
    """Class, arguments and window, of sizes that can be of these weights."""
    name, arguments, length = (chosen.get(k) for k in ("model_class", "model", "sequence_length"))
    if not (isinstance(name, str) and isinstance(arguments, dict)):
        raise InputError("it names no model")
    if not (isinstance(length, int) and 1 <= length <= LONGEST):
        raise InputError(f"a window of {length} bases cannot be (1 to {LONGEST:,})")
    most = max((n for kind in weights.values() for n in kind.shape), default=0)
    most = max(most, _AT_LEAST, length)
    for key, value in arguments.items():
        for number in value if isinstance(value, list | tuple) else [value]:
            if isinstance(number, int | float) and not abs(number) <= most:  # NaN is not
                raise InputError(f"{key} {value} is not of these weights")
    return name, arguments, length


def _sound(create: Callable[[], Network], name: str) -> Network:
    try:
        return create()
    except (UnknownNameError, UntrustedCodeError):
        raise
    except (InputError, RuntimeError, ValueError, ArithmeticError, MemoryError) as error:
        raise InputError(f"{name} cannot be made like that: {error}") from error
    except (TypeError, AttributeError, LookupError, AssertionError) as error:
        raise InputError(f"{name} cannot be made like that: {error!r}") from error


def _compare(network: nn.Module, weights: Mapping[str, Kind]) -> None:
    wanted = {n: Kind(tuple(v.shape), v.dtype) for n, v in network.state_dict().items()}
    for name in [*wanted, *weights]:
        if name not in weights:
            raise InputError(f"the weights do not fit the model: {name} is missing")
        if name not in wanted:
            raise InputError(f"the weights do not fit the model: it has no {name}")
        if not wanted[name].takes(weights[name]):
            raise InputError(
                f"the weights do not fit the model: {name} is {weights[name]}, not {wanted[name]}"
            )


@contextmanager
def _no_more_than(n_tensors: int) -> Iterator[None]:
    """Stop the building of a network that has more tensors than there are weights."""
    left = {"tensors": n_tensors, "modules": n_tensors * _MODULES_A_TENSOR + _MODULES}

    def count(what: str) -> Callable[..., None]:
        def counted(*_: object) -> None:
            left[what] -= 1
            if left[what] < 0:
                raise InputError("the weights do not fit the model: it has more layers than they")

        return counted

    handles = [
        hooks.register_module_parameter_registration_hook(count("tensors")),
        hooks.register_module_module_registration_hook(count("modules")),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class _Unfilled(TorchFunctionMode):
    """Leave out the random numbers that new weights begin with: they take longer than all else."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__name__", "") in _RANDOM:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)
