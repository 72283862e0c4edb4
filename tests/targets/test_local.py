"""Peak files of the user's own, and the table beside them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.errors import InputError
from nucleotides.targets.local import clean, list_peak_files, task_name, unique


def folder(path: Path, *names: str, table: str | None = None) -> Path:
    for name in names:
        (path / name).write_text("chr1\t1\t2\n")
    if table is not None:
        (path / "tasks.tsv").write_text(table)
    return path


def test_an_empty_or_missing_folder_has_no_files(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        found = list_peak_files(path)
        assert found.empty
        assert list(found.columns) == ["task", "file", "path", "assay", "target", "biosample"]


def test_tasks_are_named_after_their_files(tmp_path: Path) -> None:
    names = [
        "b c.bed.gz",
        "a.narrowPeak",
        "a.bed",
        "A.broadPeak",
        "notes.txt",
        "x.bed.bak",
        "(%).bed",
    ]
    (tmp_path / "folder.bed").mkdir()
    found = list_peak_files(folder(tmp_path, *names))
    assert dict(zip(found["file"], found["task"], strict=True)) == {
        "(%).bed": "task",
        "A.broadPeak": "A",
        "a.bed": "a",
        "a.narrowPeak": "a_2",
        "b c.bed.gz": "b_c",
    }
    assert found["path"].tolist() == [str(tmp_path / name) for name in found["file"]]


def test_a_table_gives_facts_and_names(tmp_path: Path) -> None:
    table = (
        "assay\tfile\ttask\tbiosample\tlab\n"
        "DNase-seq\tb.bed\tours\tK562\tus\n"
        "ATAC-seq\ta.bed\tours\t\tNA\n"
    )
    found = list_peak_files(folder(tmp_path, "a.bed", "b.bed", "c.bed", table=table))
    assert found["task"].tolist() == ["ours", "ours", "c"]
    assert found["assay"].tolist() == ["ATAC-seq", "DNase-seq", ""]
    assert found["target"].tolist() == ["", "", ""]
    assert found["biosample"].tolist() == ["", "K562", ""]
    assert found["lab"].tolist() == ["NA", "us", ""]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("name\tassay\na.bed\tx\n", "needs a column `file`; it has name, assay"),
        ("file\na.bed\na.bed\n", "names a.bed twice"),
        ("file\nb.bed\n", "names b.bed, which is not there"),
        ("file\tasay\na.bed\tx\n", "no column `asay` is known; did you mean assay?"),
        ("file,assay\na.bed,x\n", "needs a column `file`"),
        ("", "cannot be read as a table"),
        ("file\tassay\na.bed\tx\ty\tz\n\ta\tb\tc\td\n", "cannot be read as a table"),
    ],
)
def test_a_wrong_table_is_named(table: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        list_peak_files(folder(tmp_path, "a.bed", table=table))
    assert message in str(caught.value)
    assert str(tmp_path / "tasks.tsv") in str(caught.value)


@pytest.mark.parametrize(
    ("file", "task"),
    [
        ("K562 CTCF.narrowPeak.gz", "K562_CTCF"),
        ("a.bed.bed", "a.bed"),
        ("é.bed", "task"),
        ("-x_.1.bed", "-x_.1"),
    ],
)
def test_task_name(file: str, task: str) -> None:
    assert task_name(file) == task


@given(st.text())
def test_clean_names_stay_clean(name: str) -> None:
    assert clean(clean(name)) == clean(name)
    assert clean(name).isascii()
    assert clean(name).strip()


@given(st.lists(st.sampled_from(["a", "b", "a_2", "a_3", "a_2_2", "b_2"]), max_size=12))
def test_names_become_unique_and_first_ones_stay(names: list[str]) -> None:
    found = unique(names)
    assert len(set(found)) == len(names)
    for i, name in enumerate(names):
        assert found[i].startswith(name)
        if name not in names[:i]:
            assert found[i] == name
