"""A server serves what it can, and says what it lacks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from nucleotides.api.config import Config, config_of
from nucleotides.api.main import create_app
from nucleotides.errors import SettingsError
from nucleotides.load_settings import load_settings
from tests.api.test_examples import POSTS, examples
from tests.api.test_hostile import refused

OF_PLACES = {
    "/sequence",
    "/predictions_for_position",
    "/predictions_for_positions",
    "/variant_effect_prediction",
}


def test_nothing_at_all(tmp_path: Path) -> None:
    with TestClient(create_app(Config({"gone": tmp_path / "gone"}, tmp_path / "no"))) as client:
        assert client.get("/health").status_code == 200
        assert client.get("/models").json() == {"models": []}
        answer = client.get("/ready")
        assert answer.status_code == 503
        assert len(answer.json()["missing"]) == 4
        assert any("nucleotides serve --model PATH" in says for says in answer.json()["missing"])
        assert str(tmp_path) not in answer.text
        for path in POSTS:
            refused(client.post(path, json=examples(path)[0]), 503, "not_served", "this server has")
        refused(client.get("/predicted_features"), 503, "not_served", "no model")


def test_a_model_without_a_genome(config: Config) -> None:
    app = create_app(replace(config, genome=None, predictions=None))
    with TestClient(app) as client:
        assert client.get("/ready").json()["ready"] is True
        for path in POSTS:
            answer = client.post(path, json=examples(path)[0])
            if path in OF_PLACES:
                refused(answer, 503, "not_served", "no genome")
            elif path.endswith("in_region"):
                refused(answer, 503, "not_served", "no precomputed effects")
            else:
                assert answer.status_code == 200


def test_several_models(config: Config) -> None:
    models = {"one": config.models["demo"], "two": config.models["demo"], "bad": Path("/nowhere")}
    with TestClient(create_app(replace(config, models=models))) as client:
        assert [one["name"] for one in client.get("/models").json()["models"]] == ["one", "two"]
        (body,) = examples("/predictions_for_sequence")
        for name in ("one", "two"):
            answer = client.post("/predictions_for_sequence", json=body | {"model": name})
            assert answer.json()["model"] == name
        assert client.post("/predictions_for_sequence", json=body).json()["model"] == "one"
        refused(client.get("/predicted_features?model=tow"), 422, "invalid_request", "'two'?")


def test_the_settings_are_read(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "MODELS": "a=/x/a, b=/x/b",
        "API_KEYS": " sesame ,two",
        "CORS_ORIGINS": "https://lab.example",
        "MAX_QUEUE": "7",
        "GENOME_STORE": str(empty_folder / "g"),
    }
    for name, value in values.items():
        monkeypatch.setenv(f"NUCLEOTIDES_{name}", value)
    config = config_of(load_settings())
    assert config.models == {"a": Path("/x/a"), "b": Path("/x/b")}
    assert config.keys == ("sesame", "two")
    assert config.origins == ("https://lab.example",)
    assert config.max_queue == 7
    assert config.genome == empty_folder / "g"
    assert "sesame" not in repr(load_settings())
    for wrong in ("a", "a=", "=b", "a=1,a=2"):
        monkeypatch.setenv("NUCLEOTIDES_MODELS", wrong)
        with pytest.raises(SettingsError, match="name=path"):
            config_of(load_settings())


@pytest.mark.usefixtures("empty_folder")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_KEYS", ","),
        ("API_KEYS", " , "),
        ("API_KEYS", "  "),
        ("CORS_ORIGINS", "foo bar"),
        ("CORS_ORIGINS", "https://lab.example,lab.example"),
        ("CORS_ORIGINS", "https://lab.example/"),
        ("CORS_ORIGINS", "https://Lab.example"),
        ("CORS_ORIGINS", "https://*.example"),
        ("CORS_ORIGINS", "https://"),
        ("CORS_ORIGINS", " , "),
    ],
)
def test_keys_and_origins_that_are_none_are_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"NUCLEOTIDES_{name}", value)
    with pytest.raises(SettingsError, match=f"NUCLEOTIDES_{name} .* is no (key in it|origin)"):
        config_of(load_settings())


@pytest.mark.usefixtures("empty_folder")
def test_origins_and_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    origins = ("https://lab.example:8443", "http://127.0.0.1:80", "http://[::1]:1", "app://x", "*")
    monkeypatch.setenv("NUCLEOTIDES_CORS_ORIGINS", ", ".join(origins) + ",")
    monkeypatch.setenv("NUCLEOTIDES_API_KEYS", "")  # as if it were not set
    config = config_of(load_settings())
    assert config.origins == origins
    assert config.keys == ()
