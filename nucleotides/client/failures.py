"""A server's refusals as the errors of this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

import httpx2
import numpy as np
from pydantic import BaseModel, TypeAdapter, ValidationError

from nucleotides.errors import (
    InputError,
    NoResultError,
    NoSuchJobError,
    NotServedError,
    NucleotidesError,
    OverloadedError,
    RefusedError,
    ServiceError,
    TooLargeError,
    TooLateError,
)
from nucleotides.schemas.failure import Failure
from nucleotides.schemas.tell_problem import tell_problem

Body = TypeVar("Body", bound=BaseModel)
Answer = TypeVar("Answer")
_KINDS: dict[int, type[NucleotidesError]] = {
    400: InputError,
    401: RefusedError,
    404: InputError,
    405: InputError,
    408: TooLateError,
    413: TooLargeError,
    409: NoResultError,
    422: InputError,
    503: NotServedError,
    504: TooLateError,
}


def ask(kind: type[Body], **fields: Any) -> Body:
    """A request with these fields.

    Raises:
        InputError: a field that there is not, or a value that it cannot have.
    """
    try:
        return kind.model_validate(_plain(fields))
    except ValidationError as error:
        raise InputError("; ".join(map(tell_problem, error.errors()[:5]))) from None


def _plain(value: Any) -> Any:
    """The same, of Python's own numbers and lists: an int of numpy is one too."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def read(kind: type[Answer] | TypeAdapter[Answer], found: bytes) -> Answer:
    """An answer as what it is.

    Raises:
        ServiceError: it is not what this API answers.
    """
    adapter = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
    try:
        return adapter.validate_json(found)
    except ValidationError as error:
        begin = found[:40].decode(errors="replace")
        said = f"an answer that is not one of this API, beginning with {begin!r}"
        raise ServiceError(f"{said}: is there another server at this address?") from error


def is_away(error: ServiceError) -> bool:
    """Whether a server is not there, or has no time, and may be there again."""
    return type(error) is ServiceError or isinstance(error, TooLateError | OverloadedError)


def raise_failure(answer: httpx2.Response) -> NoReturn:
    """Raise the error that an answer stands for; its message is the server's.

    Raises:
        NucleotidesError: always.
    """
    status = answer.status_code
    try:
        failure = Failure.model_validate_json(answer.content)
        word, message = failure.error, failure.message
    except ValidationError:
        word, message = "", f"{answer.url} answered {status}, and not as this API does"
    if status == 429:
        raise OverloadedError(message, int(answer.headers.get("Retry-After", "1")))
    if word == "no_such_job":
        raise NoSuchJobError(message)
    raise _KINDS.get(status, ServiceError)(message)
