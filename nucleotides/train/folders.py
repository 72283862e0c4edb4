"""Where a run lies: a new folder, or that of the checkpoint that it goes on from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from nucleotides.errors import InputError
from nucleotides.processes import rank, started_from_outside, tell_folder, told_folder

if TYPE_CHECKING:
    from nucleotides.train.arguments import RunOptions


def find_checkpoint(options: RunOptions) -> Path | None:
    """The checkpoint that `--ckpt_path` names, or None; with `auto`, None if there is none yet.

    Raises:
        InputError: it is not there; or `auto` without the name of a run.
    """
    if not options.ckpt_path:
        return None
    if options.ckpt_path == "auto":
        if not options.run_name:
            raise InputError("--ckpt_path auto needs the name of the run: give --run_name")
        path = Path(options.logs) / options.run_name / "checkpoints" / "last.ckpt"
        return path if path.is_file() else None
    if options.ckpt_path != "last":
        path = Path(options.ckpt_path)
    else:
        named = options.run_name or "*"
        found = list(Path(options.logs).glob(f"{named}/checkpoints/last.ckpt"))
        if not found:
            raise InputError(f"--ckpt_path last: no run in {options.logs} has a last.ckpt")
        path = max(found, key=lambda p: p.stat().st_mtime)
    if not path.is_file():
        raise InputError(f"--ckpt_path {path}: no such file")
    return path


def run_of(checkpoint: Path) -> Path | None:
    """The folder of the run that a checkpoint lies in, or None where it lies elsewhere."""
    folder = checkpoint.parent.parent
    inside = checkpoint.parent.name == "checkpoints" and (folder / "config.yaml").exists()
    return folder if inside else None


def new_folder(options: RunOptions) -> Path:
    """The folder of a new run, the same in all of its processes.

    The processes that Lightning starts learn it from the first one's environment. Those that
    torchrun or SLURM start cannot, so that they must be told the name.

    Raises:
        InputError: the named folder holds a run already, with a checkpoint if `--ckpt_path auto`
            allows for one without; or several processes and no name.
    """
    logs = Path(options.logs)
    if (told := told_folder()) is not None:
        return told
    if options.run_name:
        folder = logs / options.run_name
        begun = folder / "checkpoints"
        taken_up = options.ckpt_path == "auto" and not any(begun.glob("*.ckpt"))
        if rank() == 0 and begun.exists() and not taken_up:
            raise InputError(
                f"--run_name {options.run_name}: {folder} holds a run already; choose another "
                "name, or go on with it by --ckpt_path last"
            )
    elif started_from_outside():
        raise InputError("processes of torchrun or SLURM must agree on a folder: give --run_name")
    else:
        numbers = [
            int(m[1]) for p in logs.glob("version_*") if (m := re.match(r"version_(\d+)$", p.name))
        ]
        folder = logs / f"version_{max(numbers, default=-1) + 1}"
    tell_folder(folder)
    return folder
