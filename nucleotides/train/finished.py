"""Whether a checkpoint leaves anything to train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from nucleotides.train.arguments import TrainConfig


def why_finished(path: Path, config: TrainConfig) -> str:
    """Why nothing is left to train from a checkpoint: all epochs or steps are done, or training was
    stopped early. Empty if something is left."""
    content = torch.load(path, map_location="cpu", weights_only=True)
    epochs, steps = epochs_done(content), int(content["global_step"])
    most_epochs, most_steps = config.trainer["max_epochs"], config.trainer["max_steps"]
    if most_epochs is not None and 0 <= most_epochs <= epochs:
        return f"{epochs} epochs are done, --max_epochs is {most_epochs}"
    if 0 <= most_steps <= steps:
        return f"{steps} steps are done, --max_steps is {most_steps}"
    if _stopped_early(content, config.options.patience):
        return f"there was no improvement for {config.options.patience} epochs (--patience)"
    return ""


def epochs_done(content: dict[str, Any]) -> int:
    """Whole epochs behind a checkpoint, the last one's validation included."""
    loop = content["loops"]["fit_loop"]
    done = int(loop["epoch_progress"]["current"]["processed"])
    trained = loop["epoch_loop.batch_progress"]
    validated = loop["epoch_loop.val_loop.batch_progress"]["is_last_batch"]
    within = loop["epoch_progress"]["current"]["started"] > done
    return done + int(within and trained["is_last_batch"] and validated)


def _stopped_early(content: dict[str, Any], patience: int | None) -> bool:
    states = content["callbacks"]
    waited = [s["wait_count"] for name, s in states.items() if name.startswith("EarlyStopping")]
    return patience is not None and any(count >= patience for count in waited)
