"""Patterns and their names: planted motifs come back as themselves, from either strand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nucleotides.errors import MissingDependencyError, MotifFileError
from nucleotides.explain.discover_motifs import Pattern, discover_motifs
from nucleotides.explain.find_motifs import TaskMotifs, motifs_of
from nucleotides.explain.name_motifs import COLUMNS, name_motifs, trimmed
from nucleotides.explain.simulate import (
    Element,
    Rule,
    Simulation,
    random_backgrounds,
    simulate,
)
from nucleotides.explain.target_motifs import is_motif_of
from nucleotides.model.motifs import SHIPPED_MOTIFS, Motif, read_meme

PLANTED = {"CTCF": "MA0139.2", "CEBPB": "MA0466.4"}


def shipped() -> dict[str, Motif]:
    return {motif.name.split()[0]: motif for motif in read_meme(SHIPPED_MOTIFS)}


def planted(n: int = 80) -> tuple[Simulation, np.ndarray]:
    """CTCF raises and CEBPB lowers; contributions are the motifs' log odds where they are."""
    motifs = {name: shipped()[identifier] for name, identifier in PLANTED.items()}
    elements = [Element(("CTCF",), 1.0), Element(("CEBPB",), 1.0)]
    rules = [Rule("there", ("CTCF",), ("CEBPB",))]
    made = simulate(motifs, elements, rules, random_backgrounds(n, 150), seed=3)
    would = np.random.default_rng(0).normal(0, 0.05, (n, 4, 150))
    for row, sites in zip(would, made.sites, strict=True):
        for site in sites:
            odds = np.clip(motifs[site.motif].log_odds(0.05), -2, 2)
            odds = odds - odds.mean(axis=0)
            odds = odds[::-1, ::-1] if site.strand == "-" else odds
            row[:, site.start : site.end] += odds * (1 if site.motif == "CTCF" else -1)
    return made, would.astype(np.float32)


@pytest.fixture(scope="module")
def found() -> tuple[Simulation, TaskMotifs]:
    made, would = planted()
    return made, motifs_of("there", made.codes, would)


@pytest.mark.slow
def test_planted_motifs_are_found_and_named(found: tuple[Simulation, TaskMotifs]) -> None:
    names = found[1].names.groupby("pattern").first()
    assert "CTCF" in names.loc["positive 1", "motif"]
    assert "CEBP" in names.loc["negative 1", "motif"]
    assert (names.loc[["positive 1", "negative 1"], "q"] < 1e-3).all()


@pytest.mark.slow
def test_patterns_are_where_motifs_were_planted(found: tuple[Simulation, TaskMotifs]) -> None:
    made, task = found
    table = made.table()
    for name, motif in (("positive 1", "CTCF"), ("negative 1", "CEBPB")):
        pattern = next(one for one in task.patterns if one.name == name)
        true = table[table["motif"] == motif].set_index("sequence")
        near = [
            site.start < true.loc[site.window, "end"] and true.loc[site.window, "start"] < site.end
            for site in pattern.sites.itertuples()
        ]
        assert np.mean(near) > 0.95
        assert pattern.n_seqlets >= 20
        turned = pattern.sites["strand"] == "-"
        same = turned.to_numpy() == (true.loc[pattern.sites["window"], "strand"] == "-").to_numpy()
        if motif == "CTCF":  # that of CEBPB reads alike on both strands
            assert max(np.mean(same), np.mean(~same)) > 0.95


@pytest.mark.slow
def test_a_pattern_is_the_mean_over_its_sites(found: tuple[Simulation, TaskMotifs]) -> None:
    _, task = found
    for pattern in task.patterns:
        parts, letters = [], []
        for site in pattern.sites.itertuples():
            part = task.hypothetical[site.window][:, site.start : site.end]
            letter = np.eye(4)[:, task.codes[site.window, site.start : site.end]]
            turn = slice(None, None, -1 if site.strand == "-" else None)
            parts.append(part[turn, turn])
            letters.append(letter[turn, turn])
        assert np.allclose(np.mean(parts, axis=0).T, pattern.hypothetical, atol=1e-5)
        assert np.allclose(np.mean(letters, axis=0).T, pattern.probabilities, atol=1e-5)
        mean = np.mean(np.multiply(parts, letters), axis=0)
        assert np.allclose(mean.T, pattern.contributions, atol=1e-5)


