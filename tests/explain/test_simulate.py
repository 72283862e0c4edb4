"""Simulated truth: sites are where they are said to be, and labels what the rules say."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.explain.simulate import (
    Element,
    Rule,
    Simulation,
    Site,
    draw_site,
    random_backgrounds,
    simulate,
)
from nucleotides.genome import decode, encode, reverse_complement
from nucleotides.model.motifs import Motif


def spelled(word: str) -> Motif:
    """A motif that is always the same word."""
    return Motif(word, np.eye(4)[encode(word)])


A, B, C = "GATTACA", "CCGGCAT", "TTTTGGGG"
MOTIFS = {"A": spelled(A), "B": spelled(B), "C": spelled(C)}
ELEMENTS = (
    *(Element(("A", "B"), 0.5, within=5), Element(("A",), 0.5)),
    *(Element(("B",), 0.5), Element(("C",), 0.5)),
)
RULES = (
    Rule("there", ("A",)),
    Rule("close", ("A", "B"), within=5),
    Rule("unless", ("A", "B"), unless=("C",)),
)


@pytest.fixture(scope="module")
def made() -> Simulation:
    return simulate(MOTIFS, ELEMENTS, RULES, random_backgrounds(400, 90), seed=1)


def test_motifs_are_where_the_sites_say(made: Simulation) -> None:
    words = {"A": A, "B": B, "C": C}
    for codes, sites in zip(made.codes, made.sites, strict=True):
        for site in sites:
            there = codes[site.start : site.end]
            there = reverse_complement(there) if site.strand == "-" else there
            assert decode(there) == words[site.motif]


def test_sites_do_not_overlap_and_are_in_order(made: Simulation) -> None:
    for sites in made.sites:
        assert all(a.end <= b.start for a, b in pairwise(sites))


def test_the_rest_is_the_background(made: Simulation) -> None:
    backgrounds = random_backgrounds(400, 90)
    for codes, before, sites in zip(made.codes, backgrounds, made.sites, strict=True):
        outside = np.ones(codes.size, bool)
        for site in sites:
            outside[site.start : site.end] = False
        assert (codes == before)[outside].all()


def test_labels_are_what_strings_say(made: Simulation) -> None:
    """Whoever reads the planted words in order can tell every label."""
    for truth, sites in zip(made.truth, made.sites, strict=True):
        names = "".join(site.motif for site in sites)
        close = any(
            (a.motif, b.motif, a.strand, b.strand) in {("A", "B", *"++"), ("B", "A", *"--")}
            and b.start - a.end <= 5
            for i, a in enumerate(sites)
            for b in sites[i + 1 :]
        )
        both = "A" in names and "B" in names
        assert truth.tolist() == ["A" in names, close, both and "C" not in names]


def test_all_ends_and_both_strands_are_reached() -> None:
    made = simulate(
        {"A": spelled(A)}, [Element(("A",), 1.0)], RULES[:1], random_backgrounds(600, 10)
    )
    sites = [site for of in made.sites for site in of]
    assert {site.start for site in sites} == {0, 1, 2, 3}
    assert {site.strand for site in sites} == {"+", "-"}
    counts = np.bincount([site.start for site in sites])
    assert counts.min() > 100  # of 150


def test_gaps_reach_from_nothing_to_the_most() -> None:
    pair = [Element(("A", "B"), 1.0, within=3)]
    made = simulate(MOTIFS, pair, RULES, random_backgrounds(200, 40))
    gaps = {b.start - a.end for a, b in made.sites}
    assert gaps == {0, 1, 2, 3}
    assert made.truth[:, 1].all()


def test_a_turned_pair_is_no_pair() -> None:
    rule = RULES[1]
    assert rule.holds([Site("A", 0, 7, "+"), Site("B", 12, 19, "+")])
    assert not rule.holds([Site("A", 0, 7, "+"), Site("B", 13, 20, "+")])  # 6 bases between
    assert not rule.holds([Site("B", 0, 7, "+"), Site("A", 7, 14, "+")])  # the other order
    assert not rule.holds([Site("A", 0, 7, "+"), Site("B", 7, 14, "-")])
    assert rule.holds([Site("B", 0, 7, "-"), Site("A", 7, 14, "-")])


def test_causes_of_a_pair_leave_out_lone_motifs() -> None:
    sites = [Site("A", 0, 7, "+"), Site("A", 20, 27, "+"), Site("B", 27, 34, "+")]
    assert RULES[1].causes(sites) == sites[1:]
    assert RULES[0].causes(sites) == sites[:2]


def test_noise_turns_labels_over_both_ways() -> None:
    backgrounds = random_backgrounds(3000, 60)
    made = simulate(MOTIFS, ELEMENTS, RULES, backgrounds, noise=0.1, seed=2)
    wrong = made.labels != made.truth
    assert abs(wrong.mean() - 0.1) < 0.015
    assert set(made.truth[wrong]) == {0, 1}
    calm = simulate(MOTIFS, ELEMENTS, RULES, backgrounds, seed=2)
    assert (calm.labels == calm.truth).all()


def test_sites_are_drawn_from_probabilities() -> None:
    p = np.array([[0.7, 0.1, 0.1, 0.1], [0, 0, 0.25, 0.75], [0, 1, 0, 0]])
    rng = np.random.default_rng(0)
    drawn = np.stack([draw_site(rng, Motif("m", p)) for _ in range(4000)])
    found = np.stack([(drawn == base).mean(axis=0) for base in range(4)], axis=1)
    assert np.abs(found - p).max() < 0.03
    assert (found[p == 0] == 0).all()


def test_backgrounds_have_the_gc_asked_for() -> None:
    codes = random_backgrounds(500, 100, gc=0.3)
    assert abs(np.isin(codes, (1, 2)).mean() - 0.3) < 0.01


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown motif 'D'"):
        simulate(MOTIFS, [Element(("D",), 1.0)], RULES, random_backgrounds(1, 50))
    with pytest.raises(InputError, match="longer than a background of 6 bases"):
        simulate(MOTIFS, [Element(("A",), 1.0)], RULES, random_backgrounds(1, 6))


def test_the_table_has_a_row_a_site(made: Simulation) -> None:
    table = made.table()
    assert len(table) == sum(map(len, made.sites))
    assert (table["end"] - table["start"]).isin([7, 8]).all()
