"""Many files into a store: the same bytes for any workers, with and without an earlier store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nucleotides.errors import InputError, PeakFileError
from nucleotides.targets import build
from nucleotides.targets.build import build_store
from nucleotides.targets.merge import Support
from nucleotides.targets.task import PeakFile, TaskSource
from tests import toy

CONTIGS = {"chr1": 6000, "chr2": 4000}


def write(folder: Path, name: str, seed: int) -> PeakFile:
    path = toy.write_peaks(folder / f"{name}.narrowPeak.gz", toy.peaks(seed, CONTIGS), "gzip")
    return PeakFile(path, f"{name}:{seed}")


@pytest.fixture
def sources(tmp_path: Path) -> list[TaskSource]:
    files = [write(tmp_path / "files", f"f{i}", i) for i in range(9)]
    supports: Sequence[Support] = ["union", "majority", "all"]
    return [
        TaskSource(f"task{i}", tuple(files[i : i + 3]), slop=50 * i, support=supports[i % 3])
        for i in range(6)
    ]


def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of tasks whose files are read from now on."""
    read, original = list[str](), build.read_task

    def reading(source: TaskSource, *rest: Any) -> Any:
        read.append(source.task)
        return original(source, *rest)

    monkeypatch.setattr(build, "read_task", reading)
    return read


def test_the_same_bytes_for_any_number_of_workers(
    sources: list[TaskSource], tmp_path: Path
) -> None:
    listings = []
    for n_workers in (1, 2, 4):
        out = tmp_path / f"store{n_workers}"
        built = build_store(sources, CONTIGS, out, n_workers=n_workers)
        listings.append(toy.listing(built.store.path))
    assert listings[0] == listings[1] == listings[2]


def test_only_what_changed_is_read(
    sources: list[TaskSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "store"
    assert build_store(sources, CONTIGS, out).reused == 0
    before = toy.listing(out)
    read = read_files(monkeypatch)
    again = build_store(sources, CONTIGS, out, n_workers=2)
    assert (read, again.reused, toy.listing(out)) == ([], 6, before)
    new = write(tmp_path / "new", "f3", 77)
    changed = [
        TaskSource(s.task, (new, *s.files[1:]), s.slop) if s.task == "task3" else s for s in sources
    ]
    grown = [*changed[1:], TaskSource("more", (new,))]
    assert build_store(grown, CONTIGS, out).reused == 4
    assert sorted(read) == ["more", "task3"]
    fresh = build_store(grown, CONTIGS, tmp_path / "fresh").store
    assert toy.listing(out) == toy.listing(fresh.path)


@pytest.mark.parametrize("what", ["slop", "support", "order", "name"])
def test_what_makes_a_task_another(
    what: str, sources: list[TaskSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_store(sources, CONTIGS, tmp_path / "store")
    read = read_files(monkeypatch)
    old = sources[0]
    new = {
        "slop": TaskSource(old.task, old.files, 1, old.support),
        "support": TaskSource(old.task, old.files, old.slop, "all"),
        "order": TaskSource(old.task, old.files[::-1], old.slop, old.support),
        "name": TaskSource("else", old.files, old.slop, old.support),
    }[what]
    build_store([new, *sources[1:]], CONTIGS, tmp_path / "store")
    assert read == ([new.task])


def test_another_genome_reads_everything_again(
    sources: list[TaskSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "store"
    build_store(sources, CONTIGS, out)
    read = read_files(monkeypatch)
    for contigs in ({"chr2": 4000, "chr1": 6000}, {"chr1": 6000}):
        read.clear()
        assert build_store(sources, contigs, out).reused == 0
        assert len(read) == 6


def test_an_earlier_store_that_is_damaged_is_made_anew(
    sources: list[TaskSource], tmp_path: Path
) -> None:
    out = tmp_path / "store"
    build_store(sources, CONTIGS, out)
    before = toy.listing(out)
    for name in before:
        (out / name).write_bytes(before[name][:-9])
        build_store(sources, CONTIGS, out)
        assert toy.listing(out) == before


@pytest.mark.parametrize("n_workers", [1, 3])
def test_a_bad_file_is_named_and_changes_nothing(
    n_workers: int, sources: list[TaskSource], tmp_path: Path
) -> None:
    out = tmp_path / "store"
    build_store(sources, CONTIGS, out)
    before = toy.listing(out)
    bad = tmp_path / "files" / "bad.bed"
    bad.write_text("chr1\t5\n")
    more = [*sources, TaskSource("bad", (PeakFile(bad, "x"),))]
    with pytest.raises(PeakFileError, match=r"bad.bed, line 1: fewer than 3 columns"):
        build_store(more, CONTIGS, out, n_workers=n_workers)
    assert toy.listing(out) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["files", "store"]


def test_a_task_that_no_base_supports_is_named(tmp_path: Path) -> None:
    files = []
    for i in range(2):
        path = tmp_path / f"{i}.bed"
        path.write_text(f"chr1\t{i * 100}\t{i * 100 + 50}\n")
        files.append(PeakFile(path, str(i)))
    source = TaskSource("t", tuple(files), support="all")
    with pytest.raises(InputError, match="task t: no base is covered by all of its 2 files"):
        build_store([source], CONTIGS, tmp_path / "store")
    with pytest.raises(InputError, match="there is no task to store"):
        build_store([], CONTIGS, tmp_path / "store")
