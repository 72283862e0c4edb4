"""Bundles made to do harm: refused by name, nothing run, nothing written, memory bounded.

Checksums are always right here: whoever writes the files writes those, too.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import struct
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file, save_file

import nucleotides
from nucleotides.arrays import open_arrays, save_arrays
from nucleotides.bundle import read_bundle
from nucleotides.errors import CorruptStoreError, StoreError, UntrustedCodeError
from nucleotides.files import sha256

OLD = Path(__file__).parent / "data" / "version_1_0"
NO_COUNTS = [
    *(np.array([np.nan]), np.array([0]), np.array([-5]), np.array([2.5]), np.array([7, 7])),
    np.zeros(0, np.int64),
]


def two(knots: np.ndarray, second: float = 1.0) -> np.ndarray:
    """The first knot of each task, and another above it."""
    return np.stack([knots[:, 0], knots[:, 0] + second], 1)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLD, tmp_path / "bundle"))


def facts_of(bundle: Path) -> dict[str, Any]:
    return dict(json.loads((bundle / "manifest.json").read_text()))


def write_facts(bundle: Path, **facts: Any) -> None:
    (bundle / "manifest.json").write_text(json.dumps(facts_of(bundle) | facts))


def put(bundle: Path, name: str, content: bytes) -> None:
    """Replace a file, and its checksum."""
    (bundle / name).write_bytes(content)
    listed = facts_of(bundle)["sha256"] | {name: sha256(bundle / name)}
    write_facts(bundle, sha256=listed)


def put_weights(bundle: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    weights = load_file(bundle / "weights.safetensors")
    change(weights)
    save_file(weights, bundle / "new")
    content = (bundle / "new").read_bytes()
    (bundle / "new").unlink()
    put(bundle, "weights.safetensors", content)


def refused(bundle: Path, match: str, most: int = 64_000_000) -> None:
    """It is, by `match`, with less memory than `most` bytes, and nothing else is touched."""
    before = sorted(bundle.parent.rglob("*"))
    tracemalloc.start()
    try:
        with pytest.raises(StoreError, match=match):
            read_bundle(bundle)
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()
    assert sorted(bundle.parent.rglob("*")) == before


class Evil:
    """A pickle that leaves a file where it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize("how", ["pickle", "torch"])
@pytest.mark.parametrize("name", ["weights.safetensors", "calibration.safetensors"])
def test_a_pickle_in_place_of_arrays(bundle: Path, tmp_path: Path, how: str, name: str) -> None:
    mark, file = tmp_path / "ran", tmp_path / "evil"
    if how == "pickle":
        file.write_bytes(pickle.dumps(Evil(mark)))
    else:
        torch.save({"state_dict": Evil(mark)}, file)
    put(bundle, name, file.read_bytes())
    refused(bundle, name)
    assert not mark.exists()


@pytest.mark.parametrize("keep", [0, 4, 8, 100, -1])
def test_cut_weights(bundle: Path, keep: int) -> None:
    content = (bundle / "weights.safetensors").read_bytes()
    put(bundle, "weights.safetensors", content[:keep])
    refused(bundle, r"weights\.safetensors holds no weights")


@pytest.mark.parametrize("name", ["weights.safetensors", "background.safetensors"])
@pytest.mark.parametrize("length", [2**63 - 1, 2**62, 90_000_000])
def test_a_giant_header(bundle: Path, name: str, length: int) -> None:
    with (bundle / name).open("wb") as file:
        file.write(struct.pack("<Q", length))
        file.truncate(100_000_000)  # a hole: nothing on the disk
    put_checksum(bundle, name)
    refused(bundle, f"{name} .*(too long|no safetensors file, or is cut|a header of {length})")


def put_checksum(bundle: Path, name: str) -> None:
    write_facts(bundle, sha256=facts_of(bundle)["sha256"] | {name: sha256(bundle / name)})


@pytest.mark.parametrize("name", ["weights.safetensors", "background.safetensors"])
@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]},
        {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]},
        {"dtype": "F99", "shape": [2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": "many", "data_offsets": [0, 8]},
    ],
)
def test_arrays_that_lie_of_their_size(bundle: Path, name: str, entry: dict[str, Any]) -> None:
    header = json.dumps({"mean": entry}).encode()
    put(bundle, name, struct.pack("<Q", len(header)) + header + bytes(8))
    refused(bundle, name)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda w: w.update({"head.1.bias": torch.zeros(6)}), r"head\.1\.bias is float32 \(6,\)"),
        (lambda w: w.update({"head.1.bias": torch.zeros(5, dtype=torch.int32)}), "is int32"),
        (lambda w: w.update(more=torch.zeros(1)), "it has no more"),
        (lambda w: w.pop("head.1.bias"), r"head\.1\.bias is missing|more layers"),
        (lambda w: w["head.1.bias"].fill_(torch.nan), r"head\.1\.bias holds values that are no n"),
        (lambda w: w["head.1.bias"].fill_(torch.inf), r"head\.1\.bias holds values that are no n"),
    ],
)
def test_weights_that_are_not_the_models(
    bundle: Path, change: Callable[[dict[str, torch.Tensor]], object], match: str
) -> None:
    put_weights(bundle, change)
    refused(bundle, match)


