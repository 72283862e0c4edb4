"""The default policy is SPEC's; a wrong key or value is named with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nucleotides.encode.policy import as_chosen, load_policy, policy_text
from nucleotides.errors import PolicyError
from tests.encode.rows import policy


def test_the_default_policy_is_the_specification() -> None:
    default = load_policy()
    assert default.assembly == "GRCh38"
    assert default.files.format_types == ("narrowPeak", "broadPeak")
    assert default.output_types[0] == "optimal IDR thresholded peaks"
    assert len(default.output_types) == 8
    assert default.refuse.audits == ("ERROR", "NOT_COMPLIANT")
    slops = [default.slop_of(mark) for mark in ("H3K27me3", "H3K36me3", "H3K4me1", "CTCF")]
    assert slops == [300, 200, 100, 0]
    assert (default.factor, default.merge) == ("first_dash", "union")
    assert default.accessibility.tasks == "separate"


def test_a_copy_of_the_default_is_the_default(tmp_path: Path) -> None:
    assert policy(tmp_path, policy_text()) == load_policy()
    assert policy(tmp_path, "") == load_policy()
    assert policy(tmp_path, "").sha256() == load_policy().sha256()


def test_what_a_file_leaves_out_keeps_its_default(tmp_path: Path) -> None:
    own = policy(tmp_path, "refuse: {crosslinking: false}\nslop: {H3K27me3: 0}\n")
    assert not own.refuse.crosslinking
    assert own.refuse.treatments
    assert own.slop_of("H3K27me3") == 0
    assert own.slop_of("H3K36me3") == 200
    assert own.sha256() != load_policy().sha256()
    json.dumps(own.as_json())


def test_the_assembly_of_the_setting_must_agree(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("assembly: mm10")
    assert load_policy(path).assembly == "mm10"
    assert load_policy(path, "mm10").assembly == load_policy(None, "mm10").assembly == "mm10"
    with pytest.raises(PolicyError, match="is for the assembly mm10, the setting ASSEMBLY is hg19"):
        load_policy(path, "hg19")
    path.write_text(policy_text("mm9"))
    assert load_policy(path, "mm9").sha256() == load_policy(None, "mm9").sha256()


def test_chosen_files_are_asked_for_type_and_assembly_only() -> None:
    chosen = as_chosen(load_policy())
    assert chosen.files.types == ("bed",)
    assert chosen.files.statuses == chosen.refuse.audits == ()
    assert (chosen.replicates, chosen.output_type) == ("any", "any")
    assert chosen.assembly == "GRCh38"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nmrege: all", r"line 2: unknown key 'mrege'; did you mean 'merge'\?"),
        ("refuse:\n  audit: []", r"line 2: unknown key 'refuse\.audit'; did you mean 'audits'"),
        ("merge: unoin", r"'unoin'; did you mean 'union'\? \(choices: union, majority, all\)"),
        ("files:\n  statuses: [relased]", r"line 2: files\.statuses is 'relased'.*'released'"),
        ("files: {types: bed}", r"files\.types is 'bed'; it must be a list, such as \[bed\]"),
        ("group_by: [lba]", r"group_by is 'lba'; did you mean 'lab'"),
        ("group_by: []", r"group_by is \[\]"),
        ("slop: {H3K4me1: -1}", r"slop\.H3K4me1 is -1"),
        ("slop: {H3K4me1: wide}", r"slop\.H3K4me1 is 'wide'"),
        ("refuse: {crosslinking: maybe}", r"refuse\.crosslinking is 'maybe'"),
        ("merge: all\nmerge: union", "line 2: the key 'merge' is there twice"),
        ("output_types: [peaks, peaks]", "'peaks' is there twice"),
        ("histones: '('", "histones is '\\(': not a regular expression"),
        ("merge: [", "line 1 is not YAML"),
        ("- merge", "must hold keys and values"),
    ],
)
def test_what_means_nothing_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=message) as caught:
        policy(tmp_path, text)
    assert "policy.yaml" in str(caught.value)


def test_a_missing_policy_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"the policy .*none\.yaml cannot be read"):
        load_policy(tmp_path / "none.yaml")
