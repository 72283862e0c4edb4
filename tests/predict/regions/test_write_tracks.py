"""Tracks: which bases have which value, read back."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pybigtools
import pytest

from nucleotides.errors import CoordinateError, InputError, MissingDependencyError, StoreError
from nucleotides.predict.keep_rows import Rows, save_rows
from nucleotides.predict.regions.write_tracks import in_order, write_tracks

CONTIGS = {"chr1": 95, "chr2": 30}


def parts(folder: Path, step: int, bin: int = 20) -> list[Path]:
    """Bins of both contigs, a part each; the value of task i is a bin's number and i / 4."""
    paths = []
    for chrom, size in CONTIGS.items():
        starts = np.arange(0, size, step)
        facts = pd.DataFrame(
            {
                "chrom": chrom.removeprefix("chr"),
                "start": starts,
                "end": np.minimum(starts + bin, size),
            }
        )
        values = np.arange(starts.size)[:, None] + np.array([0, 0.25])
        paths.append(folder / f"{chrom}.part")
        save_rows(paths[-1], Rows(facts, {"probability": values.astype(np.float32)}))
    return paths


def per_base(path: Path, chrom: str) -> list[float]:
    track = pybigtools.open(str(path))
    assert dict(track.chroms()) == CONTIGS
    values = [np.nan] * CONTIGS[chrom]
    for start, end, value in track.records(chrom):
        assert np.isnan(values[start:end]).all()
        values[start:end] = [value] * (end - start)
    return values


@pytest.mark.parametrize("step", [20, 6, 7, 30])
def test_each_base_has_the_value_of_the_bin_it_is_in_the_middle_of(
    step: int, tmp_path: Path
) -> None:
    write_tracks(parts(tmp_path, step), ["a", "b/c"], tmp_path / "out", CONTIGS, 20, step)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.bw", "b_c.bw"]
    for name, more in (("a.bw", 0.0), ("b_c.bw", 0.25)):
        for chrom, size in CONTIGS.items():
            expected = [np.nan] * size
            inset, width = ((20 - step) // 2, step) if step < 20 else (0, 20)
            for i in range(-(-size // step)):
                for base in range(i * step + inset, min(i * step + inset + width, size)):
                    expected[base] = i + more
            np.testing.assert_array_equal(per_base(tmp_path / "out" / name, chrom), expected)


def test_rows_without_a_value_are_left_out(tmp_path: Path) -> None:
    facts = pd.DataFrame({"chrom": "chr1", "start": [0, 5], "end": [5, 9]})
    values = np.array([[np.nan], [2]], np.float32)
    save_rows(tmp_path / "part", Rows(facts, {"probability": values}))
    write_tracks([tmp_path / "part"], ["a"], tmp_path / "out", CONTIGS)
    track = pybigtools.open(str(tmp_path / "out" / "a.bw"))
    assert list(track.records("chr1")) == [(5, 9, 2.0)]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"two tasks would have the track a_b\.bw"):
        write_tracks(parts(tmp_path, 20), ["a/b", "a_b"], tmp_path / "out", CONTIGS)
    facts = pd.DataFrame({"chrom": ["chr1"], "start": [0], "end": [5]})
    save_rows(tmp_path / "part", Rows(facts, {"z": np.full((1, 1), np.nan, np.float32)}))
    with pytest.raises(StoreError, match=r"a\.bw could not be written"):
        write_tracks([tmp_path / "part"], ["a"], tmp_path / "out", CONTIGS)
    assert not (tmp_path / "out").exists()


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pybigtools", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'nucleotides\[tracks\]'"):
        write_tracks([], [], tmp_path / "out", CONTIGS)


def test_regions_are_put_in_order_and_may_touch() -> None:
    table = pd.DataFrame(
        {
            "chrom": ["chr2", "chr1", "chr1", "chr10"],
            "start": [0, 10, 5, 0],
            "end": [3, 20, 10, 9],
            "contig": [1, 0, 0, 2],
        }
    )
    assert in_order(table)["start"].tolist() == [5, 10, 0, 0]
    table.loc[2, "end"] = 11
    with pytest.raises(CoordinateError, match="chr1:5-11 and chr1:10-20 overlap"):
        in_order(table)
