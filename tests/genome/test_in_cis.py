"""Windows of haplotypes against strings in which all alleles of the copy are spliced."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nucleotides.errors import CoordinateError, InputError
from nucleotides.genome import GenomeStore, decode
from nucleotides.genome.haplotypes import Anchor
from nucleotides.genome.in_cis import Allele, Haplotype, flanks
from tests import toy
from tests.genome.test_haplotypes import CONTIGS, NAMES, expected_of

N_VARIANTS = 20_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> GenomeStore:
    return toy.genome_store(tmp_path_factory.mktemp("genome"))


def random_haplotype(contig: str, seed: int) -> list[Allele]:
    """Alleles of 1 to 500 bases that do not overlap, some side by side, some at the ends."""
    rng = np.random.default_rng(seed)
    found, place, size = [], int(rng.integers(0, 3)), len(CONTIGS[contig])
    most = (1, 3, 40, 500)[seed % 4]
    while place < size:
        end = min(place + int(rng.integers(1, most + 1)), size)
        alt = toy.sequence(int(rng.integers(1, most + 1)), seed + place)
        found.append(Allele(place, end, alt))
        place = end + int(rng.integers(0, (1, 20, 90)[seed % 3]))
    return found


def spliced(bases: str, alleles: list[Allele]) -> str:
    for start, end, alt in reversed(alleles):
        bases = bases[:start] + alt + bases[end:]
    return bases


def overlaps(one: Allele, other: Allele) -> bool:
    return one.start < other.end and other.start < one.end


def random_sites(alleles: list[Allele], contig: str, seed: int) -> list[Allele]:
    """Alleles of the haplotype, and others that overlap some."""
    rng = np.random.default_rng(seed)
    size = len(CONTIGS[contig])
    starts = rng.integers(0, size, 20)
    ends = np.minimum(starts + rng.integers(1, 60, 20), size)
    others = [
        Allele(int(a), int(b), toy.sequence(1 + i * i, i))
        for i, (a, b) in enumerate(zip(starts, ends, strict=True))
    ]
    return [alleles[i] for i in rng.integers(0, len(alleles), 80)] + others


@pytest.mark.parametrize(
    ("length", "anchor", "shift"),
    [
        *((64, "centre", 0), (201, "centre", -150), (65, "left", 9), (90, "right", 0)),
        (301, "alt_centre", 120),
    ],
)
def test_windows_are_those_of_spliced_strings(
    store: GenomeStore, length: int, anchor: Anchor, shift: int
) -> None:
    left_out = sum(
        check_windows(store, seed, length, anchor, shift) for seed in range(N_VARIANTS // 500)
    )
    assert left_out > 300


def check_windows(store: GenomeStore, seed: int, length: int, anchor: Anchor, shift: int) -> int:
    """Compare 100 sites; how many overlap another allele."""
    contig = NAMES[seed % len(NAMES)]
    alleles = random_haplotype(contig, seed)
    haplotype, left_out = Haplotype(store, seed % len(NAMES), alleles), 0
    for site in random_sites(alleles, contig, seed):
        others = [allele for allele in alleles if not overlaps(allele, site)]
        left_out += len(alleles) - len(others) - (site in alleles)
        bases = spliced(CONTIGS[contig], others)
        start = site.start + sum(len(a.alt) - (a.end - a.start) for a in others if a < site)
        ref = CONTIGS[contig][site.start : site.end]
        assert bases[start : start + len(ref)] == ref
        wanted = expected_of(bases, start, ref, site.alt, length, anchor, shift)
        found = haplotype.windows(site, length, anchor=anchor, shift=shift)
        assert tuple(map(decode, found)) == wanted
        assert {codes.dtype for codes in found} == {np.dtype(np.uint8)}
    return left_out


@pytest.mark.parametrize("seed", range(8))
def test_what_lies_beyond_their_reach_does_not_matter(store: GenomeStore, seed: int) -> None:
    contig, number = NAMES[0], 0
    alleles = random_haplotype(contig, seed)
    whole, moved = Haplotype(store, number, alleles), 0
    for site in random_sites(alleles, contig, seed):
        end = whole.reach(site.end, flanks(site, 101, "centre", 0).behind)
        known = Haplotype(store, number, [a for a in alleles if a.start < end])
        windows = zip(known.windows(site, 101), whole.windows(site, 101), strict=True)
        assert all(np.array_equal(*pair) for pair in windows)
        moved += end != site.end + flanks(site, 101, "centre", 0).behind
    assert moved or seed % 4 == 0


def test_by_hand(tmp_path: Path) -> None:
    store = toy.genome_store(tmp_path, {"c": "AACCGGTTAC"})
    haplotype = Haplotype(store, 0, [Allele(2, 3, "CTT"), Allele(4, 5, "T"), Allele(6, 8, "T")])
    # AA CTT C G G TT AC with what is in cis: AACTTC(G>T)G(TT>T)AC
    cases = {
        Allele(4, 5, "T"): ("TCGG", "TCTG"),
        Allele(5, 6, "GA"): ("CTGT", "CTGA"),
        Allele(2, 3, "CTT"): ("AACC", "AACT"),
        Allele(5, 7, "A"): ("TGTT", "TATA"),  # TT>T overlaps it
    }
    for site, wanted in cases.items():
        assert tuple(map(decode, haplotype.windows(site, 4))) == wanted


def test_what_cannot_be(store: GenomeStore) -> None:
    with pytest.raises(InputError, match="not a nucleotide letter"):
        Haplotype(store, 0).windows(Allele(1, 2, "<"), 5)
    with pytest.raises(CoordinateError, match="window of 0 bases"):
        Haplotype(store, 0).windows(Allele(1, 2, "A"), 0)
