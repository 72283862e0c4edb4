"""Where batches are made: on the CPU, or on a GPU that holds the stores."""

from __future__ import annotations

import re

import torch

from nucleotides.errors import InputError
from nucleotides.progress import say

_PART_OF_FREE = 0.5


def check_name(name: str) -> None:
    """Refuse what is no data device.

    Raises:
        InputError: neither cpu, auto, cuda nor cuda:N.
    """
    if not re.fullmatch(r"cpu|auto|cuda(:\d+)?", name):
        raise InputError(f"--data_device {name} is not known: cpu, auto, cuda or cuda:N")


def choose_device(
    name: str, bytes_needed: int, trains_on: torch.device | None = None
) -> torch.device | None:
    """The GPU that is to hold the stores, or None for the CPU.

    A GPU is passed over, with a line that says why, when it is not there, when the model trains
    elsewhere, or when the stores would take more than half of its free memory: the other half is
    the model's.

    Args:
        name: cpu, auto, cuda (the one that the model trains on, or the first) or cuda:N.
        bytes_needed: by the stores.
        trains_on: device of the model, where that is known.
    """
    if name == "cpu":
        return None
    wanted = _wanted(name, trains_on)
    reason = _reason_against(wanted, bytes_needed, trains_on)
    if reason is None:
        return wanted
    say(f"--data_device {name}: batches are made on the CPU, {reason}")
    return None


def _wanted(name: str, trains_on: torch.device | None) -> torch.device:
    if name in ("auto", "cuda"):
        on_gpu = trains_on is not None and trains_on.type == "cuda"
        return trains_on if on_gpu and trains_on is not None else torch.device("cuda", 0)
    return torch.device(name)


def _reason_against(
    wanted: torch.device, bytes_needed: int, trains_on: torch.device | None
) -> str | None:
    if wanted.index is not None and wanted.index >= torch.cuda.device_count():
        return "there is no such GPU" if torch.cuda.device_count() else "there is no GPU"
    if trains_on is not None and trains_on.type != "cuda":
        return f"the model is on {trains_on}"
    free, _ = torch.cuda.mem_get_info(wanted)
    if bytes_needed > _PART_OF_FREE * free:
        return (
            f"the stores take {bytes_needed / 1e9:.1f} GB, "
            f"and {wanted} has {free / 1e9:.1f} GB free, half of which is the model's"
        )
    return None
