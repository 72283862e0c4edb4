"""Constraints: what they permit, against strings; starts that break them, against all sequences."""

from __future__ import annotations

import dataclasses
import itertools
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nucleotides.design import Constraints
from nucleotides.design.automaton import Automaton
from nucleotides.design.constraints import IUPAC, as_word
from nucleotides.design.permit import Permit
from nucleotides.design.repair import feasible_start
from nucleotides.errors import InputError
from nucleotides.genome import decode, encode, reverse_complement

RULES = st.fixed_dictionaries(
    {},
    optional={
        "max_edits": st.integers(1, 5),
        "forbidden": st.lists(st.text("ACGTRYN", min_size=2, max_size=4), max_size=2),
        "longest_homopolymer": st.integers(1, 4),
        "gc": st.tuples(st.floats(0, 0.5), st.floats(0.5, 1)),
        "protected": st.lists(st.just((1, 3)), max_size=1),
        "allowed": st.dictionaries(st.integers(0, 5), st.sampled_from("ACRSWN"), max_size=3),
    },
)
SEQUENCES = st.text("ACGTN", min_size=6, max_size=9)


def as_pattern(word: str) -> str:
    """A pattern that finds overlapping places too."""
    return "(?=" + "".join(f"[{IUPAC[letter]}]" for letter in word) + ")"


def keeps_to(rules: Constraints, start: str, letters: str) -> bool:
    """The rules on strings."""
    other = decode(reverse_complement(encode(letters)))
    known = [letter for letter in letters if letter != "N"]
    share = sum(letter in "GC" for letter in known) / len(known) if known else None
    allowed = rules.allowed if isinstance(rules.allowed, dict) else {}
    return (
        all(
            letters[i] in "".join(IUPAC[a] for a in given) or letters[i] == start[i] == "N"
            for i, given in allowed.items()
        )
        and all(letters[a:b] == start[a:b] for a, b in rules.protected)
        and not any(one == "N" != was for one, was in zip(letters, start, strict=True))
        and not any(
            re.search(as_pattern(word), strand)
            for word in rules.forbidden
            for strand in (letters, other)
        )
        and (
            not rules.longest_homopolymer
            or not any(base * (rules.longest_homopolymer + 1) in letters for base in "ACGT")
        )
        and (share is None or rules.gc[0] - 1e-9 <= share <= rules.gc[1] + 1e-9)
        and sum(a != b for a, b in zip(start, letters, strict=True))
        <= (rules.max_edits or len(start))
    )


def permit_of(rules: dict[str, Any], start: str) -> Permit | None:
    try:
        return Permit(Constraints(**rules), encode(start))
    except InputError:
        return None  # a protected base that is not allowed


@settings(max_examples=150)
@given(rules=RULES, start=SEQUENCES, data=st.data())
def test_what_is_permitted_is_what_strings_say(
    rules: dict[str, Any], start: str, data: st.DataObject
) -> None:
    permit = permit_of(rules, start)
    if permit is None:
        return
    near = "".join(data.draw(st.sampled_from(letter * 4 + "ACGT")) for letter in start)
    for letters in (start, near):
        expected = keeps_to(permit.constraints, start, letters)
        assert permit.permits(encode(letters)[None])[0] == expected
        assert (not permit.broken_rules(encode(letters))) == expected


@settings(max_examples=150)
@given(rules=RULES, start=SEQUENCES, seed=st.integers(0, 99))
def test_exchanges_permitted_are_those_that_lead_to_permitted_sequences(
    rules: dict[str, Any], start: str, seed: int
) -> None:
    permit = permit_of(rules, start)
    if permit is None or not permit.permits(permit.start[None])[0]:
        return
    codes, rng = permit.start.copy(), np.random.default_rng(seed)
    for _ in range(4):
        changes = permit.changes(codes[None])[0]
        for i, base in itertools.product(range(codes.size), range(4)):
            edited = codes.copy()
            edited[i] = base
            expected = base != codes[i] and permit.permits(edited[None])[0]
            assert changes[i, base] == expected
        if not changes.any():
            break
        i, base = np.argwhere(changes)[rng.integers(changes.sum())]
        codes[i] = base


