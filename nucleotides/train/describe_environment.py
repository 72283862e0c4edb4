"""Where and with what a run is made: versions, machine, device, and the user's own code."""

from __future__ import annotations

import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import torch

from nucleotides import __version__

_PATIENCE = 30


def describe_environment(folder: Path, device: torch.device) -> dict[str, Any]:
    """Plain values; a second description of the same place differs in `started` only.

    Args:
        folder: the user's working directory; where it is in a git repository, its commit is told.
        device: what is trained on.
    """
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": sys.argv,
        "folder": str(folder),
        "git": describe_repository(folder),
        "nucleotides": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.node(),
        "processor": platform.machine(),
        "device": _describe_device(device),
        "threads": torch.get_num_threads(),
        "packages": {d.name: d.version for d in sorted(distributions(), key=lambda d: d.name)},
    }


def describe_repository(folder: Path) -> dict[str, Any] | None:
    """Commit, branch and whether anything differs from it; None outside of a repository.

    `dirty` counts new files too: a model of one's own may be one. A repository without a commit has
    None for it.
    """
    status = _git(folder, "status", "--porcelain")
    if status is None:
        return None
    return {
        "commit": _git(folder, "rev-parse", "--verify", "--quiet", "HEAD") or None,
        "branch": _git(folder, "branch", "--show-current") or None,
        "dirty": bool(status),
    }


def _git(folder: Path, *words: str) -> str | None:
    """What git says, or None where it fails, is not installed, or takes too long."""
    command = ["git", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout.strip()


def _describe_device(device: torch.device) -> str:
    if device.type != "cuda":
        return str(device)
    return f"{device}, {torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}"
