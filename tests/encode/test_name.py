"""Assays of older tables, factors, labels."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucleotides.encode.name import label_tasks, strip_organism
from tests.encode.rows import choose, policy, row

HISTONES = ["H3K4me3", "H2AFZ", "H2AZ1", "H4K20me1", "H3F3A", "H3-3A", "H2BK120ac", "macroH2A1"]
OTHERS = ["CTCF", "HNF4A", "HDAC1", "HMGA1", "HOXA1", "POLR2A", "EP300"]


@pytest.mark.parametrize("target", HISTONES + OTHERS)
def test_older_assays_are_told_apart_by_target(target: str) -> None:
    files = choose(row(assay="ChIP-seq", target=f"{target}-human")).files
    kind = "Histone ChIP-seq" if target in HISTONES else "TF ChIP-seq"
    assert files["assay"].tolist() == [kind]


def test_newer_assays_and_those_without_target_stay() -> None:
    rows = [
        row(0, assay="Mint-ChIP-seq", target="H3K4me3-human"),
        row(1, assay="ChIP-seq", target=""),
    ]
    files = choose(*rows).files.set_index("accession")
    assert files["assay"].tolist() == ["ChIP-seq", "Mint-ChIP-seq"]
    assert files["factor"].tolist() == ["ChIP-seq", "H3K4me3"]


@pytest.mark.parametrize(
    ("target", "first_dash", "species"),
    [
        ("H3K4me3-human", "H3K4me3", "H3K4me3"),
        ("NKX2-1-human", "NKX2", "NKX2-1"),
        ("HLA-DRA-mouse", "HLA", "HLA-DRA"),
        ("BORCS8-MEF2B-human", "BORCS8", "BORCS8-MEF2B"),
        ("eGFP-NR2C2-human", "eGFP", "eGFP-NR2C2"),
        ("CTCF", "CTCF", "CTCF"),
    ],
)
def test_factors(target: str, first_dash: str, species: str, tmp_path: Path) -> None:
    assert choose(row(target=target)).files["factor"].tolist() == [first_dash]
    by_species = policy(tmp_path, "factor: species")
    assert choose(row(target=target), policy=by_species).files["factor"].tolist() == [species]
    assert strip_organism(target) == species


@pytest.mark.parametrize(
    ("pair", "label"),
    [
        (("H1-hESC", "H3K4me3"), "h1-hesc_h3k4me3"),
        (("CD4-positive, alpha-beta T cell", "CTCF"), "cd4-positive_alpha-beta_t_cell_ctcf"),
        (("iPS DF 6.9", "DNase-seq"), "ips_df_6.9_dnase-seq"),
        (("Parkinson's (left)", "CTCF"), "parkinsons_left_ctcf"),
    ],
)
def test_labels(pair: tuple[str, str], label: str) -> None:
    assert label_tasks([pair]) == {pair: label}


def test_pairs_that_clean_to_one_label_stay_apart() -> None:
    pairs = [("b", "x"), ("B", "x"), ("b ", "x"), ("b", "x_2")]
    expected = {("B", "x"): "b_x", ("b", "x"): "b_x_3", ("b", "x_2"): "b_x_2", ("b ", "x"): "b__x"}
    assert label_tasks(pairs) == label_tasks(pairs[::-1]) == expected


@given(st.lists(st.tuples(st.text("aA_2 ,", max_size=3), st.text("aA_2 ,", max_size=3))))
def test_labels_are_unique_and_steady(pairs: list[tuple[str, str]]) -> None:
    labels = label_tasks(pairs)
    assert labels == label_tasks(sorted(pairs, reverse=True))
    assert len(set(labels.values())) == len(set(pairs))
    assert all(re.fullmatch(r"[a-z0-9_.-]+", label) for label in labels.values())
