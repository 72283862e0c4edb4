"""What the description says works as it is."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from nucleotides.api.config import Config
from nucleotides.api.main import create_app
from nucleotides.schemas.features import FeatureDescription
from nucleotides.schemas.models import Health, Readiness, ServedModels
from nucleotides.schemas.predictions import OnePrediction, Predictions
from nucleotides.schemas.sequence import Sequence
from nucleotides.schemas.variants import KnownEffects, VariantEffect

ANSWERS: dict[str, Any] = {
    "/health": Health,
    "/ready": Readiness,
    "/models": ServedModels,
    "/predicted_features": list[str],
    "/predicted_features_description": list[FeatureDescription],
    "/sequence": Sequence,
    "/predictions_for_sequence": OnePrediction,
    "/predictions_for_sequences": Predictions,
    "/predictions_for_position": OnePrediction,
    "/predictions_for_positions": Predictions,
    "/variant_effect_prediction": VariantEffect,
    "/variant_effect_prediction_in_region": KnownEffects,
    "/explanations_for_sequence": dict[str, list[float]],
}
JOBS = {"/optimize_sequences", "/jobs/designs", "/jobs/explanations", "/jobs/variants"}
OF_A_JOB = {"/jobs/{id}", "/jobs/{id}/events", "/jobs/{id}/result"}
"""Tried in tests/api/test_jobs.py."""
SCHEMA = create_app(Config({})).openapi()
POSTS = [path for path, do in SCHEMA["paths"].items() if "post" in do and path not in JOBS]
GETS = [path for path, do in SCHEMA["paths"].items() if "get" in do and path not in OF_A_JOB]


def examples(path: str) -> list[Any]:
    body = SCHEMA["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    found: list[Any] = SCHEMA["components"]["schemas"][body["$ref"].rpartition("/")[2]]["examples"]
    return found


def test_all_paths_of_the_specification_are_there() -> None:
    assert set(ANSWERS) | {"/", "/docs", "/metrics"} == {*POSTS, *GETS}
    assert set(SCHEMA["paths"]) == {*POSTS, *GETS} | JOBS | OF_A_JOB


@pytest.mark.parametrize("path", POSTS)
def test_every_example_works(path: str, client: TestClient) -> None:
    assert examples(path)
    for example in examples(path):
        answer = client.post(path, json=example)
        assert answer.status_code == 200, answer.text
        TypeAdapter(ANSWERS[path]).validate_json(answer.content)


@pytest.mark.parametrize("path", GETS)
def test_what_is_read_is_there(path: str, client: TestClient) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    if path in ANSWERS:
        TypeAdapter(ANSWERS[path]).validate_json(answer.content)


def test_the_page_of_requests_has_no_scripts_and_asks_nobody_else(client: TestClient) -> None:
    page = client.get("/docs")
    assert "<script" not in page.text
    assert "http" not in page.text.replace("/predictions", "")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].count("default-src") == 1


def test_the_page_of_requests_has_every_path_and_example(client: TestClient) -> None:
    page = client.get("/docs").text
    assert [
        path for path in (*POSTS, *GETS, *JOBS, *OF_A_JOB) if f"{path}</code>" not in page
    ] == []
    assert page.count("<pre") == len(POSTS) + len(JOBS)


def test_the_schema_is_that_of_the_server(app: FastAPI, client: TestClient) -> None:
    assert client.get("/openapi.json").json() == SCHEMA == app.openapi()
