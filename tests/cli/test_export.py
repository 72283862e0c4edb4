"""`nucleotides export` from outside, and every command on what it leaves."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

import nucleotides
from nucleotides.cli.main import make_app
from nucleotides.storage import open_storage
from tests import toy
from tests.deploy.deployment import send
from tests.deploy.export.conftest import SEQUENCES, trained
from tests.storage.conftest import keys, s3

__all__ = ["keys", "s3", "trained"]
POST_PROCESS = "nucleotides post-process (or export the bundle that it left elsewhere)"
pytestmark = pytest.mark.usefixtures("empty_folder")


def nucleotides_command(*words: object) -> Any:
    return CliRunner().invoke(make_app(), [str(word) for word in words])


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "runs" / "first"))


def test_it_says_what_is_absent_and_where_the_bundle_is(run: Path, tmp_path: Path) -> None:
    result = nucleotides_command("export", run, "--out", "bundle", "--licence", "CC0-1.0")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        f"without background: {POST_PROCESS}",
        f"without map of the tasks: {POST_PROCESS}",
        "bundle: bundle",
    ]
    assert (tmp_path / "bundle" / "LICENSE").read_text() == "CC0-1.0\n"
    (tmp_path / "bundle" / "manifest.json").write_text("{}")
    assert nucleotides_command("export", run, "--out", "bundle").exit_code == 2


def test_the_newest_run_by_default(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUCLEOTIDES_LIGHTNING_LOGS", str(run.parent))
    assert nucleotides_command("export", "--out", "bundle").exit_code == 0
    pd.testing.assert_frame_equal(
        nucleotides.load(tmp_path / "bundle").predict(SEQUENCES),
        nucleotides.load(run).predict(SEQUENCES),
    )


@pytest.mark.usefixtures("keys")
def test_every_command_takes_a_bundle_a_run_a_checkpoint_and_addresses(
    run: Path, tmp_path: Path, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And they write the same of each; a run and a checkpoint are not known by the same name."""
    monkeypatch.setenv("NUCLEOTIDES_DEPLOY_ENDPOINT", s3)
    monkeypatch.setenv("NUCLEOTIDES_CACHE_DIR", str(tmp_path / "cache"))
    assert nucleotides_command("export", run, "--out", "bundle").exit_code == 0
    address = f"s3://bucket/{tmp_path.name}"
    storage = open_storage(address, endpoint=s3)
    send(storage, {"model": tmp_path / "bundle"})
    for path in (tmp_path / "bundle").iterdir():
        storage.put(f"bare/{path.name}", path.read_bytes())
    models = [run, run / "checkpoints" / "best.ckpt", "bundle", address, f"{address}/bare"]
    genome = toy.write_fasta(tmp_path / "toy.fa", {"chr1": toy.sequence(1000, 3)})
    fasta = toy.write_fasta(tmp_path / "s.fa", {"x": SEQUENCES[0]})
    base = toy.sequence(1000, 3)[499].upper()
    alt = "A" if base != "A" else "C"
    vcf = tmp_path / "v.vcf"
    vcf.write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        f"chr1\t500\t.\t{base}\t{alt}\t.\t.\t.\n"
    )
    commands = {
        "predict.tsv": ("predict", "--fasta", fasta),
        "variants.tsv": ("variants", vcf, "--genome", genome),
        "explained": ("explain", "--fasta", fasta, "--tasks", "a", "--npz"),
    }
    for name, words in commands.items():
        found = set()
        for i, model in enumerate(models):
            out = f"{i}_{name}"
            result = nucleotides_command(*words, "--model", model, "--out", out, "--device", "cpu")
            assert result.exit_code == 0, (words, model, result.output, result.exception)
            found.add(tables_digest(tmp_path / out))
        assert len(found) == 1, name
    for i, model in enumerate(models):
        assert nucleotides_command("export", model, "--out", f"again{i}").exit_code == 0
        weights = (tmp_path / f"again{i}" / "weights.safetensors").read_bytes()
        assert weights == (tmp_path / "bundle" / "weights.safetensors").read_bytes()


def tables_digest(path: Path) -> str:
    """Of a table's bytes, or of the numbers in a folder of explanations."""
    if path.is_dir():
        import numpy as np

        with np.load(path / "explanations.npz") as arrays:
            return hashlib.sha256(b"".join(arrays[n].tobytes() for n in arrays.files)).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_code_is_run_where_it_is_trusted(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cli_net.py").write_text(
        "from nucleotides.model.deepsea import DeepSEA\nclass Net(DeepSEA): pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    best = run / "checkpoints" / "best.ckpt"
    content = torch.load(best, weights_only=True)
    content["hyper_parameters"]["model_class"] = "cli_net.Net"
    torch.save(content, best)
    fasta = toy.write_fasta(tmp_path / "s.fa", {"x": SEQUENCES[0]})
    words = ("predict", "--fasta", fasta, "--model", run, "--out", "o.tsv", "--device", "cpu")
    result = nucleotides_command(*words)
    assert result.exit_code == 2
    assert "say --trust-code" in " ".join(result.stderr.split())
    assert "cli_net" not in sys.modules
    assert nucleotides_command(*words, "--trust-code").exit_code == 0
    monkeypatch.delitem(sys.modules, "cli_net")
