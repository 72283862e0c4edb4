"""Errors as answers: one shape, a fitting status, no traceback and no path of the server's."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from nucleotides.errors import (
    InputError,
    NoResultError,
    NoSuchJobError,
    NotServedError,
    NucleotidesError,
    OverloadedError,
    RefusedError,
    TooLargeError,
    TooLateError,
)
from nucleotides.schemas.failure import Failure
from nucleotides.schemas.tell_problem import tell_problem

KINDS: dict[type[NucleotidesError], tuple[int, str]] = {
    InputError: (422, "invalid_request"),
    TooLargeError: (413, "too_large"),
    OverloadedError: (429, "overloaded"),
    RefusedError: (401, "no_key"),
    NotServedError: (503, "not_served"),
    TooLateError: (504, "too_late"),
    NoSuchJobError: (404, "no_such_job"),
    NoResultError: (409, "no_result"),
}
"""Status and word of each kind of error; any other is the server's own fault, 500."""
_OF_STATUS = {
    400: "malformed",
    404: "no_such_path",
    405: "no_such_method",
    408: "too_slow",
    413: "too_large",
}
_SAYS = {
    400: "malformed: a body of JSON, or headers, that cannot be read",
    401: "the server wants a key in the header X-API-Key",
    404: "there is no such job, or it is another key's, or it was removed",
    408: "the body did not arrive in time",
    409: "the job has no result, or none yet",
    413: "more than the server takes",
    422: "a value that means nothing, or that the model or genome has not; the message names it",
    429: "too much waits; the header Retry-After says in how many seconds to ask again",
    503: "the server lacks what this takes: a model, a genome",
    504: "it took longer than a request may",
}
_NO_TYPE = (
    "body: it was not read, since it is not said to be JSON: send the header "
    "Content-Type: application/json"
)
OF_JOBS: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure, "description": text} for status, text in _SAYS.items()
}
RESPONSES = {status: said for status, said in OF_JOBS.items() if status not in (404, 409)}


def answer_failures(app: FastAPI) -> None:
    """Let an application answer all errors in one shape."""
    app.add_exception_handler(NucleotidesError, _of_package)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)


def failure(request_id: str, status: int, word: str, message: str) -> Response:
    """The answer to a request that was not fulfilled."""
    content = Failure(error=word, message=message, request_id=request_id).model_dump()
    headers = {"Retry-After": "1"} if status == 429 else {}
    return Response(json.dumps(content), status, headers, "application/json")


def id_of(scope: Any) -> str:
    """The id of a request."""
    return str(scope.get("state", {}).get("request_id", ""))


def _of_package(request: Request, error: Exception) -> Response:
    found = (KINDS[kind] for kind in type(error).__mro__ if kind in KINDS)
    status, word = next(found, (500, "internal"))
    if status == 500:
        raise error
    answer = failure(id_of(request.scope), status, word, _without_paths(request, str(error)))
    if isinstance(error, OverloadedError):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _of_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    if broken := next((one for one in problems if one["type"] == "json_invalid"), None):
        said = f"the body is no JSON: {broken['ctx']['error']} at character {broken['loc'][-1]}"
        return failure(id_of(request.scope), 400, "malformed", said)
    if any(isinstance(problem.get("input"), bytes) for problem in problems):
        return failure(id_of(request.scope), 422, "invalid_request", _NO_TYPE)
    said = "; ".join(map(tell_problem, problems[:5]))
    more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
    return failure(id_of(request.scope), 422, "invalid_request", said + more)


def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    word = _OF_STATUS.get(error.status_code, "refused")
    message = f"{error.detail}: the paths and methods are listed at /docs"
    if error.status_code not in (404, 405):
        message = _unread(error.__cause__) or str(error.detail)
    answer = failure(id_of(request.scope), error.status_code, word, message)
    answer.headers.update(error.headers or {})
    if error.status_code == 405:
        answer.headers["Allow"] = _allowed(request, answer.headers.get("Allow", ""))
    return answer


def _unread(cause: BaseException | None) -> str:
    """Why a body could not be read as JSON, though not for its grammar; "" for anything else."""
    if isinstance(cause, UnicodeDecodeError):
        byte = cause.object[cause.start]
        return f"the body is no {cause.encoding} text: byte 0x{byte:02x} at position {cause.start}"
    if isinstance(cause, RecursionError):
        return "the body is no JSON that can be read: lists or mappings stand too deep in others"
    if isinstance(cause, ValueError):
        return "the body is no JSON that can be read: a number has too many digits"
    return ""


def _allowed(request: Request, otherwise: str) -> str:
    """All methods of a path: a route by itself knows only its own."""
    path = getattr(request.scope.get("route"), "path_format", "")
    known = request.app.openapi()["paths"].get(path, {})
    return ", ".join(sorted(map(str.upper, known))) or otherwise


def _without_paths(request: Request, message: str) -> str:
    """A message without the places where the server keeps things."""
    config = request.app.state.served.config
    kept = [config.genome, config.predictions, config.jobs, *config.models.values()]
    for path in sorted({str(path) for path in kept if path}, key=len, reverse=True):
        message = message.replace(f"(in {path}; ", "(").replace(f"(in {path})", "")
        message = message.replace(path, "this server")
    return " ".join(message.split())