@settings(max_examples=60)
@given(rules=RULES, start=SEQUENCES, seed=st.integers(0, 99))
def test_projection_is_permitted_and_goes_all_the_way_where_it_may(
    rules: dict[str, Any], start: str, seed: int
) -> None:
    permit = permit_of(rules, start)
    if permit is None or not permit.permits(permit.start[None])[0]:
        return
    rng = np.random.default_rng(seed)
    wanted = rng.integers(0, 4, len(start)).astype(np.uint8)
    order = rng.permutation(len(start))
    found = permit.project(permit.start, wanted, order)
    assert permit.permits(found[None])[0]
    assert np.isin(found, [permit.start, wanted]).all()
    if permit.permits(wanted[None])[0]:
        np.testing.assert_array_equal(found, wanted)


EVERY = np.array(list(itertools.product(range(4), repeat=6)), np.uint8)
BOUND = st.sampled_from([i / 12 for i in range(13)])
NARROW = st.tuples(BOUND, BOUND).map(lambda two: (min(two), max(two)))


@settings(max_examples=120)
@given(rules=RULES, gc=NARROW, start=st.text("ACGT", min_size=6, max_size=6))
@example({"forbidden": ["TA", "AC"], "longest_homopolymer": 1}, (0.5, 0.5), "GCGCGC")
@example({"allowed": {0: "S"}, "forbidden": ["GA"]}, (0.5, 0.5), "CCCCCC")
@example({"forbidden": ["RY", "CA"]}, (0.5, 0.5), "AAAAAA")
def test_repair_takes_the_fewest_edits_of_all_sequences(
    rules: dict[str, Any], gc: tuple[float, float], start: str
) -> None:
    permit = permit_of({**rules, "gc": gc}, start)
    if permit is None:
        return
    possible = EVERY[permit.permits(EVERY)]
    try:
        found = feasible_start(permit, "s", repair=True)
    except InputError as error:
        assert not len(possible)
        told = re.search(r"within (\d+) edits? keeps.*; (\d+) edits? would do", str(error))
        more = dataclasses.replace(permit.constraints, max_edits=None)
        possible = EVERY[Permit(more, permit.start).permits(EVERY)]
        assert (told is not None) == (len(possible) > 0)
        if told:
            assert int(told[2]) == (possible != permit.start).sum(1).min()
        return
    fewest = (possible != permit.start).sum(1).min()
    assert permit.permits(found[None])[0]
    assert (found != permit.start).sum() == fewest
    if fewest:
        with pytest.raises(InputError, match=r"itself breaks the constraints.*--repair"):
            feasible_start(permit, "s", repair=False)


@settings(max_examples=150)
@given(
    gc=st.sampled_from([(0.5, 0.5), (0.2, 0.3), (0.6, 0.6), (0.75, 1.0)]),
    words=st.sampled_from(
        [("CG", "AAA", "TA"), ("AN", "TCN"), ("GANTC", "CC"), ("AT", "GC", "TT")]
    ),
    alphabet=st.text("NNNNSSWRMA", min_size=20, max_size=20),
    start=st.text("ACGT", min_size=20, max_size=20),
)
@example((5 / 9, 5 / 9), ("SRTG", "AS"), "MGGMCNNRN", "ATGCACGGG")
def test_repair_looks_as_far_as_it_must(
    gc: tuple[float, float], words: tuple[str, ...], alphabet: str, start: str
) -> None:
    """Beside paths of which no sum of G and C is left out."""
    permit = Permit(Constraints(gc=gc, forbidden=words, allowed=alphabet), encode(start))
    low, high = permit.gc_range(np.array(len(start)))
    edit = (permit.start[:, None] != np.arange(5)).astype(np.float64)
    best = Automaton.of(permit.constraints.words).cheapest_counted(
        np.where(permit.allowed, edit, np.inf),
        np.tile([0, 1, 1, 0, 0], (len(start), 1)),
        (0, len(start)),
        (int(low), int(high)),
    )
    try:
        found = feasible_start(permit, "s", repair=True)
    except InputError:
        assert best is None
        return
    assert best is not None
    assert permit.permits(np.stack([found, best])).all()
    assert (found != permit.start).sum() == (best != permit.start).sum()


