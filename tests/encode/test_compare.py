"""What changed between two selections."""

from __future__ import annotations

import json

from nucleotides.encode.compare import Change, diff
from tests.encode.rows import accession, choose, row


def test_tasks_that_came_went_and_changed() -> None:
    before = choose(
        row(0), row(1, target="MAX-human"), row(2, target="MYC-human"), row(3, target="JUN-human")
    )
    after = choose(
        row(1, target="MAX-human", md5="1" * 32),
        row(2, target="MYC-human"),
        row(4, target="JUN-human", biological_replicates="1, 2, 3"),
        row(3, target="JUN-human"),
        row(5, target="FOS-human"),
    )
    found = diff(before, after)
    assert found.added == (Change("k562_fos", came=(accession(5),)),)
    assert found.dropped == (Change("k562_ctcf", went=(accession(0),)),)
    assert found.changed == (
        Change("k562_jun", came=(accession(4),), went=(accession(3),)),
        Change("k562_max", other_bytes=(accession(1),)),
    )
    assert found.unchanged == 1
    content = json.loads(json.dumps(found.as_json()))
    assert content["fetch"] == [f"{accession(i)}.bed.gz" for i in (1, 4, 5)]
    assert content["bytes_to_fetch"] == 300
    assert content["changed"]["k562_max"] == {"in": [], "out": [], "md5": [accession(1)]}
    text = found.as_text()
    assert f"k562_jun: +{accession(4)} -{accession(3)}" in text
    assert f"k562_max: {accession(1)} (MD5)" in text
    assert "files to fetch: 3, 300 B" in text


def test_a_task_that_moves_fetches_nothing_again() -> None:
    found = diff(choose(row(0)), choose(row(0, biosample="A549")))
    assert [change.task for change in (*found.added, *found.dropped)] == ["a549_ctcf", "k562_ctcf"]
    assert found.fetch == ()


def test_no_change() -> None:
    same = diff(choose(row(0)), choose(row(0)))
    assert same.is_empty
    assert same.unchanged == 1
    assert not diff(choose(row(0)), choose(row(1))).is_empty


def test_long_differences_fit_a_terminal() -> None:
    rows = [row(i, biosample="long name " * 5 + str(i // 4)) for i in range(60)]
    text = diff(choose(row(0, status="archived")), choose(*rows)).as_text()
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "and 5 more" in text
