"""Which form an answer has, by the header Accept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from nucleotides.api.negotiate import negotiate
from nucleotides.api.render import ARROW, JSON, PARQUET
from tests.toy import sequence

KINDS = (JSON, PARQUET, ARROW)


@pytest.mark.parametrize(
    ("accepted", "kind"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (PARQUET, PARQUET),
        (PARQUET.upper(), PARQUET),
        (f" {ARROW} ; Q=0.5", ARROW),
        (f"{PARQUET};q=0", JSON),
        (f"{PARQUET};q=0, {ARROW};q=0.1", ARROW),
        (f"{PARQUET};q=0.1, {ARROW};q=0.9", ARROW),
        (f"{PARQUET};q=0.5, {JSON}", JSON),
        (f"{PARQUET}, {JSON};q=0.5", PARQUET),
        (f"{PARQUET}, {JSON}", JSON),
        (f"{PARQUET}, */*", PARQUET),
        (f"{PARQUET}, */*;q=0.5", PARQUET),
        (f"{PARQUET};q=0.5, */*", JSON),
        (f"*/*, {JSON};q=0", PARQUET),
        (f"x{PARQUET}", JSON),
        (f"{PARQUET}x", JSON),
        (f"text/html; like={PARQUET}", JSON),
        (f"{PARQUET};q=nan", JSON),
        (f"{PARQUET};q=2", JSON),
        (f"{PARQUET};q=", JSON),
        ("application/xml", JSON),
        (",;,;q=1,=/", JSON),
    ],
)
def test_kinds(accepted: str, kind: str) -> None:
    assert negotiate(accepted, KINDS) == kind


RANGES = st.tuples(
    st.sampled_from([*KINDS, "application/*", "*/*", "text/html"]),
    st.integers(0, 1000),
)


@given(st.lists(RANGES, max_size=6, unique_by=lambda one: one[0]))
def test_no_other_kind_has_a_higher_quality(ranges: list[tuple[str, int]]) -> None:
    header = ", ".join(f"{name};q={thousandths / 1000:g}" for name, thousandths in ranges)

    def quality(kind: str) -> int:
        """Of the most specific range that fits."""
        fitting = (kind, "application/*", "*/*")
        return next((dict(ranges)[name] for name in fitting if name in dict(ranges)), 0)

    found = negotiate(header, KINDS)
    assert quality(found) == max(map(quality, KINDS))


@pytest.mark.parametrize("path", ["sequence", "sequences"])
def test_over_the_wire(path: str, client: TestClient) -> None:
    letters = sequence(1000)
    body = {"sequence": letters} if path == "sequence" else {"sequences": [letters]}
    for headers, kind in (
        ([("Accept", f"{PARQUET};q=0")], JSON),
        ([("Accept", PARQUET.title())], PARQUET),
        ([("Accept", "text/html"), ("Accept", ARROW)], ARROW),
        ([("Accept", "application/xml")], JSON),
    ):
        answer = client.post(f"/predictions_for_{path}", json=body, headers=headers)
        assert answer.headers["content-type"] == kind