@pytest.mark.parametrize("seed", range(4))
def test_repair_finds_what_hardly_is(seed: int) -> None:
    """An exact GC content without words of which some change it by more than one at a time."""
    start = np.random.default_rng(seed).integers(0, 4, 1000).astype(np.uint8)
    permit = Permit(Constraints(gc=(0.5, 0.5), forbidden=("CG", "AAA", "TA")), start)
    assert permit.permits(feasible_start(permit, "s", repair=True)[None])[0]


@pytest.mark.parametrize("gc", [(0.4, 0.6), (0.5, 0.5), (0.3, 0.34)])
@pytest.mark.parametrize("start", ["N" * 100, "N" * 99 + "G", "ACG" + "N" * 97])
def test_unknown_bases_are_drawn_where_a_gc_range_keeps_them_from_being_set_one_by_one(
    gc: tuple[float, float], start: str
) -> None:
    rules = Constraints(gc=gc, longest_homopolymer=4, forbidden=("GAATTC",))
    permit = Permit(rules, encode(start))
    found = feasible_start(permit, "s", repair=False)
    assert permit.permits(found[None])[0]
    assert (found < 4).all()
    assert ((found == permit.start) | (permit.start == 4)).all()
    assert (np.bincount(found, minlength=4) > 5).all()
    again = feasible_start(Permit(rules, encode(start)), "s", repair=True)
    np.testing.assert_array_equal(found, again)


def test_unknown_bases_of_which_nothing_can_be_made_are_told() -> None:
    permit = Permit(Constraints(gc=(0.3, 0.34), max_edits=9), encode("N" * 40))
    with pytest.raises(InputError, match=r"sequence s: a GC content from 0.3 to 0.34 cannot be"):
        feasible_start(permit, "s", repair=True)


def test_unknown_bases_stay_where_they_can_be_set_one_by_one_or_edits_are_few() -> None:
    letters = "ACGT" * 30 + "N" * 5
    for rules in ({"gc": (0.4, 0.6)}, {"gc": (0.5, 0.5), "max_edits": 4}, {"forbidden": ["CC"]}):
        permit = Permit(Constraints(**rules), encode(letters))
        np.testing.assert_array_equal(feasible_start(permit, "s", repair=True), encode(letters))


def test_automaton_lets_through_what_holds_no_word() -> None:
    words = [as_word(word) for word in ("GANT", "RCG", "TTT")]
    step = Automaton.of(words).step
    for codes in EVERY:
        state = 0
        for base in codes:
            state = step[state, base]
            if state < 0:
                break
        holds = any(re.search(as_pattern(w), decode(codes)) for w in ("GANT", "RCG", "TTT"))
        assert (state < 0) == holds


