"""A plan adds up, is plain JSON, and fits a terminal."""

from __future__ import annotations

import json

import pytest

from nucleotides.encode.plan import make_plan
from nucleotides.encode.policy import load_policy
from nucleotides.encode.remotes import list_remotes, read_size
from nucleotides.encode.select import select
from nucleotides.encode.tables import read_table
from nucleotides.encode.words import as_bytes, as_time, cut
from tests.encode.rows import DATA, accession, choose, row

ROWS = [
    row(0, size="1000"),
    row(1, size="500", biosample="A549"),
    row(2, size="", target="MAX-human"),
    row(3, target="", assay="DNase-seq", size="2000"),
]
KEYS = ["files", "experiments", "signals", "rules", "tasks", "tasks_by_assay", "biosamples"]
KEYS += ["bytes", "fetch", "rate", "seconds", "notes"]


def name(number: int) -> str:
    return f"{accession(number)}.bed.gz"


def test_json() -> None:
    plan = make_plan(choose(*ROWS), {name(0): 1000, name(1): 499}, rate=100.0)
    content = json.loads(json.dumps(plan.as_json()))
    assert list(content) == KEYS
    assert content["files"] == content["tasks"] == 4
    assert content["tasks_by_assay"] == {"TF ChIP-seq": 3, "DNase-seq": 1}
    assert content["biosamples"] == {"number": 2, "most_frequent": {"K562": 3, "A549": 1}}
    sizes = {"total": 3500, "present": 1000, "to_fetch": 2500, "unknown_sizes": 1}
    assert content["bytes"] == sizes
    assert content["fetch"] == [name(1), name(2), name(3)]
    assert content["seconds"] == 25.0
    assert content["rules"][0] == {"rule": "duplicate", "dropped": 0, "kept": 4}


def test_names_alone_count_as_present() -> None:
    assert [r.name for r in make_plan(choose(*ROWS), {name(1), name(2)}).fetch] == [
        name(0),
        name(3),
    ]


def test_no_rate_is_said() -> None:
    plan = make_plan(choose(*ROWS))
    assert plan.seconds is None
    assert "time to fetch: unknown" in plan.as_text()
    assert "nothing to fetch" in make_plan(choose(*ROWS), [name(i) for i in range(4)]).as_text()


def test_signals_are_fetched_by_choice() -> None:
    found = select(read_table(DATA / "encode_metadata.2019-H1-hESC-histone.tsv.gz"), load_policy())
    plan = make_plan(found, with_signals=True)
    assert (plan.files, plan.signals) == (2, 1)
    assert [remote.name for remote in plan.fetch] == ["ENCFF757EYT.bigWig", "ENCFF808BIC.bed.gz"]
    assert plan.fetch[0].size == 1382238771


def test_text_fits_a_terminal_and_tells_what_to_know() -> None:
    cells = [row(10 + i, biosample="a very long biosample name " * 4 + str(i)) for i in range(12)]
    pooled = [row(40, target="NKX2-1-human"), row(41, target="NKX2-5-human")]
    text = make_plan(choose(*ROWS, *cells, *pooled, row(0)), rate=1e6).as_text()
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "and 4 more biosamples" in text
    assert "note: k562_nkx2 pools NKX2-1, NKX2-5" in text
    assert "note: 1 accessions are in the tables more than once" in text
    assert "1 MB/s" in text


def test_remotes_have_their_mirrors() -> None:
    found = choose(row(0, s3_uri="s3://encode-public/a/b.bed.gz", azure_url="https://azure/b?x=1"))
    (remote,) = list_remotes(found.files)
    assert remote.name == name(0)
    assert remote.urls[0].startswith("https://www.encodeproject.org/files/")
    assert remote.urls[1:] == (
        "https://encode-public.s3.amazonaws.com/a/b.bed.gz",
        "https://azure/b?x=1",
    )
    assert (remote.size, remote.md5) == (100, "0" * 32)


@pytest.mark.parametrize(("text", "size"), [("12", 12), ("12.0", 12), ("", None), ("?", None)])
def test_sizes(text: str, size: int | None) -> None:
    assert read_size(text) == size


def test_words() -> None:
    assert [as_bytes(n) for n in (0, 999, 1500, 2.5e9, 3e15)] == [
        "0 B", "999 B", "1.5 kB", "2.5 GB", "3,000 TB",
    ]  # fmt: skip
    assert [as_time(n) for n in (1.2, 99.4, 360, 7260)] == ["1 s", "99 s", "6 min", "2 h 01 min"]
    assert cut("abcdefghijkl", 9) == "abcd...kl"
