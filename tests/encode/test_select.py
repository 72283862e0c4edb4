"""Each rule drops a file that only it drops; the order of the rows changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nucleotides.encode import select as module
from nucleotides.encode.policy import load_policy
from nucleotides.encode.rules import FILE_RULES
from nucleotides.encode.select import Pooled, select
from nucleotides.encode.start import Start
from nucleotides.encode.tables import join_tables, read_table
from nucleotides.errors import InputError
from tests.encode.rows import DATA, accession, choose, fates, metadata, policy, row

DROPPED = {
    "format type": {"format_type": "bed9"},
    "file type": {"file_type": "bigBed"},
    "assembly": {"assembly": "hg19"},
    "status": {"status": "archived"},
    "analysis status": {"analysis_status": "archived"},
    "crosslinking": {"crosslinking": "formaldehyde"},
    "treatments": {"treatments": "ethanol"},
    "genetic modification": {"genetic_modification": "CRISPR"},
    "audit ERROR": {"audit_error": "extremely low read depth"},
    "audit NOT_COMPLIANT": {"audit_not_compliant": "insufficient read depth"},
    "output type": {"output_type": "peaks and background as input for IDR"},
}
BY_CHOICE = {
    "assay": ({"assay": "eCLIP"}, "files: {assays: [TF ChIP-seq]}"),
    "audit WARNING": ({"audit_warning": "low read depth"}, "refuse: {audits: [WARNING]}"),
}


@pytest.mark.parametrize("rule", DROPPED)
def test_a_rule_drops_what_no_other_rule_drops(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = row(1, **DROPPED[rule])
    assert fates(choose(row(0, biosample="A549"), bad)) == {accession(0): "", accession(1): rule}
    without = tuple(other for other in FILE_RULES if other.name != rule)
    monkeypatch.setattr(module.apply_rules, "__defaults__", (without,))
    assert fates(choose(bad)) == {accession(1): ""}


@pytest.mark.parametrize("rule", BY_CHOICE)
def test_rules_of_a_users_own_policy(rule: str, tmp_path: Path) -> None:
    change, text = BY_CHOICE[rule]
    assert fates(choose(row(**change))) == {accession(0): ""}
    assert fates(choose(row(**change), policy=policy(tmp_path, text))) == {accession(0): rule}


def test_every_rule_over_files_has_a_test() -> None:
    assert {rule.name for rule in FILE_RULES} == DROPPED.keys() | BY_CHOICE.keys()


def test_the_first_rule_in_order_is_named() -> None:
    worst = {key: value for change in DROPPED.values() for key, value in change.items()}
    remaining = list(DROPPED)
    while remaining:
        assert fates(choose(row(**worst))) == {accession(0): remaining[0]}
        for column in DROPPED[remaining.pop(0)]:
            del worst[column]
    assert fates(choose(row(**worst))) == {accession(0): ""}


def test_a_rule_is_not_applied_to_a_table_without_its_column() -> None:
    old = metadata(row(0, analysis_status="", source="old"), lacks=("analysis_status",))
    old = type(old)(old.files, (type(old.sources[0])("old", 1, ("analysis_status",)),))
    new = metadata(row(1, analysis_status="", biosample="A549"))
    found = select(join_tables([old, new]), load_policy())
    assert fates(found) == {accession(0): "", accession(1): "analysis status"}
    assert found.not_applied == (("analysis status", "old"),)


@pytest.mark.parametrize(
    ("replicates", "kept"),
    [
        (["1, 2", "1, 2, 3", "1"], [1]),
        (["1, 2, 3", "1, 2, 3, 4"], [1]),
        (["1", "2"], [0, 1]),
        (["", "1"], [1]),
        (["1, 2", "1, 3"], [0, 1]),
        (["9", "1, 2"], [1]),
    ],
)
def test_most_replicates_win(replicates: list[str], kept: list[int]) -> None:
    rows = [row(i, biological_replicates=text) for i, text in enumerate(replicates)]
    found = fates(choose(*rows))
    assert [i for i in range(len(rows)) if not found[accession(i)]] == kept
    assert set(found.values()) <= {"", "replicates"}


def test_output_types_are_preferred_in_order() -> None:
    names = list(load_policy().output_types)
    while len(names) > 1:
        found = fates(choose(*(row(i, output_type=name) for i, name in enumerate(names))))
        assert found.pop(accession(0)) == ""
        assert set(found.values()) == {"preferred output type"}
        names.pop(0)


def test_replicates_go_before_output_type() -> None:
    found = choose(
        row(0, output_type="optimal IDR thresholded peaks", biological_replicates="1"), row(1)
    )
    assert fates(found) == {accession(0): "replicates", accession(1): ""}


def test_unlisted_output_types_keep_nobody_out() -> None:
    background = row(0, output_type="peaks and background as input for IDR")
    found = choose(background, row(1, biological_replicates="1"))
    assert fates(found) == {accession(0): "output type", accession(1): ""}


def test_unlisted_output_types_may_be_kept(tmp_path: Path) -> None:
    keep = policy(tmp_path, "unlisted_output_types: keep")
    odd = row(0, output_type="hotspots")
    assert fates(choose(odd, policy=keep)) == {accession(0): ""}
    assert fates(choose(odd, row(1), policy=keep))[accession(0)] == "preferred output type"


@pytest.mark.parametrize(
    "change", [{"biosample": "A549"}, {"target": "MAX-human"}, {"project": "Roadmap"}]
)
def test_files_of_other_groups_are_no_rivals(change: dict[str, str]) -> None:
    assert set(fates(choose(row(0), row(1, biological_replicates="1", **change))).values()) == {""}


def test_without_a_target_the_assay_takes_its_place() -> None:
    rows = [
        row(0, target="", assay="DNase-seq"),
        row(1, target="", assay="ATAC-seq", biological_replicates="1"),
        row(2, target="", assay="DNase-seq", biological_replicates="1"),
    ]
    found = choose(*rows)
    assert fates(found) == {accession(0): "", accession(1): "", accession(2): "replicates"}
    assert found.tasks == ["k562_atac-seq", "k562_dnase-seq"]


def test_accessibility_may_be_one_task(tmp_path: Path) -> None:
    one = policy(tmp_path, "accessibility: {tasks: together, name: open}")
    rows = [row(0, target="", assay="DNase-seq"), row(1, target="", assay="ATAC-seq"), row(2)]
    found = choose(*rows, policy=one)
    assert dict(zip(found.files["accession"], found.files["task"], strict=True)) == {
        accession(0): "k562_open",
        accession(1): "k562_open",
        accession(2): "k562_ctcf",
    }


def test_ties_are_kept_and_become_one_task() -> None:
    found = choose(row(0), row(1, experiment="ENCSR000AAB"))
    assert found.files["task"].tolist() == ["k562_ctcf", "k562_ctcf"]


def test_targets_that_the_factor_rule_pools_are_told(tmp_path: Path) -> None:
    rows = [row(0, target="NKX2-1-human"), row(1, target="NKX2-5-human"), row(2)]
    assert choose(*rows).pooled == (Pooled("k562_nkx2", "NKX2", ("NKX2-1", "NKX2-5")),)
    apart = choose(*rows, policy=policy(tmp_path, "factor: species"))
    assert apart.pooled == ()
    assert apart.tasks == ["k562_ctcf", "k562_nkx2-1", "k562_nkx2-5"]


def test_an_accession_counts_once_and_first() -> None:
    found = choose(row(0), row(0, status="archived"), row(1, biosample="A549"))
    assert fates(found) == {accession(0): "", accession(1): ""}
    assert found.duplicates == (accession(0),)
    counts = found.counts.set_index("rule")
    assert counts.loc["duplicate"].tolist() == [1, 2]


def test_counts_follow_the_rules() -> None:
    rows = [row(i, **change) for i, change in enumerate(DROPPED.values())]
    counts = choose(*rows, row(50), row(51, biological_replicates="1")).counts
    assert counts["rule"].tolist() == ["duplicate", *DROPPED, "replicates", "preferred output type"]
    assert counts["dropped"].tolist() == [0, *[1] * 12, 0]
    assert counts["kept"].tolist() == [13, *range(12, 0, -1), 1]


def test_max_files_is_the_first_by_accession() -> None:
    rows = [row(i, biosample=f"cell{9 - i}") for i in range(5)]
    found = choose(*rows, max_files=2)
    assert sorted(found.files["accession"]) == [accession(0), accession(1)]
    assert set(fates(found).values()) == {"", "max files"}
    assert found.counts.iloc[-1].tolist() == ["max files", 3, 2]
    assert len(choose(*rows, max_files=99).files) == 5
    with pytest.raises(InputError, match="max_files is 0"):
        choose(*rows, max_files=0)


def test_nothing_kept_is_no_error() -> None:
    found = choose(row(0, assembly="hg19"))
    assert found.files.empty
    assert found.signals.empty
    assert found.tasks == []
    bam = read_table(DATA / "encode_metadata.2020-DNase.bam.tsv.gz")
    assert select(bam, load_policy()).counts["kept"].iloc[-1] == 0


def test_named_files_are_kept_and_named_experiments_selected() -> None:
    rows = [
        row(0, audit_error="bad", output_type="hotspots", biological_replicates=""),
        row(1, assembly="hg19"),
        row(2, experiment="ENCSR000AAB", biosample="A549"),
        row(3, experiment="ENCSR000AAB", biosample="A549", biological_replicates="1"),
        row(4, experiment="ENCSR000AAC"),
    ]
    names = (accession(0), accession(1), "ENCSR000AAB", "ENCFF999ZZZ")
    found = choose(*rows, start=Start(Path("list"), "list", names))
    assert list(fates(found).values()) == ["", "assembly", "", "replicates", "not named"]
    assert found.absent == ("ENCFF999ZZZ",)
    assert found.decisions["chosen"].tolist() == [True, True, False, False, False]


def test_a_named_file_keeps_its_place_among_its_experiments_files() -> None:
    rows = [row(0), row(1, biological_replicates="1"), row(2, biological_replicates="1")]
    found = choose(*rows, start=Start(Path("l"), "list", (accession(1), "ENCSR000AAA")))
    assert list(fates(found).values()) == ["", "", "replicates"]


VALUES: dict[str, list[str]] = {
    "biosample": ["K562", "k562", "K 562", "A549"],
    "target": ["", "CTCF-human", "NKX2-1-human", "NKX2-5-human", "H3K4me3-human"],
    "assay": ["ChIP-seq", "DNase-seq"],
    "biological_replicates": ["", "1", "2", "1, 2", "1, 3"],
    "output_type": ["peaks", "IDR thresholded peaks", "hotspots", "signal p-value"],
    "file_type": ["bed", "bed", "bigWig"],
    "experiment": ["ENCSR000AAA", "ENCSR000AAB", "ENCSR000AAC"],
    "status": ["released", "released", "archived"],
}
CHANGES = st.fixed_dictionaries({key: st.sampled_from(some) for key, some in VALUES.items()})


def everything(found: Any) -> list[Any]:
    tables = [found.files, found.decisions, found.counts, found.signals]
    return [*(table.to_dict("list") for table in tables), found.pooled, found.tasks]


@settings(max_examples=25)
@given(st.lists(CHANGES, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(changes: list[dict[str, str]], random: Any) -> None:
    rows = [row(i, **change) for i, change in enumerate(changes)]
    shuffled = random.sample(rows, len(rows))
    assert everything(choose(*rows)) == everything(choose(*shuffled))


@settings(max_examples=25)
@given(st.lists(CHANGES, min_size=1, max_size=12))
def test_labels_stand_for_one_pair_each(changes: list[dict[str, str]]) -> None:
    files = choose(*(row(i, **change) for i, change in enumerate(changes))).files
    pairs = files.groupby("task")[["biosample", "factor"]].nunique()
    assert (pairs == 1).all(axis=None)
    assert files["task"].nunique() == len(files[["biosample", "factor"]].drop_duplicates())


@settings(max_examples=25)
@given(st.lists(CHANGES, min_size=1, max_size=12))
def test_every_group_that_comes_to_a_comparison_keeps_a_file(changes: list[dict[str, str]]) -> None:
    files = choose(*(row(i, **change) for i, change in enumerate(changes))).decisions
    compared = files[files["group"] >= 0]
    assert set(compared["group"]) == set(compared.loc[compared["rule"] == "", "group"])


def test_the_real_table_of_2019() -> None:
    found = select(read_table(DATA / "encode_metadata.2019-H1-hESC-histone.tsv.gz"), load_policy())
    assert found.files[["task", "accession"]].to_numpy().tolist() == [
        ["h1-hesc_h2bk120ac", "ENCFF808BIC"]
    ]
    assert found.files["assay"].tolist() == ["Histone ChIP-seq"]
    assert found.signals["accession"].tolist() == ["ENCFF757EYT"]
    dropped = found.counts.set_index("rule")["dropped"]
    assert dropped[dropped > 0].to_dict() == {
        "format type": 80,
        "file type": 52,
        "assembly": 28,
        "audit ERROR": 4,
        "audit NOT_COMPLIANT": 18,
        "replicates": 2,
        "preferred output type": 1,
    }
    assert isinstance(found.decisions, pd.DataFrame)
