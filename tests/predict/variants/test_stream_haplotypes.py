"""Windows of a phased VCF against strings of whole haplotypes, however it is cut into chunks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nucleotides.errors import CoordinateError, InputError, UnknownNameError
from nucleotides.genome import GenomeStore, decode
from nucleotides.predict.variants.stream_haplotypes import (
    HaplotypeChunk,
    HaplotypeStream,
    stream_haplotypes,
)
from tests import toy
from tests.genome.test_haplotypes import expected_of

CONTIGS = {"chr1": toy.sequence(6000, 1), "chr2": toy.sequence(900, 2)}
HEADER = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tmum\tkid\n"
GENOTYPES = ["0|1", "1|0", "1|1", "0|1", "1|0", "0|0", "0/1", "1/1", ".|1", "1", ".", "1|2", "2|0"]


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> GenomeStore:
    return toy.genome_store(tmp_path_factory.mktemp("genome"), CONTIGS)


def random_records(seed: int, n: int) -> list[str]:
    """Records in order: alleles of 1 to 500 bases, phase sets, and all that is not phased."""
    rng = np.random.default_rng(seed)
    found = []
    for name, bases in CONTIGS.items():
        for start in np.sort(rng.integers(0, len(bases), n * len(bases) // 7000)):
            most = int(rng.choice([1, 1, 1, 4, 30, 500 if seed % 2 else 60]))
            ref = bases[start : start + int(rng.integers(1, most + 1))]
            alts = [toy.sequence(int(rng.integers(1, most + 1)), seed + start + k) for k in (0, 1)]
            if rng.random() < 0.05:
                alts[0] = str(rng.choice(["*", "<DEL>"]))
            if rng.random() < 0.05:
                ref = "A" * len(ref)
            keys, values = "GT", str(rng.choice(GENOTYPES))
            if start > len(bases) / 2:  # the first half of each contig is of one phase set
                keys, values = "DP:GT:PS", f"9:{values}:{rng.choice(['.', '1', '2'])}"
            if rng.random() < 0.03:
                keys, values = "DP", "9"
            fields = (name, start + 1, ".", ref, ",".join(alts), ".", ".", ".", keys, ".", values)
            found.append("\t".join(map(str, fields)))
    return found


def write(folder: Path, records: list[str]) -> Path:
    return toy.write_packed(folder / "a.vcf", (HEADER + "\n".join(records)).encode(), "bgzip")


def chunks_of(
    path: Path, genome: GenomeStore, length: int = 100, **options: object
) -> list[HaplotypeChunk]:
    return list(stream_haplotypes(path, genome, length, sample="kid", **options))


Site = tuple[str, int, str, str, tuple[int, str]]
Rule = tuple[int, str, int]


def plain_sites(records: list[str]) -> list[Site]:
    """Contig, start, REF, ALT and copy of each row, read by plain code."""
    found = []
    for record in records:
        chrom, pos, _, ref, alts, *_, keys, _, values = record.split("\t")
        facts = dict(zip(keys.split(":"), values.split(":"), strict=True))
        genotype = facts.get("GT", ".")
        phase = facts.get("PS", ".") if "/" not in genotype else None
        called = genotype.replace("/", "|").split("|")
        for number, alt in enumerate(alts.split(","), 1):
            copies = [i for i, allele in enumerate(called, 1) if allele == str(number)]
            if phase is None:
                copies = [0] * bool(copies)
            found += [(chrom, int(pos) - 1, ref, alt, (copy, phase or ".")) for copy in copies]
    return found


def is_spliced(site: Site) -> bool:
    chrom, start, ref, alt, copy = site
    has_ref = CONTIGS[chrom][start : start + len(ref)] == ref
    return copy[0] > 0 and alt not in ("*", "<DEL>") and has_ref


def neighbours_of(sites: list[Site]) -> list[Site]:
    """Those that are spliced into the windows of others."""
    ends = Counter[object]()
    found = []
    for site in filter(is_spliced, sites):
        chrom, start, ref, _, copy = site
        if start >= ends[chrom, copy]:
            ends[chrom, copy] = start + len(ref)
            found.append(site)
    return found


def plain_windows(
    site: Site, neighbours: list[Site], length: int, anchor: str, shift: int
) -> tuple[str, str]:
    chrom, start, ref, alt, copy = site
    bases, place = CONTIGS[chrom], start
    own = bases[start : start + len(ref)]
    for other in reversed(neighbours):
        name, first, gone, new, theirs = other
        apart = first + len(gone) <= start or first >= start + len(ref)
        if (name, theirs) == (chrom, copy) and apart:
            bases = bases[:first] + new + bases[first + len(gone) :]
            place += (len(new) - len(gone)) * (first < start)
    assert bases[place : place + len(ref)] == own
    return expected_of(bases, place, ref, alt, length, anchor, shift)


@pytest.mark.parametrize(
    ("rule", "size", "n", "seeds"),
    [
        ((100, "centre", 0), 40, 700, 3),
        ((65, "alt_centre", -90), 1, 150, 2),
        ((400, "left", 3), 10_000, 700, 2),
        pytest.param((200, "centre", 0), 500, 800, 40, marks=pytest.mark.slow),
    ],
)
def test_windows_are_those_of_spliced_strings(
    genome: GenomeStore, tmp_path: Path, rule: Rule, size: int, n: int, seeds: int
) -> None:
    total, n_windows = Counter[str](), 0
    for seed in range(seeds):
        path = write(tmp_path, records := random_records(seed, n))
        found = stream_haplotypes(
            path, genome, rule[0], sample="kid", size=size, anchor=rule[1], shift=rule[2]
        )
        n_windows += check_windows(found, records, rule)
        total += found.left_out
    assert n_windows > seeds * n * 0.7
    assert set(total) == {
        "an earlier allele of the haplotype overlaps it",
        "its genotype is not phased",
        "the genome has another REF",
        "the allele is missing: another record deletes it (*)",
        "a symbolic allele has no sequence",
    }


def check_windows(stream: HaplotypeStream, records: list[str], rule: Rule) -> int:
    """Compare all rows and windows; how many windows there were."""
    sites = plain_sites(records)
    neighbours, left, n_windows = neighbours_of(sites), iter(sites), 0
    for chunk in stream:
        rows = np.flatnonzero(chunk.table["reason"] == "")
        windows = dict(zip(rows, zip(*chunk.windows(rows), strict=True), strict=True))
        names = ["chrom", "start", "ref", "alt", "haplotype"]
        for row, found in enumerate(chunk.table[names].itertuples(index=False, name=None)):
            *wanted, (copy, _) = site = next(left)
            assert found == (*wanted, copy)
            if row in windows:
                assert tuple(map(decode, windows[row])) == plain_windows(site, neighbours, *rule)
        n_windows += len(windows)
    assert next(left, None) is None
    assert stream.left_out.total() == len(sites) - len(neighbours)
    return n_windows


def test_however_it_is_cut(genome: GenomeStore, tmp_path: Path) -> None:
    path = write(tmp_path, random_records(3, 200))
    wanted = pd.concat([chunk.table for chunk in chunks_of(path, genome)], ignore_index=True)
    for size in (1, 30, 150):
        chunks = chunks_of(path, genome, size=size)
        assert [c.chunk.first for c in chunks] == sorted(c.chunk.first for c in chunks)
        for chunk in chunks:
            alleles = chunk.chunk.table.iloc[chunk.table["allele"]].reset_index(drop=True)
            pd.testing.assert_frame_equal(alleles, chunk.table[alleles.columns])
        found = pd.concat([chunk.table for chunk in chunks], ignore_index=True)
        places = ["record", "allele"]
        pd.testing.assert_frame_equal(found.drop(columns=places), wanted.drop(columns=places))


def test_only_what_is_near_is_kept(genome: GenomeStore, tmp_path: Path) -> None:
    starts = range(0, 5900, 5)
    records = [f"chr1\t{s + 1}\t.\t{CONTIGS['chr1'][s]}\tN\t.\t.\t.\tGT\t.\t0|1" for s in starts]
    chunks = chunks_of(write(tmp_path, records), genome, size=20)
    # Half a window on the left, and one chunk or two with what begins right of the window.
    assert max(len(chunk.neighbours) for chunk in chunks) <= 10 + 20 + 20
    assert len(chunks) == len(starts) / 20


def test_a_digest_is_of_all_that_is_near(genome: GenomeStore, tmp_path: Path) -> None:
    def digests(alts: str) -> list[str]:
        records = [
            f"chr1\t{1000 * i + 40 * k}\t.\t{CONTIGS['chr1'][1000 * i + 40 * k - 1]}\t{alt}"
            "\t.\t.\t.\tGT\t.\t0|1"
            for i, pair in enumerate(alts.split(), 1)
            for k, alt in enumerate(pair)
        ]
        return [chunk.digest for chunk in chunks_of(write(tmp_path, records), genome, size=1)]

    first, other = digests("NN NN NN NN"), digests("NN NR NN NN")
    differs = [a != b for a, b in zip(first, other, strict=True)]
    assert differs[2:4] == [True, True]
    assert not any(differs[:2] + differs[6:])
    assert digests("NN NN NN NN") == first


def line(pos: int, genotype: str, chrom: str = "chr1") -> str:
    return f"{chrom}\t{pos}\t.\t{CONTIGS[chrom][pos - 1]}\tN\t.\t.\t.\tGT\t.\t{genotype}"


@pytest.mark.parametrize(
    ("records", "says"),
    [
        ([line(5, "0|1"), line(4, "0|1")], "record 2, line 4: chr1:4 comes after a later"),
        ([line(5, "0|1"), line(4, "0|1", "chr2"), line(6, "0|1")], "record 3, line 5: chr1:6"),
        ([line(5, "0|2")], r"record 1, line 3: GT 0\|2 names allele 2 of 1 alternates"),
        ([line(5, "0|x")], r"record 1, line 3: GT '0\|x' is no genotype"),
        ([line(5, "0||1")], "is no genotype"),
        ([line(5, "")], "GT '' is no genotype"),
    ],
)
def test_records_that_cannot_be(
    genome: GenomeStore, tmp_path: Path, records: list[str], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        chunks_of(write(tmp_path, records), genome)


def test_whose_haplotypes(genome: GenomeStore, tmp_path: Path) -> None:
    path = write(tmp_path, [line(5, "0|1")])
    with pytest.raises(InputError, match="has 2 samples: choose one of mum, kid"):
        stream_haplotypes(path, genome, 10)
    with pytest.raises(UnknownNameError, match="unknown sample 'kit'; did you mean 'kid'"):
        stream_haplotypes(path, genome, 10, sample="kit")
    (chunk,) = stream_haplotypes(path, genome, 10, sample="mum")
    assert len(chunk.table) == 0
    assert chunk.windows([])[0].shape == (0, 10)
    none = toy.write_packed(tmp_path / "b.vcf", b"chr1\t5\t.\tA\tC\n")
    with pytest.raises(InputError, match=r"b.vcf names no sample: phased genotypes are needed"):
        stream_haplotypes(none, genome, 10)
    with pytest.raises(InputError, match="anchor 'top' is none of"):
        stream_haplotypes(path, genome, 10, sample="kid", anchor="top")
    with pytest.raises(CoordinateError, match="a window of 0 bases"):
        stream_haplotypes(path, genome, 0, sample="kid")
