"""`optimize`: what comes back, checks by other models, and what is told before any work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from nucleotides.design import Anneal, Budget, Constraints, Substitute, optimize, wish
from nucleotides.errors import InputError, MismatchError, NucleotidesError
from nucleotides.genome import encode
from nucleotides.predict import Ensemble, Model
from tests import toy
from tests.design import nets

ASKED, FEW = wish("k562_ctcf", "hepg2*"), Budget(300)


def test_what_comes_back() -> None:
    model = nets.linear(calibration=toy.lines(nets.TASKS, [0.5] * 3, [1.0] * 3))
    starts = {"x": nets.starts(1)[0], "y": "N" * 3 + toy.sequence(30, 5).lower()}
    found = optimize(model, starts, ASKED, budget=FEW, constraints=Constraints(max_edits=5))
    assert list(found.sequences) == ["x", "y"]
    table = found.table().set_index("name")
    assert (table["score"] > table["score_before"]).all()
    for name, start in starts.items():
        one = found[list(starts).index(name)]
        assert (len(one.sequence), one.name) == (len(start), name)
        rebuilt = list(start.upper())
        for edit in one.edits.itertuples():
            assert rebuilt[edit.position] == getattr(edit, "_2")  # noqa: B009 (`from` is a keyword)
            rebuilt[edit.position] = edit.to
        assert "".join(rebuilt) == one.sequence
        assert table.loc[name, "edits"] == len(one.edits) <= 5
        for column, letters in (("before", start), ("after", one.sequence)):
            predicted = model.predict(letters, recalibrated=True).iloc[0]
            for task in nets.TASKS:
                assert table.loc[name, f"{task}:{column}"] == pytest.approx(predicted[task])
        z = nets.weights(model)
        if len(start) == nets.LENGTH:
            bases = encode(one.sequence), np.arange(nets.LENGTH)
            assert one.score == pytest.approx(z[0][bases].sum() - z[2][bases].sum(), abs=1e-4)
        assert one.curve[0].tolist() == [one.curve[0, 0], one.score_before]
        assert one.curve[-1, 1] == pytest.approx(one.score, abs=1e-5)
    assert found.asked == ["k562_ctcf", "hepg2_ctcf"]
    assert len(found.edit_table()) == table["edits"].sum()
    assert found.curve_table()["passes"].max() <= 300


def test_codes_are_starts_too() -> None:
    codes = np.stack([encode(start) for start in nets.starts(2)])
    by_codes = optimize(nets.linear(), codes, ASKED, budget=FEW)
    assert (
        by_codes.sequences == optimize(nets.linear(), nets.starts(2), ASKED, budget=FEW).sequences
    )


def test_a_check_makes_designs_that_models_agree_about() -> None:
    model, others = nets.linear(0), Ensemble({"a": nets.linear(1), "b": nets.linear(2)})
    options: Any = {"budget": Budget(3000), "check": others}
    free = optimize(model, nets.starts(2), wish("k562_ctcf"), **options).table()
    bound = optimize(model, nets.starts(2), wish("k562_ctcf"), disagreement_penalty=2.0, **options)
    assert (bound.table()["disagreement"] < free["disagreement"] / 2).all()
    bases = bound[0].codes, np.arange(nets.LENGTH)
    each = [nets.weights(nets.linear(seed))[0][bases].sum() for seed in range(3)]
    assert bound[0].disagreement == pytest.approx(np.std(each), abs=1e-4)
    assert bound[0].score == pytest.approx(each[0] - 2 * np.std(each), abs=1e-4)
    one = optimize(model, nets.starts(1), wish("k562_ctcf"), budget=FEW, check=nets.linear(1))[0]
    assert one.disagreement > 0
    none = optimize(model, nets.starts(1), wish("k562_ctcf"), budget=FEW)[0]
    assert np.isnan(none.disagreement)


def test_distance_penalty_keeps_edits_that_are_worth_it() -> None:
    model, start = nets.linear(), nets.starts(1)[0]
    w, codes = nets.weights(model)[0], encode(start)
    gains = w.max(0) - w[codes, np.arange(codes.size)]
    rules = Constraints(distance_penalty=1.5 * codes.size)
    found = optimize(model, start, wish("k562_ctcf"), constraints=rules, budget=Budget(3000))[0]
    assert found.edits["position"].tolist() == np.flatnonzero(gains > 1.5).tolist()


def test_a_start_that_is_repaired() -> None:
    start = "GAATTC" + toy.sequence(18, 7)
    rules = Constraints(forbidden=("GAATTC",), max_edits=4)
    options: Any = {"constraints": rules, "budget": FEW}
    with pytest.raises(InputError, match=r"sequence 0 itself breaks.*holds the forbidden word"):
        optimize(nets.linear(), start, ASKED, **options)
    found = optimize(nets.linear(), start, ASKED, repair=True, **options)[0]
    assert (found.begin != found.start).sum() == 1
    assert "GAATTC" not in found.sequence
    assert len(found.edits) <= 4
    assert found.score >= found.score_before


def test_what_is_found_and_is_worse_on_a_second_look_is_not_kept() -> None:
    class Boasting:
        def improve(self, search: Any) -> None:
            codes = nets.weights(model)[0].argmin(0).astype(np.uint8)
            search.visit(codes, search.score + 1)

    model = nets.linear()
    found = optimize(model, nets.starts(1), wish("k562_ctcf"), Boasting())[0]
    assert found.sequence == nets.starts(1)[0]
    assert found.score == found.score_before


def other_tasks() -> Model:
    model = nets.linear()
    return Model(model.network, pd.DataFrame({"task": ["a", "b", "c"]}), step=5)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"sequences": "ACGT"}, "sequence 0 has 4 bases; the model needs 24 or more"),
        ({"sequences": {"mine": "ACG!" * 6}}, "sequence mine: character '!' at position 3"),
        ({"sequences": []}, "there is no sequence to start from"),
        ({"sequences": np.zeros((2, 24))}, "give letters, or codes uint8"),
        ({"objective": wish("k562_ctfc")}, "did you mean 'k562_ctcf'"),
        ({"objective": wish("k562_ctcf", scale="quantile")}, "knows no background"),
        ({"method": "greedy"}, "unknown method 'greedy'"),
        ({"constraints": Constraints(protected=((0, 24),))}, "no base that may change"),
        ({"constraints": Constraints(protected=((20, 25),))}, "reaches beyond a sequence of 24"),
        ({"constraints": Constraints(allowed="N" * 23)}, "23 letters say what is allowed"),
        ({"constraints": Constraints(gc=(0.99, 1.0), max_edits=3)}, "within 3 edits"),
        ({"copies": 0}, "copies of each start is a whole number, 1 or more, not 0"),
        ({"copies": 1.5}, "not 1.5"),
        ({"seed": -1}, "the seed is a whole number, 0 or more, not -1"),
        ({"seed": None}, "the seed is a whole number"),
        ({"objective": "*CTCF*"}, r"objective is made by wish\('\*CTCF\*'\), not '\*CTCF\*'"),
        ({"constraints": {"max_edits": 3}}, r"constraints is made by Constraints\(...\), not"),
        ({"budget": 300}, r"budget is made by Budget\(...\), not 300"),
        ({"method": 5}, "a method has a name, or a function `improve`, not 5"),
        ({"disagreement_penalty": 1.0}, "needs a model to check with"),
        ({"check": nets.linear(), "disagreement_penalty": -1.0}, "0 or more, not -1"),
        ({"check": other_tasks()}, "does not know the task hepg2_ctcf"),
        ({"check": nets.linear(length=30)}, "reads windows of 30 bases, the model 24"),
    ],
)
def test_what_cannot_be_is_told_before_any_work(
    arguments: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = nets.linear()
    given: dict[str, Any] = {"sequences": nets.starts(1), "objective": ASKED, **arguments}
    monkeypatch.setattr(model, "_quick_logits", lambda windows: pytest.fail("work was done"))
    monkeypatch.setattr(model.network, "forward", lambda x: pytest.fail("work was done"))
    with pytest.raises(NucleotidesError, match=says) as told:
        optimize(model, **given)
    assert isinstance(told.value, (InputError, MismatchError))


def test_unknown_bases_may_stay_or_be_set() -> None:
    start = "N" * 6 + toy.sequence(18, 1)
    found = optimize(nets.linear(), start, wish("k562_ctcf"), Substitute(), budget=Budget(2000))[0]
    best = nets.weights(nets.linear())[0].argmax(0)
    assert found.codes.tolist() == best.tolist()
    kept = Constraints(protected=((0, 6),))
    held = optimize(nets.linear(), start, ASKED, Anneal(), constraints=kept, budget=FEW)[0]
    assert held.sequence[:6] == "NNNNNN"


def test_a_budget_that_means_nothing() -> None:
    for wrong in (float("nan"), 0, 2.5, True, None, "300"):
        with pytest.raises(InputError, match="the budget of passes is a whole number, 1 or more"):
            Budget(wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="the budget of steps is a whole number"):
        Budget(5, 0)
