"""Checkpoints that are either whole or not there."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins import TorchCheckpointIO

from nucleotides.files import replacing


class AtomicCheckpointIO(TorchCheckpointIO):
    """Lightning's writer of checkpoints, by way of a temporary name.

    Raises:
        OutOfSpaceError: the disk is full; an earlier checkpoint of that name is unchanged.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Write the checkpoint, then rename it onto `path`."""
        content = io.BytesIO()
        torch.save(checkpoint, content)
        with replacing(Path(path)) as temporary:
            temporary.write_bytes(content.getbuffer())
