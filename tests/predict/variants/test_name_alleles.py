"""Kinds of alleles."""

import pytest

from nucleotides.errors import InputError
from nucleotides.predict.variants.name_alleles import name_allele


@pytest.mark.parametrize(
    ("ref", "alt", "kind"),
    [
        ("A", "C", "SNV"),
        ("a", "c", "SNV"),
        ("GAT", "GCT", "SNV"),
        ("AC", "GT", "MNV"),
        ("ACA", "GCT", "MNV"),
        ("A", "AT", "insertion"),
        ("A", "TA", "insertion"),
        ("CA", "CGGA", "insertion"),
        ("AT", "A", "deletion"),
        ("AAA", "AA", "deletion"),
        ("AT", "G", "delins"),
        ("A", "CG", "delins"),
        ("A", "a", "same"),
        ("ACG", "ACG", "same"),
        ("A", "*", "star"),
        ("A", ".", "missing"),
        ("A", "<DEL>", "symbolic"),
        ("A", "<INS:ME:ALU>", "symbolic"),
        ("A", "<*>", "symbolic"),
        ("G", "G]17:198982]", "breakend"),
        ("T", "[13:123457[T", "breakend"),
        ("T", ".T", "breakend"),
        ("T", "TA.", "breakend"),
    ],
)
def test_kinds(ref: str, alt: str, kind: str) -> None:
    assert name_allele(ref, alt) == kind


@pytest.mark.parametrize(
    ("ref", "alt", "says"),
    [
        ("", "A", "REF '' is not made of nucleotide letters .VCF anchors indels"),
        ("-", "A", "REF '-' is not .* anchors"),
        ("A", "-", "ALT '-' is not .* anchors"),
        ("A", "", "ALT '' is not"),
        ("E", "A", "REF 'E' is not made of nucleotide letters$"),
        ("A", "A.C", "ALT 'A.C' is not"),
        ("*", "A", "REF '[*]' is not"),
        ("A", "<DEL", "ALT '<DEL' is not"),
        ("A\n", "C", "REF"),
    ],
)
def test_letters_that_are_none(ref: str, alt: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        name_allele(ref, alt)
