"""What sequences are worth: scores against sums written out, their derivatives, YAML."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import expit

from nucleotides.design import Constraints, Objective, Term, read_objective, wish
from nucleotides.design.bind_objective import Goal
from nucleotides.errors import InputError, UnknownNameError
from tests import toy
from tests.design import nets

LOGITS = np.random.default_rng(0).normal(size=(40, 3)) * 4


def score(objective: Objective, logits: np.ndarray = LOGITS, **known: Any) -> np.ndarray:
    goal = Goal(objective, nets.linear(**known))
    return goal.score_array(logits[:, goal.columns])


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (wish("k562_ctcf"), lambda z: z[:, 0]),
        (wish("*_ctcf"), lambda z: (z[:, 0] + z[:, 2]) / 2),
        (wish("k562_hnf4a", "*_ctcf"), lambda z: z[:, 1] - (z[:, 0] + z[:, 2]) / 2),
        (wish("k562_ctcf", others="negative"), lambda z: z[:, 0] - (z[:, 1] + z[:, 2]) / 2),
        (
            wish("k562_ctcf", others="positive", others_weight=2.0, others_join="worst"),
            lambda z: z[:, 0] + 2 * np.minimum(z[:, 1], z[:, 2]),
        ),
        (wish(negative="*", others="masked"), lambda z: -z.mean(1)),
        (
            Objective((Term("k562_hnf4a"), Term("*_ctcf", "negative", 3.0, "worst"))),
            lambda z: z[:, 1] - 3 * np.maximum(z[:, 0], z[:, 2]),
        ),
        (Objective((Term("*", "target", value=1.5),)), lambda z: -np.abs(z - 1.5).mean(1)),
        (
            Objective((Term("k562_ctcf", "range", low=-1.0, high=2.0),)),
            lambda z: -np.maximum(np.maximum(-1 - z[:, 0], z[:, 0] - 2), 0),
        ),
        (
            Objective((Term("*", "range", join="worst", high=0.5),)),
            lambda z: -np.maximum(z - 0.5, 0).max(1),
        ),
    ],
)
def test_scores(objective: Objective, expected: Any) -> None:
    np.testing.assert_allclose(score(objective), expected(LOGITS), atol=1e-12)


def test_probabilities_are_calibrated_where_that_is_known() -> None:
    asked = wish("k562_hnf4a", "hepg2_ctcf", scale="probability")
    plain = expit(LOGITS[:, 1]) - expit(LOGITS[:, 2])
    np.testing.assert_allclose(score(asked), plain, atol=1e-12)
    calibration = toy.lines(nets.TASKS, [1.0, 0.5, 2.0], [0.0, -1.0, 1.0])
    expected = expit(0.5 * LOGITS[:, 1] - 1) - expit(2 * LOGITS[:, 2] + 1)
    np.testing.assert_allclose(score(asked, calibration=calibration), expected, atol=1e-12)


def test_quantiles_are_those_of_the_background() -> None:
    known = nets.background()
    logits = np.concatenate([LOGITS, np.round(LOGITS), known.logits.T[::5], LOGITS * 50])
    found = score(wish("k562_hnf4a", scale="quantile"), logits, background=known)
    np.testing.assert_allclose(found, -np.log10(known.tail(logits)[:, 1]), atol=1e-6)
    with pytest.raises(InputError, match="knows no background"):
        score(wish("k562_hnf4a", scale="quantile"))


@pytest.mark.parametrize("scale", ["logit", "probability", "quantile"])
def test_derivatives_are_those_of_the_score(scale: Any) -> None:
    terms = (
        Term("k562_*", join="worst"),
        Term("hepg2_ctcf", "negative", 0.5),
        Term("*", "target", value=0.3),
    )
    goal = Goal(
        Objective(terms, scale),
        nets.linear(
            background=nets.background(), calibration=toy.lines(nets.TASKS, [2.0] * 3, [0.1] * 3)
        ),
    )
    z = torch.tensor(LOGITS[:8] / 4, requires_grad=True)
    (slope,) = torch.autograd.grad(goal.score(z).sum(), z)
    step = 1e-6
    for task in range(3):
        moved = z.detach().numpy().copy()
        moved[:, task] += step
        found = (goal.score_array(moved) - goal.score_array(z.detach().numpy())) / step
        np.testing.assert_allclose(slope[:, task], found, atol=1e-3)
    assert slope.abs().sum() > 0


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: wish(), "asks for nothing"),
        (lambda: Term(()), "names no task"),
        (lambda: Term("a", weight=0.0), "a weight is a number, above 0"),
        (lambda: Term("a", weight=math.nan), "a weight is a number, above 0, not nan"),
        (lambda: Term(5), "tasks are names or patterns"),  # type: ignore[arg-type]
        (lambda: Term((5,)), "tasks are names or patterns"),  # type: ignore[arg-type]
        (lambda: Objective(("a",)), "an objective is made of terms"),  # type: ignore[arg-type]
        (lambda: wish("a", others_weight=math.inf), "others_weight is a number, above 0"),
        (lambda: Term("a", "target"), "a target term needs a value"),
        (lambda: Term("a", value=1.0), "has no a value"),
        (lambda: Term("a", "range"), "needs low or high"),
        (lambda: Term("a", "range", low=2.0, high=1.0), "holds no value"),
        (lambda: Term("a", "target", value=float("nan")), "finite"),
        (lambda: Term("a", "positve"), "did you mean 'positive'"),  # type: ignore[arg-type]
        (lambda: wish("a", scale="logits"), "did you mean 'logit'"),
        (lambda: wish("a", others="mask"), "did you mean 'masked'"),
        (lambda: score(wish("k562_ctfc")), "did you mean 'k562_ctcf'"),
        (lambda: score(wish("*_ctcf", "k562_*")), "k562_ctcf is both positive and negative"),
        (lambda: score(wish("*", others="negative")), "name every task"),
    ],
)
def test_what_means_nothing_is_told(make: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        make()


def read(folder: Path, text: str) -> Any:
    path = folder / "asked.yaml"
    path.write_text(text)
    return read_objective(path)


def test_a_file(tmp_path: Path) -> None:
    text = """
