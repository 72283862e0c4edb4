"""schemathesis: whatever the schema allows, and what it does not, is answered as documented.

What fits the schema may still name a contig or task that is not there: that is no failure here.
A wider search by hand: SCHEMATHESIS_CASES=1000 pytest -n0 tests/api/test_schema.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

from nucleotides.api.config import Config
from nucleotides.api.main import create_app
from tests.api.live import live
from tests.api.test_jobs import taken_slot

CASES = int(os.environ.get("SCHEMATHESIS_CASES", "12"))


schema = schemathesis.openapi.from_dict(create_app(Config({})).openapi())


@pytest.fixture(scope="module")
def address(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    jobs = tmp_path_factory.mktemp("jobs")
    app = create_app(replace(config, jobs=jobs, request_timeout=5.0))
    with taken_slot(jobs), live(app) as port:  # jobs wait for ever: nothing is computed
        yield f"http://127.0.0.1:{port}"


@schema.parametrize()
@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=CASES < 100,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_documented(case: Case, address: str) -> None:
    answer = case.call_and_validate(base_url=address, excluded_checks=[positive_data_acceptance])
    assert answer.status_code < 500 or answer.status_code in (503, 504)
