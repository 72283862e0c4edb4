"""Every method, on models of which the best sequence is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nucleotides.design import (
    Anneal,
    Budget,
    Combine,
    Constraints,
    Evolve,
    FollowGradient,
    Implant,
    Substitute,
    optimize,
    wish,
)
from nucleotides.design.methods import METHODS, open_method
from nucleotides.design.permit import Permit
from nucleotides.design.search import Method
from nucleotides.errors import InputError, UnknownNameError
from nucleotides.genome import decode, encode
from tests.design import nets

ASKED = wish("k562_ctcf")
BUDGET = Budget(3000)


@pytest.fixture(scope="module")
def memes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Motif files for the two models."""
    folder = tmp_path_factory.mktemp("motifs")
    best = decode(nets.weights(nets.linear())[0].argmax(0).astype(np.uint8))
    decoys = {f"decoy{i}": start[:8] for i, start in enumerate(nets.starts(4))}
    return {
        "linear": nets.write_meme(folder / "l.meme", {**decoys, "best": best}),
        "matches": nets.write_meme(folder / "m.meme", {**decoys, "AP1": nets.MOTIF}),
    }


def every_method(meme: Path) -> dict[str, Method]:
    return {
        "substitute": Substitute(),
        "exhaustive": Substitute(shortlist=0, together=1),
        "combine": Combine(first=Implant(motifs=meme)),
        "gradient": FollowGradient(),
        "implant": Implant(motifs=meme),
        "evolve": Evolve(mutation_rate=0.05),
        "anneal": Anneal(),
    }


NAMES = ["substitute", "exhaustive", "combine", "gradient", "implant", "evolve", "anneal"]


@pytest.mark.parametrize("name", NAMES)
def test_the_best_sequence_is_found(name: str, memes: dict[str, Path]) -> None:
    model = nets.linear()
    best = nets.weights(model)[0].max(0).sum()
    found = optimize(
        model, nets.starts(2), ASKED, every_method(memes["linear"])[name], budget=BUDGET
    )
    assert [one.score for one in found.designs] == pytest.approx([best, best], abs=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_the_motif_is_found(name: str, memes: dict[str, Path]) -> None:
    model = nets.model_of(nets.Matches(2))
    found = optimize(
        model, nets.starts(2), ASKED, every_method(memes["matches"])[name], budget=BUDGET
    )
    for one in found.designs:
        assert nets.MOTIF in one.sequence
        assert one.score == pytest.approx(len(nets.MOTIF))


@pytest.mark.parametrize("name", ["substitute", "exhaustive", "combine", "gradient", "anneal"])
def test_the_best_few_edits_are_found(name: str, memes: dict[str, Path]) -> None:
    model, start = nets.linear(), nets.starts(1)[0]
    w, codes = nets.weights(model)[0], encode(start)
    gains = np.sort(w.max(0) - w[codes, np.arange(codes.size)])[::-1]
    method = every_method(memes["linear"])[name]
    rules = Constraints(max_edits=4)
    found = optimize(model, start, ASKED, method, constraints=rules, budget=BUDGET)[0]
    assert found.score == pytest.approx(found.score_before + gains[:4].sum(), abs=1e-4)
    assert len(found.edits) == 4


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("start", ["ACGT" * 6, "N" * 24])
def test_an_exact_gc_content_keeps_no_method_from_the_best(
    name: str, start: str, memes: dict[str, Path]
) -> None:
    """Exchanges that change it go in pairs: half of the positions take the better of C and G."""
    model = nets.linear()
    w = nets.weights(model)[0]
    at, gc = w[[0, 3]].max(0), w[[1, 2]].max(0)
    best = at.sum() + np.sort(gc - at)[12:].sum()
    rules = Constraints(gc=(0.5, 0.5))
    budget, method = Budget(9000 if name == "evolve" else 3000), every_method(memes["linear"])[name]
    found = optimize(model, start, ASKED, method, constraints=rules, budget=budget)[0]
    if name == "implant":
        assert found.score > found.score_before
    else:
        assert found.score > best - 0.01 * abs(best)


RULES = st.fixed_dictionaries(
    {
        "max_edits": st.sampled_from([None, 1, 3, 8]),
        "forbidden": st.sampled_from([(), ("GANTC",), ("TGA", "RCGY")]),
        "longest_homopolymer": st.sampled_from([None, 2, 3]),
        "gc": st.sampled_from([(0.0, 1.0), (0.4, 0.6), (0.5, 0.5)]),
        "protected": st.sampled_from([(), ((0, 5), (10, 12))]),
        "allowed": st.sampled_from([{}, "N" * 20 + "RYSW", "SW" * 12]),
    }
)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=8)
@given(rules=RULES, seed=st.integers(0, 50))
@example(rules={"gc": (0.5, 0.5)}, seed=1)
@example(rules={"forbidden": ("TGA", "RCGY"), "longest_homopolymer": 2}, seed=2)
def test_constraints_hold_at_every_step_and_nothing_gets_worse(
    name: str, rules: dict[str, Any], seed: int, memes: dict[str, Path]
) -> None:
    model, start = nets.linear(), nets.starts(60)[seed]
    constraints = Constraints(**rules)
    visited: list[np.ndarray] = []
    try:
        found = optimize(
            model,
            start,
            wish("k562_ctcf", "k562_hnf4a"),
            every_method(memes["matches"])[name],
            constraints=constraints,
            budget=Budget(250),
            repair=True,
            seed=seed,
            watch=lambda codes, score: visited.append(codes.copy()),
        )[0]
    except InputError:
        return  # impossible ones are told: test_repair.py
    permit = Permit(constraints, encode(start))
    assert permit.permits(np.stack(visited)).all()
    assert permit.permits(found.codes[None])[0]
    assert found.score >= found.score_before
    assert found.passes <= 250
    assert (np.diff(found.curve, axis=0) > 0)[:, 1].all()