def test_gc_is_repaired_by_as_many_edits_as_it_takes_all_over_the_sequence() -> None:
    rng = np.random.default_rng(0)
    start = rng.choice(4, 400, p=[0.4, 0.1, 0.1, 0.4]).astype(np.uint8)
    gc = int(np.isin(start, [1, 2]).sum())
    permit = Permit(Constraints(gc=(0.5, 0.6), forbidden=("GGCC",)), start)
    found = feasible_start(permit, "s", repair=True)
    edited = np.flatnonzero(found != start)
    assert edited.size == 200 - gc
    assert np.histogram(edited, 4, (0, 400))[0].min() > edited.size / 8


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"gc": (0.6, 0.4)}, "a GC content from 0.6 to 0.4"),
        ({"max_edits": 0}, "max_edits. is a whole number, 1 or more, not 0"),
        ({"longest_homopolymer": 0}, "homopolymer is a whole number, 1 or more"),
        ({"forbidden": ("GAX",)}, "holds 'X', which is no IUPAC letter"),
        ({"forbidden": ("",)}, "is empty"),
        ({"allowed": {3: ""}}, "no base is allowed at position 3: its alphabet is empty"),
        ({"allowed": "NNZ"}, "'Z', allowed at position 2, is no IUPAC letter"),
        ({"protected": ((5, 5),)}, "the protected range 5-5 holds no position"),
        ({"protected": ((5, 30),)}, "reaches beyond a sequence of 12 bases"),
        ({"allowed": {12: "A"}}, "position 12, for which bases are allowed, is not in"),
        ({"allowed": "NNN"}, "3 letters say what is allowed in a sequence of 12"),
        ({"allowed": {0: "C"}, "protected": ((0, 1),)}, "position 0 is protected, but its base A"),
        ({"distance_penalty": -1.0}, "the distance penalty is a number, 0 or more, not -1.0"),
        ({"gc": (0.9, 1.0), "protected": ((0, 6),)}, "cannot get above 0.7500"),
        ({"gc": (0.0, 0.01), "allowed": {0: "S"}}, "cannot get below 0.0833"),
        ({"gc": (0.51, 0.52)}, "no number of G and C among 12 bases"),
        ({"forbidden": ("CGTA",), "protected": ((0, 12),)}, "word CGTA cannot be .* positions 1-5"),
        ({"forbidden": ("TTG", "TAC"), "protected": ((3, 6),)}, r"TAC .* positions 3-6"),
        (
            {"forbidden": ("GTA",), "allowed": {3: "T"}, "protected": ((4, 6),)},
            r"GTA \(on the other strand\) cannot be avoided at positions 3-6",
        ),
        ({"longest_homopolymer": 2, "allowed": "NNNNNGGGNNNN"}, "run of 3 G cannot .* 5-8"),
        ({"forbidden": ("N",)}, "the forbidden word N cannot be avoided at positions 0-1"),
        ({"forbidden": ("S", "W")}, "these cannot all be avoided: the forbidden word S, the"),
        ({"forbidden": ("CGT", "GTA"), "max_edits": 1, "gc": (0.7, 1.0)}, "within 1 edit keeps"),
        ({"gc": 0.5}, r"gc is \(lowest, highest\), such as .* not 0.5"),
        ({"gc": (float("nan"), 1)}, "a GC content is a number, 0 or more, at most 1, not nan"),
        ({"allowed": None}, "letters by position, such as .*, not None"),
        ({"allowed": ""}, "no base is allowed anywhere: the alphabet is empty"),
        ({"allowed": {3: 5}}, "5, allowed at position 3, is no IUPAC letter"),
        ({"protected": (5, 9)}, r"such as \[\(100, 120\)\], not \(5, 9\)"),
        ({"max_edits": float("nan")}, "whole number, 1 or more, not nan"),
        ({"max_edits": True}, "whole number, 1 or more, not True"),
        ({"forbidden": (5,)}, "forbidden is words, such as"),
        ({"forbidden": ("N" * 20 + "A" + "N" * 20,) * 2}, None),
    ],
)
def test_impossible_constraints_are_told(rules: dict[str, Any], says: str | None) -> None:
    if says is None:
        Permit(Constraints(**rules), encode("ACGT" * 3))
        return
    with pytest.raises(InputError, match=says):
        feasible_start(Permit(Constraints(**rules), encode("ACGTA" + "CGTACGT")), "s", repair=True)


def test_lower_case_is_protected_where_that_is_asked_for() -> None:
    start = encode("acgtACGT")
    masked = np.arange(8) < 4
    kept = Permit(Constraints(protect_lower_case=True), start, masked)
    assert kept.free.tolist() == [False] * 4 + [True] * 4
    assert Permit(Constraints(), start, masked).free.all()


@pytest.mark.parametrize("letters", ["TTGACGTTTT", "AAAACGTCAA", "TTGATGTCAT"])
def test_words_are_forbidden_on_both_strands(letters: str) -> None:
    codes = encode(letters)
    permit = Permit(Constraints(forbidden=("GACGT", "RTGTC")), codes)
    assert not permit.permits(codes[None])[0]
    other = np.asarray(reverse_complement(codes))
    assert not Permit(permit.constraints, other).permits(other[None])[0]


def test_projection_takes_the_first_changes_that_are_permitted() -> None:
    start, order = np.zeros(20, np.uint8), np.random.default_rng(0).permutation(20)
    wanted = np.full(20, 3, np.uint8)
    kept = Permit(Constraints(protected=((3, 9), (15, 16))), start)
    free = np.r_[0:3, 9:15, 16:20]
    assert np.flatnonzero(kept.project(start, wanted, order)).tolist() == free.tolist()
    few = Permit(Constraints(max_edits=6), start)
    found = np.flatnonzero(few.project(start, wanted, order))
    assert sorted(order[:6]) == found.tolist()
    rare = Permit(Constraints(forbidden=("CC",)), start)
    found = np.flatnonzero(rare.project(start, np.full(20, 1, np.uint8), order))
    assert found[0] <= 1
    assert np.isin(np.diff(found), [2, 3]).all()
