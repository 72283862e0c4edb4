"""Every rule explains itself: the value, what was wanted, the rivals."""

from __future__ import annotations

from pathlib import Path

import pytest

from nucleotides.encode.explain import explain
from nucleotides.encode.policy import load_policy
from nucleotides.encode.rules import FILE_RULES
from nucleotides.encode.select import select
from nucleotides.encode.start import Start
from nucleotides.encode.tables import read_table
from nucleotides.errors import UnknownNameError
from tests.encode.rows import DATA, accession, choose, policy, row
from tests.encode.test_select import BY_CHOICE, DROPPED


@pytest.mark.parametrize("rule", [rule.name for rule in FILE_RULES])
def test_rules_over_one_file(rule: str, tmp_path: Path) -> None:
    change, text = (DROPPED[rule], "") if rule in DROPPED else BY_CHOICE[rule]
    said = explain(choose(row(**change), policy=policy(tmp_path, text)), accession(0))
    assert said.startswith(f"{accession(0)}: dropped by the rule '{rule}'\n")
    assert f"is '{next(iter(change.values()))}'; the policy wants" in " ".join(said.split())
    assert "ENCSR000AAA, " in said


def test_fewer_replicates() -> None:
    rows = [row(0), row(1, biological_replicates="1", experiment="ENCSR000AAB")]
    rows.append(row(2, target="MAX-human"))
    said = explain(choose(*rows), accession(1))
    assert "it is over 1 biological replicate, while (K562, CTCF-human, ENCODE)" in said
    assert "has files over 2:" in said
    assert f"{accession(0)}, replicates 1, 2, peaks, ENCSR000AAA (kept)" in said
    assert accession(2) not in said


def test_a_less_preferred_output_type() -> None:
    rows = [row(0), row(1, output_type="IDR thresholded peaks"), row(2, biological_replicates="1")]
    said = " ".join(explain(choose(*rows), accession(0)).split())
    assert "'IDR thresholded peaks', which the policy prefers to 'peaks'" in said
    assert f"{accession(1)}, replicates 1, 2, IDR thresholded peaks" in said
    assert accession(2) not in said


def test_a_kept_file_tells_whom_it_beat_and_with_whom_it_ties() -> None:
    rows = [row(0), row(1), row(2, biological_replicates="1"), row(3, biosample="A549")]
    found = choose(*rows)
    said = explain(found, accession(0))
    assert f"{accession(0)}: kept, task k562_ctcf" in said
    assert f"it won over:\n    {accession(2)}, replicates 1" in said
    assert f"kept too (their peaks are merged):\n    {accession(1)}" in said
    assert "it has no rival in (A549, CTCF-human, ENCODE)" in explain(found, accession(3))


def test_named_files_and_the_limit() -> None:
    start = Start(Path("list"), "list", (accession(0),))
    found = choose(row(0, audit_error="bad"), row(1), start=start)
    assert "you named it" in explain(found, accession(0))
    assert "you named neither it nor its experiment" in explain(found, accession(1))
    found = choose(row(0), row(1, biosample="A549"), max_files=1)
    assert "files before it were enough" in explain(found, accession(1))


def test_a_duplicate_says_so_and_case_does_not_matter() -> None:
    said = explain(choose(row(0), row(0, status="archived")), accession(0).lower())
    assert "the first row counts" in said


def test_an_experiment_stands_for_all_its_files() -> None:
    path = DATA / "encode_metadata.2019-H1-hESC-histone.tsv.gz"
    said = explain(select(read_table(path), load_policy()), "ENCSR848DUN")
    parts = said.split("\n\n")
    assert parts[0] == "ENCSR848DUN: 31 files, 1 kept"
    assert len(parts) == 32
    assert parts[1].startswith("ENCFF808BIC: kept, task h1-hesc_h2bk120ac")
    assert "preferred output type" in parts[2].splitlines()[0]
    assert all(len(line) <= 100 for line in said.splitlines())


def test_a_chosen_signal_says_so() -> None:
    path = DATA / "encode_metadata.2019-H1-hESC-histone.tsv.gz"
    found = select(read_table(path), load_policy())
    assert "as a signal it was chosen" in explain(found, "ENCFF757EYT")
    assert "as a signal" not in explain(found, "ENCFF808BIC")


def test_many_rivals_are_cut_short() -> None:
    rows = [row(i, biological_replicates="1") for i in range(15)]
    assert "and 5 more" in explain(choose(*rows, row(20)), accession(20))


def test_an_unknown_accession_is_an_error() -> None:
    found = choose(row(0))
    with pytest.raises(UnknownNameError, match="'ENCFF000AAX'; did you mean 'ENCFF000AAA'"):
        explain(found, "ENCFF000AAX")
    with pytest.raises(UnknownNameError, match="in none of the tables"):
        explain(found, "CTCF")