@pytest.mark.parametrize("name", NAMES)
def test_a_start_depends_on_seed_and_itself_alone(name: str, memes: dict[str, Path]) -> None:
    model, starts = nets.linear(), nets.starts(3)
    method, small = every_method(memes["matches"])[name], Budget(200)
    together = optimize(model, starts, ASKED, method, budget=small, seed=5)
    again = optimize(model, starts, ASKED, method, budget=small, seed=5)
    alone = optimize(model, {"2": starts[2]}, ASKED, method, budget=small, seed=5)
    assert together.sequences == again.sequences
    assert together.sequences["2"] == alone.sequences["2"]
    np.testing.assert_array_equal(together[2].curve, alone[0].curve)


@pytest.mark.parametrize("seed", range(4))
def test_motifs_are_implanted_at_the_distance_that_counts(seed: int, tmp_path: Path) -> None:
    """Of which no place of the second alone tells anything, nor one that is a base off."""
    pair = ("TGACTCA", "GGAAGT")
    model = nets.model_of(nets.Spaced(2, 150, pair, 15))
    decoys = {f"decoy{i}": start[:8] for i, start in enumerate(nets.starts(6))}
    meme = nets.write_meme(tmp_path / "m.meme", {**decoys, "AP1": pair[0], "ETS": pair[1]})
    start = nets.starts(seed + 1, 150)[seed]
    found = optimize(model, start, ASKED, Implant(motifs=meme), budget=Budget(20_000))[0]
    assert found.score == pytest.approx(4)


@pytest.mark.parametrize("name", NAMES)
def test_seeds_and_copies_differ(name: str, memes: dict[str, Path]) -> None:
    model, start, few = nets.linear(), nets.starts(1), Budget(60)
    method = every_method(memes["matches"])[name]
    one, other = (optimize(model, start, ASKED, method, budget=few, seed=s) for s in (0, 1))
    assert not np.array_equal(one[0].curve, other[0].curve)
    copies = optimize(model, start, ASKED, method, budget=few, copies=2)
    assert list(copies.sequences) == ["0.1", "0.2"]
    np.testing.assert_array_equal(copies[0].curve, one[0].curve)
    assert not np.array_equal(copies[1].curve, one[0].curve)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("edits", [None, 7])
def test_copies_of_what_has_many_solutions_are_different_designs(
    name: str, edits: int | None, memes: dict[str, Path]
) -> None:
    model, start = nets.model_of(nets.Matches(2, 60)), nets.starts(1, 60)
    found = optimize(
        model, start, ASKED, every_method(memes["matches"])[name], copies=5, budget=Budget(600),
        constraints=Constraints(max_edits=edits),
    )  # fmt: skip
    assert len(set(found.sequences.values())) >= 3
    assert all(one.score >= one.score_before for one in found.designs)


@pytest.mark.parametrize("name", NAMES)
def test_passes_and_steps_end_it(name: str, memes: dict[str, Path]) -> None:
    method = every_method(memes["linear"])[name]
    for passes in (1, 2, 7, 40):
        found = optimize(nets.linear(), nets.starts(1), ASKED, method, budget=Budget(passes))[0]
        assert 1 <= found.passes <= passes
    visited: list[float] = []
    one = optimize(
        nets.linear(),
        nets.starts(1),
        ASKED,
        method,
        budget=Budget(2000, steps=1),
        watch=lambda codes, score: visited.append(score),
    )[0]
    assert one.passes < 2000


