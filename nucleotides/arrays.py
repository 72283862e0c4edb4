"""Named numpy arrays in one safetensors file: written in order, read back as memory maps.

The format is that of the safetensors library (8 bytes of header length, a JSON header, the
arrays), so `safetensors.torch.load_file(path, device="cuda")` puts a file onto a GPU in one call.
Reading here maps the file instead of copying it: pages are shared by all processes.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nucleotides.errors import CorruptStoreError

_TYPES = {
    "U8": np.uint8,
    "U16": np.uint16,
    "U32": np.uint32,
    "U64": np.uint64,
    "I32": np.int32,
    "I64": np.int64,
    "F16": np.float16,
    "F32": np.float32,
    "F64": np.float64,
}
_UNREADABLE = (
    *(OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError),
    struct.error,
)
_LONGEST_HEADER = 16_000_000
_NAMES = {np.dtype(kind): name for name, kind in _TYPES.items()}

Array = np.ndarray[Any, np.dtype[Any]]


def save_arrays(path: Path, arrays: Mapping[str, Array], *, checksum: bool = True) -> str:
    """Write `arrays` to `path`; the SHA-256 of its bytes, or "" without `checksum`.

    Wrap in `files.replacing` for an atomic write.
    """
    widest_first = sorted(arrays.items(), key=lambda item: (-item[1].dtype.itemsize, item[0]))
    header, offset = {}, 0
    for name, array in widest_first:
        header[name] = {
            "dtype": _NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for part in (struct.pack("<Q", len(text)) + text, *(array for _, array in widest_first)):
            content = part if isinstance(part, bytes) else np.ascontiguousarray(part).data
            file.write(content)
            if checksum:
                digest.update(content)
    return digest.hexdigest() if checksum else ""


def open_arrays(path: Path) -> dict[str, Array]:
    """Memory-map the arrays of a safetensors file, read-only.

    Raises:
        CorruptStoreError: the file is shorter than its header says, or has no header.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = struct.unpack("<Q", file.read(8))[0]
            if length > _LONGEST_HEADER:
                raise ValueError(f"a header of {length} bytes")
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        entries = {name: _entry(entry) for name, entry in header.items()}
    except _UNREADABLE as error:
        raise CorruptStoreError(
            f"{path} cannot be read as arrays, make it again: {error!r}"
        ) from error
    base = 8 + length
    end = base + max((entry.end for entry in entries.values()), default=0)
    if size != end:
        raise CorruptStoreError(
            f"{path} has {size} bytes, its header promises {end}: make it again"
        )
    return {name: _map(path, base, entry) for name, entry in entries.items()}


class _Entry(NamedTuple):
    kind: Any
    shape: tuple[int, ...]
    start: int
    end: int


def _entry(fields: dict[str, Any]) -> _Entry:
    start, end = fields["data_offsets"]
    kind, shape = _TYPES[fields["dtype"]], tuple(fields["shape"])
    numbers = (start, end, *shape)
    sound = all(isinstance(n, int) and n >= 0 for n in numbers)
    if not sound or math.prod(shape) * np.dtype(kind).itemsize != end - start:
        raise ValueError(f"an array of shape {shape} in bytes {start} to {end}")
    return _Entry(kind, shape, start, end)


def _map(path: Path, base: int, entry: _Entry) -> Array:
    if 0 in entry.shape:
        return np.empty(entry.shape, entry.kind)
    start = base + entry.start
    array = np.memmap(path, entry.kind, mode="r", offset=start, shape=entry.shape)
    return array.view(np.ndarray)
