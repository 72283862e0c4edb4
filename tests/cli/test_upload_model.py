"""`nucleotides upload-model` and `nucleotides deployed` from outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nucleotides.cli.main import make_app
from tests import toy
from tests.cli.test_main import WATCHED_RUN
from tests.deploy.deployment import contents, expected, write_real_parts
from tests.predict.effects.test_effects_store import BASES, TASKS, make, own

pytestmark = pytest.mark.usefixtures("empty_folder")


def run(*arguments: str) -> Any:
    return CliRunner().invoke(make_app(), arguments)


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A model where settings look for it."""
    made = write_real_parts(tmp_path / "here", 0)
    values = {
        "INFERENCE_MODEL": made["model"],
        "GENOME_STORE": made["data/genomes/GRCh38.store"],
        "DEPLOY_PATH": tmp_path / "there",
        "CACHE_DIR": tmp_path / "cache",
    }
    for name, path in values.items():
        monkeypatch.setenv(f"NUCLEOTIDES_{name}", str(path))
    return made


def test_there_and_back(parts: dict[str, Path], tmp_path: Path) -> None:
    result = run("upload-model", "--dry-run")
    assert f"would send {parts['model']} as model\n" in result.stdout
    assert not (tmp_path / "there").exists()
    result = run("upload-model", "--version", "v1")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.endswith(f"v1 is the latest version at {tmp_path}/there\n")
    assert run("upload-model").stdout.endswith("it is there, and the latest\n")
    copy = Path(run("deployed", "fetch").stdout.strip())
    assert contents(copy) == expected(parts)
    assert " kB read back, every checksum right" in run("deployed", "check", "v1").stdout


def test_versions(parts: dict[str, Path], tmp_path: Path) -> None:
    run("upload-model", "--version", "v1")
    write_real_parts(tmp_path / "here", 1)
    refused = run("upload-model", "--version", "v1")
    assert refused.exit_code == 2
    assert "--overwrite" in refused.stderr
    assert "--overwrite replaces it" in run("upload-model", "--version", "v1", "--dry-run").stdout
    assert run("upload-model", "--version", "v2").exit_code == 0
    lines = run("deployed", "list").stdout.splitlines()
    assert [line[:4] for line in lines] == ["  v1", "* v2"]
    assert run("deployed", "roll-back").stdout == f"v1 is the latest version at {tmp_path}/there\n"
    lines = run("deployed", "list").stdout.splitlines()
    assert [line[:4] for line in lines] == ["* v1", "  v2"]
    result = run("deployed", "prune", "--keep", "1", "--dry-run")
    assert result.stdout == "would remove no version; 0 objects, 0 B\n"
    assert run("upload-model", "--version", "v1", "--overwrite").exit_code == 0
    assert contents(Path(run("deployed", "fetch", "v1").stdout.strip())) == expected(parts)


@pytest.mark.usefixtures("parts")
def test_tables_and_predictions(tmp_path: Path) -> None:
    table = tmp_path / "home/data/nucleotides/data/training/mean_predictions.tsv"
    table.parent.mkdir(parents=True)
    table.write_text("task\tmean\n")
    model = own(0)
    model.tasks = TASKS
    effects = make(model, toy.genome_store(tmp_path, BASES), tmp_path)
    options = ("--predictions", str(effects))
    sent = run("upload-model", *options, "--dry-run").stdout
    assert f"would send {effects} as predictions.effects\n" in sent
    assert f"would send {table} as data/training/mean_predictions.tsv\n" in sent
    assert "mean_predictions" not in run("upload-model", "--no-tables", "--dry-run").stdout


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("deployed", "list"), 3, "nothing is deployed at"),
        (("deployed", "roll-back", "x"), 2, "unknown version 'x'"),
        (("upload-model", "nowhere"), 3, "no nucleotides model bundle at nowhere"),
        (("upload-model", "--destination", "gopher://x"), 2, "no address of a store"),
        (("upload-model", "--destination", "/proc/x"), 5, "/proc/x cannot be written"),
        (("upload-model", "s3://b/m"), 2, "INFERENCE_MODEL is s3://b/m, but only files of this"),
        (("deployed", "prune", "v1"), 2, "`deployed prune` takes no version, as v1: --keep"),
        (("deployed", "list", "v1"), 2, "`deployed list` takes no version, as v1"),
        (("deployed", "list", "--keep", "1"), 2, "`deployed list` has no --keep"),
        (("deployed", "fetch", "--dry-run"), 2, "`deployed fetch` has no --dry-run"),
        (("upload-model", "--destination", "https://127.0.0.1:1/x"), 2, "/x is read only"),
        (("deployed", "roll-back", "--destination", "https://127.0.0.1:1/x"), 2, "read only"),
        (("deployed", "prune"), 3, "nothing is deployed at"),
        (("upload-model", "--version", "a/b"), 2, "'a/b' cannot name a version"),
    ],
)
def test_what_goes_wrong_is_told(
    words: tuple[str, ...], code: int, message: str, tmp_path: Path
) -> None:
    result = run(*words)
    assert not (tmp_path / "there").exists()
    assert message in result.stderr
    assert result.exit_code == code


@pytest.mark.usefixtures("parts")
def test_versions_need_no_torch() -> None:
    run("upload-model", "--version", "v1")
    script = WATCHED_RUN.format(
        heavy=["torch", "pandas", "pyarrow"], arguments=["deployed", "fetch", "v1"]
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stderr.endswith("HEAVY=[]")
    assert Path(done.stdout.strip()).is_dir()


def test_what_no_reader_would_take_is_not_sent(parts: dict[str, Path], tmp_path: Path) -> None:
    bundle = str(parts["model"])
    refused = run("upload-model", "--genome", bundle, "--dry-run")
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert "not 'nucleotides genome store'" in refused.stderr
    (parts["model"] / "setup.py").write_text("")
    for words in (("--dry-run",), ()):
        refused = run("upload-model", *words)
        assert (refused.exit_code, refused.stdout) == (3, "")
        assert f"{bundle}/setup.py is not of the bundle" in refused.stderr
    assert not (tmp_path / "there").exists()
