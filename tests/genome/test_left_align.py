"""Normal alleles against `bcftools norm`, and against the haplotypes that they make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pysam import bcftools

from nucleotides.genome import GenomeStore
from nucleotides.genome.left_align import left_align
from tests import toy

Allele = tuple[str, int, str, str]
N_ALLELES = 3000


def repeats(seed: int) -> str:
    """Runs of short units between random bases, some unknown; it begins and ends in a run."""
    rng = np.random.default_rng(seed)
    units = [toy.sequence(int(rng.integers(1, 5)), seed + i) for i in range(40)]
    parts = [
        unit * int(rng.integers(1, 60)) + toy.sequence(i % 9, i) for i, unit in enumerate(units)
    ]
    return "".join([*parts[:20], "N" * 150, *parts[20:], units[0] * 100])


CONTIGS = {"chr1": repeats(1), "chr2": "CA" * 400, "chr3": "A" * 200 + repeats(2), "chr4": "A"}


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy.write_fasta(tmp_path_factory.mktemp("genome") / "a.fa", CONTIGS)


@pytest.fixture(scope="module")
def store(fasta: Path) -> GenomeStore:
    return GenomeStore.build(fasta, fasta.parent / "genome")


def random_alleles(n: int, seed: int = 0) -> Iterator[Allele]:
    """Deletions, copies of what stands there, and other alleles, with letters too many."""
    rng = np.random.default_rng(seed)
    names = list(CONTIGS)
    for i in range(n):
        name = names[rng.integers(len(names))]
        bases = CONTIGS[name]
        a, b, c, d = np.sort(rng.integers(0, min(len(bases), 12 ** (1 + i % 3)) + 1, 4))
        first = int(rng.integers(0, len(bases) - d + 1)) * (i % 11 != 0)
        a, b, c, d = first + a, first + b, first + c, first + d
        middle = ("", bases[b:c] * 2, toy.sequence(int(rng.integers(1, 5)), i), bases[b:c] + "A")[
            i % 4
        ]
        ref, alt = bases[a:d], bases[a:b] + middle + bases[c:d]
        if ref and alt and ref != alt:
            yield name, int(a), ref, alt


def spliced(name: str, start: int, ref: str, alt: str) -> str:
    bases = CONTIGS[name]
    assert bases[start : start + len(ref)] == ref
    return bases[:start] + alt + bases[start + len(ref) :]


ALLELES = list(random_alleles(N_ALLELES))


def test_alleles_are_those_of_bcftools(store: GenomeStore, fasta: Path, tmp_path: Path) -> None:
    head = "".join(f"##contig=<ID={name},length={len(b)}>\n" for name, b in CONTIGS.items())
    head = f"##fileformat=VCFv4.3\n{head}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    path = tmp_path / "a.vcf"
    rows = sorted(enumerate(ALLELES), key=lambda row: row[1][:2])
    path.write_text(
        head + "".join(f"{n}\t{s + 1}\t{i}\t{r}\t{a}\t.\t.\t.\n" for i, (n, s, r, a) in rows)
    )
    text = bcftools.norm("-f", str(fasta), str(path))
    wanted = {}
    for line in text.splitlines():
        if line[0] != "#":
            _, pos, number, ref, alt, *_ = line.split("\t")
            wanted[int(number)] = (int(pos) - 1, ref, alt)
    found = {
        i: left_align(store, list(CONTIGS).index(name), *rest)
        for i, (name, *rest) in enumerate(ALLELES)
    }
    assert len(wanted) == len(ALLELES) > N_ALLELES / 2
    assert {i: (ALLELES[i], found[i], wanted[i]) for i in wanted if found[i] != wanted[i]} == {}


def test_the_haplotype_stays_and_there_is_no_other_normal_allele(store: GenomeStore) -> None:
    moved = 0
    for name, start, ref, alt in ALLELES:
        contig = list(CONTIGS).index(name)
        normal = left_align(store, contig, start, ref, alt)
        assert spliced(name, *normal) == spliced(name, start, ref, alt)
        assert left_align(store, contig, *normal) == normal
        moved += normal[0] < start
    assert moved > 200


def test_by_hand(tmp_path: Path) -> None:
    store = toy.genome_store(tmp_path, {"c": "GGGCACACACAGGG"})
    cases = {
        (6, "aca", "a"): (2, "GCA", "G"),  # the example of the paper
        (3, "CAC", "C"): (2, "GCA", "G"),
        (4, "A", "ACA"): (2, "G", "GCA"),
        (2, "G", "GG"): (0, "G", "GG"),
        (0, "GG", "G"): (0, "GG", "G"),
        (3, "CACA", "CGCA"): (4, "A", "G"),
        (3, "c", "t"): (3, "c", "t"),
        (3, "CA", "ca"): (3, "CA", "ca"),
        (3, "ca", "gt"): (3, "ca", "gt"),
    }
    for allele, normal in cases.items():
        assert left_align(store, 0, *allele) == normal