def test_weights_of_half_precision_are_taken(bundle: Path) -> None:
    right = read_bundle(bundle).model.state_dict()
    put_weights(bundle, lambda w: w.update({k: v.half() for k, v in w.items()}))
    for name, values in read_bundle(bundle).model.state_dict().items():
        torch.testing.assert_close(values, right[name], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    "model",
    [
        {"channels": [10**9, 10**9, 10**9]},
        {"channels": [4, 4, 4], "hidden": 10**12},
        {"channels": [4, 4, 4], "hidden": 10**400},
        {"channels": [4, 4, 4], "hidden": -5},
        {"channels": [4, 4, 4], "hidden": "x" * 1000},
        {"channels": [4, 4, 4], "hidden": 1e308},
        {"channels": [4, 4, 4], "hidden": float("nan")},
        {"channels": [4] * 1000},
        {"channels": 4},
        {"nonsense": 1},
        {},
    ],
)
def test_a_network_that_is_not_of_the_weights(bundle: Path, model: dict[str, Any]) -> None:
    text = json.dumps(facts_of(bundle) | {"model": model}) if model else None
    if text is None:
        write_facts(bundle, model={})
    else:
        (bundle / "manifest.json").write_text(text)
    refused(bundle, r"do not belong together|damaged")
    if isinstance(model.get("hidden"), float):
        refused(bundle, r"hidden (1e\+308|nan) is not of these weights")


@pytest.mark.parametrize(
    ("name", "model", "why"),
    [
        ("albert", {"depth": 10**9}, "is not of these weights"),
        ("albert", {"depth": 500}, "more layers"),
        ("enformer", {"depth": 400, "channels": 24, "heads": 2, "stages": 4}, "more layers"),
        ("motifnet", {"n_heads": 500}, "more layers"),
        ("sei", {"splines": 10**9}, "is not of these weights"),
    ],
)
def test_a_network_of_many_layers_is_not_built(
    bundle: Path, name: str, model: dict[str, Any], why: str
) -> None:
    write_facts(bundle, model_class=name, model=model, sequence_length=1000)
    refused(bundle, f"do not belong together: .*{why}")


@pytest.mark.parametrize("length", [0, -1, 10**12, 1.5, "long", True, None])
def test_a_window_that_cannot_be(bundle: Path, length: Any) -> None:
    write_facts(bundle, sequence_length=length)
    refused(bundle, r"damaged|a window of")


