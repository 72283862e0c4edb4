"""Windows around variants against strings that are spliced over whole contigs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nucleotides.errors import CoordinateError, InputError
from nucleotides.genome import GenomeStore, decode
from nucleotides.genome.haplotypes import Anchor, matches_reference, variant_windows
from tests import toy

CONTIGS = {
    name: "".join(c if c in "ACGT" else "N" for c in bases.upper())
    for name, bases in toy.genome().items()
}
NAMES = list(CONTIGS)
PAD = 2000
N_VARIANTS = 20_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> GenomeStore:
    return toy.genome_store(tmp_path_factory.mktemp("genome"))


def first_of(start: int, ref: str, alt: str, length: int, anchor: str = "centre") -> int:
    """The first base of both windows."""
    middle = {
        "centre": start + len(ref) // 2,
        "left": start,
        "right": start + len(ref) - 1,
        "alt_centre": start + len(alt) // 2,
    }
    return middle[anchor] - length // 2


def expected(
    contig: str, start: int, ref: str, alt: str, length: int, anchor: str, shift: int
) -> tuple[str, str]:
    """Both windows, of the contig and of the contig with ALT spliced in, padded by N."""
    return expected_of(CONTIGS[contig], start, ref, alt, length, anchor, shift)


def expected_of(
    bases: str, start: int, ref: str, alt: str, length: int, anchor: str, shift: int
) -> tuple[str, str]:
    """The same of any bases."""
    first = first_of(start, ref, alt, length, anchor) + shift
    haplotype = bases[:start] + alt + bases[start + len(ref) :]
    padded = ("N" * PAD + text + "N" * PAD for text in (bases, haplotype))
    one, other = (text[PAD + first : PAD + first + length] for text in padded)
    return one, other


def random_variants(seed: int) -> list[tuple[str, int, str, str]]:
    """Variants of every kind, alleles of 1 to 500 bases, many at the ends of contigs."""
    rng = np.random.default_rng(seed)
    found = []
    for i in range(N_VARIANTS):
        contig = NAMES[rng.integers(len(NAMES))]
        size = len(CONTIGS[contig])
        most = (1, 3, 30, 500)[i % 4]
        width = int(min(rng.integers(1, most + 1), size))
        place = int(rng.integers(size - width + 1))
        start = (place, min(place % 40, size - width), max(size - width - place % 40, 0))[i % 3]
        ref = CONTIGS[contig][start : start + width]
        other = toy.sequence(width if i % 5 == 0 else int(rng.integers(1, most + 1)), i)
        alt = (other, ref + other, ref[:1], ref[0] + other, ref)[(i // 7) % 5]
        found.append((contig, start, ref, alt))
    return found


@pytest.mark.parametrize(
    ("length", "anchor", "shift"),
    [
        *((64, "centre", 0), (201, "centre", 0), (201, "centre", -301), (64, "left", 0)),
        *((65, "left", 30), (201, "right", 0), (64, "right", -7), (65, "alt_centre", 0)),
        *((200, "alt_centre", 1), (1, "alt_centre", 0)),
    ],
)
def test_windows_are_those_of_spliced_strings(
    store: GenomeStore, length: int, anchor: Anchor, shift: int
) -> None:
    variants = random_variants(length)
    names, starts, refs, alts = zip(*variants, strict=True)
    contigs = np.array([NAMES.index(name) for name in names])
    places = contigs, np.array(starts), refs, alts, length
    found = variant_windows(store, *places, anchor=anchor, shift=shift)
    texts_of = (expected(*variant, length, anchor, shift) for variant in variants)
    wanted = zip(*texts_of, strict=True)
    for codes, texts in zip(found, wanted, strict=True):
        assert (codes.dtype, codes.shape) == (np.uint8, (N_VARIANTS, length))
        letters = np.array([list(text.encode()) for text in texts], np.uint8)
        np.testing.assert_array_equal(np.frombuffer(b"ACGTN", np.uint8)[codes], letters)
    assert matches_reference(store, contigs, np.array(starts), refs).all()


def test_the_variants_are_of_every_sort() -> None:
    variants = random_variants(64)
    assert max(len(ref) for _, _, ref, _ in variants) == 500
    assert max(len(alt) for *_, alt in variants) > 500
    first = np.array([first_of(*variant[1:], 64) for variant in variants])
    ends = np.array([len(CONTIGS[contig]) for contig, *_ in variants])
    assert (first < 0).sum() > 1000
    assert (first + 64 > ends).sum() > 1000
    assert sum(start < low for (_, start, _, _), low in zip(variants, first, strict=True)) > 1000


def test_by_hand(tmp_path: Path) -> None:
    store = toy.genome_store(tmp_path, {"c": "AACCGGTTAC"})
    cases = {
        (4, "G", "t"): ("CCGG", "CCTG"),
        (4, "G", "GTT"): ("CCGG", "CCGT"),  # the right flank is pushed out
        (4, "GGT", "G"): ("CGGT", "CGTA"),  # and let in
        (0, "A", "C"): ("NNAA", "NNCA"),
        (9, "C", "CGG"): ("TACN", "TACG"),
        (1, "ACCGGTTA", "G"): ("CGGT", "NNNN"),  # AGC, of which the window would begin at 3
    }
    for (start, ref, alt), wanted in cases.items():
        found = variant_windows(store, np.array([0]), np.array([start]), [ref], [alt], 4)
        assert tuple(decode(codes[0]) for codes in found) == wanted


@pytest.mark.parametrize(("ref", "alt"), [("G", "GTT"), ("GGT", "C"), ("GGTTA", "GGTTACCA")])
def test_what_is_in_the_middle(tmp_path: Path, ref: str, alt: str) -> None:
    store = toy.genome_store(tmp_path, {"c": "AACCGGTTAC"})
    places = np.array([0]), np.array([4]), [ref], [alt], 7

    def middle(anchor: Anchor, shift: int = 0) -> list[str]:
        found = variant_windows(store, *places, anchor=anchor, shift=shift)
        return [decode(codes[0])[3 - shift] for codes in found]

    for shift in (0, 2, -1):
        assert middle("centre", shift)[0] == ref[len(ref) // 2]
        assert middle("left", shift) == [ref[0], alt[0]]
        assert middle("right", shift)[0] == ref[-1]
        assert middle("alt_centre", shift)[1] == alt[len(alt) // 2]


def test_exchanged_alleles_exchange_the_windows_from_the_left(tmp_path: Path) -> None:
    bases = toy.sequence(300)
    store = toy.genome_store(tmp_path / "a", {"c": bases})
    for ref, alt in ((bases[150:153], "T"), (bases[150], "CATTAG"), (bases[150:190], "G" * 99)):
        other = bases[:150] + alt + bases[150 + len(ref) :]
        turned = toy.genome_store(tmp_path / alt, {"c": other})
        place = np.array([0]), np.array([150])
        one = variant_windows(store, *place, [ref], [alt], 50, anchor="left")
        two = variant_windows(turned, *place, [alt], [ref], 50, anchor="left")
        np.testing.assert_array_equal(one[0], two[1])
        np.testing.assert_array_equal(one[1], two[0])


def test_whether_the_genome_has_a_reference_allele(tmp_path: Path) -> None:
    store = toy.genome_store(tmp_path, {"c": "ACNGT", "d": "TTT"})
    refs = ["acng", "A", "N", "A", "TN", "CA", "TTA"]
    starts = np.array([0, 0, 2, 2, 4, 1, 0])
    contigs = np.array([0, 0, 0, 0, 0, 0, 1])
    found = matches_reference(store, contigs, starts, refs)
    assert found.tolist() == [True, True, True, False, True, False, False]
    none = np.empty(0, np.int64)
    assert matches_reference(store, none, none, []).shape == (0,)
    assert variant_windows(store, none, none, [], [], 5)[1].shape == (0, 5)


def test_what_cannot_be(store: GenomeStore) -> None:
    zero = np.array([0])
    with pytest.raises(InputError, match="not a nucleotide letter"):
        variant_windows(store, zero, zero, ["A"], ["<"], 5)
    with pytest.raises(CoordinateError, match="window of 0 bases"):
        variant_windows(store, zero, zero, ["A"], ["C"], 0)
    with pytest.raises(InputError, match="anchor 'middle' is none of centre, left, right, alt_"):
        variant_windows(store, zero, zero, ["A"], ["C"], 5, anchor="middle")
