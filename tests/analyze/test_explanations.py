"""Explanations as files and drawings."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nucleotides.analyze.explanations.describe_sequence import (
    STRETCH,
    describe_predictions,
    strongest,
)
from nucleotides.analyze.explanations.draw_heatmap import (
    as_pixels,
    draw_heatmap,
    order_rows,
    thin,
)
from nucleotides.analyze.explanations.gather_items import Items
from nucleotides.analyze.explanations.keep_explanations import Row, Stored, write_explanations
from nucleotides.analyze.explanations.name_seqlets import Matches, name_seqlets
from nucleotides.analyze.explanations.write_contributions import values_along
from nucleotides.analyze.explanations.write_page import tasks_to_draw
from nucleotides.explain.coordinates import Coordinates
from nucleotides.explain.explanation import Explanation
from nucleotides.explain.methods import How
from nucleotides.genome import encode, reverse_complement
from nucleotides.model.motifs import SHIPPED_MOTIFS, read_meme
from tests import toy

CTCF = "TGGCCACCAGGGGGCGCTA"


def stored(
    folder: Path, facts: pd.DataFrame, lengths: list[int], tasks: list[str], method: str
) -> tuple[Path, list[np.ndarray]]:
    """A file of random values, and the values."""
    rng = np.random.default_rng(0)
    codes = [rng.integers(0, 5, n).astype(np.uint8) for n in lengths]
    values = [rng.normal(size=(len(tasks), 4, n)).astype(np.float32) for n in lengths]
    some = [rng.random(len(tasks)).astype(np.float32) for _ in lengths]
    rows = (Row(v, p, -p) for v, p in zip(values, some, strict=True))
    path = folder / "e.h5"
    write_explanations(path, Items(facts, codes), tasks, How(method), rows, {"package": "x"})
    return path, values


@pytest.mark.parametrize("method", ["mutagenesis", "saliency"])
def test_what_is_kept_is_read(tmp_path: Path, method: str) -> None:
    facts = pd.DataFrame({"name": ["a", "b$"], "start": [3, -5], "note": ["x", ""]})
    path, values = stored(tmp_path, facts, [60, 45], ["t", "u"], method)
    with Stored(path) as found:
        assert found.tasks == ["t", "u"]
        assert found.how == How(method)
        pd.testing.assert_frame_equal(found.facts[list(facts)], facts, check_dtype=False)
        for i, expected in enumerate(values):
            np.testing.assert_array_equal(found.values(i, 1), expected[1])
            np.testing.assert_array_equal(found.gap, -found.probability)
        arrays = found.all()
        codes, lengths = arrays["codes"], arrays["lengths"]
        whole = Explanation(["a", "b"], ["t", "u"], How(method), codes, lengths, arrays["values"])
        np.testing.assert_allclose(arrays["contributions"], whole.contributions, atol=1e-6)
        np.testing.assert_allclose(found.hypothetical(1)[0], whole.hypothetical[:, 1], atol=1e-6)
        np.testing.assert_allclose(
            found.contributions(1), whole.contributions[1, :, :45], atol=1e-6
        )
    again, _ = stored(tmp_path / "again", facts, [60, 45], ["t", "u"], method)
    assert again.read_bytes() == path.read_bytes()


def test_tracks_are_means_in_the_order_of_the_genome(tmp_path: Path) -> None:
    facts = pd.DataFrame(
        {
            "name": list("abcde"),
            "chrom": ["2", "1", "1", "1", "2"],
            "start": [90, 10, -3, 20, 0],
            "end": [102, 22, 9, 40, 5],
            "strand": ["+", "-", "+", "+", "-"],
        }
    )
    lengths = (facts["end"] - facts["start"]).tolist()
    path, _ = stored(tmp_path, facts, lengths, ["t", "u"], "saliency")
    contigs = {"1": 1000, "2": 100}
    total, times = ({name: np.zeros(n) for name, n in contigs.items()} for _ in range(2))
    with Stored(path) as found:
        for i, row in enumerate(facts.itertuples()):
            values = found.contributions(i, 1)[:: -1 if row.strand == "-" else 1]
            for at, value in zip(range(row.start, row.end), values, strict=True):
                if 0 <= at < contigs[row.chrom]:
                    total[row.chrom][at] += value
                    times[row.chrom][at] += 1
        rows = list(values_along(found, contigs, 1))
    expected = [
        (name, at, at + 1, pytest.approx(total[name][at] / times[name][at], abs=1e-6))
        for name in contigs
        for at in np.flatnonzero(times[name]).tolist()
    ]
    assert rows == expected


def test_rows_that_are_alike_are_neighbours() -> None:
    rng = np.random.default_rng(1)
    kinds = rng.normal(size=(3, 200))
    of = rng.permutation(np.repeat(np.arange(3), 5))
    rows = of[order_rows(kinds[of] + 0.1 * rng.normal(size=(15, 200)))]
    assert (np.diff(rows) != 0).sum() == 2
    assert sorted(order_rows(np.zeros((4, 9)))) == [0, 1, 2, 3]


def test_fewer_columns_keep_what_is_strongest() -> None:
    values = np.random.default_rng(2).normal(size=(3, 1001))
    assert thin(values, 2000) is values
    found = thin(values, 100)
    assert found.shape == (3, 100)
    for edge in (0, 1):
        np.testing.assert_array_equal(
            [values.min(1), values.max(1)][edge], [found.min(1), found.max(1)][edge]
        )


def test_colours_tell_sign_and_size() -> None:
    pixels = as_pixels(np.array([[0.0, 1.0, -1.0, -0.1]]))[0].astype(int)
    assert pixels[:, 3].tolist()[:3] == [0, 255, 255]
    assert 0 < pixels[3, 3] < 128
    assert pixels[1, 2] > pixels[1, 0]
    assert pixels[2, 0] > pixels[2, 2]
    assert not as_pixels(np.zeros((2, 2)))[..., 3].any()


@pytest.mark.parametrize("at", [0, 100, 400, 979])
def test_the_strongest_stretch_is_around_the_strongest_bases(at: int) -> None:
    track = np.zeros(999)
    track[at : at + 20] = -1
    shown = strongest(track)
    assert shown.stop - shown.start == STRETCH
    assert 0 <= shown.start <= at
    assert at + 20 <= shown.stop <= 999
    if at == 400:
        assert shown == slice(350, 470)
    assert strongest(track[:50]) == slice(0, 50)


def test_planted_motifs_are_named_on_both_strands() -> None:
    pytest.importorskip("memelite")
    codes = [encode(toy.sequence(300, i)) for i in range(2)]
    site = encode(CTCF)
    codes[0][100:119], codes[1][200:219] = site, reverse_complement(site)
    tracks = np.zeros((2, 300))
    tracks[0, 102:118] = tracks[1, 201:217] = 1
    seqlets = pd.DataFrame({"window": [0, 1, 1], "start": [102, 201, 20], "end": [118, 217, 30]})
    names = name_seqlets(seqlets.iloc[:2], tracks, Matches(codes))
    assert [name.split()[0].upper() for name in names] == ["CTCF", "CTCF"]
    assert {name.split()[1] for name in names} == {"+", "-"}
    for row, at in enumerate((100, 200)):
        found = Matches(codes)
        near = found.near(row, at, at + 19)
        best = next(near[near["motif"].str.startswith("MA0139")].itertuples())
        site = codes[row][best.start : best.end]
        (motif,) = (m for m in read_meme(SHIPPED_MOTIFS) if m.name == best.motif)
        odds = motif.log_odds()
        if best.strand == "-":
            odds = odds[::-1, ::-1]
        weights = np.maximum(odds[site, np.arange(site.size)], 0)
        assert found.likeness(best, weights, best.start) == pytest.approx(1)
    assert Matches([np.full(60, 4, np.uint8), codes[0]]).near(0, 0, 20).empty


def test_no_match_reaches_beyond_the_end_of_a_shorter_sequence() -> None:
    pytest.importorskip("memelite")
    codes = [encode(toy.sequence(300, 0) + CTCF[:-3]), encode(toy.sequence(500, 1))]
    found = Matches(codes, p=1e-3)
    lengths = np.array([one.size for one in codes])
    assert (found.table["end"] <= lengths[found.table["row"]]).all()
    alone = Matches(codes[:1], p=1e-3).table
    pd.testing.assert_frame_equal(
        found.table[found.table["row"] == 0].reset_index(drop=True), alone
    )
    tracks = np.zeros((2, 500))
    tracks[0, 305:316] = 1
    seqlets = pd.DataFrame({"window": [0], "start": [305], "end": [316]})
    assert len(name_seqlets(seqlets, tracks, found)) == 1


def test_the_tasks_that_a_window_was_chosen_for_are_drawn_first() -> None:
    facts = pd.DataFrame({"top_of": ["e", "b;a", "a;b;c;d"]})
    probability = np.tile([0.1, 0.2, 0.9, 0.8, 0.0], (3, 1))
    stored: Any = SimpleNamespace(facts=facts, probability=probability, tasks=list("abcde"))
    assert [tasks_to_draw(stored, row) for row in range(3)] == [[4, 2, 3], [1, 0, 2], [0, 1, 2, 3]]
    stored.facts = pd.DataFrame({"name": ["x"]})
    assert tasks_to_draw(stored, 0) == [2, 3, 1]


def test_tasks_asked_for_are_listed_first() -> None:
    probability = np.array([[0.1, 0.2, 0.9, 0.8, 0.0, 0.3, 0.4, 0.5, 0.6, 0.7]])
    stored: Any = SimpleNamespace(probability=probability, tasks=list("abcdefghij"))
    assert "".join(one.task for one in describe_predictions(stored, 0)) == "cdjihgfb"
    assert "".join(one.task for one in describe_predictions(stored, 0, [4, 0])) == "eacdjihg"
    assert len(describe_predictions(stored, 0, list(range(9)))) == 9


def test_a_heatmap_has_a_scale_and_the_positions_of_the_genome() -> None:
    values = np.random.default_rng(0).normal(size=(4, 300))
    at = Coordinates(-50, 250, "chr1", "-", 230)
    figure = draw_heatmap(values, list("abcd"), at, 1080.0)
    heat, scale = figure.axes
    assert heat.get_xlim() == (250, -50)
    assert heat.get_xlabel() == at.axis
    labels = heat.xaxis.get_major_formatter().format_ticks([-50, 0, 200, 230, 231])
    assert labels == ["", "0", "200", "230", ""]
    top = f"{np.abs(values).max():.2g}"
    assert [text.get_text() for text in scale.get_xticklabels()] == [f"−{top}", "0", top]
