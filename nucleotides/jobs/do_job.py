"""A job of any kind, from what was asked to the files of its result."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nucleotides.files import replacing, write_json
from nucleotides.jobs.job import File, Job
from nucleotides.schemas.jobs import DesignJob, ExplanationJob, VariantJob

if TYPE_CHECKING:
    from nucleotides.jobs.shelf import Shelf

ASKED, TASKS, UPLOAD, OUT = "asked.json", "tasks.json", "upload.vcf", "result"
"""In the folder of a job: the request, the tasks that it means, what came with it, the result."""
_MADE = "made.json"


class Made(NamedTuple):
    """A result: its files, the one first that is given where none is named, and words on it."""

    files: list[File]
    message: str


def do_job(job: Job, folder: Path, shelf: Shelf) -> Made:
    """Make the result, or what is missing of it; what was made before an end is not made again.

    Raises:
        NucleotidesError: what was asked cannot be done.
    """
    kept = folder / _MADE
    if not kept.exists():
        message = _work(job, folder, shelf)
        archive = "" if job.kind == "variants" else f"{job.kind}.zip"
        files = _files(folder / OUT, archive)
        write_json(kept, {"files": files, "message": message})
    made = json.loads(kept.read_text())
    return Made([File(*file) for file in made["files"]], made["message"])


def _work(job: Job, folder: Path, shelf: Shelf) -> str:
    text, out = (folder / ASKED).read_bytes(), folder / OUT
    if job.kind == "variants":
        from nucleotides.jobs.score import score

        asked = VariantJob.model_validate_json(text)
        return score(shelf, job.model, asked, folder / UPLOAD, out)
    if job.kind == "explanations":
        from nucleotides.jobs.explain import explain

        tasks = json.loads((folder / TASKS).read_text())
        return explain(shelf, job.model, ExplanationJob.model_validate_json(text), tasks, out)
    from nucleotides.jobs.design import design

    return design(shelf, job.model, DesignJob.model_validate_json(text), folder, out)


def _files(out: Path, archive: str) -> list[File]:
    """The files of a result, by name; with an archive of them all first, if it has a name.

    The archive's bytes depend on those of the files alone.
    """
    names = sorted(
        path.relative_to(out).as_posix()
        for path in out.rglob("*")
        if path.is_file() and not path.name.startswith(".") and path.name != archive
    )
    if archive:
        with replacing(out / archive) as path, zipfile.ZipFile(path, "w") as packed:
            for name in names:
                entry = zipfile.ZipInfo(name)  # of 1980, whenever it was made
                entry.compress_type = zipfile.ZIP_DEFLATED
                with (out / name).open("rb") as file, packed.open(entry, "w") as into:
                    while piece := file.read(1 << 20):
                        into.write(piece)
        names.insert(0, archive)
    return [File(name, (out / name).stat().st_size) for name in names]
