"""LitServe's API of a network, of which its processes want a module of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import litserve as ls
import torch
from serving_peer import Network
from torch import Tensor


class API(ls.LitAPI):  # type: ignore[misc]
    """Probabilities of sequences.

    Args:
        folder: as serving_peer.py has it.
    """

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(**options)
        self.folder = folder

    def setup(self, device: str) -> None:  # noqa: ARG002
        """In the process that computes."""
        self.network = Network(self.folder)

    def decode_request(self, request: dict[str, str], **_: Any) -> Tensor:
        """One-hot (4, length)."""
        return self.network.encoded(request["sequence"])

    def batch(self, inputs: list[Tensor]) -> Tensor:
        """(n, 4, length)."""
        return torch.stack(inputs)

    def predict(self, x: Tensor, **_: Any) -> Tensor:
        """(n, tasks)."""
        return self.network.probabilities(x)

    def unbatch(self, output: Tensor) -> list[Tensor]:
        """Rows."""
        return list(output)

    def encode_response(self, output: Tensor, **_: Any) -> dict[str, Any]:
        """The answer."""
        return self.network.named(output)
