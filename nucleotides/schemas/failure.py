"""What every request that fails is answered."""

from __future__ import annotations

from pydantic import Field

from nucleotides.schemas.base import Answer


class Failure(Answer):
    """A request that was not fulfilled."""

    error: str = Field(description="What kind of failure, in a word: such as invalid_request.")
    message: str = Field(description="What is wrong, where, and what to do.")
    request_id: str = Field(description="Of this request: it is in the server's log too.")
