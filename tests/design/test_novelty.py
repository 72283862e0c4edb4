"""Which pieces of sequences a genome holds, against plain strings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nucleotides.design.novelty as module
from nucleotides.design.novelty import PIECE, novelty, pieces
from nucleotides.genome import decode, encode, reverse_complement
from tests import toy


def expected(sequence: str, genome: dict[str, str]) -> tuple[float, int]:
    strands = [contig.upper() for contig in genome.values()]
    strands += [decode(reverse_complement(encode(contig))) for contig in strands]
    known = [
        sequence[i : i + PIECE]
        for i in range(len(sequence) - PIECE + 1)
        if "N" not in sequence[i : i + PIECE]
    ]
    held = [any(piece in strand for strand in strands) for piece in known]
    longest = max(
        (
            end - first
            for first in range(len(sequence))
            for end in range(first + PIECE, len(sequence) + 1)
            if "N" not in sequence[first:end]
            and any(sequence[first:end] in strand for strand in strands)
        ),
        default=0,
    )
    return (np.mean(held) if known else np.nan), longest


@pytest.mark.parametrize("block", [1 << 22, 100])
def test_pieces_are_found(block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", block)
    contigs = {"one": toy.odd_sequence(700, 1), "two": toy.sequence(400, 2), "short": "ACGT"}
    one, two = contigs["one"].upper(), contigs["two"]
    other = decode(reverse_complement(encode(two)))
    sequences = [
        two[:120],
        other[50:120],
        toy.sequence(90, 9),
        toy.sequence(30, 3) + two[200:240] + toy.sequence(30, 4) + other[10:40],
        two[85:140] + "N" + two[141:180],
        two[-30:] + one[:30],
        "ACGT",
        "N" * 40,
    ]
    sequences = [decode(encode(sequence)) for sequence in sequences]
    contigs = {name: decode(encode(contig)) for name, contig in contigs.items()}
    store = toy.genome_store(tmp_path, contigs)
    found = novelty([encode(sequence) for sequence in sequences], store)
    for i, sequence in enumerate(sequences):
        share, longest = expected(sequence, contigs)
        np.testing.assert_allclose(found.share[i], share)
        assert found.longest[i] == longest
    assert found.longest[0] == 120
    assert found.share[2] == 0


def test_pieces_are_numbers_of_their_bases() -> None:
    words, known = pieces(encode("A" * 23 + "CN" + "ACGT" * 6))
    assert words[0] == 1
    assert known.tolist() == [True] + [False] * 24 + [True]
    assert words[-1] == int("00011011" * 6, 2)
