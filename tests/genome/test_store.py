"""The genome store against slices of strings."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.errors import (
    CoordinateError,
    CorruptStoreError,
    FastaError,
    StaleStoreError,
    StoreError,
    UnknownNameError,
)
from nucleotides.genome import GenomeStore, decode, fasta
from nucleotides.genome import store as module
from tests import toy

CONTIGS = toy.genome()
NAMES = list(CONTIGS)


def expected(contig: str, start: int, length: int, strand: str = "+") -> str:
    """The window as a slice of the padded string."""
    pad = 20_000
    text = "".join(c if c in "ACGT" else "N" for c in CONTIGS[contig].upper())
    window = ("N" * pad + text + "N" * pad)[start + pad : start + pad + length]
    return window if strand == "+" else window[::-1].translate(str.maketrans("ACGT", "TGCA"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> GenomeStore:
    return toy.genome_store(tmp_path_factory.mktemp("genome"), CONTIGS)


windows = st.tuples(
    st.sampled_from(NAMES),
    st.lists(st.integers(-9000, 9000), min_size=1, max_size=8),
    st.integers(1, 300) | st.integers(5000, 9000),
    st.sampled_from("+-"),
)


@given(windows)
def test_codes_are_slices_of_the_string(store: GenomeStore, window: tuple) -> None:
    contig, starts, length, strand = window
    found = store.codes(contig, starts, length, strand)
    assert (found.dtype, found.shape) == (np.uint8, (len(starts), length))
    assert [decode(row) for row in found] == [expected(contig, s, length, strand) for s in starts]


def test_a_store_that_is_replaced_while_it_is_opened_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = toy.genome_store(tmp_path / "one", {"a": "ACGTNN", "b": "GG"})
    other = toy.genome_store(tmp_path / "other", {"c": "NTTACG", "d": "CC"})
    toy.replace_once(monkeypatch, module, "open_arrays", one.path, other.path)
    found = GenomeStore.open(one.path)
    assert list(found.contigs) == ["c", "d"]
    assert decode(found.codes("c", [0], 6)[0]) == "NTTACG"


def test_codes_around_both_ends(store: GenomeStore) -> None:
    for contig, bases in CONTIGS.items():
        starts = [-8, -7, -1, 0, 1, len(bases) - 8, len(bases) - 7, len(bases) - 1, len(bases)]
        found = store.codes(contig, starts, 8)
        assert [decode(row) for row in found] == [expected(contig, s, 8) for s in starts]


def test_windows_of_many_contigs_and_strands_at_once(store: GenomeStore) -> None:
    rng = np.random.default_rng(0)
    contigs, starts = rng.integers(0, len(NAMES), 500), rng.integers(-200, 6200, 500)
    reverse = rng.random(500) < 0.5
    found = store.windows(contigs, starts, 100, reverse)
    for row, contig, start, minus in zip(found, contigs, starts, reverse, strict=True):
        assert decode(row) == expected(NAMES[contig], start, 100, "-" if minus else "+")
    assert np.array_equal(store.windows(contigs, starts, 100)[~reverse], found[~reverse])


@given(windows)
def test_known_bases_are_counted(store: GenomeStore, window: tuple) -> None:
    contig, starts, length, _ = window
    found = store.known_bases(np.full(len(starts), NAMES.index(contig)), np.array(starts), length)
    texts = [expected(contig, s, length) for s in starts]
    assert found.tolist() == [length - text.count("N") for text in texts]


def test_no_windows(store: GenomeStore) -> None:
    assert store.codes("chr1", [], 10).shape == (0, 10)
    assert store.codes("chr1", 5, 10).shape == (1, 10)


def test_windows_belong_to_the_caller(store: GenomeStore) -> None:
    for starts in ([10], [-3]):
        window = store.codes("chr1", starts, 10)
        window[:] = 4
        assert decode(store.codes("chr1", starts, 10)[0]) == expected("chr1", starts[0], 10)


def test_what_cannot_be_asked_for(store: GenomeStore) -> None:
    with pytest.raises(UnknownNameError, match="unknown contig 'Chr1'; did you mean 'chr1'"):
        store.codes("Chr1", [0], 10)
    with pytest.raises(CoordinateError, match="a window of 0 bases"):
        store.codes("chr1", [0], 0)
    with pytest.raises(CoordinateError, match=r"strand '\.'"):
        store.codes("chr1", [0], 10, ".")  # type: ignore[arg-type]


def content(store: GenomeStore) -> tuple:
    names = list(store.contigs.items())
    return (
        names,
        (store.path / "codes.u8").read_bytes(),
        (store.path / "unknown.safetensors").read_bytes(),
    )


@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzip"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("block", [7, 1 << 24])
def test_the_same_store_from_any_packing(
    store: GenomeStore,
    packing: toy.Packing,
    newline: str,
    block: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fasta, "_BLOCK", block)
    path = toy.write_fasta(tmp_path / "x.fa", CONTIGS, packing=packing, newline=newline)
    assert content(GenomeStore.build(path, tmp_path / "store")) == content(store)


@pytest.mark.parametrize("block", [1, 2, 7])
def test_small_blocks_count_runs_of_n_rightly(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contigs = {"a": "NNACNNNNNNNNNNNNNGN", "b": "NNN", "c": "ACGTNNNNACGT" * 3}
    monkeypatch.setattr(fasta, "_BLOCK", block)
    small = GenomeStore.build(toy.write_fasta(tmp_path / "x.fa", contigs, width=30), tmp_path / "s")
    for number, (name, bases) in enumerate(contigs.items()):
        assert decode(small.codes(name, [0], len(bases))[0]) == bases
        starts = np.arange(-3, len(bases) + 3)
        for length in (1, 4, 50):
            found = small.known_bases(np.full(starts.size, number), starts, length)
            cut = ["".join(bases[max(s, 0) : max(s + length, 0)]) for s in starts]
            assert found.tolist() == [len(text) - text.count("N") for text in cut]


def test_opening_gives_what_was_built(store: GenomeStore) -> None:
    again = GenomeStore.open(store.path)
    assert content(again) == content(store)
    assert (again.contigs, again.sha256, again.fasta) == (store.contigs, store.sha256, store.fasta)
    assert list(again.contigs.items()) == list(toy.CONTIGS.items())
    assert [again.contig_index(name) for name in NAMES] == list(range(len(NAMES)))


class TestStale:
    @pytest.fixture
    def store(self, tmp_path: Path) -> GenomeStore:
        return toy.genome_store(tmp_path)

    def change(self, store: GenomeStore) -> None:
        """One base becomes another; the size stays."""
        text = bytearray(store.fasta.read_bytes())
        text[100] = ord("A") if text[100] in b"Cc" else ord("C")
        store.fasta.write_bytes(text)
        os.utime(store.fasta, ns=(1, 1))

    def test_other_content_of_the_same_size_is_noticed(self, store: GenomeStore) -> None:
        self.change(store)
        assert not GenomeStore.open(store.path).is_current()
        with pytest.raises(StaleStoreError, match=r"has changed since .* run `nucleotides pre-pro"):
            GenomeStore.open(store.path).check_current()

    def test_another_size_is_noticed(self, store: GenomeStore) -> None:
        store.fasta.write_text(store.fasta.read_text() + "A")
        assert not GenomeStore.open(store.path).is_current()

    def test_a_touched_file_is_the_same_file(self, store: GenomeStore) -> None:
        os.utime(store.fasta, ns=(1, 1))
        GenomeStore.open(store.path).check_current()
        assert GenomeStore.open(store.path).is_current()

    def test_a_store_stands_on_its_own(self, store: GenomeStore) -> None:
        store.fasta.unlink()
        GenomeStore.open(store.path).check_current()
        assert GenomeStore.open(store.path).codes("chr1", [0], 4).shape == (1, 4)

    def test_open_or_build_builds_only_what_is_needed(self, store: GenomeStore) -> None:
        def built() -> int:
            return (
                (GenomeStore.open_or_build(store.fasta, store.path).path / "codes.u8").stat().st_ino
            )

        first = built()
        assert built() == first
        os.utime(store.fasta, ns=(1, 1))
        assert built() == first
        self.change(store)
        assert built() != first
        assert GenomeStore.open(store.path).is_current()

    def test_open_or_build_heeds_another_fasta(self, store: GenomeStore, tmp_path: Path) -> None:
        other = toy.write_fasta(tmp_path / "other.fa", {"x": "ACGT"})
        assert GenomeStore.open_or_build(other, store.path).contigs == {"x": 4}

    def test_open_or_build_mends_a_damaged_store(self, store: GenomeStore) -> None:
        before = content(store)
        for name in ("codes.u8", "unknown.safetensors", "manifest.json"):
            (store.path / name).write_bytes(b"{")
            assert content(GenomeStore.open_or_build(store.fasta, store.path)) == before


BAD_FASTAS = {
    "empty": (b"", "holds no sequence"),
    "truncated gzip": (None, "damaged or truncated"),
    "no header": (b"ACGT\n", "does not begin with a '>' header"),
    "duplicate contig": (b">a\nAC\n>a\nAC\n", "contig 'a' twice"),
    "empty contig": (b">a\nAC\n>b\n", "contig b has no sequence"),
    "illegal letter": (b">a\nAC\nG!T\n", "contig a, base 4: '!' is not a nucleotide letter"),
}


@pytest.mark.parametrize("fault", BAD_FASTAS)
@pytest.mark.parametrize("block", [3, 1 << 24])
def test_a_bad_fasta_changes_nothing(
    fault: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fasta, "_BLOCK", block)
    text, message = BAD_FASTAS[fault]
    if text is None:
        whole = toy.write_fasta(tmp_path / "x.fa", {"a": toy.sequence(5000)}, packing="gzip")
        text = whole.read_bytes()[:700]
    bad = toy.write_packed(tmp_path / "x.fa", text)
    good = GenomeStore.build(
        toy.write_fasta(tmp_path / "good.fa", {"a": "ACGT"}), tmp_path / "good"
    )
    before = toy.listing(tmp_path)
    for out in (tmp_path / "new", good.path):
        with pytest.raises(FastaError) as caught:
            GenomeStore.build(bad, out)
        assert message in str(caught.value)
        assert str(bad) in str(caught.value)
    assert toy.listing(tmp_path) == before
    assert not (tmp_path / "new").exists()
    assert decode(GenomeStore.open(good.path).codes("a", [0], 4)[0]) == "ACGT"


def test_a_missing_fasta_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(FastaError, match="no FASTA at"):
        GenomeStore.build(tmp_path / "none.fa", tmp_path / "store")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["codes.u8", "unknown.safetensors", "manifest.json"])
@pytest.mark.parametrize("how", ["cut", "longer", "missing"])
def test_a_damaged_store_is_refused(name: str, how: str, tmp_path: Path) -> None:
    path = toy.genome_store(tmp_path).path / name
    raw = path.read_bytes()
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(raw[:-3] if how == "cut" else raw + b"xyz")
    with pytest.raises(StoreError) as caught:
        GenomeStore.open(path.parent)
    assert str(path.parent) in str(caught.value)
    assert "pre-process" in str(caught.value) or "make it again" in str(caught.value)


def test_another_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no nucleotides genome store at"):
        GenomeStore.open(tmp_path)
    for content in ({"format": "other", "version": 1}, {"format": None}, [], 3):
        (tmp_path / "manifest.json").write_text(json.dumps(content))
        with pytest.raises(StoreError, match="pre-process"):
            GenomeStore.open(tmp_path)


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    store = toy.genome_store(tmp_path)
    manifest = json.loads((store.path / "manifest.json").read_text())
    (store.path / "manifest.json").write_text(json.dumps(manifest | {"version": 99}))
    with pytest.raises(StoreError, match="version 99"):
        GenomeStore.open(store.path)


def test_errors_of_damage_are_of_their_own_kind(tmp_path: Path) -> None:
    store = toy.genome_store(tmp_path)
    (store.path / "unknown.safetensors").unlink()
    with pytest.raises(CorruptStoreError):
        GenomeStore.open(store.path)
