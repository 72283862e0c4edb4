"""Windows of regions, bins and sequences, against loops over plain strings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nucleotides.genome import GenomeStore, decode, encode
from nucleotides.predict.regions import place_windows
from nucleotides.predict.regions.place_windows import (
    Windows,
    n_windows_of_regions,
    windows_of_bins,
    windows_of_regions,
    windows_of_sequences,
)
from nucleotides.predict.regions.read_sequences import Record
from tests import toy

LENGTH, STEP = 50, 20
COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_windows, "PART", 7)


@pytest.fixture
def genome(tmp_path: Path) -> GenomeStore:
    return toy.genome_store(tmp_path)


def texts(genome: GenomeStore) -> dict[str, str]:
    return {name: decode(genome.codes(name, [0], n)[0]) for name, n in genome.contigs.items()}


def window(text: str, start: int) -> str:
    return "".join(text[i] if 0 <= i < len(text) else "N" for i in range(start, start + LENGTH))


def cut(parts: Iterable[Windows]) -> tuple[pd.DataFrame, list[list[str]]]:
    """Facts of all parts, and the windows of each row."""
    facts, rows = [], []
    for part in parts:
        codes = [decode(w) for w in part.codes(0, int(part.edges[-1]))]
        assert codes[2:5] == [decode(w) for w in part.codes(2, min(5, len(codes)))]
        rows += [codes[a:b] for a, b in zip(part.edges[:-1], part.edges[1:], strict=True)]
        facts.append(part.facts)
    return pd.concat(facts), rows


def in_windows(text: str) -> list[str]:
    last = len(text) - LENGTH
    return [window(text, i) for i in sorted({*range(0, last + 1, STEP), last})]


def of_region(text: str, start: int, end: int, strand: str) -> list[str]:
    short = end - start <= LENGTH
    text = window(text, (start + end) // 2 - LENGTH // 2) if short else text[start:end]
    return in_windows(text.translate(COMPLEMENT)[::-1] if strand == "-" else text)


def test_regions(genome: GenomeStore) -> None:
    rng = np.random.default_rng(0)
    widths = [1, 2, 49, 50, 51, 69, 70, 71, 90, 91, 300, 7, 130, 110]
    contigs = [i % 2 for i in range(len(widths))]
    starts = [0, *rng.integers(0, 3500, len(widths) - 2), 4000 - 110]
    regions = pd.DataFrame(
        {
            "chrom": [f"chr{i + 1}" for i in contigs],
            "start": starts,
            "end": np.add(starts, widths),
            "strand": rng.choice(["+", "-", "."], len(widths)),
            "contig": contigs,
        }
    )
    parts = list(windows_of_regions(regions, genome, LENGTH, STEP))
    facts, rows = cut(parts)
    assert len(parts) > 2
    assert sum(int(part.edges[-1]) for part in parts) == n_windows_of_regions(regions, LENGTH, STEP)
    pd.testing.assert_frame_equal(facts, regions.drop(columns="contig"))
    for region, found in zip(regions.itertuples(), rows, strict=True):
        text = texts(genome)[region.chrom]
        assert found == of_region(text, region.start, region.end, region.strand)


@pytest.mark.parametrize("step", [20, 13, 35])
def test_bins(step: int, genome: GenomeStore) -> None:
    parts = list(windows_of_bins(["chr2", "chrTiny"], genome, LENGTH, 20, step))
    facts, rows = cut(parts)
    expected = [
        (contig, start, min(start + 20, size), window(texts(genome)[contig], start + 10 - 25))
        for contig, size in (("chr2", 4000), ("chrTiny", 7))
        for start in range(0, size, step)
    ]
    assert [
        (*fact, *row) for fact, row in zip(facts.itertuples(index=False), rows, strict=True)
    ] == expected
    assert max(len(part.facts) for part in parts) == 7


def test_sequences() -> None:
    sizes = {"a": 50, "b": 51, "c": 50, "d": 333, "e": 70, "f": 71, "g": 50}
    sequences = {name: toy.sequence(n, n) for name, n in sizes.items()}
    records = [Record(name, encode(text)) for name, text in sequences.items()]
    parts = list(windows_of_sequences(records, LENGTH, STEP))
    facts, rows = cut(parts)
    assert len(parts) == 2
    assert dict(zip(facts["name"], facts["length"], strict=True)) == sizes
    for text, found in zip(sequences.values(), rows, strict=True):
        assert found == in_windows(text)


def test_digests_tell_inputs_apart(genome: GenomeStore) -> None:
    def sequences(*named: tuple[str, str]) -> str:
        records = [Record(name, encode(text)) for name, text in named]
        return next(windows_of_sequences(records, LENGTH, STEP)).digest

    def region(start: int, strand: str, name: str, step: int = STEP) -> str:
        columns = {"chrom": ["chr1"], "start": [start], "end": [start + 99], "contig": [0]}
        table = pd.DataFrame({**columns, "strand": [strand], "name": [name]})
        return next(windows_of_regions(table, genome, LENGTH, step)).digest

    a, b = toy.sequence(60), toy.sequence(60, 1)
    digests = [
        *(sequences(("x", a)), sequences(("x", b)), sequences(("y", a))),
        *(region(1, "+", "n"), region(2, "+", "n"), region(1, "-", "n"), region(1, "+", "m")),
        region(1, "+", "n", STEP + 1),
    ]
    assert len(set(digests)) == len(digests)
    assert sequences(("x", a)) == digests[0]
