"""JSON from anyone: what is sound is read, what is not is refused before it costs anything."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import pytest

from nucleotides.errors import CorruptStoreError
from nucleotides.read_json import DEEPEST, MOST_VALUES, decode_json, read_json


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def test_what_is_sound_is_read(tmp_path: Path) -> None:
    content = {"a": [1, 2.5, None, "é[{,"], "b": {"c": True}, "d": []}
    (tmp_path / "x.json").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "link.json").symlink_to("x.json")
    tracemalloc.start()
    try:
        assert read_json(tmp_path / "x.json") == read_json(tmp_path / "link.json") == content
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_depth_is_bounded() -> None:
    assert decode_json(nested(DEEPEST), "x")
    for depth in (DEEPEST + 1, 900, 190_000):
        with pytest.raises(CorruptStoreError, match="x is damaged"):
            decode_json(nested(depth), "x")
    with pytest.raises(CorruptStoreError, match="nested more than"):
        decode_json(b'{"a":' + b"[" * DEEPEST + b"]" * DEEPEST + b"}", "x")


@pytest.mark.parametrize("item", [b"{}", b"[]", b"1", b'{"a":{}}'])
def test_values_are_bounded_before_they_are_made(item: bytes) -> None:
    value = b'{"a":[' + (item + b",") * 3_000_000 + b"1]}"
    tracemalloc.start()
    try:
        with pytest.raises(CorruptStoreError, match="x has more values"):
            decode_json(value, "x")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_who_needs_more_values_asks_for_them() -> None:
    value = b'{"a":[' + b"1," * MOST_VALUES + b"1]}"
    assert len(decode_json(value, "x", values=MOST_VALUES + 2)["a"]) == MOST_VALUES + 1
    with pytest.raises(CorruptStoreError, match="x has more values"):
        decode_json(value, "x", values=MOST_VALUES + 1)


def test_no_more_is_read_than_it_may_have(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b'{"a": "')
    os.truncate(path, 3_000_000_000)  # a hole: nothing on the disk
    tracemalloc.start()
    try:
        with pytest.raises(CorruptStoreError, match=r"x\.json is larger than such a file can be"):
            read_json(path, most=1000)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.json")
    for path in (tmp_path / "x.json", Path("/dev/zero")):
        with pytest.raises(CorruptStoreError, match="no file"):
            read_json(path)
    with pytest.raises(OSError, match="none"):
        read_json(tmp_path / "none.json")
