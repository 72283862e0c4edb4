"""The numbers of draws.py in torch operations: the same ones on every device."""

from __future__ import annotations

from torch import Tensor

from nucleotides.data.draws import FIRST, GOLDEN, SECOND, constants


def uniform_on_device(seed: int, epoch: int, index: Tensor, stream: int) -> Tensor:
    """The very same numbers on the device of `index`, int64 (n,): float64 (n,)."""
    before, after = constants(seed, epoch, stream)
    state = _mix_tensor((index + 1) * _signed(GOLDEN) + _signed(before))
    state = _mix_tensor(state + _signed(after))
    return _shifted(state, 11).double() * 2.0**-53


def _mix_tensor(z: Tensor) -> Tensor:
    # int64 wraps around as uint64 does; only its right shifts have to be made logical.
    z = (z ^ _shifted(z, 30)) * _signed(FIRST)
    z = (z ^ _shifted(z, 27)) * _signed(SECOND)
    return z ^ _shifted(z, 31)


def _shifted(z: Tensor, bits: int) -> Tensor:
    return (z >> bits) & ((1 << (64 - bits)) - 1)


def _signed(word: int) -> int:
    return word - 2**64 if word >= 2**63 else word