@pytest.mark.slow
def test_noise_makes_no_pattern() -> None:
    made, would = planted()
    noise = np.random.default_rng(1).normal(size=would.shape)
    assert discover_motifs(noise, made.codes) == []


def test_nothing_makes_no_pattern() -> None:
    codes = random_backgrounds(5, 100)
    assert discover_motifs(np.zeros((5, 4, 100)), codes) == []
    assert discover_motifs(np.ones((5, 4, 30)), codes[:, :30]) == []
    assert list(name_motifs([])) == COLUMNS


def as_pattern(probabilities: np.ndarray) -> Pattern:
    flank = np.full((5, 4), 0.25)
    p = np.concatenate([flank, probabilities, flank])
    heights = p - 0.25
    return Pattern("positive 1", p, heights, heights, pd.DataFrame())


@pytest.mark.slow
@pytest.mark.parametrize("turned", [False, True])
def test_a_motif_is_itself_on_either_strand(turned: bool) -> None:
    motif = shipped()["MA0138.3"]
    p = motif.probabilities[::-1, ::-1] if turned else motif.probabilities
    names = name_motifs([as_pattern(p)], best=5)
    assert names.loc[0, "motif"] == motif.name
    assert names.loc[0, "strand"] == "-+"[not turned]
    assert names["p"].is_monotonic_increasing
    assert (names["q"] >= names["p"]).all()


@pytest.mark.slow
def test_q_is_of_the_motifs_of_the_file() -> None:
    """Benjamini and Hochberg in plain code."""
    motifs = list(shipped().values())[:60]
    names = name_motifs([as_pattern(motifs[7].probabilities)], motifs, best=60)
    p = names["p"].to_numpy()
    q = np.minimum.accumulate((p * 60 / np.arange(1, 61))[::-1])[::-1]
    assert np.allclose(names["q"], np.minimum(q, 1))


@pytest.mark.slow
def test_the_targets_own_motif_is_told_wherever_it_stands() -> None:
    pattern = as_pattern(shipped()["MA0148.5"].probabilities)
    everything = name_motifs([pattern], best=10_000)
    assert everything["rank"].tolist() == list(range(1, len(everything) + 1))
    likely = everything[everything["q"] < 0.05]
    for row in (1, len(likely) - 1):
        target = likely["motif"].iloc[row].split()[-1].upper()
        own = everything[[is_motif_of(name, frozenset({target})) for name in everything["motif"]]]
        found = name_motifs([pattern], targets=frozenset({target}))
        assert found["rank"].tolist() == sorted({1, 2, 3, int(own["rank"].iloc[0])})
        columns = ["motif", "p", "q", "strand", "rank"]
        told = found.loc[found["own"], columns].iloc[0].tolist()
        assert told == own[columns].iloc[0].tolist()
    assert len(name_motifs([pattern], targets=frozenset({"CTCF"}))) == 3


def test_a_pattern_is_trimmed_to_what_contributes() -> None:
    motif = shipped()["MA0138.3"]
    got = trimmed(as_pattern(motif.probabilities))
    assert got.shape[0] == 4
    assert got.shape[1] <= len(motif.probabilities)
    assert np.allclose(got.sum(axis=0), 1)


def test_a_file_without_motifs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "no.meme"
    path.write_text("MEME version 4\n")
    with pytest.raises(MotifFileError, match="holds no motif"):
        name_motifs([as_pattern(np.eye(4))], path)


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("modiscolite.tfmodisco", "memelite"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingDependencyError, match=r"memelite .*nucleotides\[motifs\]"):
        name_motifs([as_pattern(np.eye(4))])
    with pytest.raises(MissingDependencyError, match=r"modisco-lite .*nucleotides\[motifs\]"):
        discover_motifs(np.ones((2, 4, 60)), random_backgrounds(2, 60))
