"""A server's refusals as the errors of this package."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

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

Body = TypeVar("Body", bound=BaseModel)
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
        return kind.model_validate(fields)
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors()[:5]
        )
        raise InputError(said) from None


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
