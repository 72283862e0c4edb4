"""Explanations go on beside what takes less time, and what would take too long is told so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from nucleotides.api.config import Config
from nucleotides.api.explain_sequence import check_pace
from nucleotides.api.main import create_app
from nucleotides.errors import TooLargeError
from nucleotides.explain.explainer import Explainer
from nucleotides.predict import Model
from tests.api.test_hostile import refused
from tests.toy import sequence

ONE = sequence(1000)
TASK = "HepG2.CTCF.ENCFF199YFA"
VARIANT = {"chrom": "chr20", "pos": 1104061, "ref": "T", "alt": "C"}


def test_predictions_do_not_wait_for_an_explanation(
    config: Config, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, go_on = threading.Event(), threading.Event()
    explain = Explainer.explain

    def slowly(self: Explainer, codes: Any) -> Iterator[None]:
        began.set()
        assert go_on.wait(60)
        return (yield from explain(self, codes))

    monkeypatch.setattr(Explainer, "explain", slowly)
    app = create_app(replace(config, request_timeout=10.0))
    with TestClient(app) as client, ThreadPoolExecutor(1) as pool:
        asked = {"sequence": ONE, "tasks": [TASK]}
        why = pool.submit(client.post, "/explanations_for_sequence", json=asked)
        assert began.wait(60)
        try:
            found = client.post("/predictions_for_sequence", json={"sequence": ONE})
            effect = client.post("/variant_effect_prediction", json=VARIANT)
        finally:
            go_on.set()
        assert found.json()["predictions"] == model.predict(ONE).iloc[0].to_dict()
        assert effect.status_code == 200
        monkeypatch.undo()
        wanted = model.explain(ONE, tasks=[TASK], scale="probability").mean_effect[0, 0]
        assert why.result().json()[TASK] == wanted.astype(float).tolist()


def test_a_model_beside_another_shares_its_network_and_has_evaluators_of_its_own(
    model: Model,
) -> None:
    beside = model.beside()
    ours, theirs = model.evaluator(), beside.evaluator()
    assert beside.network is model.network
    assert ours is not None
    assert theirs is not None
    assert ours is not theirs
    assert ours._needed is not theirs._needed
    assert ours._needed == theirs._needed
    assert ours.program.prepared is theirs.program.prepared
    np.testing.assert_array_equal(beside.predict(ONE), model.predict(ONE))


def test_what_takes_far_longer_than_it_may_is_refused() -> None:
    check_pace(taken=4.0, done=4, total=60, limit=60.0)
    check_pace(taken=59.0, done=60, total=60, limit=60.0)
    with pytest.raises(TooLargeError, match=r"about 120 s, and .* 60 s.*POST /jobs/explanations"):
        check_pace(taken=8.0, done=4, total=60, limit=60.0)


def test_a_long_one_is_refused_after_its_first_windows(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = 0
    one = Explainer.explain_batch

    def counted(self: Explainer, windows: Any, batch: Any) -> Any:
        nonlocal batches
        batches += 1
        return one(self, windows, batch)

    monkeypatch.setattr(Explainer, "explain_batch", counted)
    monkeypatch.setattr("nucleotides.api.explain_sequence._FAR", 1e-9)
    with TestClient(create_app(config)) as client:
        asked = {"sequence": sequence(3000), "tasks": [TASK]}
        answer = client.post("/explanations_for_sequence", json=asked)
        refused(answer, 413, "too_large", "POST /jobs/explanations")
    assert batches == 1


def test_who_has_left_is_no_longer_counted_as_waiting(config: Config) -> None:
    go_on = threading.Event()
    app = create_app(replace(config, request_timeout=0.2))
    with TestClient(app) as client:
        served = app.state.served.model(None)
        blocked = [
            client.portal.start_task_soon(batcher.call, lambda _: go_on.wait(60), 1)
            for batcher in (served.batcher, served.slow)
        ]
        try:
            for path in ("/predictions_for_sequence", "/explanations_for_sequence"):
                asked = {"sequence": ONE, "tasks": [TASK]}
                refused(client.post(path, json=asked), 504, "too_late")
            assert waiting(client) == 0
        finally:
            go_on.set()
        assert all(one.result() for one in blocked)


def waiting(client: TestClient) -> float:
    """What the gauge says."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    (known,) = (one for one in families if one.name == "nucleotides_waiting_windows")
    return known.samples[0].value
