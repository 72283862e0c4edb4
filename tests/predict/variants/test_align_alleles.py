"""Tables of normal alleles: what is scored is normal, what was written is kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from nucleotides.genome import GenomeStore
from nucleotides.predict.variants.read_variants import read_variants
from nucleotides.predict.variants.stream_vcf import stream_vcf
from tests import toy

BODY = """chr1\t7\tpaper\taca\ta
chr1\t7\tthree\tACA\tA,ACACA,ACG,<DEL>,.ACA
chr1\t7\twrong\tACTA\tATA
chrUn\t7\tnowhere\tACA\tA
chr1\t4\tsnv\tc\tt
"""
ALIGNED = [
    *((3, 2, "GCA", "G"), (3, 2, "GCA", "G"), (3, 2, "G", "GCA"), (9, 8, "A", "G")),
    *((7, 6, "ACA", "<DEL>"), (7, 6, "ACA", ".ACA"), (7, 6, "ACTA", "ATA"), (7, 6, "ACA", "A")),
    (4, 3, "c", "t"),
]


@pytest.fixture
def genome(tmp_path: Path) -> GenomeStore:
    return toy.genome_store(tmp_path, {"chr1": "GGGCACACACAGGG"})


def test_a_table_has_both(genome: GenomeStore, tmp_path: Path) -> None:
    path = toy.write_packed(tmp_path / "a.vcf", BODY.encode())
    found, plain = read_variants(path, genome, left_align=True), read_variants(path, genome)
    normal = found[["pos", "start", "ref", "alt"]].itertuples(index=False, name=None)
    assert list(normal) == ALIGNED
    for name in ("pos", "ref", "alt"):
        assert found[f"written_{name}"].tolist() == plain[name].tolist()
    same = ["id", "chrom", "contig", "kind", "reason"]
    pd.testing.assert_frame_equal(found[same], plain[same])
    (chunk,) = stream_vcf(path, genome, left_align=True)
    assert chunk.lines == BODY.splitlines()
    pd.testing.assert_frame_equal(chunk.table.drop(columns="record"), found)
    table = pd.DataFrame(plain[["chrom", "pos", "ref", "alt"]])
    assert read_variants(table, genome, left_align=True)["pos"].tolist() == [
        pos for pos, *_ in ALIGNED
    ]


def test_no_alleles(genome: GenomeStore) -> None:
    none = pd.DataFrame(columns=["chrom", "pos", "ref", "alt"])
    assert read_variants(none, genome, left_align=True).shape == (0, 12)
