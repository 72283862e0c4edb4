"""Whether a search can be made, and what its trials have in common."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from typing import Any

from nucleotides.errors import InputError
from nucleotides.train.arguments import TrainConfig
from nucleotides.train.compare_runs import flatten
from nucleotides.tune.search_space import Choices, Range, Space

Configure = Callable[[Sequence[str]], TrainConfig]
_OURS = ("logs", "run_name", "ckpt_path", "find")
_FREE = {
    *("logs", "run_name", "ckpt_path", "config", "save_every_steps", "leakage", "genome"),
    *("targets", "intervals", "blacklist", "split_file", "accelerator", "devices"),
    *("num_workers", "data_device", "enable_progress_bar", "log_every_n_steps"),
}
"""Arguments that may change from one start of a study to the next."""


def check_search(space: Space, arguments: Sequence[str], configure: Configure) -> None:
    """Refuse what no trial could be trained with, before the first.

    Raises:
        InputError: an argument that `train` does not take or that is not for `tune`, or several
            devices; the message names the argument.
    """
    given = {word.partition("=")[0] for word in arguments} | {f"--{name}" for name in space}
    for name in _OURS:
        if f"--{name}" in given:
            raise InputError(f"--{name} is not for `tune`, which gives each trial its own place")
    example = [word for name, of in space.items() for word in (f"--{name}", _example(of))]
    trainer = configure([*arguments, *example]).trainer
    devices = trainer["devices"]
    one = devices in ("auto", 1, "1") or (isinstance(devices, list) and len(devices) == 1)
    if not one or trainer["num_nodes"] != 1:
        raise InputError(
            f"--devices {devices}, --num_nodes {trainer['num_nodes']}: a trial trains on one "
            "device; to use more of them, let each have a --study of its own"
        )


def common_facts(space: Space, base: TrainConfig) -> dict[str, Any]:
    """What makes trials comparable: the space, and all arguments that are not searched.

    Where data lie, and what depends on the machine only, may differ. Plain values.
    """
    fixed = {k: v for k, v in flatten(base.plain).items() if k not in _FREE and k not in space}
    searched = {name: dataclasses.asdict(of) for name, of in space.items()}
    facts: dict[str, Any] = json.loads(json.dumps({**fixed, "space": searched}))
    return facts


def _example(of: Range) -> str:
    return of.choices[0] if isinstance(of, Choices) else str(of.low)
