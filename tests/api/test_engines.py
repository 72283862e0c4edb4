"""Every engine computes what the model does, as far as its precision allows, or is not used."""

from __future__ import annotations

from logging import WARNING
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import expit
from starlette.testclient import TestClient

from nucleotides.api.config import Config
from nucleotides.api.engines import open_engine as engines
from nucleotides.api.engines.open_engine import Choice, open_engine
from nucleotides.api.main import create_app
from nucleotides.bundle import write_bundle
from nucleotides.errors import SettingsError, UnknownNameError
from nucleotides.model.checkpoint import Checkpoint
from nucleotides.model.registry import create_model
from nucleotides.predict import Model, load
from tests.toy import lines, sequence

TASKS, LENGTH = ["a", "b", "c"], 200
CODES = np.random.default_rng(3).integers(0, 5, (11, LENGTH), np.uint8)
FACTS = {"model_class": "deepsea", "model": {"channels": [8, 8, 8], "hidden": 4}}
FACTS |= {"sequence_length": LENGTH, "bin": 20, "threshold": 0.5, "average_strands": True}


@pytest.fixture(scope="module")
def small() -> Model:
    """Of both strands, with a calibration, and sure of itself."""
    torch.manual_seed(0)
    network = create_model("deepsea", 3, LENGTH, {"channels": [8, 8, 8], "hidden": 4}).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(1.4)
    network.both_strands = True
    tasks = pd.DataFrame({"task": TASKS})
    return Model(network, tasks, 20, lines(TASKS, [0.8, 1.0, 1.2], [0.5, 0.0, -0.5]))


@pytest.mark.parametrize("engine", ["nucleotides", "eager", "compiled", "openvino"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_logits_are_those_of_the_network(small: Model, engine: str, precision: str) -> None:
    found = open_engine(small, Choice(engine, precision, max_error=0.05, batch_size=4))
    assert found.name.split(";")[0] == f"{engine}, {precision}"
    assert found.batch_size <= 4
    rough = precision == "bfloat16"
    assert (found.error > 0) or not rough
    for recalibrated in (False, True):
        wanted = small._scores(CODES, recalibrated)
        scores = found.scores(CODES, recalibrated)
        np.testing.assert_allclose(scores, wanted, rtol=0, atol=0.1 if rough else 1e-5)
        assert scores.std() > 0.01
        assert scores.dtype == np.float64
    alone = np.concatenate([found.scores(row[None], True) for row in CODES])
    np.testing.assert_allclose(alone, scores, rtol=0, atol=0.1 if rough else 1e-5)


def test_an_engine_that_errs_too_much_is_refused(
    small: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def off(by: float) -> Any:
        return lambda model, *_: lambda windows: (model.logits(windows) + by).astype(np.float32)

    bound = Choice("eager", max_error=0.01, batch_size=4)
    for by in (0.2, np.nan):
        monkeypatch.setitem(engines._READERS, "eager", off(by))
        with pytest.raises(SettingsError, match=r"probabilities are off by up to .* more than"):
            open_engine(small, bound)
    monkeypatch.setitem(engines._READERS, "eager", off(0.01))
    found = open_engine(small, bound, CODES)
    exact = small.logits(CODES)
    wanted = np.abs(expit(exact + 0.01) - expit(exact)).max()
    assert found.error == pytest.approx(wanted, rel=1e-3)


def test_unknown_engines(small: Model) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'openvino'"):
        open_engine(small, Choice("openvin"))


def test_exact_or_together(small: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "reads_alone_as_together", lambda *_: False)
    assert not open_engine(small, Choice(batch_size=2)).coalesces
    assert open_engine(small, Choice(exact=False, batch_size=2)).coalesces


@pytest.mark.parametrize(("quicker", "wanted"), [("eager", 7), ("nucleotides", 5)])
def test_a_window_alone_is_read_by_what_is_quicker(
    small: Model, monkeypatch: pytest.MonkeyPatch, quicker: str, wanted: int
) -> None:
    def seconds(engine: Any, _: int) -> float:
        return 0.0 if engine.name.startswith(quicker) else 1.0

    def read(number: int) -> Any:
        return lambda *_: lambda windows: np.full((len(windows), 3), number, np.float32)

    monkeypatch.setattr(engines, "seconds_of_one", seconds)
    monkeypatch.setattr(engines, "read_eagerly", read(7))
    monkeypatch.setitem(engines._READERS, "nucleotides", read(5))
    found = open_engine(small, Choice(precision="bfloat16", max_error=1, batch_size=4))
    assert np.unique(found.scores(CODES[:1], False)) == [wanted]
    assert np.unique(found.scores(CODES[:2], False)) == [5]
    monkeypatch.undo()
    exact = open_engine(small, Choice(batch_size=2))
    np.testing.assert_array_equal(exact.scores(CODES[:1], False), small._scores(CODES[:1], False))


def test_the_server_says_what_it_uses(
    small: Model, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_bundle(Checkpoint(small.network, TASKS, FACTS), small.tasks, {}, tmp_path / "m")
    sequences = {"sequences": [sequence(LENGTH), sequence(LENGTH, 2)]}
    wanted = load(path).predict(sequences["sequences"])
    for choice, name, tolerance in (
        (Choice("eager", "float32"), "eager, float32", 1e-6),
        (Choice("nucleotides", "bfloat16", max_error=0.05), "nucleotides, bfloat16", 0.05),
        (Choice("nucleotides", "bfloat16", max_error=1e-12), "nucleotides, float32", 0),
    ):
        with TestClient(create_app(Config({"m": path}, device="cpu", engine=choice))) as client:
            (told,) = client.get("/models").json()["models"]
            answer = client.post("/predictions_for_sequences", json=sequences).json()
        assert told["engine"].split(";")[0] == name
        assert told["error"] < (1e-6 if "float32" in name else 0.05)
        assert (told["error"] > 1e-6) == ("bfloat16" in name)
        found = [row["predictions"] for row in answer["predictions"]]
        np.testing.assert_allclose(pd.DataFrame(found), wanted, rtol=0, atol=tolerance)
    warned = [record.getMessage() for record in caplog.records if record.levelno == WARNING]
    assert any("off by up to" in text and "MAX_ERROR" in text for text in warned)
