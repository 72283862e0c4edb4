"""Names of contigs that are the same with and without chr."""

import pytest

from nucleotides.genome.match_contigs import match_contigs

UCSC, ENSEMBL = ["chr1", "chr20", "chrX", "chrM"], ["1", "20", "X", "MT"]


@pytest.mark.parametrize("names", [UCSC, ENSEMBL, ["Chr1", "CHR20", "chrX", "chrMT"]])
@pytest.mark.parametrize("contigs", [UCSC, ENSEMBL])
def test_ucsc_and_ensembl(names: list[str], contigs: list[str]) -> None:
    assert list(match_contigs(names, contigs).values()) == [0, 1, 2, 3]


def test_the_very_name_comes_first_and_others_are_unknown() -> None:
    assert match_contigs(["20", "chr20", "21", ""], ["chr20", "20"]) == {
        "20": 1,
        "chr20": 0,
        "21": -1,
        "": -1,
    }
