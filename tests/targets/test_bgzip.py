"""Our bgzip, read by those who know the format."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pysam
import pytest

from nucleotides.files import is_cut_bgzip
from nucleotides.targets.bed_text import bed_text
from nucleotides.targets.bgzip import _BLOCK, BgzipWriter


@pytest.mark.parametrize("size", [0, 1, _BLOCK - 1, _BLOCK, _BLOCK + 1, 5 * _BLOCK + 3])
@pytest.mark.parametrize("random", [False, True])
def test_htslib_and_gzip_read_it(size: int, random: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(size)
    text = rng.integers(0, 256, size, dtype=np.uint8).tobytes() if random else b"chr1\t12\n" * size
    path = tmp_path / "x.gz"
    with path.open("wb") as file:
        writer = BgzipWriter(file)
        for start in range(0, len(text), 50_001):
            writer.write(text[start : start + 50_001])
        writer.close()
    assert gzip.decompress(path.read_bytes()) == text
    with pysam.BGZFile(str(path)) as known:
        assert known.read(len(text) + 1) == text
    assert not is_cut_bgzip(path)
    path.write_bytes(path.read_bytes()[:-1])
    assert is_cut_bgzip(path)


def test_bed_text() -> None:
    places = np.array([0, 9, 10, 99, 100, 2_147_483_646])
    contigs, names = np.array([0, 0, 1, 1, 0, 1]), np.array([2, 0, 1, 0, 2, 1])
    found = bed_text(contigs, places, places + 1, names, ["chr1", "é_10"], ["a", "bb", "task3"])
    expected = [
        f"{['chr1', 'é_10'][c]}\t{p}\t{p + 1}\t{['a', 'bb', 'task3'][n]}\n"
        for c, p, n in zip(contigs, places.tolist(), names, strict=True)
    ]
    assert bytes(found).decode() == "".join(expected)
