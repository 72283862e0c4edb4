"""The weights of a bundle: a safetensors file, looked at before it is loaded."""

from __future__ import annotations

import struct
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from nucleotides.errors import CorruptStoreError
from nucleotides.model.build_network import Kind

_LONGEST_HEADER = 16_000_000
_TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


def kinds_of_weights(path: Path) -> dict[str, Kind]:
    """Shape and type of every tensor, from the file's header.

    Raises:
        CorruptStoreError: it is no safetensors file (a pickle, say), cut, or its header is longer
            than one can be.
    """
    _check_header(path)
    try:
        with safe_open(path, framework="pt") as file:
            parts = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
            return {
                name: Kind(tuple(part.get_shape()), _TYPES[part.get_dtype()])
                for name, part in parts.items()
            }
    except (SafetensorError, KeyError, ValueError, OverflowError) as error:
        raise CorruptStoreError(f"{path} holds no weights: {error}") from error


def load_weights(path: Path) -> dict[str, Tensor]:
    """Every tensor, by name.

    Raises:
        CorruptStoreError: as `kinds_of_weights`, or a value is no number.
    """
    _check_header(path)
    try:
        weights: dict[str, Tensor] = load_file(path)
    except (SafetensorError, RuntimeError, KeyError, ValueError) as error:
        raise CorruptStoreError(f"{path} holds no weights: {error}") from error
    for name, values in weights.items():
        if not all_numbers(values):
            raise CorruptStoreError(
                f"{path}: {name} holds values that are no numbers (NaN or infinite): the training "
                "of the model failed, or the file was changed"
            )
    return weights


def all_numbers(values: Tensor) -> bool:
    """Whether no value is NaN or infinite. The sum tells, unless it is too large itself."""
    if not values.is_floating_point():
        return True
    return bool(values.sum().isfinite()) or bool(values.isfinite().all())


def _check_header(path: Path) -> None:
    """Of a giant header, the library would read all; of a pickle, the first bytes mean that."""
    size = path.stat().st_size
    with path.open("rb") as file:
        begin = file.read(8)
    length = struct.unpack("<Q", begin)[0] if len(begin) == 8 else size
    if 8 + length > size:
        raise CorruptStoreError(f"{path} holds no weights: it is no safetensors file, or is cut")
    if length > _LONGEST_HEADER:
        raise CorruptStoreError(f"{path} holds no weights: its header is too long")
