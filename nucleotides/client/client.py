"""The requests of the API as methods."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import httpx2
from pydantic import BaseModel, TypeAdapter

from nucleotides.client.failures import ask, raise_failure, read
from nucleotides.client.job import Job
from nucleotides.errors import InputError, NoSuchJobError, ServiceError, TooLateError
from nucleotides.schemas.explanations import ExplanationRequest
from nucleotides.schemas.features import FeatureDescription
from nucleotides.schemas.jobs import DesignJob, Designs, ExplanationJob, JobStatus, VariantJob
from nucleotides.schemas.models import Readiness, ServedModels
from nucleotides.schemas.predictions import (
    OnePrediction,
    PositionReading,
    PositionsReading,
    Predictions,
    SequenceReading,
    SequencesReading,
)
from nucleotides.schemas.sequence import Sequence as Bases
from nucleotides.schemas.sequence import SequenceRequest
from nucleotides.schemas.variants import KnownEffects, RegionRequest, VariantEffect, VariantRequest

_FEATURES, _NAMES = TypeAdapter(list[FeatureDescription]), TypeAdapter(list[str])
_EXPLANATION = TypeAdapter(dict[str, list[float]])
_DESIGNED = TypeAdapter[Designs | JobStatus](Designs | JobStatus)
_ID = re.compile("[0-9a-f]{32}")
_KEY = re.compile("[!-~]([ -~]*[!-~])?")


class Client:
    """A connection to a server: `with Client("http://localhost:8893") as client: ...`

    Methods are called as the paths of the API are, and take the fields of its requests by name
    (`nucleotides.schemas` says what each means); they raise what the Python API raises.

    Args:
        url: of the server.
        key: for the header X-API-Key, if the server wants one.
        timeout: seconds to wait for an answer.
        patience: seconds that a server may be away while one of its jobs is waited for.
        http: another client to send with, as a test may.

    Raises:
        InputError: a key that no header can have.

    Raises, every method:
        InputError: the request means nothing to the server; the message is the server's.
        NotServedError: the server lacks a model or a genome for this.
        OverloadedError: it has too much to do; `retry_after` says in how many seconds to ask again.
        TooLargeError, TooLateError, RefusedError, ServiceError: see `nucleotides.errors`.
    """

    def __init__(
        self,
        url: str = "http://localhost:8893",
        key: str | None = None,
        timeout: float = 120.0,
        http: httpx2.Client | None = None,
        *,
        patience: float = 120.0,
    ) -> None:
        self.patience = patience
        headers = {"X-API-Key": _sendable(key)} if key else {}
        self._http = http or httpx2.Client(base_url=url, timeout=timeout)
        self._http.headers.update(headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._http.close()

    def ready(self) -> Readiness:
        """What the server has, and what it lacks."""
        return read(Readiness, self.send("GET", "/ready", unready=True))

    def models(self) -> ServedModels:
        """The models."""
        return read(ServedModels, self.send("GET", "/models"))

    def predicted_features(
        self, *, include_aggregation_options: bool = False, model: str | None = None
    ) -> list[str]:
        """Names of the tasks."""
        query = _query(include_aggregation_options=include_aggregation_options, model=model)
        return read(_NAMES, self.send("GET", "/predicted_features", query=query))

    def predicted_features_description(
        self, *, model: str | None = None
    ) -> list[FeatureDescription]:
        """What is known of the tasks."""
        query = _query(model=model)
        found = self.send("GET", "/predicted_features_description", query=query)
        return read(_FEATURES, found)

    def sequence(self, chrom: str, start: int, end: int, **fields: Any) -> str:
        """The bases of a region, 0-based, half-open."""
        asked = ask(SequenceRequest, chrom=chrom, start=start, end=end, **fields)
        return read(Bases, self._post("/sequence", asked)).sequence

    def predictions_for_sequence(self, sequence: str, **fields: Any) -> OnePrediction:
        """Probabilities of a sequence."""
        asked = ask(SequenceReading, sequence=sequence, **fields)
        return read(OnePrediction, self._post("/predictions_for_sequence", asked))

    def predictions_for_sequences(
        self, sequences: Sequence[str] | Mapping[str, str], **fields: Any
    ) -> Predictions:
        """Probabilities of several sequences, in a list or by name."""
        asked = ask(SequencesReading, sequences=_several(sequences), **fields)
        return read(Predictions, self._post("/predictions_for_sequences", asked))

    def predictions_for_position(
        self, chrom: str, position: int | None = None, **fields: Any
    ) -> OnePrediction:
        """Probabilities of the window around a position, 0-based, or of a region: start, end."""
        asked = ask(PositionReading, chrom=chrom, position=position, **fields)
        return read(OnePrediction, self._post("/predictions_for_position", asked))

    def predictions_for_positions(
        self, positions: Sequence[Mapping[str, Any]], **fields: Any
    ) -> Predictions:
        """Probabilities of positions and regions: each {chrom, position} or {chrom, start, end}."""
        asked = ask(PositionsReading, positions=_several(positions), **fields)
        return read(Predictions, self._post("/predictions_for_positions", asked))

    def variant_effect_prediction(
        self, chrom: str, pos: int, ref: str, alt: str, **fields: Any
    ) -> VariantEffect:
        """What a variant does; the position is that of a VCF, from 1."""
        asked = ask(VariantRequest, chrom=chrom, pos=pos, ref=ref, alt=alt, **fields)
        return read(VariantEffect, self._post("/variant_effect_prediction", asked))

    def variant_effect_prediction_in_region(
        self, region: str | Mapping[str, Any], predicted_feature: str
    ) -> KnownEffects:
        """Precomputed effects in a region, 0-based, half-open."""
        asked = ask(RegionRequest, region=region, predicted_feature=predicted_feature)
        path = "/variant_effect_prediction_in_region"
        return read(KnownEffects, self._post(path, asked))

    def explanations_for_sequence(self, sequence: str, **fields: Any) -> dict[str, list[float]]:
        """What each base contributes, {task: [a value a base]}."""
        asked = ask(ExplanationRequest, sequence=sequence, **fields)
        return read(_EXPLANATION, self._post("/explanations_for_sequence", asked))

    def optimize_sequences(
        self, sequences: Sequence[str] | Mapping[str, str] | None = None, **fields: Any
    ) -> Designs | Job:
        """Designs of starts, or of `random` ones: the designs if they are made within `wait`
        seconds (0 by default), else their job."""
        wait = fields.pop("wait", 0.0)
        body = _design(sequences, fields).model_dump_json(exclude_defaults=True)
        found = self.send("POST", "/optimize_sequences", body=body, query={"wait": wait})
        answer = read(_DESIGNED, found)
        return answer if isinstance(answer, Designs) else Job(self, answer)

    def submit_designs(
        self, sequences: Sequence[str] | Mapping[str, str] | None = None, **fields: Any
    ) -> Job:
        """A job of designs."""
        return self._submit("/jobs/designs", _design(sequences, fields))

    def submit_explanations(self, **fields: Any) -> Job:
        """A job of explanations, of `sequences` or `regions`."""
        return self._submit("/jobs/explanations", ask(ExplanationJob, **fields))

    def submit_variants(self, vcf: str | Path, **fields: Any) -> Job:
        """A job of the variants of a VCF on this machine: plain, gzip or bgzip."""
        query = ask(VariantJob, **fields).model_dump(exclude_defaults=True)
        with Path(vcf).open("rb") as file:
            found = self.send("POST", "/jobs/variants", body=file, query=query)
        return Job(self, read(JobStatus, found))

    def job(self, name: str) -> Job:
        """A job by its id.

        Raises:
            NoSuchJobError: there is none, or it is another key's.
        """
        if not _ID.fullmatch(name):
            raise NoSuchJobError(f"no job {name!r}: an id has 32 of the digits 0-9 a-f")
        return Job(self, read(JobStatus, self.send("GET", f"/jobs/{name}")))

    @contextmanager
    def stream(
        self, path: str, query: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx2.Response]:
        """An answer to GET that is read while it comes."""
        try:
            with self._http.stream("GET", path, params=query, headers=headers) as answer:
                if answer.status_code >= 300:
                    answer.read()
                    raise_failure(answer)
                yield answer
        except httpx2.HTTPError as error:
            raise self._broken(path, error) from error

    def _submit(self, path: str, asked: BaseModel) -> Job:
        return Job(self, read(JobStatus, self._post(path, asked)))

    def _post(self, path: str, asked: BaseModel) -> bytes:
        return self.send("POST", path, body=asked.model_dump_json(exclude_defaults=True))

    def send(
        self,
        method: str,
        path: str,
        *,
        body: str | IO[bytes] | None = None,
        query: Mapping[str, Any] | None = None,
        unready: bool = False,
    ) -> bytes:
        """A request's answer, as bytes."""
        kind = "application/json" if isinstance(body, str) else "application/octet-stream"
        headers = {"Content-Type": kind} if body else {}
        try:
            found = self._http.request(method, path, content=body, params=query, headers=headers)
        except httpx2.HTTPError as error:
            raise self._broken(path, error) from error
        if found.status_code >= 300 and not (unready and found.status_code == 503):
            raise_failure(found)
        return found.content

    def _broken(self, path: str, error: httpx2.HTTPError) -> ServiceError:
        """What an answer that did not come is: late, or none."""
        said = f"{str(self._http.base_url).rstrip('/')}{path}: {error or repr(error)}"
        late = isinstance(error, httpx2.TimeoutException)
        connecting = isinstance(error, httpx2.ConnectTimeout)
        return TooLateError(said) if late and not connecting else ServiceError(said)


def _design(
    sequences: Sequence[str] | Mapping[str, str] | None, fields: Mapping[str, Any]
) -> DesignJob:
    given = None if sequences is None else _several(sequences)
    return ask(DesignJob, sequences=given, **fields)


def _several(items: Any) -> Any:
    """Items as a list or mapping of Python's own; a text stays what it is: its letters are none."""
    if isinstance(items, str | bytes):
        return items
    return dict(items) if isinstance(items, Mapping) else list(items)


def _sendable(key: str) -> str:
    """A key that a header can have; it is not shown in the error."""
    if not _KEY.fullmatch(key):
        raise InputError(
            "the key has characters that no header can have: it is printable ASCII, "
            "without spaces around it"
        )
    return key


def _query(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
