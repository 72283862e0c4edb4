"""Write a bundle from whatever holds a model."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nucleotides.bundle import write_bundle
from nucleotides.bundle.layout import ONNX
from nucleotides.bundle.manifest import check_replaceable
from nucleotides.deploy.export.gather import Gathered, gather
from nucleotides.deploy.export.write_card import write_card
from nucleotides.errors import InputError
from nucleotides.model.network import Network
from nucleotides.storage import as_url, check_address
from nucleotides.train.lock_data import without_places

_LONGEST_LICENCE = 1_000_000


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        path: the bundle's folder.
        absent: what is not known of the model, and which command finds it out.
        onnx: how far the ONNX file is from torch, relative; None if there is none.
    """

    path: Path
    absent: dict[str, str] = field(default_factory=dict)
    onnx: float | None = None


def export(
    source: Path,
    out: Path,
    *,
    licence: str | None = None,
    onnx: bool = False,
    trust_code: bool = False,
) -> Exported:
    """Write a bundle to the folder `out`, which may hold an older one.

    Args:
        source: a run, a checkpoint, or a bundle.
        out: the folder.
        licence: of the weights: a name, or a file with its text; by default the source's own.
        onnx: whether to add model.onnx, for other programs (`write_onnx`).
        trust_code: whether a class that is not of the zoo may be imported.

    Raises:
        InputError, StoreError: no model at `source`, something else at `out`, or no ONNX.
        UntrustedCodeError: see `gather`.
    """
    if url := as_url(out):
        check_address(url)
        raise InputError(
            f"--out is a folder of this machine, and {url} is none: export to a folder, then send "
            "it there with `nucleotides upload-model`"
        )
    check_replaceable(out)
    found = gather(source, trust_code=trust_code)
    terms = _terms(licence) or found.known.licence
    known = replace(found.known, licence=terms, card=write_card(found, terms))
    differences: list[float] = []

    def add(network: Network, folder: Path) -> None:
        from nucleotides.deploy.export.write_onnx import write_onnx

        differences.append(write_onnx(network, folder / ONNX))

    metrics: dict[str, Any] = without_places(found.metrics)
    more = add if onnx else None
    path = write_bundle(found.checkpoint, found.tasks, metrics, out, known, more=more)
    return Exported(path, _absent(found, terms, onnx), differences[0] if differences else None)


def _terms(licence: str | None) -> str | None:
    """The text of a licence that is given by a file's name, or what is given."""
    if licence is None or not licence.strip():
        return None
    path = Path(licence)
    if "\n" in licence or not path.is_file():
        if _is_file_name(licence.strip()):
            raise InputError(f"--licence {licence}: there is no such file, and it names no licence")
        return licence.strip()
    if path.stat().st_size > _LONGEST_LICENCE:
        raise InputError(f"--licence {path}: a file of that size is no licence")
    try:
        return path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise InputError(f"--licence {path} is no text") from None


def _is_file_name(text: str) -> bool:
    """Whether it can only be meant as a file: `terms.txt`, `a/LICENSE`, and no `CC-BY-4.0`."""
    path = Path(text)
    is_word = not re.search(r"\s|://", text)
    return is_word and (
        len(path.parts) > 1
        or bool(re.fullmatch(r"\.[A-Za-z]+", path.suffix))
        or path.stem.lower() in ("license", "licence", "copying")
    )


def _absent(of: Gathered, terms: str | None, onnx: bool) -> dict[str, str]:
    process = "nucleotides post-process (or export the bundle that it left elsewhere)"
    there = {
        "licence": (terms, "--licence"),
        "calibration": (of.known.calibration, process),
        "background": (of.known.background, process),
        "map of the tasks": ("umap1" in of.tasks or None, process),
        "metrics": (of.metrics or None, process),
        "lock of the data": (of.known.lock, "export the run"),
        "model.onnx": (onnx or not of.onnx or None, "--onnx makes it again"),
    }
    return {name: how for name, (value, how) in there.items() if value is None}
