"""The client asks what the API answers, and raises what the Python API raises."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import httpx2
import numpy as np
import pytest
from starlette.testclient import TestClient

from nucleotides.api.config import Config
from nucleotides.api.main import create_app
from nucleotides.client import Client
from nucleotides.errors import (
    InputError,
    NoSuchJobError,
    NotServedError,
    RefusedError,
    ServiceError,
    TooLargeError,
    TooLateError,
)
from nucleotides.predict import Model
from tests.api.conftest import app, client, config, genome, model  # noqa: F401 (fixtures)
from tests.toy import sequence

ONE, TWO = sequence(1000), sequence(1300, 1)


@pytest.fixture
def ours(client: TestClient) -> Client:  # noqa: F811
    return Client(http=client)


def test_every_request(ours: Client, model: Model) -> None:  # noqa: F811
    tasks = model.tasks["task"].tolist()
    assert ours.ready().ready
    assert [one.name for one in ours.models().models] == ["demo"]
    assert ours.predicted_features() == tasks
    assert ours.predicted_features(include_aggregation_options=True, model="demo")[7:] == tasks
    assert [row.name for row in ours.predicted_features_description()] == tasks
    assert ours.sequence("20", 1_000_000, 1_000_005, strand="-") == "TTCCA"
    wanted = model.predict({"a": ONE, "b": TWO})
    found = ours.predictions_for_sequences({"a": ONE, "b": TWO})
    assert {row.name: row.predictions for row in found.predictions} == wanted.to_dict("index")
    assert [row.name for row in ours.predictions_for_sequences([ONE, TWO]).predictions] == [
        "0",
        "1",
    ]
    assert ours.predictions_for_sequence(ONE, top=1).predictions == dict(
        [max(wanted.loc["a"].items(), key=lambda item: item[1])]
    )
    place = ours.predictions_for_position("20", 1_104_061, genome_tail=True)
    (same,) = ours.predictions_for_positions(
        [{"chrom": "20", "start": 1_104_061, "end": 1_104_062}]
    ).predictions
    assert place.predictions == same.predictions
    assert place.genome_tail is not None
    effect = ours.variant_effect_prediction("20", 1_104_061, "T", "C", tasks=["*MAX*"])
    assert list(effect.predictions) == ["K562.MAX.ENCFF618VMC"]
    known = ours.variant_effect_prediction_in_region("20:1104060-1104061", tasks[0])
    assert [row.id for row in known.variants] == ["rs2", "rs2"]
    why = ours.explanations_for_sequence(ONE, tasks=tasks[:1], method="saliency")
    assert len(why[tasks[0]]) == 1000


def test_errors_are_those_of_the_python_api(ours: Client) -> None:
    with pytest.raises(InputError, match="did you mean 'chr20'"):
        ours.sequence("chr21", 1, 2)
    with pytest.raises(InputError, match="'X' at position 4"):
        ours.predictions_for_sequence("ACGTX")
    with pytest.raises(TooLargeError, match="10,001 bases"):
        ours.predictions_for_sequence("A" * 10_001)


@pytest.mark.parametrize(
    ("asking", "says"),
    [
        (lambda ours: ours.predictions_for_sequences([]), "^sequences: List should have at leas"),
        (lambda ours: ours.predictions_for_sequences({"a": ""}), "^sequences.a: String should"),
        (lambda ours: ours.predictions_for_sequences(ONE), "^sequences: a list of sequences is w"),
        (lambda ours: ours.submit_designs(ONE), "^sequences: a list of sequences is wanted"),
        (lambda ours: ours.submit_explanations(sequences=ONE), "^sequences: a list of sequences"),
        (lambda ours: ours.predictions_for_positions("20"), "^positions: Input should be a valid"),
        (lambda ours: ours.predictions_for_position("20"), "^give either position, or start and"),
        (lambda ours: ours.sequence("20", 1, 2, stop=3), "^give either end or stop"),
    ],
)
def test_what_cannot_be_asked_is_told_in_names_of_the_request(
    asking: Callable[[Client], object], says: str, ours: Client
) -> None:
    with pytest.raises(InputError, match=says) as found:
        asking(ours)
    assert not re.search(r"constrained|function|\[|;", str(found.value))


@pytest.mark.parametrize("key", ["é", "secret\n", "a\nb", " secret", "\x00", "🔑"])
def test_a_key_that_no_header_can_have(key: str) -> None:
    with pytest.raises(InputError, match="printable ASCII") as found:
        Client(key=key)
    assert key not in str(found.value)


def test_numbers_of_numpy_are_numbers(ours: Client) -> None:
    start = np.arange(1_000_000, 1_000_002)[0]
    assert ours.sequence("20", start, start + np.int32(5)) == "TGGAA"
    places = [{"chrom": "20", "position": start}]
    (found,) = ours.predictions_for_positions(places, top=np.int64(1)).predictions
    assert (
        found
        == ours.predictions_for_positions(
            [{"chrom": "20", "position": 1_000_000}], top=1
        ).predictions[0]
    )


def test_a_region_is_a_position_too(ours: Client) -> None:
    region = ours.predictions_for_position("20", start=1_104_061, end=1_104_062)
    assert region == ours.predictions_for_position("20", 1_104_061)


@pytest.mark.parametrize("name", ["abc", "../models", "", "0" * 31, "0" * 32 + "/events"])
def test_what_is_no_id_is_no_job(name: str, ours: Client) -> None:
    with pytest.raises(NoSuchJobError, match="32"):
        ours.job(name)


def _answering(error: Exception | None = None) -> Client:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if error:
            raise error
        return httpx2.Response(200, content=b"<html>hello", request=request)

    transport = httpx2.MockTransport(answer)
    return Client(http=httpx2.Client(base_url="http://elsewhere:8893", transport=transport))


def test_no_answer_and_that_of_another_server() -> None:
    address = "http://elsewhere:8893/models: timed out"
    with pytest.raises(TooLateError, match=address):
        _answering(httpx2.ReadTimeout("timed out")).models()
    with pytest.raises(ServiceError, match=address) as found:
        _answering(httpx2.ConnectTimeout("timed out")).models()
    assert not isinstance(found.value, TooLateError)
    with pytest.raises(ServiceError, match=r"<html>hello.*another server"):
        _answering().models()


def test_other_failures(config: Config) -> None:  # noqa: F811
    bare = replace(config, models={}, predictions=None, keys=("secret",))
    with TestClient(create_app(bare)) as http:
        with pytest.raises(RefusedError, match="X-API-Key"):
            Client(http=http).models()
        ours = Client(http=http, key="secret")
        with pytest.raises(NotServedError, match="no model"):
            ours.predictions_for_sequence(ONE)
        assert not ours.ready().ready
    with (
        TestClient(create_app(replace(config, request_timeout=1e-6))) as http,
        pytest.raises(TooLateError, match="took longer"),
    ):
        Client(http=http).predictions_for_sequence(ONE)
    with (
        Client("http://127.0.0.1:1") as nobody,
        pytest.raises(ServiceError, match=r"127\.0\.0\.1:1"),
    ):
        nobody.ready()
