"""Effects of variants: signs, nothing for nothing, both strands, flags and reasons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from nucleotides.errors import InputError, StoreError
from nucleotides.genome import GenomeStore, decode, encode, reverse_complement
from nucleotides.predict import Ensemble, Model, VariantEffects
from tests import toy
from tests.model.test_registry import Own

LENGTH = 50
TASKS = pd.DataFrame({"task": ["a", "b", "c"]})
TABLES = ("ref", "alt", "diff", "logit_diff")
CONTIG = toy.sequence(3000)


def own(seed: int, length: int = LENGTH) -> Model:
    torch.manual_seed(seed)
    return Model(Own(3, length).eval(), TASKS, step=20)


def ensemble() -> Model:
    return Ensemble({"one": own(1), "two": own(2)})


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> GenomeStore:
    return toy.genome_store(tmp_path_factory.mktemp("genome"), {"chr1": CONTIG, "chr2": "ACNNT"})


def table(variants: list[tuple[int, str, str]]) -> pd.DataFrame:
    """Of variants on chr1 with 0-based starts."""
    starts, refs, alts = zip(*variants, strict=True)
    pos = np.array(starts) + 1
    return pd.DataFrame({"chrom": "chr1", "pos": pos, "ref": refs, "alt": alts})


def random_variants(n: int, sizes: tuple[int, ...] = (1, 2, 5, 80)) -> list[tuple[int, str, str]]:
    """Variants on CONTIG, a third of them SNVs."""
    rng = np.random.default_rng(n)
    found = []
    for i in range(n):
        start = int(rng.integers(len(CONTIG) - 80))
        ref = CONTIG[start : start + (1 if i % 3 == 0 else int(rng.choice(sizes)))]
        found.append((start, ref, toy.sequence(1 if i % 3 == 0 else int(rng.choice(sizes)), i)))
    return found


def same_size(n: int) -> tuple[list[tuple[int, str, str]], str]:
    """SNVs and MNVs of two that do not touch, and the contig that has their ALT."""
    starts = range(0, len(CONTIG) - 2, 3)[:n]
    found, bases = [], CONTIG
    for i, start in enumerate(starts):
        ref = CONTIG[start : start + 1 + i % 2]
        alt = ref.translate(str.maketrans("ACGT", "GTTA"))
        bases = bases[:start] + alt + bases[start + len(ref) :]
        found.append((start, ref, alt))
    return found, bases


@pytest.mark.parametrize("model", [own(0), ensemble()])
def test_effects_are_differences_of_predictions(model: Model, genome: GenomeStore) -> None:
    variants = random_variants(60)
    found = model.variant_effects(table(variants), genome)
    for i, (start, ref, alt) in enumerate(variants):
        first = start + len(ref) // 2 - LENGTH // 2
        texts = (CONTIG, CONTIG[:start] + alt + CONTIG[start + len(ref) :])
        if first < 0 or first + LENGTH > len(CONTIG) - 80:
            continue
        p = model.predict([text[first : first + LENGTH] for text in texts]).to_numpy()
        np.testing.assert_allclose(found.ref.iloc[i], p[0], rtol=1e-5)
        np.testing.assert_allclose(found.alt.iloc[i], p[1], rtol=1e-5)
        np.testing.assert_allclose(found.diff.iloc[i], p[1] - p[0], atol=1e-6)
        odds = np.log(p / (1 - p))
        np.testing.assert_allclose(found.logit_diff.iloc[i], odds[1] - odds[0], atol=1e-5)
    assert found.ref.columns.tolist() == ["a", "b", "c"]
    assert found.variants["matches_reference"].all()
    assert not found.variants["unknown_bases"].all()


@pytest.mark.parametrize("both_strands", [False, True])
@pytest.mark.parametrize("model", [own(0), ensemble()])
def test_swapping_alleles_flips_the_sign_exactly(
    model: Model, genome: GenomeStore, tmp_path: Path, both_strands: bool
) -> None:
    # One at a time, for the genome with an ALT has it in the windows around it too.
    for variant in same_size(300)[0][100::40]:
        start, ref, alt = variant
        bases = CONTIG[:start] + alt + CONTIG[start + len(ref) :]
        other = toy.genome_store(tmp_path / str(start), {"chr1": bases})
        # An unchanged allele comes along, so that batches of both are of two.
        rows = [variant, (2000, CONTIG[2000], CONTIG[2000])]
        back = [(start, alt, ref), rows[1]]
        one = model.variant_effects(table(rows), genome, both_strands=both_strands)
        two = model.variant_effects(table(back), other, both_strands=both_strands)
        assert one.logit_diff.iloc[0].abs().min() > 0
        np.testing.assert_array_equal(one.diff.iloc[:1], -two.diff.iloc[:1])
        np.testing.assert_array_equal(one.logit_diff.iloc[:1], -two.logit_diff.iloc[:1])
        np.testing.assert_array_equal(one.ref.iloc[:1], two.alt.iloc[:1])
        assert two.variants["matches_reference"].all()


def test_an_allele_that_changes_nothing_scores_nothing(genome: GenomeStore) -> None:
    same = [(start, ref, ref.lower()) for start, ref, _ in random_variants(40)]
    mixed = [v for pair in zip(same, random_variants(40), strict=True) for v in pair]
    for batch_size in (1, 7, 256):
        found = own(0).variant_effects(table(mixed), genome, batch_size=batch_size)
        unchanged = (found.variants["kind"] == "same").to_numpy()
        assert unchanged.sum() >= 40
        assert (found.diff[unchanged] == 0).all(axis=None)
        assert (found.logit_diff[unchanged] == 0).all(axis=None)


@pytest.mark.parametrize("length", [50, 51])
def test_both_strands_are_one(genome: GenomeStore, tmp_path: Path, length: int) -> None:
    # The windows of the other strand are the same bases if they are symmetric around REF.
    model = own(3, length)
    rows = [v for v in same_size(300)[0] if (len(v[1]) - length) % 2 == 0]
    other = toy.genome_store(tmp_path, {"chr1": flipped(CONTIG)})
    turned = [(len(CONTIG) - s - len(r), flipped(r), flipped(a)) for s, r, a in rows]
    one = model.variant_effects(table(rows), genome, both_strands=True)
    two = model.variant_effects(table(turned), other, both_strands=True)
    for name in TABLES:
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), atol=1e-6)
    forward = model.variant_effects(table(rows), genome)
    assert not np.allclose(forward.ref, one.ref, atol=1e-4)


def flipped(bases: str) -> str:
    return decode(reverse_complement(encode(bases)))


@pytest.mark.parametrize("batch_size", [1, 7])
def test_the_batch_size_does_not_matter(genome: GenomeStore, batch_size: int) -> None:
    variants = table(random_variants(300))
    wanted = own(0).variant_effects(variants, genome)
    found = own(0).variant_effects(variants, genome, batch_size=batch_size)
    pd.testing.assert_frame_equal(found.variants, wanted.variants)
    for name in TABLES:
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), atol=1e-5)


def odd(genome: GenomeStore, **options: object) -> VariantEffects:
    """Effects of one allele of each sort that is told."""
    wrong = "A" if CONTIG[99] != "A" else "C"
    rows = [
        ("1", 100, wrong, "G"),
        ("1", 101, CONTIG[100], "<DEL>,*,."),
        ("chrUn", 5, "A", "C"),
        ("2", 1, "A", "G"),
        ("chr1", 1001, CONTIG[1000], "N"),
        ("chr1", 1001, CONTIG[1000], CONTIG[1000] + "A"),
    ]
    variants = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt"], index=list("uvwxyz"))
    return own(0).variant_effects(variants, genome, **options)


def test_flags_and_reasons(genome: GenomeStore) -> None:
    found = odd(genome)
    table = found.variants
    assert "".join(table.index) == "uvvvwxyz"
    assert all(getattr(found, name).index.equals(table.index) for name in TABLES)
    flags = table["matches_reference"].astype(object).where(table["matches_reference"].notna())
    assert flags.fillna("?").tolist() == [False, True, True, True, "?", True, True, True]
    unknown = table["unknown_bases"].astype(object).where(table["unknown_bases"].notna())
    assert unknown.fillna("?").tolist() == [False, "?", "?", "?", "?", True, True, False]
    assert (table["reason"] == "").tolist() == [True, *[False] * 4, True, True, True]
    for name in TABLES:
        values = getattr(found, name)
        assert values.isna().all(axis=1).tolist() == (table["reason"] != "").tolist()
        assert values.notna().all(axis=1).tolist() == (table["reason"] == "").tolist()
    assert found.notes == [
        "1 is read as chr1: 4 alleles",
        "2 is read as chr2: 1 allele",
        "1 allele not scored: a symbolic allele has no sequence",
        "1 allele not scored: the allele is missing: another record deletes it (*)",
        "1 allele not scored: there is no alternate allele (.)",
        "1 allele not scored: the genome has no such contig (chrUn)",
        "1 allele with a REF that the genome does not have, of 7: are they of this assembly?",
        "2 alleles scored on windows with unknown bases (N)",
    ]


def test_a_mismatch_is_spliced_skipped_or_stops(genome: GenomeStore) -> None:
    found = odd(genome)
    window = CONTIG[99 - 25 : 99 + 25]
    p = own(0).predict([window, window[:25] + "G" + window[26:]])
    np.testing.assert_allclose([found.ref.iloc[0], found.alt.iloc[0]], p, rtol=1e-5)
    skipped = odd(genome, mismatch="skip")
    assert skipped.variants["reason"].iloc[0] == "the genome has another REF"
    assert skipped.diff.iloc[0].isna().all()
    np.testing.assert_allclose(skipped.diff.iloc[1:], found.diff.iloc[1:], atol=1e-6)
    says = "^1:100 .>G: the genome has another REF, as for 1 of the 8 alleles read with it"
    with pytest.raises(InputError, match=says):
        odd(genome, mismatch="stop")


def test_a_vcf_and_the_folder_of_a_store(genome: GenomeStore, tmp_path: Path) -> None:
    variants = table(random_variants(20))
    text = variants.assign(id=".")[["chrom", "pos", "id", "ref", "alt"]]
    text.to_csv(tmp_path / "a.vcf", sep="\t", header=False, index=False)
    found = own(0).variant_effects(tmp_path / "a.vcf", genome.path)
    wanted = own(0).variant_effects(variants, genome)
    for name in ("variants", *TABLES):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(wanted, name))


def test_no_variants(genome: GenomeStore) -> None:
    found = own(0).variant_effects(table([(0, "A", "C")]).iloc[:0], genome)
    assert found.diff.shape == (0, 3)
    assert found.variants.shape == (0, 11)
    assert found.notes == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"batch_size": 0}, "batch_size 0: it is 1 or more"),
        ({"mismatch": "ignore"}, "one of flag, skip, stop"),
        ({"shifts": ()}, "one or more, each once"),
        ({"shifts": (1, 1)}, "one or more, each once"),
        ({"dropout_passes": 2}, "Own has no dropout"),
    ],
)
def test_options_that_mean_nothing(genome: GenomeStore, options: dict, says: str) -> None:
    with pytest.raises(InputError, match=says):
        odd(genome, **options)


def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        own(0).variant_effects(table([(0, "A", "C")]), tmp_path)
