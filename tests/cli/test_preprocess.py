"""`nucleotides pre-process` and what can go wrong: message, exit code, nothing half-written."""

from __future__ import annotations

import errno
import gzip
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from nucleotides.cli.main import make_app
from nucleotides.genome import GenomeStore
from nucleotides.targets import TargetStore
from tests import toy
from tests.cli.stop import Stopper

TRAINING = ["distinct_features.txt", "intervals.bed", "lock.json", "positive_weights.tsv"]
TRAINING += ["selected_experiments.tsv", "selected_signals.tsv", "target.bed.gz"]
TRAINING += ["target.bed.gz.tbi", "targets"]


@pytest.fixture
def data(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """DATA_DIR with the inputs of pre-process where the settings look for them."""
    monkeypatch.setenv("NUCLEOTIDES_TOP_DIR", str(empty_folder))
    monkeypatch.setenv("NUCLEOTIDES_PREPROCESSING_LOG", str(empty_folder / "log"))  # has times
    return lay_out(empty_folder / "data")


def lay_out(data: Path, seed: int = 0) -> Path:
    made = toy.inputs(data / "made", seed)
    for path, place in [
        (made["fasta"], "genomes/GRCh38.fasta.gz"),
        (made["peaks"], "bed/manually_added"),
    ]:
        (data / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(data / place, ignore_errors=True)
        path.replace(data / place)
    shutil.rmtree(data / "made")
    return data


def fasta(data: Path) -> Path:
    return data / "genomes" / "GRCh38.fasta.gz"


def peaks(data: Path) -> Path:
    return data / "bed" / "manually_added"


def run(*arguments: str) -> Any:
    result = CliRunner().invoke(make_app(), list(arguments), prog_name="nucleotides")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def pre_process(*arguments: str) -> Any:
    return run("pre-process", "--no-encode", *arguments)


def test_everything_is_made(data: Path) -> None:
    result = pre_process("--validation", "chr1:0-2,000", "--test", "chr2")
    assert result.exit_code == 0
    training = data / "training"
    assert sorted(p.name for p in training.iterdir()) == TRAINING
    genome = GenomeStore.open(data / "genomes" / "GRCh38.store")
    store = TargetStore.open(training / "targets")
    assert genome.contigs == store.contigs == toy.CONTIGS
    assert store.tasks["task"].tolist() == ["task0", "task1", "task2"]
    assert store.tasks["assay"].tolist() == ["DNase-seq", "", ""]
    assert (training / "distinct_features.txt").read_text().split() == store.tasks["task"].tolist()
    selected = pd.read_csv(training / "selected_experiments.tsv", sep="\t")
    assert selected["file"].tolist() == ["task0.bed", "task1.narrowPeak.gz", "task2.broadPeak"]
    assert selected["peaks"].tolist() == [40, 40, 40]
    weights = pd.read_csv(training / "positive_weights.tsv", sep="\t")
    assert weights["task"].tolist() == store.tasks["task"].tolist()
    assert f"tasks 3, merged peaks {store.n_peaks:,}, contigs 4, bases 12,507: " in result.stdout
    again = toy.listing(data)
    assert pre_process("--validation", "chr1:0-2,000", "--test", "chr2").exit_code == 0
    assert toy.listing(data) == again


def truncated(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])


def appended(name: str, line: str) -> Callable[[Path], None]:
    def change(data: Path) -> None:
        path = peaks(data) / name
        text = gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes()
        packing: toy.Packing = "gzip" if name.endswith("gz") else "plain"
        toy.write_packed(path, b"# a comment\n\n" + text + line.encode(), packing)

    return change


def written(name: str, text: str) -> Callable[[Path], None]:
    return lambda data: (peaks(data) / name).write_text(text) and None  # type: ignore[func-returns-value]


def fasta_of(text: str) -> Callable[[Path], None]:
    return lambda data: toy.write_packed(fasta(data), text.encode(), "gzip") and None  # type: ignore[func-returns-value]


BAD_INPUT: dict[str, tuple[Callable[[Path], Any], str, list[str]]] = {
    # what: (what is done to the data, what the message says, options)
    "FASTA cut": (lambda d: truncated(fasta(d)), "GRCh38.fasta.gz is damaged or truncated", []),
    "no FASTA": (lambda _: None, "error: no FASTA at /", ["--fasta", "elsewhere.fa"]),
    "empty FASTA": (lambda d: fasta(d).write_bytes(b""), "GRCh38.fasta.gz holds no sequence", []),
    "FASTA of protein": (fasta_of(">a\nACE\n"), "contig a, base 3: 'E' is not a nucleo", []),
    "FASTA with one contig twice": (fasta_of(">a\nA\n>a\nA\n"), "has contig 'a' twice", []),
    "peaks cut": (
        lambda d: truncated(peaks(d) / "task1.narrowPeak.gz"),
        "task1.narrowPeak.gz is damaged or truncated",
        [],
    ),
    "start beyond end": (
        appended("task0.bed", "chr1\t30\t20\n"),
        "task0.bed, line 43: start 30 is beyond end 20: 'chr1\\t30\\t20'",
        [],
    ),
    "negative": (
        appended("task1.narrowPeak.gz", "chr1\t-3\t20\n"),
        "task1.narrowPeak.gz, line 43: start is negative: 'chr1\\t-3\\t20'",
        [],
    ),
    "not a number": (
        appended("task2.broadPeak", "chr1\t3\tx\n"),
        "task2.broadPeak, line 43: end is not a whole number",
        [],
    ),
    "too few columns": (
        appended("task0.bed", "chr1\t3\n"),
        "task0.bed, line 43: fewer than 3 columns",
        [],
    ),
    "empty peak file": (written("empty.bed", ""), "empty.bed holds no peak", []),
    "only comments": (written("empty.bed", "# none\n\n"), "empty.bed holds no peak", []),
    "unknown contigs refused": (
        appended("task0.bed", "chrUn\t3\t9\n"),
        "task task0: 1 peaks lie on contigs that the FASTA lacks: chrUn (1)",
        ["--unknown-contigs", "refuse"],
    ),
    "unknown contigs only": (
        written("other.bed", "1\t3\t9\n2\t3\t9\n"),
        "task other: none of its 2 peaks lies on a contig of the FASTA (the peaks have 1, 2; the",
        [],
    ),
    "no peak files": (lambda d: shutil.rmtree(peaks(d)), "no peak files in", []),
    "an empty folder": (
        lambda d: [p.unlink() for p in peaks(d).iterdir()],
        "no peak files in",
        [],
    ),
    "table without file": (
        written("tasks.tsv", "name\nx\n"),
        "tasks.tsv needs a column `file`",
        [],
    ),
    "table of absent files": (written("tasks.tsv", "file\nx.bed\n"), "names x.bed, which is", []),
    "no table": (written("tasks.tsv", ""), "tasks.tsv cannot be read as a table", []),
    "unknown choice": (
        lambda _: None,
        "'x' is not one of 'skip', 'refuse'",
        ["--unknown-contigs", "x"],
    ),
}


@pytest.mark.parametrize("what", BAD_INPUT)
@pytest.mark.parametrize("earlier", [False, True], ids=["nothing before", "good before"])
def test_bad_input_is_a_message_and_changes_nothing(what: str, earlier: bool, data: Path) -> None:
    change, message, options = BAD_INPUT[what]
    if earlier:
        assert pre_process().exit_code == 0
    change(data)
    before = toy.listing(data / "training")
    store = toy.listing(data / "genomes" / "GRCh38.store")
    result = pre_process(*options)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.output
    assert toy.listing(data / "training") == before
    assert [p.name for p in data.rglob(".*")] == []
    if earlier:
        assert toy.listing(data / "genomes" / "GRCh38.store") == store
        GenomeStore.open(data / "genomes" / "GRCh38.store")
        TargetStore.open(data / "training" / "targets")


def test_an_unknown_contig_is_reported_and_passed_over(data: Path) -> None:
    appended("task0.bed", "chrUn\t3\t9\nchrUn\t30\t90\nchrM\t1\t2\nchr1\t5999\t7000\n")(data)
    result = pre_process()
    assert result.exit_code == 0
    assert "3 peaks lie on contigs that the FASTA lacks: chrM (1), chrUn (2)" in result.stderr
    assert "1 were cut at it" in result.stderr
    assert TargetStore.open(data / "training" / "targets").skipped["unknown_contigs"] == {
        "chrM": 1,
        "chrUn": 2,
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [("chr1:5", "'chr1:5' is no region"), ("chr1:0-99999", "does not lie on chr1")],
)
def test_a_wrong_split_changes_nothing(value: str, message: str, data: Path) -> None:
    result = pre_process("--validation", value)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (data / "training").exists()


@pytest.mark.parametrize("name", ["codes.u8", "manifest.json", "unknown.safetensors"])
def test_pre_process_mends_a_damaged_store(name: str, data: Path) -> None:
    assert pre_process().exit_code == 0
    before = toy.listing(data)
    truncated(data / "genomes" / "GRCh38.store" / name)
    truncated(data / "training" / "targets" / "manifest.json")
    assert pre_process().exit_code == 0
    assert toy.listing(data) == before


@pytest.mark.filterwarnings("ignore")  # Lightning's advice, as it is imported
def test_train_notices_a_fasta_that_changed(data: Path) -> None:
    assert pre_process().exit_code == 0
    toy.write_fasta(fasta(data), toy.genome(seed=9), packing="gzip")
    os.utime(fasta(data), ns=(1, 1))
    before = toy.listing(data)
    result = run("train", "--model_class", "deepsea", "--validation", "chr1", "--test", "chr2")
    assert result.exit_code == 3, result.output
    assert "GRCh38.fasta.gz has changed since" in result.stderr
    assert "run `nucleotides pre-process` again" in result.stderr
    assert toy.listing(data) == before
    assert not (data.parent / "lightning_logs").exists()
    assert pre_process().exit_code == 0
    assert GenomeStore.open(data / "genomes" / "GRCh38.store").is_current()


def test_ctrl_c_anywhere_in_writing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nucleotides.targets.write_store.save_arrays", interrupted)
    result = pre_process()
    assert result.exit_code == 130
    assert "nothing is half-written" in result.stderr
    assert not list((data / "training").iterdir())


def test_everything_is_written_under_a_temporary_name(
    data: Path, request: pytest.FixtureRequest
) -> None:
    written, watching = list[str](), True

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event == "open" and isinstance(arguments[0], (str, os.PathLike)):
            path, _, flags = arguments
            if flags & (os.O_WRONLY | os.O_RDWR) and Path(path).is_relative_to(data):
                written.append(str(path))

    def stop() -> None:
        nonlocal watching
        watching = False

    request.addfinalizer(stop)  # a hook cannot be taken off
    sys.addaudithook(watch)
    assert pre_process().exit_code == 0
    assert len(written) > 8
    assert [path for path in written if ".part" not in path] == []


def fail_on(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing to `place` finds the disk full."""

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(place, full)


@pytest.mark.parametrize(
    "place",
    [
        "nucleotides.genome.store.save_arrays",
        "nucleotides.genome.store.write_json",
        "nucleotides.targets.write_store.save_arrays",
        "pandas.DataFrame.to_csv",
        "pysam.tabix_index",
    ],
)
def test_a_full_disk_is_a_message(place: str, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_on(place, monkeypatch)
    result = pre_process()
    assert result.exit_code == 4
    assert "the disk is full" in result.stderr
    assert [p.name for p in data.rglob(".*")] == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    mount = shutil.which("mount")
    if mount is None:
        pytest.skip("needs a small file system, and there is no program mount")
    tried = subprocess.run(command, capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"needs leave to mount a tmpfs of 1 MB (CAP_SYS_ADMIN): {tried.stderr.strip()}")
    try:
        yield folder
    finally:
        # Lazily: maps of stores may still be open.
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("room", [0, 6_000, 20_000, 400_000])
def test_a_disk_that_is_really_full(
    room: int, data: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUCLEOTIDES_TRAINING_DIR", str(small_disk / "training"))
    monkeypatch.setenv("NUCLEOTIDES_GENOME_STORE", str(small_disk / "genome"))
    assert pre_process().exit_code == 0
    before = toy.listing(small_disk)
    lay_out(data, seed=5)
    contigs = {"chr1": toy.sequence(300_000), "chr2": toy.sequence(300_000)}
    toy.write_fasta(fasta(data), contigs, packing="gzip")
    (small_disk / "ballast").write_bytes(bytes(shutil.disk_usage(small_disk).free - room))
    result = pre_process()
    (small_disk / "ballast").unlink()
    assert result.exit_code == 4
    assert "the disk is full" in result.stderr
    assert "Traceback" not in result.output
    assert toy.listing(small_disk) == before
    assert GenomeStore.open(small_disk / "genome").contigs == toy.CONTIGS
    assert TargetStore.open(small_disk / "training" / "targets").contigs == toy.CONTIGS


@pytest.mark.parametrize("room", [6_000, 20_000])
def test_a_disk_full_of_targets_keeps_the_earlier_ones(
    room: int, data: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUCLEOTIDES_TRAINING_DIR", str(small_disk / "training"))
    assert pre_process().exit_code == 0
    before = toy.listing(small_disk)
    for i in range(30):
        toy.write_peaks(peaks(data) / f"more{i}.bed", toy.peaks(i, n=400, widest=30))
    (small_disk / "ballast").write_bytes(bytes(shutil.disk_usage(small_disk).free - room))
    result = pre_process()
    (small_disk / "ballast").unlink()
    assert result.exit_code == 4
    assert toy.listing(small_disk) == before
    assert len(TargetStore.open(small_disk / "training" / "targets").tasks) == 3


@pytest.fixture
def stopper(data: Path) -> Iterator[Stopper]:
    split = ("--validation", "chr1:0-2000", "--test", "chr2")
    stopper = Stopper(data.parent, "--no-encode", *split)
    yield stopper
    stopper.close()


def units(data: Path) -> dict[str, dict[str, bytes]]:
    """Content of each thing that pre-process writes as a whole."""
    paths = [data / "genomes" / "GRCh38.store", *((data / "training" / n) for n in TRAINING)]
    return {p.name: toy.listing(p) if p.is_dir() else {"": p.read_bytes()} for p in paths}


@pytest.mark.parametrize(
    ("number", "times"), [(signal.SIGINT, 8), (signal.SIGKILL, 5)], ids=["Ctrl-C", "kill -9"]
)
@pytest.mark.parametrize("kind", ["calls", "files"])
def test_stopped_at_a_random_moment_and_run_again(
    number: int, times: int, kind: str, data: Path, stopper: Stopper, tmp_path: Path
) -> None:
    lay_out(data, seed=5)
    assert stopper.run("here")["code"] == 0
    old = units(data)
    lay_out(data, seed=0)
    start = tmp_path / "start"
    shutil.copytree(data, start)
    undisturbed = stopper.run(kind)
    assert undisturbed["code"] == 0
    new, whole = units(data), toy.listing(data)
    alike = {"distinct_features.txt", "selected_signals.tsv"}
    assert all(new[name] != old[name] for name in new.keys() - alike)
    moments = np.random.default_rng(number).integers(1, undisturbed["steps"], times)
    stopped = 0
    for moment in map(int, moments):
        shutil.rmtree(data)
        shutil.copytree(start, data)
        answer = stopper.run(kind, moment, number)
        stopped += answer["code"] != 0
        if number == signal.SIGINT:
            assert answer["code"] in (0, 1, 130)
            assert [p.name for p in data.rglob(".*")] == []
        else:
            assert answer["code"] == -signal.SIGKILL
        GenomeStore.open(data / "genomes" / "GRCh38.store")
        TargetStore.open(data / "training" / "targets")
        found = units(data)
        for name in new:
            assert found[name] in (old[name], new[name]), (name, moment)
        assert stopper.run()["code"] == 0
        assert toy.listing(data) == whole, moment
    assert stopped > times // 2
