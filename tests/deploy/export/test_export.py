"""What is exported predicts as what it was exported from, and says all that is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nucleotides
from nucleotides.bundle import Knowledge, read_bundle, write_bundle
from nucleotides.deploy.export.export import export
from nucleotides.errors import InputError, UntrustedCodeError
from nucleotides.files import sha256
from nucleotides.metrics.background import TAILS, Background
from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.train.lock_data import without_places
from tests.deploy.deployment import put_file
from tests.deploy.export.conftest import SEQUENCES, TASKS


def post_process(run: Path, shift: float = 0.0) -> pd.DataFrame:
    """Leave beside a run what `post-process` does, of its best checkpoint or of other weights."""
    checkpoint = load_checkpoint(run / "checkpoints" / "best.ckpt")
    with np.errstate(all="ignore"):
        scores = np.linspace(-3, 3, TAILS.size, dtype=np.float32)
    n = len(TASKS)
    background = Background(TASKS, np.stack([scores] * n), np.ones(n), np.ones(n), 9)
    tasks = pd.read_csv(run / "validation.tsv", sep="\t", keep_default_na=False)
    tasks = tasks.assign(umap1=0.5, umap2=1.5, cluster=0, mean_prediction=0.1, std_prediction=0.2)
    card = "# Card\n\n## Licence of the weights\n\nNot stated.\n\n## Limits\n\nMany.\n"
    checkpoint.model.head[1].bias.data += shift  # type: ignore[index, union-attr, operator]
    write_bundle(
        *(checkpoint, tasks, {"summary": {"all": {}}}, run / "post-process" / "model"),
        Knowledge(background=background, card=card),
    )
    return tasks


def test_a_run(run: Path, tmp_path: Path) -> None:
    done = export(run, tmp_path / "out", licence="CC-BY-4.0")
    right, found = nucleotides.load(run), nucleotides.load(done.path)
    pd.testing.assert_frame_equal(
        found.predict(SEQUENCES), right.predict(SEQUENCES), check_exact=True
    )
    pd.testing.assert_frame_equal(
        found.predict(SEQUENCES, recalibrated=True),
        right.predict(SEQUENCES, recalibrated=True),
        check_exact=True,
    )
    assert list(found.tasks["accession"]) == ["ENCFF000", "ENCFF001", "ENCFF002"]
    assert found.tasks["auroc"].notna().any()
    assert (done.path / "LICENSE").read_text() == "CC-BY-4.0\n"
    bundle = read_bundle(done.path)
    assert bundle.facts["licence"] == "CC-BY-4.0"
    assert "## Licence of the weights\n\nCC-BY-4.0\n" in (bundle.known.card or "")
    assert "on the validation part: AUROC" in (bundle.known.card or "")
    assert set(done.absent) == {"background", "map of the tasks"}
    assert bundle.metrics["tasks"].keys() == set(TASKS)


def test_what_it_was_trained_on_goes_along_without_places(run: Path, tmp_path: Path) -> None:
    (run / "lock.json").write_text(json.dumps({"store": "1" * 64, "recipe": "/home/me/r.yaml"}))
    lock = read_bundle(export(run, tmp_path / "out").path).known.lock
    assert lock is not None
    data = json.loads((run / "data.json").read_text())
    assert lock["data"]["genome"]["manifest_sha256"] == data["genome"]["manifest_sha256"]
    assert lock["data"]["split"] == data["split"]
    assert lock["pre_processing"] == {"store": "1" * 64, "recipe": "r.yaml"}
    texts = [p.read_bytes() for p in (tmp_path / "out").iterdir()]
    assert not any(str(tmp_path.parent).encode() in text for text in texts)


def test_paths_become_names() -> None:
    value = {"a": ["/x/y.bed", 5, None, "a/b", "/"], "/k": {"c": "https://x.org/y"}}
    assert without_places(value) == {
        "a": ["y.bed", 5, None, "a/b", ""],
        "/k": {"c": "https://x.org/y"},
    }


@pytest.mark.parametrize("source", [".", "checkpoints/best.ckpt"])
def test_what_post_process_found_goes_along(run: Path, tmp_path: Path, source: str) -> None:
    tasks = post_process(run)
    done = export(run / source, tmp_path / "out", licence="MIT")
    bundle = read_bundle(done.path)
    assert bundle.known.background is not None
    assert bundle.tasks["umap2"].tolist() == tasks["umap2"].tolist()
    assert bundle.known.card == (
        "# Card\n\n## Licence of the weights\n\nMIT\n\n## Limits\n\nMany.\n"
    )
    assert set(done.absent) == {"calibration"}
    assert bundle.known.lock is not None


def test_what_it_found_of_other_weights_does_not(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    post_process(run, shift=1e-3)
    done = export(run, tmp_path / "out")
    assert read_bundle(done.path).known.background is None
    assert "it is of other weights; run `nucleotides post-process`" in capsys.readouterr().err


def test_a_bundle_again_is_the_same(run: Path, tmp_path: Path) -> None:
    """Byte for byte, but for what is told to change."""
    first = export(run, tmp_path / "one", licence="MIT").path
    again = export(first, tmp_path / "two").path
    assert {p.name: sha256(p) for p in first.iterdir()} == {
        p.name: sha256(p) for p in again.iterdir()
    }
    export(again, again, licence="Apache-2.0")
    assert read_bundle(again).known.licence == "Apache-2.0\n"
    assert sha256(again / "weights.safetensors") == sha256(first / "weights.safetensors")


def test_another_checkpoint_has_its_tasks_and_no_scores(run: Path, tmp_path: Path) -> None:
    done = export(run / "checkpoints" / "last.ckpt", tmp_path / "out")
    bundle = read_bundle(done.path)
    assert list(bundle.tasks["assay"]) == ["DNase | ATAC"] * 3
    assert "auroc" not in bundle.tasks
    assert "Not known: it was exported from a checkpoint" in (bundle.known.card or "")
    assert {"metrics", "calibration", "licence"} <= set(done.absent)


def test_a_licence_of_a_file(run: Path, tmp_path: Path) -> None:
    text = "My terms\n\nDo what you like.\n"
    (tmp_path / "terms.txt").write_text(text)
    path = export(run, tmp_path / "out", licence=str(tmp_path / "terms.txt")).path
    assert (path / "LICENSE").read_text() == text
    assert read_bundle(path).facts["licence"] == "My terms"
    card = (path / "README.md").read_text()
    assert "## Licence of the weights\n\nMy terms (see LICENSE)\n" in card
    (tmp_path / "terms.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"terms\.txt is no text"):
        export(run, tmp_path / "out", licence=str(tmp_path / "terms.txt"))


@pytest.mark.parametrize("licence", ["nofile.txt", "a/b", "COPYING", "license.md", "~/terms"])
def test_a_file_that_is_not_there_is_no_licence(run: Path, tmp_path: Path, licence: str) -> None:
    with pytest.raises(InputError, match="there is no such file, and it names no licence"):
        export(run, tmp_path / "out", licence=licence)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "licence", ["CC-BY-4.0", "Apache-2.0", "GPL-3.0-only", "mine, see https://x.org/a.txt", "MIT"]
)
def test_a_name_is_a_licence(run: Path, tmp_path: Path, licence: str) -> None:
    path = export(run, tmp_path / "out", licence=licence).path
    assert (path / "LICENSE").read_text() == f"{licence}\n"


def test_a_store_is_no_folder_to_write_to(run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"and s3://bucket/x is none: .*upload-model"):
        export(run, Path("s3://bucket/x"))
    assert not (tmp_path / "s3:").exists()


def test_that_model_onnx_does_not_go_along_is_told(run: Path, tmp_path: Path) -> None:
    path = export(run, tmp_path / "one").path
    put_file(path, "model.onnx", b"onnx")
    done = export(path, tmp_path / "two")
    assert done.absent["model.onnx"] == "--onnx makes it again"
    assert not (done.path / "model.onnx").exists()
    assert "model.onnx" not in export(run, tmp_path / "three").absent


def test_nothing_else_is_replaced(run: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    export(run, tmp_path / "mine")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("x")
    (tmp_path / "file").write_text("x")
    for name in ("thesis", "file"):
        with pytest.raises(InputError, match=f"{name} is there, and is no bundle"):
            export(run, tmp_path / name)
    assert (tmp_path / "thesis" / "chapter.tex").read_text() == "x"


def test_nobodys_files_are_lost_with_an_older_bundle(run: Path, tmp_path: Path) -> None:
    path = export(run, tmp_path / "out").path
    (path / "thesis.txt").write_text("x")
    with pytest.raises(InputError, match=r"thesis\.txt is not of the bundle that is there"):
        export(run, path)
    (path / "thesis.txt").unlink()
    for folder in ("data", ".git"):
        (path / folder).mkdir()
        with pytest.raises(InputError, match=rf"{folder} is not of the bundle"):
            export(run, path)
        (path / folder).rmdir()
    (path / "metrics.json").unlink()
    (path / "metrics.json").mkdir()
    with pytest.raises(InputError, match=r"metrics\.json is not of the bundle"):
        export(run, path)
    (path / "metrics.json").rmdir()
    export(run, path)  # lacking a file of its own, it is replaced
    read_bundle(path)


@pytest.mark.parametrize(
    "manifest",
    [
        "nucleotides model bundle",
        '{"format": "nucleotides model bundle"}',
        '{"format": "nucleotides model bundle", "version": 1, "sha256": {"thesis.txt": ""}}',
    ],
)
def test_a_folder_that_only_looks_like_a_bundle(run: Path, tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    (tmp_path / "thesis.txt").write_text("x")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match="is there, and is no bundle"):
        export(run, tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_no_model(run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no checkpoint at"):
        export(tmp_path / "nothing", tmp_path / "out")
    with pytest.raises(InputError, match="holds no model"):
        export(tmp_path, tmp_path / "out")
    (run / "validation.json").unlink()
    with pytest.raises(InputError, match="is not finished"):
        export(run, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_weights_that_are_no_numbers(run: Path, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(run / "checkpoints" / "best.ckpt")
    checkpoint.model.head[1].bias.data[0] = float("nan")  # type: ignore[index, union-attr]
    with pytest.raises(InputError, match=r"head\.1\.bias holds values that are no numbers"):
        write_bundle(checkpoint, pd.DataFrame({"task": TASKS}), {}, tmp_path / "out")


def test_a_class_of_ones_own(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is named in the bundle; its code is not in it, and runs only where it is trusted."""
    import torch

    (tmp_path / "my_nets.py").write_text(
        "from nucleotides.model.deepsea import DeepSEA\nclass Mine(DeepSEA): pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    best = run / "checkpoints" / "best.ckpt"
    content = torch.load(best, weights_only=True)
    content["hyper_parameters"]["model_class"] = "my_nets.Mine"
    torch.save(content, best)
    with pytest.raises(UntrustedCodeError, match=r"my_nets\.Mine"):
        export(run, tmp_path / "out")
    done = export(run, tmp_path / "out", trust_code=True)
    assert json.loads((done.path / "manifest.json").read_text())["model_class"] == "my_nets.Mine"
    assert not list(done.path.glob("*.py"))
