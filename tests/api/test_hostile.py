"""What nobody should send, and what is answered."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ValidationError
from starlette.testclient import TestClient

from nucleotides.api.config import Config
from nucleotides.api.main import create_app
from nucleotides.schemas.base import MOST_ITEMS
from nucleotides.schemas.failure import Failure
from nucleotides.schemas.jobs import DesignJob, ExplanationJob
from nucleotides.schemas.predictions import PositionsReading, SequencesReading
from nucleotides.schemas.variants import VariantRequest
from nucleotides.settings import Settings
from tests.toy import sequence

JSON = {"Content-Type": "application/json"}
PLACE: dict[str, Any] = {"chrom": "chr20", "start": 5, "end": 9}
VARIANT: dict[str, Any] = {"chrom": "chr20", "pos": 1104061, "ref": "T", "alt": "C"}
LONG = sequence(1000)


def refused(answer: Any, status: int, word: str, says: str = "") -> Failure:
    """The failure that an answer is, checked."""
    assert answer.status_code == status, answer.text
    found = Failure.model_validate_json(answer.content)
    assert found.error == word
    assert says in found.message
    assert found.request_id == answer.headers["x-request-id"]
    assert "Traceback" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    return found


@pytest.mark.parametrize(
    ("path", "body", "status", "word", "says"),
    [
        ("/sequence", b"[" * 100_000, 400, "malformed", "too deep"),
        ("/sequence", b'{"chrom":' * 50_000, 400, "malformed", "too deep"),
        ("/sequence", b"\xff\xfe", 400, "malformed", "at character 0"),
        ("/sequence", b'{"chrom": "\xff"}', 400, "malformed", "byte 0xff at position 11"),
        ("/sequence", b"{", 400, "malformed", "at character 1"),
        ("/sequence", b"", 422, "invalid_request", ""),
        ("/sequence", b'{"chrom":NaN,"start":0,"end":1}', 422, "invalid_request", "body.chrom"),
        ("/sequence", b'{"chrom":"c","start":NaN,"end":1}', 422, "invalid_request", "body.start"),
        ("/sequence", b'{"chrom":"c","start":1e400,"end":1}', 422, "invalid_request", "body.start"),
        ("/sequence", b'{"chrom":"\\ud800","start":0,"end":1}', 422, "invalid_request", ""),
        ("/predictions_for_sequence", b"9" * 5000, 400, "malformed", "too many digits"),
    ],
)
def test_bodies(
    path: str, body: bytes, status: int, word: str, says: str, client: TestClient
) -> None:
    refused(client.post(path, content=body, headers=JSON), status, word, says)


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/sequence", PLACE | {"start": -1}, "start: Input should be greater than or equal to 0"),
        ("/sequence", PLACE | {"start": 10**30}, "start"),
        ("/sequence", PLACE | {"start": 9, "end": 9}, "start < end is needed"),
        ("/sequence", PLACE | {"start": 9, "end": 9, "pad": True}, "start < end is needed"),
        (
            "/sequence",
            PLACE | {"start": 10**7, "end": 10**7 + 5, "pad": True},
            "chr20:10000000-10000005 is not within chr20",
        ),
        ("/sequence", PLACE | {"end": 10**9, "start": 10**9 - 5}, "is not within chr20"),
        ("/sequence", PLACE | {"chrom": "chr21"}, "unknown contig 'chr21'; did you mean 'chr20'?"),
        ("/sequence", PLACE | {"chrom": "../../etc/passwd"}, "unknown contig"),
        ("/sequence", PLACE | {"strand": "x"}, "strand"),
        ("/sequence", PLACE | {"assembly": "hg19"}, "this server's genome is GRCh38"),
        ("/sequence", PLACE | {"colour": 1}, "colour: Extra inputs are not permitted"),
        ("/sequence", PLACE | {"stop": 9}, "body: give either end or stop"),
        (
            "/sequence",
            PLACE | {"assembly": "hg38", "reference_genome": "hg38"},
            "body: give either assembly or reference_genome",
        ),
        ("/predictions_for_sequence", {"sequence": "ACGTX"}, "'X' at position 4"),
        ("/predictions_for_sequence", {"sequence": "ACGÜ"}, "'Ü' at position 3"),
        (
            "/predictions_for_sequence",
            {"sequence": "ACGT"},
            "the sequence has 4 bases; the model needs 1000",
        ),
        ("/predictions_for_sequence", {"sequence": ""}, "at least 1"),
        ("/predictions_for_sequence", {"sequence": LONG, "tasks": ["CTFC"]}, "unknown task"),
        ("/predictions_for_sequence", {"sequence": LONG, "assays": ["DNAse-seq"]}, "'DNase-seq'?"),
        ("/predictions_for_sequence", {"sequence": LONG, "model": "../x"}, "unknown model"),
        ("/predictions_for_sequence", {"sequence": LONG, "top": 0}, "top"),
        (
            "/predictions_for_sequence",
            {"sequence": LONG, "tasks": ["*CTCF*"], "assays": ["DNase-seq"]},
            "no task is in all of what is asked for: tasks *CTCF*; assays DNase-seq",
        ),
        ("/predictions_for_sequences", {"sequences": []}, "body.sequences: List should have at"),
        ("/predictions_for_sequences", {"sequences": {}}, "body.sequences: Dictionary should"),
        ("/predictions_for_sequences", {"sequences": LONG}, "body.sequences: a list of sequences"),
        ("/predictions_for_sequences", {"sequences": {"a": "X"}}, "body.sequences.a: character"),
        ("/predictions_for_position", {"chrom": "chr20"}, "position, or start and end"),
        ("/predictions_for_position", {"chrom": "20", "position": 10_000_000}, "is not within"),
        ("/predictions_for_position", PLACE | {"position": 3}, "position, or start and end"),
        ("/variant_effect_prediction", VARIANT | {"pos": 0}, "pos"),
        ("/variant_effect_prediction", VARIANT | {"pos": 10**9}, "is not within"),
        ("/variant_effect_prediction", VARIANT | {"chrom": "chrZ", "alt": "<DEL>"}, "alt"),
        (
            "/variant_effect_prediction_in_region",
            {"region": "chr20:5", "predicted_feature": "x"},
            "contig:start-end",
        ),
        (
            "/variant_effect_prediction_in_region",
            {"region": "chr20:9-5", "predicted_feature": "x"},
            "start < end",
        ),
        (
            "/variant_effect_prediction_in_region",
            {"region": PLACE, "predicted_feature": "aggregate: max"},
            "did you mean 'aggregate: max",
        ),
        (
            "/explanations_for_sequence",
            {"sequence": LONG, "method": "saliency", "scale": "probability"},
            "scale probability is for mutagenesis",
        ),
    ],
)
def test_values(path: str, body: Any, says: str, client: TestClient, config: Config) -> None:
    found = refused(client.post(path, json=body), 422, "invalid_request", says)
    assert str(config.genome) not in found.message
    assert str(config.predictions) not in found.message
    assert "row 0" not in found.message
    assert not re.search("constrained|function|; body", found.message)


def test_of_several_it_is_said_which(client: TestClient) -> None:
    places = [{"chrom": chrom, "position": 10**6} for chrom in ("chr20", "chr21")]
    answer = client.post("/predictions_for_positions", json={"positions": places})
    refused(answer, 422, "invalid_request", "(row 1)")


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/sequence", PLACE | {"end": 10_006}, "10,001 bases"),
        ("/predictions_for_position", PLACE | {"end": 10_006}, "10,001 bases"),
        ("/predictions_for_sequence", {"sequence": "A" * 10_001}, "10,001 bases"),
        ("/predictions_for_sequences", {"sequences": ["A"] * 101}, "101 at once"),
        ("/explanations_for_sequence", {"sequence": LONG}, "bases times tasks"),
        ("/variant_effect_prediction", VARIANT | {"alt": "A" * 1001}, "an allele of 1,001 bases"),
    ],
)
def test_too_much(path: str, body: Any, says: str, client: TestClient) -> None:
    refused(client.post(path, json=body), 413, "too_large", says)


MANY = 100_000


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (PositionsReading, {"positions": [1] * MANY}),
        (PositionsReading, {"positions": [{}] * 9000}),
        (PositionsReading, {"positions": [{str(i): 1 for i in range(90)}] * 9000}),
        (SequencesReading, {"sequences": [1] * MANY}),
        (SequencesReading, {"sequences": dict.fromkeys(map(str, range(MANY)), 1)}),
        (DesignJob, {"random": 1, "options": {str(i): [] for i in range(MANY)}}),
        (DesignJob, {"random": 1, "terms": [{}] * MANY}),
        (DesignJob, {"random": 1, **dict.fromkeys(map(str, range(MANY)), 1)}),
        (DesignJob, {"sequences": [1] * MANY}),
        (DesignJob, {"sequences": dict.fromkeys(map(str, range(MANY)), 1)}),
        (ExplanationJob, {"regions": [{}] * MANY}),
        (VariantRequest, VARIANT | {"tasks": [1] * MANY}),
    ],
)
def test_a_body_of_many_errors_is_not_gone_through_to_its_end(
    kind: type[BaseModel], body: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError) as found:
        kind.model_validate(body)
    assert found.value.error_count() <= 1001  # it may look at what a list of names may have


def test_many_errors_are_answered_in_a_few_words(client: TestClient) -> None:
    answer = client.post("/predictions_for_positions", json={"positions": [1] * MANY})
    refused(answer, 422, "invalid_request", "100,000 at once: 10,000 are taken at most")
    assert len(answer.content) < 1000


def test_as_many_as_the_settings_allow_fit_the_schema() -> None:
    assert Settings(MAX_ITEMS=MOST_ITEMS).MAX_ITEMS == MOST_ITEMS
    with pytest.raises(ValidationError):
        Settings(MAX_ITEMS=MOST_ITEMS + 1)


def test_a_large_body_is_refused_before_it_is_read(client: TestClient) -> None:
    headers = JSON | {"Content-Length": "100000000"}
    answer = client.post("/sequence", content=b"{}", headers=headers)
    refused(answer, 413, "too_large", "4,000,000 bytes")
    headers["Content-Length"] = "-1"
    refused(client.post("/sequence", content=b"{}", headers=headers), 413, "too_large")


def test_a_body_without_length_is_read_as_far_as_it_may_be(client: TestClient) -> None:
    given = 0

    def pieces() -> Iterator[bytes]:
        nonlocal given
        for _ in range(100):
            given += 1
            yield b" " * 1_000_000

    refused(client.post("/sequence", content=pieces(), headers=JSON), 413, "too_large")


def test_a_body_that_is_not_said_to_be_json(client: TestClient) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/sequence", content=json.dumps(PLACE), headers=headers)
    refused(answer, 422, "invalid_request", "Content-Type: application/json")


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_monitors_ask_for_the_head_alone(path: str, client: TestClient) -> None:
    assert client.head(path).status_code == client.get(path).status_code == 200


def test_paths_and_methods(client: TestClient) -> None:
    refused(client.get("/../etc/passwd"), 404, "no_such_path", "/docs")
    refused(client.get("/models/", follow_redirects=False), 404, "no_such_path", "/docs")
    refused(client.get("/sequence"), 405, "no_such_method")
    answer = client.post(f"/jobs/{'0' * 32}")
    refused(answer, 405, "no_such_method")
    assert answer.headers["allow"] == "DELETE, GET"


def test_a_telomere_is_no_place_for_a_base(client: TestClient) -> None:
    answer = client.post("/variant_effect_prediction", json=VARIANT | {"chrom": "chrUn"})
    assert answer.status_code == 200
    assert answer.json()["predictions"] == {}
    assert answer.json()["not_scored"] == "the genome has no such contig"
    assert answer.json()["matches_reference_genome"] is None


def test_what_nobody_thought_of_is_answered_without_a_traceback(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(replace(config, models={}, predictions=None))

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("a secret")

    with TestClient(app) as client, caplog.at_level(logging.ERROR, "nucleotides.access"):
        found = refused(client.get("/broken"), 500, "internal", "its log has more at the id")
    assert "a secret" not in found.message
    assert "a secret" in caplog.text
    assert found.request_id in caplog.text


def test_keys(config: Config) -> None:
    app = create_app(replace(config, models={}, predictions=None, keys=("one", "two")))
    with TestClient(app) as client:
        for headers in ({}, {"X-API-Key": "three"}, {"X-API-Key": ""}, {"X-API-Key": "one,two"}):
            refused(client.get("/models", headers=headers), 401, "no_key", "X-API-Key")
        for key in ("one", "two"):
            assert client.get("/models", headers={"X-API-Key": key}).status_code == 200
        assert client.get("/health").status_code == 200
        assert client.get("/ready").status_code == 503
    assert "secret" not in repr(replace(config, keys=("secret",)))


def test_other_origins(config: Config, client: TestClient) -> None:
    asks = {"Origin": "https://lab.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in client.get("/health", headers=asks).headers
    app = create_app(
        replace(config, models={}, predictions=None, origins=("https://lab.example",), keys=("k",))
    )
    with TestClient(app) as other:
        answer = other.options("/sequence", headers=asks)
        assert answer.headers["access-control-allow-origin"] == "https://lab.example"
        asks["Origin"] = "https://elsewhere.example"
        answer = other.options("/sequence", headers=asks)
        assert "access-control-allow-origin" not in answer.headers


def test_ids(client: TestClient) -> None:
    given = client.get("/health", headers={"X-Request-ID": "my-1.2_3"})
    assert given.headers["x-request-id"] == "my-1.2_3"
    for odd in ("a b", "x" * 65, "<script>", ""):
        name = client.get("/health", headers={"X-Request-ID": odd}).headers["x-request-id"]
        assert len(name) == 32
        assert name.isalnum()


def test_the_time_is_up(config: Config) -> None:
    with TestClient(create_app(replace(config, request_timeout=1e-6))) as client:
        answer = client.post("/predictions_for_sequence", json={"sequence": LONG})
        refused(answer, 504, "too_late", "took longer than 1e-06 s")


def test_overload_is_answered_429(config: Config) -> None:
    app: FastAPI = create_app(replace(config, max_queue=1))
    body = {"sequences": [sequence(1000, i) for i in range(40)]}
    with TestClient(app) as client:
        waiting = app.state.served.model(None).batcher
        found: list[int] = []
        with ThreadPoolExecutor(4) as pool:
            answers = list(
                pool.map(
                    lambda i: client.post(
                        "/predictions_for_sequences", json=body | {"recalibrated": i > 1}
                    ),
                    range(4),
                )
            )
        for answer in answers:
            found.append(answer.status_code)
            if answer.status_code == 429:
                refused(answer, 429, "overloaded", "windows wait already")
                assert int(answer.headers["retry-after"]) >= 1
        assert waiting.waiting == 0
    assert 200 in found
    assert set(found) <= {200, 429}
