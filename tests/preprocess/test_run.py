"""From a portal to everything that training reads, and what is asked of the portal when."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nucleotides.portal.faults import Fault
from nucleotides.portal.server import Portal
from nucleotides.targets import TargetStore
from tests import toy
from tests.preprocess import toy_portal
from tests.preprocess.conftest import User

MADE = ["distinct_features.txt", "dropped_files.tsv", "intervals.bed", "lock.json"]
MADE += ["positive_weights.tsv", "preprocessing.log", "selected_experiments.tsv"]
MADE += ["selected_signals.tsv", "target.bed.gz", "target.bed.gz.tbi", "targets"]


def asked(portal: Portal) -> list[str]:
    """Names of the files and tables that were given out."""
    paths = [one.path.partition("?")[0] for one in portal.requests if one.status in (200, 206)]
    return [path.rpartition("/")[2] or "metadata" for path in paths]


def test_everything_is_made(user: User) -> None:
    result = user.run()
    assert "tasks 5, merged peaks " in result.stdout
    assert sorted(p.name for p in user.training.iterdir()) == MADE
    assert [p.name for p in user.top.rglob(".*")] == []
    store = TargetStore.open(user.store)
    assert store.tasks["task"].tolist() == toy_portal.TASKS
    assert store.tasks["target"].tolist() == ["", "CTCF", "", "H3K27me3", "H3K4me1"]
    assert store.tasks["assay"].tolist()[:2] == ["ATAC-seq", "TF ChIP-seq"]
    assert store.tasks["accession"].tolist()[1] == "ENCFF200AAA, ENCFF200AAB"
    by_hand = TargetStore.build(
        {task: toy_portal.expected_peaks(task) for task in toy_portal.TASKS},
        toy.CONTIGS,
        user.top / "by_hand",
    )
    for task in toy_portal.TASKS:
        pd.testing.assert_frame_equal(store.peaks(task), by_hand.peaks(task))
    sizes = (user.data / "genomes" / "hg38.chrom.sizes").read_text()
    assert sizes == "".join(f"{name}\t{length}\n" for name, length in toy.CONTIGS.items())


def test_tables_say_what_was_chosen_and_why_not(user: User) -> None:
    user.run()
    selected = pd.read_csv(user.training / "selected_experiments.tsv", sep="\t")
    assert sorted(selected["accession"]) == toy_portal.CHOSEN
    assert selected["peaks"].tolist() == [30] * 6
    dropped = pd.read_csv(user.training / "dropped_files.tsv", sep="\t")
    rules = dict(zip(dropped["accession"], dropped["rule"], strict=True))
    assert rules["ENCFF200AAC"] == "replicates"
    assert len(rules) == 8
    signals = pd.read_csv(user.training / "selected_signals.tsv", sep="\t")
    assert len(signals) == 5  # the policy has no fold change for DNase-seq
    log = (user.training / "preprocessing.log").read_text()
    assert "selected 6 of 14 files of the portal: 5 tasks" in log
    assert "5 tasks, " in log.splitlines()[-1]


def test_a_second_run_asks_nothing_and_changes_nothing(user: User, portal: Portal) -> None:
    user.run()
    before = toy.listing(user.store)
    portal.requests.clear()
    result = user.run()
    assert portal.requests == []
    assert "5 tasks had not changed and were taken over" in result.stderr
    assert toy.listing(user.store) == before


def test_own_files_are_tasks_too(user: User) -> None:
    toy.write_peaks(user.own / "k562_ctcf.bed", toy.peaks(1))
    toy.write_peaks(user.own / "mine.narrowPeak.gz", toy.peaks(2), "gzip")
    user.run()
    tasks = TargetStore.open(user.store).tasks["task"].tolist()
    assert tasks == [*toy_portal.TASKS, "k562_ctcf_2", "mine"]
    user.run("--no-encode")
    assert TargetStore.open(user.store).tasks["task"].tolist() == ["k562_ctcf", "mine"]


def test_what_has_grown_is_fetched_and_merged_alone(user: User, portal: Portal) -> None:
    old = ["ENCFF100AAA", "ENCFF100AAB", "ENCFF200AAA", "ENCFF300AAA"]
    toy_portal.build(portal.folder, old)
    user.run()
    toy_portal.write(portal.folder, list(toy_portal.ACCESSIONS))
    portal.requests.clear()
    user.run()
    assert portal.requests == []
    diff = json.loads(user.run("--diff", "--json").stdout)
    assert (list(diff["added"]), list(diff["changed"])) == (["liver_h3k27me3"], ["k562_ctcf"])
    assert diff["changed"]["k562_ctcf"]["in"] == ["ENCFF200AAB"]
    assert diff["fetch"] == ["ENCFF200AAB.bed.gz", "ENCFF300AAB.bed.gz"]
    assert TargetStore.open(user.store).tasks["task"].tolist() == [
        t for t in toy_portal.TASKS if t != "liver_h3k27me3"
    ]
    assert "tasks added: 1" in user.run("--diff").stdout
    portal.requests.clear()
    result = user.run("--refresh")
    fetched = [name for name in asked(portal) if name != "metadata"]
    assert sorted(fetched) == ["ENCFF200AAB.bed.gz", "ENCFF300AAB.bed.gz"]
    assert "3 tasks had not changed and were taken over" in result.stderr
    grown = toy.listing(user.store)
    shutil.rmtree(user.training)
    user.run()
    assert toy.listing(user.store) == grown
    assert len(list((user.data / "metadata" / "snapshots").iterdir())) >= 2
    assert "unchanged: 5" in user.run("--diff").stdout


def test_a_plan_fetches_tables_only(user: User, portal: Portal) -> None:
    text = user.run("--plan").stdout
    assert set(asked(portal)) == {"metadata"}
    assert "to fetch          6" in text
    plan = json.loads(user.run("--plan", "--json").stdout)
    assert (plan["files"], plan["tasks"]) == (6, 5)
    assert plan["tasks_by_assay"]["Histone ChIP-seq"] == 2
    assert plan["bytes"]["to_fetch"] == plan["bytes"]["total"] > 0
    assert not user.training.exists()
    user.run()
    after = json.loads(user.run("--plan", "--json").stdout)
    assert (after["bytes"]["to_fetch"], after["fetch"]) == (0, [])


def test_explain(user: User) -> None:
    text = user.run("--explain", "ENCFF200AAC").stdout
    assert "replicates" in text
    assert "ENCFF200AAA" in text
    assert "ENCFF999ZZZ" in user.run("--explain", "ENCFF999ZZZ", code=2).stderr


def test_max_files(user: User, portal: Portal) -> None:
    user.run("--max-files", "2")
    assert len([name for name in asked(portal) if name.endswith(".bed.gz")]) == 2
    assert "greater than or equal to 1" in user.run("--max-files", "0", code=2).stderr
    diff = json.loads(user.run("--diff", "--json").stdout)
    assert len(diff["added"]) == 3  # of the store as it is, not of an earlier table


def test_a_policy_of_ones_own(user: User, tmp_path: Path) -> None:
    text = user.run("--print-policy").stdout
    policy = tmp_path / "policy.yaml"
    policy.write_text(text.replace("tasks: separate", "tasks: together"))
    user.run("--policy", str(policy))
    tasks = TargetStore.open(user.store).tasks
    assert "k562_accessibility" in tasks["task"].tolist()
    intervals = pd.read_csv(user.training / "intervals.bed", sep="\t", header=None)
    policy.write_text("merge: most\n")
    result = user.run("--policy", str(policy), code=2)
    assert "union, majority, all" in result.stderr
    user.run()
    again = pd.read_csv(user.training / "intervals.bed", sep="\t", header=None)
    pd.testing.assert_frame_equal(intervals, again)  # accessibility, one task or two, gives none


def test_starting_points(user: User, portal: Portal, tmp_path: Path) -> None:
    start = tmp_path / "start.txt"
    start.write_text("# two files\nENCFF200AAC\nENCFF300AAA\n")
    user.run("--from", str(start))
    store = TargetStore.open(user.store)
    assert store.tasks["accession"].tolist() == ["ENCFF200AAC", "ENCFF300AAA"]
    url = "https://www.encodeproject.org"
    start.write_text(f"{url}/files/ENCFF100AAA/@@download/ENCFF100AAA.bed.gz\n")
    user.run("--from", str(start))
    assert TargetStore.open(user.store).tasks["task"].tolist() == ["k562_dnase-seq"]
    shutil.copy(portal.folder / "metadata" / "dnase.tsv", portal.folder / "metadata" / "cart.tsv")
    address = f'"{url}/metadata/?type=Experiment&cart=%2Fcarts%2F1%2F"\n'
    start.write_text(f"{address}{url}/files/ENCFF100AAB/@@download/ENCFF100AAB.bed.gz\n")
    user.run("--from", str(start))
    assert TargetStore.open(user.store).tasks["task"].tolist() == ["k562_atac-seq"]
    assert any("cart=" in one.path for one in portal.requests)
    portal.requests.clear()
    user.run("--from", str(portal.folder / "metadata" / "chip.tsv"))
    assert len(TargetStore.open(user.store).tasks) == 3
    assert "metadata" not in asked(portal)
    start.write_text("nothing of the kind\n")
    assert "start.txt line 1" in user.run("--from", str(start), code=2).stderr


def test_a_file_that_cannot_be_had(user: User, portal: Portal) -> None:
    for name in ("ENCFF200AAB.bed.gz", "ENCFF300AAA.bed.gz"):
        portal.faults.add(Fault(name, "404"))
        (portal.folder / "files" / name).rename(portal.folder / name)
    result = user.run(code=5)
    assert "2 files could not be fetched" in result.stderr
    assert "ENCFF200AAB.bed.gz: HTTP 404 from http://127.0.0.1" in result.stderr
    assert not user.store.exists()
    assert len(list(user.downloads.glob("*.bed.gz"))) == 4
    assert "ENCFF300AAA" in (user.training / "preprocessing.log").read_text()
    portal.requests.clear()
    user.run("--allow-missing")
    assert not [name for name in asked(portal) if name.endswith("bed.gz")]
    store = TargetStore.open(user.store)
    assert store.tasks["task"].tolist() == [t for t in toy_portal.TASKS if t != "liver_h3k4me1"]
    log = (user.training / "preprocessing.log").read_text()
    assert "going on without ENCFF200AAB.bed.gz, ENCFF300AAA.bed.gz" in log
    assert "left out: liver_h3k4me1" in log
    assert set(json.loads((user.training / "lock.json").read_text())["missing"]) == {
        "ENCFF200AAB.bed.gz",
        "ENCFF300AAA.bed.gz",
    }
    assert "could not be fetched" in (user.training / "dropped_files.tsv").read_text()
    for name in ("ENCFF200AAB.bed.gz", "ENCFF300AAA.bed.gz"):
        (portal.folder / name).rename(portal.folder / "files" / name)
    portal.faults.clear()
    user.run()
    assert TargetStore.open(user.store).tasks["task"].tolist() == toy_portal.TASKS


def test_a_blacklist_is_fetched_or_told_of(
    user: User, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUCLEOTIDES_BLACKLIST_URL", "files/ENCFF1/@@download/black.bed.gz")
    assert "no blacklist: HTTP 404" in user.run().stderr
    toy.write_packed(portal.folder / "files" / "black.bed.gz", b"chr1\t0\t9\n", "gzip")
    user.run()
    assert (user.data / "genomes" / "GRCh38.blacklist.bed.gz").exists()
    lock = json.loads((user.training / "lock.json").read_text())
    assert lock["blacklist"]["name"] == "GRCh38.blacklist.bed.gz"


@pytest.mark.parametrize("fault", ["one_line", "cut", "table_page"])
def test_a_table_that_is_none_keeps_what_was_there(fault: str, user: User, portal: Portal) -> None:
    user.run()
    before = toy.listing(user.data / "metadata") | toy.listing(user.store)
    portal.faults.add(Fault("chip.tsv", fault))
    result = user.run("--refresh", code=5 if fault == "table_page" else 2)
    assert "what was there is kept" in result.stderr
    after = toy.listing(user.data / "metadata") | toy.listing(user.store)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed <= {"dnase.tsv.json", "rate.json"}  # when it was looked at last
    user.run()


def test_positive_weights_count_the_training_part(user: User) -> None:
    user.run()
    weights = pd.read_csv(user.training / "positive_weights.tsv", sep="\t")
    assert weights["task"].tolist() == toy_portal.TASKS
    assert (weights["positives"] > 0).all()
    assert np.allclose(
        weights["weight"],
        (weights["positions"] - weights["positives"]) / weights["positives"],
        rtol=1e-4,
    )


@pytest.mark.parametrize("assembly", ["mm10", "mine"])
def test_another_assembly(
    assembly: str, user: User, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUCLEOTIDES_ASSEMBLY", assembly)
    for table in (portal.folder / "metadata").iterdir():
        table.write_text(table.read_text().replace("GRCh38", assembly))
    files = portal.folder / "files"
    here = files / f"{toy_portal.REFERENCE}.fasta.gz"
    if assembly == "mm10":
        here.rename(files / "mm10_no_alt_analysis_set_ENCODE.fasta.gz")
    else:
        fasta = here.rename(user.top.parent / "mine.fa.gz")
        monkeypatch.setenv("NUCLEOTIDES_REFERENCE", str(fasta))
    user.run()
    assert TargetStore.open(user.store).tasks["task"].tolist() == toy_portal.TASKS
    genomes = {path.name for path in (user.data / "genomes").iterdir()}
    assert {f"{assembly}.store", f"{assembly}.chrom.sizes"} <= genomes
    assert any(f"assembly={assembly}" in one.path for one in portal.requests)
    assert json.loads((user.training / "lock.json").read_text())["assembly"] == assembly


def test_a_diff_needs_an_earlier_table(user: User, portal: Portal) -> None:
    assert "nothing was made yet" in user.run("--diff", code=2).stderr
    assert portal.requests == []


def test_a_diff_counts_files_that_are_not_here(user: User) -> None:
    user.run()
    (user.downloads / "ENCFF200AAA.bed.gz").unlink()
    diff = json.loads(user.run("--diff", "--json").stdout)
    assert (diff["unchanged"], diff["fetch"]) == (5, ["ENCFF200AAA.bed.gz"])


def test_tables_of_another_question_are_asked_for_again(
    user: User, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.run("--plan")
    monkeypatch.setenv("NUCLEOTIDES_ORGANISM", "Mus musculus")
    portal.requests.clear()
    assert "came from another address or question" in user.run("--plan").stderr
    assert asked(portal) == ["metadata", "metadata"]


CONFLICTS = {
    ("--json",): "--json is for --plan or --diff",
    ("--plan", "--diff"): "--plan and --diff are different questions",
    ("--explain", "ENCFF100AAA", "--json"): "--json is for --plan or --diff",
    ("--plan", "--no-encode"): "--plan is about the portal",
    ("--refresh", "--peaks", "."): "--refresh is about the portal",
    ("--from-lock", "x", "--plan"): "leave --plan out",
    ("--from-lock", "x", "--from", "y"): "leave --from out",
    ("--from-lock", "x", "--refresh"): "leave --refresh out",
}


@pytest.mark.parametrize("options", CONFLICTS, ids=" ".join)
def test_options_that_do_not_go_together(
    options: tuple[str, ...], user: User, portal: Portal
) -> None:
    assert CONFLICTS[options] in " ".join(user.run(*options, code=2).stderr.split())
    assert portal.requests == []


def test_a_policy_of_another_assembly(user: User, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("assembly: hg19\n")
    result = user.run("--policy", str(tmp_path / "policy.yaml"), code=2)
    assert "is for the assembly hg19, the setting ASSEMBLY is GRCh38" in result.stderr


def test_a_selection_of_nothing(user: User, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("output_types: [optimal IDR thresholded peak]\n")
    result = user.run("--policy", str(tmp_path / "policy.yaml"), code=2)
    assert "none of the 14 files of the portal is chosen" in result.stderr
    assert "by the rule 'output type'" in result.stderr
    (tmp_path / "list.txt").write_text("ENCFF999ZZZ\nENCFF100AAA\n")
    assert "named, but in no table: ENCFF999ZZZ" in user.run("--from", "list.txt").stderr
