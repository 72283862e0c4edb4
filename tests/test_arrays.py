"""Arrays in one file: as the safetensors library writes and reads them."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from nucleotides.arrays import open_arrays, save_arrays
from nucleotides.errors import CorruptStoreError

KINDS = ["u1", "u2", "u4", "i4", "i8", "f2", "f4", "f8"]
arrays = st.dictionaries(
    st.text(min_size=1, max_size=6).filter(lambda name: name != "__metadata__"),
    npst.arrays(st.sampled_from(KINDS), npst.array_shapes(min_dims=0, min_side=0, max_side=4)),
    min_size=1,
    max_size=5,
)


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(
        (x.dtype, x.shape, x.tobytes()) == (b[name].dtype, b[name].shape, b[name].tobytes())
        for name, x in a.items()
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arrays") / "x.safetensors"


@given(arrays)
def test_the_library_reads_what_is_written(file: Path, given: dict[str, np.ndarray]) -> None:
    save_arrays(file, given)
    assert same(safetensors.numpy.load_file(file), given)
    assert same(open_arrays(file), given)


@given(arrays)
def test_what_the_library_writes_is_read(file: Path, given: dict[str, np.ndarray]) -> None:
    safetensors.numpy.save_file(given, file, metadata={"made": "by the library"})
    assert same(open_arrays(file), given)


def test_a_strided_array_is_written_whole(tmp_path: Path) -> None:
    array = np.arange(60).reshape(6, 10)[::2, ::-3]
    save_arrays(tmp_path / "x", {"a": array, "b": array.T})
    assert same(open_arrays(tmp_path / "x"), {"a": array, "b": array.T})


def test_torch_reads_it_onto_a_device_in_one_call(tmp_path: Path) -> None:
    save_arrays(tmp_path / "x", {"a": np.arange(5, dtype=np.uint8)})
    assert safetensors.torch.load_file(tmp_path / "x", device="cpu")["a"].tolist() == [
        0,
        1,
        2,
        3,
        4,
    ]


def test_arrays_are_mapped_and_cannot_be_changed(tmp_path: Path) -> None:
    save_arrays(tmp_path / "x", {"a": np.arange(5)})
    array = open_arrays(tmp_path / "x")["a"]
    assert isinstance(array.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def header(content: object, body: bytes = b"") -> bytes:
    text = json.dumps(content).encode()
    return struct.pack("<Q", len(text)) + text + body


DAMAGED = {
    "empty": b"",
    "7 bytes": b"1234567",
    "noise": bytes(range(255, 0, -1)),
    "length beyond the file": struct.pack("<Q", 1 << 40) + b"{}",
    "a list": header([]),
    "a number": header(3),
    "no offsets": header({"a": {"dtype": "U8", "shape": [1]}}, b"1"),
    "no entry": header({"a": 5}, b"1"),
    "short": header({"a": {"dtype": "U8", "shape": [9], "data_offsets": [0, 9]}}, b"1"),
    "long": header({"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}, b"12"),
    "unknown type": header({"a": {"dtype": "X9", "shape": [1], "data_offsets": [0, 1]}}, b"1"),
}


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_file_is_refused(how: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(DAMAGED[how])
    with pytest.raises(CorruptStoreError) as caught:
        open_arrays(tmp_path / "x")
    assert str(tmp_path / "x") in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorruptStoreError, match="none"):
        open_arrays(tmp_path / "none")
