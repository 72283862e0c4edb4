"""Python, torch and its devices, memory and disk."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path

from nucleotides import __version__
from nucleotides.doctor.check import Check, State
from nucleotides.settings import Settings

GIGABYTE = 1e9
DISK_WANTED = 60 * GIGABYTE
"""All of ENCODE: peak files some 25 GB, target store and beds 20, reference and store 5, runs."""
MEMORY_WANTED = 8 * GIGABYTE
"""The genome store (3.1 GB) cached, beside the loader and the model."""


def check_machine(settings: Settings) -> list[Check]:
    """Versions, the device that would be used, memory and disk."""
    return [
        _python(),
        Check("machine", "nucleotides", State.OK, __version__),
        *_torch(settings.DEVICE),
        _memory(),
        _disk(settings.TOP_DIR),
    ]


def _python() -> Check:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        return Check("machine", "python", State.OK, found)
    return Check("machine", "python", State.ERROR, found, "use Python 3.11, 3.12 or 3.13")


def _torch(wanted: str | None) -> list[Check]:
    try:
        import torch
    except (ImportError, OSError) as error:
        return [Check("machine", "torch", State.ERROR, str(error), "pip install torch")]
    present = devices()
    threads = f"{torch.__version__}, {torch.get_num_threads()} threads"
    return [
        Check("machine", "torch", State.OK, f"{threads}, {', '.join(present.values())}"),
        _device(wanted, present),
    ]


def devices() -> dict[str, str]:
    """Device names as DEVICE takes them, fastest first, with the hardware's name."""
    import torch

    found = {f"cuda:{i}": torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())}
    if torch.backends.mps.is_available():
        found["mps"] = "Apple GPU"
    found["cpu"] = f"{len(_usable_cpus())} CPU cores"
    return found


def _device(wanted: str | None, present: dict[str, str]) -> Check:
    if wanted is None:
        best = next(iter(present))
        return Check("machine", "device", State.OK, f"{best} (chosen automatically)")
    if wanted in present or f"{wanted}:0" in present:
        return Check("machine", "device", State.OK, f"{wanted} (setting DEVICE)")
    advice = f"set NUCLEOTIDES_DEVICE to one of auto, {', '.join(present)}"
    return Check("machine", "device", State.ERROR, f"{wanted} is not present", advice)


def _usable_cpus() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _memory() -> Check:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.is_file() and (text := limit.read_text().strip()).isdigit():
        total = min(total, int(text))
    return _enough("memory", total, MEMORY_WANTED, "in total", "the whole genome")


def _disk(top: Path) -> Check:
    if "://" in str(top):
        return Check("machine", "disk", State.OK, f"{top} is remote; not measured")
    place = top.absolute()
    while not place.exists():
        place = place.parent
    if not os.access(place, os.W_OK):
        advice = "set NUCLEOTIDES_TOP_DIR to a folder you may write to"
        return Check("machine", "disk", State.ERROR, f"{place} is not writable", advice)
    free = shutil.disk_usage(place).free
    return _enough("disk", free, DISK_WANTED, f"free at {place}", "all of ENCODE")


def _enough(name: str, found: float, wanted: float, where: str, job: str) -> Check:
    text = f"{found / GIGABYTE:.1f} GB {where}"
    if found >= wanted:
        return Check("machine", name, State.OK, text)
    advice = f"{wanted / GIGABYTE:.0f} GB are wanted for {job}; the demo needs far less"
    return Check("machine", name, State.WARNING, text, advice)