@pytest.mark.parametrize(
    "name",
    [
        *("../weights.safetensors", "../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "..", ""),
        *(".hidden", "x\0y", "manifest.json", "con:", "x" * 300, "evil.py"),
    ],
)
@pytest.mark.parametrize("minor", [0, 99])
def test_names_that_no_file_of_a_bundle_has(bundle: Path, name: str, minor: int) -> None:
    """Nor of one of a version to come, whose files may have other names, but no places."""
    if (name, minor) == ("evil.py", 99):
        return  # it may be listed then, and is not read
    write_facts(bundle, minor=minor, sha256=facts_of(bundle)["sha256"] | {name: "0" * 64})
    refused(bundle, r"manifest\.json")


@pytest.mark.parametrize("to", ["/etc/hostname", "tasks.tsv", "nowhere"])
def test_a_link_in_place_of_a_file(bundle: Path, tmp_path: Path, to: str) -> None:
    file = bundle / "metrics.json"
    file.rename(tmp_path / "metrics.json")
    file.symlink_to(tmp_path / "metrics.json" if to == "nowhere" else to)
    refused(bundle, r"metrics\.json is a link")


def test_a_link_in_place_of_the_manifest(bundle: Path, tmp_path: Path) -> None:
    (bundle / "manifest.json").rename(tmp_path / "elsewhere.json")
    (bundle / "manifest.json").symlink_to(tmp_path / "elsewhere.json")
    refused(bundle, "no nucleotides model bundle")


def test_a_folder_and_a_pipe_in_place_of_a_file(bundle: Path) -> None:
    (bundle / "metrics.json").unlink()
    os.mkfifo(bundle / "metrics.json")
    refused(bundle, r"metrics\.json is a link or no file")
    (bundle / "metrics.json").unlink()
    (bundle / "metrics.json").mkdir()
    refused(bundle, r"metrics\.json is a link or no file")


def test_a_file_that_is_not_listed(bundle: Path) -> None:
    (bundle / ".DS_Store").write_bytes(b"a file manager's")
    read_bundle(bundle)
    (bundle / "sitecustomize.py").write_text("raise SystemExit")
    refused(bundle, r"sitecustomize\.py is not of the bundle")


@pytest.mark.parametrize("name", ["manifest.json", "metrics.json"])
@pytest.mark.parametrize(
    "content",
    [
        *(b"[" * 200_000, b'{"a":' * 100_000, b"{}" * 9, b"[]", b"", b"\xff\xfe{}", b"nonsense"),
        b'{"a": ' + b"9" * 10_000 + b"}",
    ],
    ids=range(8),
)
def test_json_that_is_none(bundle: Path, name: str, content: bytes) -> None:
    if name == "manifest.json":
        (bundle / name).write_bytes(content)
    else:
        put(bundle, name, content)
    refused(bundle, rf"{name} is (damaged|of None)")


@pytest.mark.parametrize("content", [b'{"a":' * 190_000, b"{", b"", b"[]"], ids=range(4))
def test_json_that_is_none_is_refused_by_every_opener(bundle: Path, content: bytes) -> None:
    """Also by those that look whether there is a bundle at all."""
    (bundle / "manifest.json").write_bytes(content)
    for path in (bundle, bundle.parent):
        with pytest.raises(CorruptStoreError, match=r"manifest\.json is damaged"):
            nucleotides.load(path)


def test_a_pipe_in_place_of_the_manifest(bundle: Path) -> None:
    (bundle / "manifest.json").unlink()
    os.mkfifo(bundle / "manifest.json")
    with pytest.raises(StoreError, match="no nucleotides model bundle"):
        nucleotides.load(bundle)


def test_metrics_of_more_values_than_can_be(bundle: Path) -> None:
    put(bundle, "metrics.json", b'{"a":[' + b"{}," * 2_000_000 + b"{}]}")
    refused(bundle, r"metrics\.json has more values")


@pytest.mark.parametrize("name", ["manifest.json", "metrics.json", "tasks.tsv", "README.md"])
def test_a_bomb(bundle: Path, name: str) -> None:
    """A gigabyte of zeros, which is next to nothing on the disk and in an archive."""
    with (bundle / name).open("wb") as file:
        file.truncate(1_000_000_000)
    refused(bundle, rf"{name} is larger than such a file can be", most=16_000_000)


@pytest.mark.parametrize(
    "table",
    [
        *("task\na\n", "task\na\nNA\nb\n", "task\na\na\n", "name\na\nNA\n", "", "\0", "task\n"),
        'task\tx\n"a\nNA\n',
    ],
)
def test_tasks_that_are_not_the_models(bundle: Path, table: str) -> None:
    put(bundle, "tasks.tsv", table.encode())
    refused(bundle, r"tasks\.tsv")


@pytest.mark.parametrize(
    "table",
    [
        *("task" + "\t" * 2_500_000, "task\n" + "a\n" * 200_001, "task\ra\r" + "\r" * 200_001),
        "task\na" + "\t" * 2000 + "\n",
        '"task' + "\n" * 1000 + '"' + '\t"\n"' * 1001,
    ],
    ids=range(5),
)
def test_a_table_without_end(bundle: Path, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty million tabs are sixty million columns, of a hundred bytes each and more."""
    put(bundle, "tasks.tsv", table.encode())
    monkeypatch.setattr(pd, "read_csv", None)
    refused(bundle, r"tasks\.tsv .*more (rows or columns than can be|than 1,000 columns)")


Change = Callable[[dict[str, Any]], object]


def put_arrays(bundle: Path, name: str, change: Change) -> None:
    arrays: dict[str, Any] = {k: v.copy() for k, v in open_arrays(bundle / name).items()}
    change(arrays)
    save_arrays(bundle / name, arrays)
    put_checksum(bundle, name)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        *[(lambda a, w=w: a.update(windows=w), "windows is no count") for w in NO_COUNTS],
        (lambda a: a["mean"].fill(np.nan), "mean is not between 0 and 1"),
        (lambda a: a["std"].fill(np.nan), "std is not between"),
        (lambda a: a["std"].fill(-0.1), "std is not between"),
        (lambda a: a.update(calibrated_mean=a["mean"] * np.nan), "calibrated_mean is not between"),
        (lambda a: a.update(calibrated_mean=a["mean"] + 2), "calibrated_mean is not between"),
        (lambda a: a.update(mean=a["mean"][1:]), "mean is not one number a task"),
        (lambda a: a.update(mean=np.ones(len(a["mean"]), np.uint8)), "mean is not one number"),
        (lambda a: a["logits"].__imul__(1e30), "logits are not numbers below"),
        (lambda a: a["logits"].fill(np.nan), "logits are not numbers below"),
        (lambda a: a["logits"].fill(-np.inf), "logits are not numbers below"),
        (lambda a: a["logits"].__imul__(-1), "logits do not rise"),
    ],
)
def test_a_background_that_no_model_has(bundle: Path, change: Change, match: str) -> None:
    put_arrays(bundle, "background.safetensors", change)
    refused(bundle, rf"background\.safetensors is damaged: {match}")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda a: a["x"].__imul__(-1), "x holds values that are no numbers|x does not increase"),
        (lambda a: a["y"].fill(np.inf), "y holds values that are no numbers"),
        (lambda a: a["slope"].fill(-1), "slope is no number, or falls"),
        (lambda a: a["slope"].fill(np.inf), "slope is no number, or falls"),
        (lambda a: a.update(x=a["x"][:, :0], y=a["y"][:, :0]), "its arrays do not fit"),
        (lambda a: a.update(x=np.stack([a["x"][:, 0]] * 2, 1), y=two(a["y"])), "x does not inc"),
        (lambda a: a.update(x=two(a["x"]), y=two(a["y"])[:, ::-1].copy()), "y does not increase"),
        (lambda a: a.update(x=two(a["x"]), y=two(a["y"], np.inf)), "x and y differ in knots"),
    ],
)
def test_a_calibration_that_changes_the_order(bundle: Path, change: Change, match: str) -> None:
    put_arrays(bundle, "calibration.safetensors", change)
    refused(bundle, rf"calibration\.safetensors is damaged: ({match})")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[("sha256", v) for v in ([], {}, "x", {"weights.safetensors": 5})],
        *[("model_class", v) for v in (None, 5, ["deepsea"])],
        *[("model", v) for v in (None, [], {"channels": {"__class__": 1}})],
        *[("bin", v) for v in (0, "200", None)],
        *[("average_strands", v) for v in ("yes", 1)],
        *[("minor", v) for v in ("1", -5, True)],
        *[("threshold", v) for v in ("half", float("nan"), -0.1, 2, True)],
        *[("version", True), ("bytes", [1]), ("licence", {})],
    ],
)
def test_facts_of_another_form(bundle: Path, key: str, value: Any) -> None:
    write_facts(bundle, **{key: value})
    refused(bundle, r"manifest\.json")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module in the working directory, as of a bundle unpacked there; it leaves a mark."""
    (tmp_path / "evil_module.py").write_text(
        "from pathlib import Path\n"
        f"Path({str(tmp_path / 'ran')!r}).touch()\n"
        "from nucleotides.model.deepsea import DeepSEA\n"
        "class Net(DeepSEA): pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "evil_module", raising=False)
    return tmp_path / "ran"


def test_no_module_is_imported_at_a_bundles_word(bundle: Path, own: Path) -> None:
    write_facts(bundle, model_class="evil_module.Net")
    with pytest.raises(UntrustedCodeError, match=r"evil_module\.Net.*--trust-code"):
        nucleotides.load(bundle)
    assert not own.exists()
    assert "evil_module" not in sys.modules
    nucleotides.load(bundle, trust_code=True)
    assert own.exists()
    nucleotides.load(bundle)  # imported before: nothing is run that was not run already


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "torch.nn.Linear", "os.nothing"])
def test_what_is_loaded_and_no_network_is_not_called(bundle: Path, name: str) -> None:
    write_facts(bundle, model_class=name)
    with pytest.raises(UntrustedCodeError):
        nucleotides.load(bundle)
    with pytest.raises((StoreError, ValueError), match=r"no FunctionalModel|cannot be imported"):
        nucleotides.load(bundle, trust_code=True)


def test_no_network_of_that_name(bundle: Path) -> None:
    write_facts(bundle, model_class="deepsee")
    with pytest.raises(CorruptStoreError, match="did you mean 'deepsea'"):
        read_bundle(bundle)
