"""Rows in parts, and the files that are made of them."""

from __future__ import annotations

import gzip
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pysam
import pytest

from nucleotides.errors import InputError
from nucleotides.predict.keep_rows import SUFFIXES, Rows, join_rows, open_rows, save_rows, suffix_of

TASKS = ["a", "b é"]


def some_rows(n: int, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    facts = pd.DataFrame(
        {
            "name": [f"r{seed}.{i}" if i % 3 else None for i in range(n)],
            "start": rng.integers(0, 10**9, n),
            "matches": pd.array([[True, False, None][i % 3] for i in range(n)], "boolean"),
            "share": np.where(np.arange(n) % 4, rng.random(n), np.nan),
        }
    )
    values = {name: rng.normal(size=(n, 2)).astype(np.float32) for name in ("z", "after", "b")}
    values["z"][::5] = np.nan
    return Rows(facts, values)


@pytest.fixture
def parts(tmp_path: Path) -> tuple[list[Path], list[Rows]]:
    """Three parts; of the second all names are missing."""
    rows = [some_rows(n, n) for n in (7, 1, 12)]
    paths = [tmp_path / f"{i}.part" for i in range(3)]
    for path, some in zip(paths, rows, strict=True):
        save_rows(path, some)
    return paths, rows


def whole(rows: list[Rows]) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    facts = pd.concat([some.facts for some in rows], ignore_index=True)
    return facts, {name: np.concatenate([r.values[name] for r in rows]) for name in rows[0].values}


def test_a_part_is_read_back(parts: tuple[list[Path], list[Rows]]) -> None:
    for path, rows in zip(*parts, strict=True):
        back = open_rows(path)
        assert list(back.values) == ["z", "after", "b"]
        for name, values in rows.values.items():
            np.testing.assert_array_equal(back.values[name], values)
        assert back.facts["start"].tolist() == rows.facts["start"].tolist()
        assert back.facts["name"].fillna("").tolist() == rows.facts["name"].fillna("").tolist()
        assert (
            back.facts["matches"].tolist()
            == rows.facts["matches"]
            .astype(object)
            .where(rows.facts["matches"].notna(), None)
            .tolist()
        )


@pytest.mark.parametrize("suffix", [".tsv", ".tsv.gz", ".parquet"])
def test_tables(suffix: str, parts: tuple[list[Path], list[Rows]], tmp_path: Path) -> None:
    facts, values = whole(parts[1])
    out = tmp_path / f"out{suffix}"
    join_rows(parts[0], TASKS, out)
    table = (
        pd.read_parquet(out)
        if suffix == ".parquet"
        else pd.read_csv(out, sep="\t", keep_default_na=False, na_values={"matches": ""}, dtype=str)
    )
    assert list(table) == [
        *("name", "start", "matches", "share", *TASKS),
        *("a:after", "b é:after", "a:b", "b é:b"),
    ]
    assert table["name"].fillna("").tolist() == facts["name"].fillna("").tolist()
    assert table["start"].astype(int).tolist() == facts["start"].tolist()
    shown = table["matches"].map({"true": True, "false": False, True: True, False: False})
    assert shown.isna().tolist() == facts["matches"].isna().tolist()
    assert shown.dropna().tolist() == facts["matches"].dropna().tolist()
    np.testing.assert_array_equal(pd.to_numeric(table["share"]), facts["share"])
    for i, task in enumerate(TASKS):
        for column, score in ((task, "z"), (f"{task}:after", "after"), (f"{task}:b", "b")):
            numbers = pd.to_numeric(table[column]).to_numpy(np.float32)
            np.testing.assert_array_equal(numbers, values[score][:, i])


def test_parquet_has_nulls_and_float32(
    parts: tuple[list[Path], list[Rows]], tmp_path: Path
) -> None:
    import pyarrow.parquet as pq

    join_rows(parts[0], TASKS, tmp_path / "out.parquet")
    table = pq.read_table(tmp_path / "out.parquet")
    assert table["a"].null_count == np.isnan(whole(parts[1])[1]["z"][:, 0]).sum()
    assert str(table["a"].type) == "float"


def test_hdf5(parts: tuple[list[Path], list[Rows]], tmp_path: Path) -> None:
    facts, values = whole(parts[1])
    join_rows(parts[0], TASKS, tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5") as file:
        assert sorted(file) == ["after", "b", "rows", "tasks", "z"]
        assert file["tasks"].asstr()[:].tolist() == TASKS
        assert h5py.h5g.get_objinfo(file["tasks"].id).mtime == 0
        for name, expected in values.items():
            assert file[name].dtype == np.float32
            assert h5py.h5g.get_objinfo(file[name].id).mtime == 0
            np.testing.assert_array_equal(file[name][:], expected)
        rows = file["rows"]
        assert rows["name"].asstr()[:].tolist() == facts["name"].fillna("").tolist()
        assert rows["start"][:].tolist() == facts["start"].tolist()
        assert rows["matches"][:].tolist() == facts["matches"].astype("Int8").fillna(-1).tolist()
        np.testing.assert_array_equal(rows["share"][:], facts["share"])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_same_parts_same_bytes(
    suffix: str, parts: tuple[list[Path], list[Rows]], tmp_path: Path
) -> None:
    join_rows(parts[0], TASKS, tmp_path / f"one{suffix}")
    join_rows(parts[0], TASKS, tmp_path / f"two{suffix}")
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


def test_packed_text_is_bgzip_of_the_text(
    parts: tuple[list[Path], list[Rows]], tmp_path: Path
) -> None:
    join_rows(parts[0], TASKS, tmp_path / "out.tsv")
    join_rows(parts[0], TASKS, tmp_path / "out.tsv.gz")
    text = (tmp_path / "out.tsv").read_bytes()
    assert gzip.decompress((tmp_path / "out.tsv.gz").read_bytes()) == text
    with pysam.BGZFile(str(tmp_path / "out.tsv.gz")) as file:
        assert file.read(len(text) + 1) == text


def test_text_with_quotes_or_tabs_is_read_back(tmp_path: Path) -> None:
    names = ['3" end', "a\tb", "plain", "two\nlines"]
    save_rows(
        tmp_path / "part", Rows(pd.DataFrame({"name": names}), {"z": np.ones((4, 1), np.float32)})
    )
    join_rows([tmp_path / "part"], ["t"], tmp_path / "out.tsv")
    assert pd.read_csv(tmp_path / "out.tsv", sep="\t")["name"].tolist() == names


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_rows_make_an_empty_table(suffix: str, tmp_path: Path) -> None:
    save_rows(tmp_path / "part", some_rows(0, 0))
    join_rows([tmp_path / "part"], TASKS, tmp_path / f"out{suffix}")
    assert (tmp_path / f"out{suffix}").stat().st_size > 0


def test_a_task_called_as_a_fact_keeps_a_column(tmp_path: Path) -> None:
    save_rows(tmp_path / "part", some_rows(3, 0))
    join_rows([tmp_path / "part"], ["a", "start"], tmp_path / "out.tsv")
    assert list(pd.read_csv(tmp_path / "out.tsv", sep="\t"))[3:6] == ["share", "a", "start:z"]


def test_a_file_is_whole_or_not_there(parts: tuple[list[Path], list[Rows]], tmp_path: Path) -> None:
    out = tmp_path / "out.tsv"
    out.write_text("before")
    parts[0][2].write_bytes(parts[0][2].read_bytes()[:-5])
    with pytest.raises(Exception, match="promises"):
        join_rows(parts[0], TASKS, out)
    assert out.read_text() == "before"


@pytest.mark.parametrize("name", ["out", "out.csv", "out.tsv.bz2", ".tsv", "out.hdf5"])
def test_other_suffixes_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"one of \.tsv, \.tsv\.gz, \.parquet, \.h5"):
        suffix_of(Path(name))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_known_suffixes(suffix: str) -> None:
    assert suffix_of(Path(f"a.b{suffix}")) == suffix