def test_mutations_reach_every_base_alike() -> None:
    """Of one mutation a child, all three other bases of all positions, the same number of times."""
    from nucleotides.design.evolve import mutate
    from nucleotides.design.judge import Judge
    from nucleotides.design.search import Search, rng_of
    from nucleotides.design.voice import Voice
    from tests.toy import assert_as_expected

    model, codes = nets.linear(), encode(nets.starts(1)[0])
    permit = Permit(Constraints(protected=((0, 4),)), codes)
    judge = Judge(Voice(model, ASKED, codes.size), [], codes)
    search = Search(codes, judge, permit, Budget(10), rng_of(0, codes))
    counts = np.zeros((codes.size, 4))
    for _ in range(6000):
        child = mutate(search, codes, 1)
        at = np.flatnonzero(child != codes)
        counts[at, child[at]] += 1
    assert counts[:4].sum() == 0
    own = codes[:, None] == np.arange(4)
    assert counts[own].sum() == 0
    some = counts[4:][~own[4:]]
    assert_as_expected(some, np.full(some.size, 6000 / some.size))


def test_crossover_joins_two_parents() -> None:
    """Where mutations are off but one, what both parents lack does not appear."""
    model = nets.linear()
    visited: list[np.ndarray] = []
    optimize(
        model, nets.starts(1), ASKED, Evolve(population=20, elite=2, mutation_rate=0.0),
        budget=Budget(400), watch=lambda codes, score: visited.append(codes.copy()),
    )  # fmt: skip
    edits = [(codes != visited[0]).sum() for codes in visited]
    generations = 1 + (len(visited) - 1) // 18
    assert max(edits) > 8  # more than mutation alone, one a generation, would likely keep
    assert max(edits) <= 24
    assert generations > 10


def test_names_and_options() -> None:
    assert list(METHODS) == ["substitute", "combine", "gradient", "implant", "evolve", "anneal"]
    assert open_method("evolve", {"population": "100", "crossover": "0.5"}) == Evolve(
        population=100, crossover=0.5
    )
    named = open_method("implant", {"names": "*CTCF*,*HNF4A*"})
    assert isinstance(named, Implant)
    assert named.names == ("*CTCF*", "*HNF4A*")
    with pytest.raises(UnknownNameError, match="did you mean 'evolve'"):
        open_method("evolv")
    with pytest.raises(UnknownNameError, match="did you mean 'population'"):
        open_method("evolve", {"populaton": "3"})
    with pytest.raises(InputError, match="population is a whole number, not 'many'"):
        open_method("evolve", {"population": "many"})
    with pytest.raises(UnknownNameError, match="unknown motif"):
        Implant(names=("NOTHING*",))
    for wrong in (
        lambda: Evolve(population=3, elite=3),
        lambda: Anneal(hot=1, cold=2),
        lambda: FollowGradient(samples=0),
        lambda: Combine(share=1),
        lambda: Implant(spacing=0),
        lambda: Budget(0),
        lambda: Evolve(mutation_rate=2),
    ):
        with pytest.raises(InputError):
            wrong()


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("gradient", "rate temperature ahead share samples"),
        ("anneal", "hot cold"),
        ("evolve", "mutation_rate crossover"),
        ("combine", "share"),
    ],
)
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e300"])
def test_numbers_that_mean_nothing_are_refused(method: str, options: str, value: str) -> None:
    for name in options.split():
        with pytest.raises(InputError, match=name):
            open_method(method, {name: value})


@pytest.mark.parametrize(
    "option",
    ["together=0", "shortlist=-3", "lookahead=-3", "patience=-1", "kick=-1", "kick=0", "kick=2.5"],
)
def test_whole_numbers_that_mean_nothing_are_refused(option: str) -> None:
    name, _, value = option.partition("=")
    for method in ("substitute", "combine", "gradient"):
        with pytest.raises(InputError, match=f"{name} is a whole number"):
            open_method(method, {name: value})
    for wrong in (float("nan"), 2.5, True, None):
        with pytest.raises(InputError, match=f"{name} is a whole number"):
            Substitute(**{name: wrong})  # type: ignore[arg-type]


def test_extreme_options_that_are_permitted_give_no_warning() -> None:
    for options in ({"rate": 1000.0, "ahead": -1000.0}, {"temperature": 1e-3, "ahead": 1000.0}):
        method = FollowGradient(**options)
        found = optimize(nets.linear(), nets.starts(1), ASKED, method, budget=Budget(60))[0]
        assert found.score >= found.score_before


def test_options_of_the_methods_inside_a_method() -> None:
    given = {"share": "0.3", "names": "*CTCF*", "kick": "3"}
    combined = Combine(0.3, Implant(names=("*CTCF*",)), Substitute(kick=3))
    assert open_method("combine", given) == combined
    polished = FollowGradient(samples=2, polish=Substitute(patience=4))
    assert open_method("gradient", {"samples": "2", "patience": "4"}) == polished
    with pytest.raises(UnknownNameError, match="option of combine 'nams'; did you mean 'names'"):
        open_method("combine", {"nams": "*CTCF*"})