positive: [k562_ctcf, "hepg2*"]
negative: k562_hnf4a
terms:
  - {tasks: "*", role: range, low: 0, high: 1.5, weight: 2, join: worst}
  - tasks: [a]
    role: target
    value: 3
scale: quantile
others: negative
others_weight: 0.5
constraints:
  max_edits: 20
  gc: [0.4, 0.6]
  protected: [[10, 20]]
  forbidden: [GAATTC, GANTC]
  allowed: {3: R}
"""
    asked = read(tmp_path, text)
    assert asked.objective == Objective(
        (
            Term(("k562_ctcf", "hepg2*")),
            Term("k562_hnf4a", "negative"),
            Term("*", "range", 2.0, "worst", low=0.0, high=1.5),
            Term("a", "target", value=3.0),
        ),
        "quantile",
        "negative",
        0.5,
    )
    assert asked.constraints == Constraints(
        max_edits=20,
        gc=(0.4, 0.6),
        protected=((10, 20),),
        forbidden=("GAATTC", "GANTC"),
        allowed={3: "R"},
    )
    assert read(tmp_path, "negative: a").constraints == Constraints()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "asked.yaml: the objective asks for nothing"),
        ("- a", "must hold keys and values, such as `positive:"),
        ("1: a", "unknown key '1'"),
        ("positive: []", "line 1: positive: a term names no task"),
        ("negative: a\npositive: ''", "line 2: positive: a term names no task"),
        ("positive: 5", "line 1: positive is a name or pattern, or a list of them, .*, not 5"),
        ("terms: [{task: a}]", "line 1: unknown key 'task'; did you mean 'tasks'"),
        ("terms: [a]", r"line 1: terms is a list of terms, such as \[{tasks"),
        ("terms:\n- tasks: a\n  weight: true", "line 3: terms.weight is a number, not True"),
        ("positive: a\nothers_weight: 0", "line 2: others_weight is a number above 0"),
        ("positive: [a", "asked.yaml line 1 is not YAML"),
        ("positive: a\npositive: b", "line 2: the key 'positive' is there twice"),
        ("positive: a\nscales: logit", "line 2: unknown key 'scales'; did you mean 'scale'"),
        ("positive: a\nscale: logits", "line 2: scale is 'logits'; did you mean 'logit'"),
        ("terms:\n- tasks: a\n  rol: negative", "line 3: unknown key 'rol'; did you mean 'role'"),
        ("terms:\n- tasks: a\n  role: up", "line 3: terms.role is 'up' .choices: positive"),
        ("terms:\n- tasks: a\n  weight: -1", "line 2: terms: a weight is a number, above 0"),
        ("terms:\n- tasks: a\n  weight: much", "line 3: terms.weight is a number, not"),
        ("terms:\n- role: negative", "line 2: terms: the key 'tasks' is missing: a name or"),
        (
            "positive: a\nconstraints:\n  gc: [0.6, 0.4]",
            r"line 3: constraints\.gc: a GC content from",
        ),
        ("positive: a\nconstraints:\n  edits: 3", "line 3: unknown key 'edits'"),
        ("positive: a\nconstraints:\n  max_edits: 2.5", "line 3: constraints.max_edits"),
        ("constraints:\n  max_edits: true", "line 2: constraints.max_edits is a whole number"),
        ("constraints:\n  gc: 0.5", r"line 2: constraints.gc is a range \[LOW, HIGH\], such"),
        ("constraints:\n  gc: 0.4-0.6", r"such as \[0.4, 0.6\], not '0.4-0.6'"),
        ("constraints:\n  protected: [1, 2]", r"protected is ranges .* such as \[\[100, 120"),
        ("constraints:\n  allowed: ''", "line 2: constraints.allowed: no base is allowed any"),
        ("constraints: {\n  allowed: {5: ''}}", "line 2: constraints.allowed: no base is .* 5"),
    ],
)
def test_every_mistake_in_a_file_is_named(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says) as told:
        read(tmp_path, text)
    assert "asked.yaml" in str(told.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("negative: a\npositive: k562_ctcf", "asked.yaml line 1: negative: unknown task 'a'"),
        ("scale: logit\npositive: k562_ctfc", "line 2: positive: unknown task .* did you mean"),
        ("terms:\n- tasks: k562_ctcf\n- tasks: '*FO*'", "line 3: terms: unknown task '.FO.'"),
        (
            "positive: '*ctcf'\nterms:\n- tasks: k562*\n  role: negative",
            "line 3: terms: the task k562_ctcf is both .*positive: .*asked.yaml line 1: positive",
        ),
        ("positive: '*'\nothers: negative", "line 2: others: the terms name every task"),
        ("positive: '*'\nscale: quantile", "line 2: scale: quantiles need"),
    ],
)
def test_what_does_not_fit_the_model_is_told_with_its_line(
    text: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=says):
        score(read(tmp_path, text).objective)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_objective(tmp_path / "none.yaml")


def test_unknown_names_are_unknown_name_errors() -> None:
    with pytest.raises(UnknownNameError):
        Goal(wish("nothing"), nets.linear())
