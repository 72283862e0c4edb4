"""Beluga: three pairs of convolutions, the network of ExPecto."""

from __future__ import annotations

from torch import Tensor, nn

from nucleotides.model.lengths import check_length
from nucleotides.model.network import Network


class Beluga(Network):
    """The network of Zhou et al. 2018 (10.1038/s41588-018-0160-6, Supplementary Note, ExPecto).

    Two conv k8 with ReLU to 320 channels, dropout 0.2, max-pool 4; two to 480, dropout 0.2,
    max-pool 4; two to 640, dropout 0.5; linear 2003, ReLU; linear to the tasks. 149 M parameters
    at the paper's 2000 bp and 2002 tasks.

    Args:
        n_tasks: number of tasks.
        sequence_length: bases of a window.
        channels: output channels of the three pairs of convolutions.
        hidden: width of the first linear layer.
        dropout: after each pair.

    Raises:
        InputError: a sequence too short for the layers; the message names the shortest.
    """

    def __init__(
        self,
        n_tasks: int,
        sequence_length: int = 1000,
        channels: tuple[int, int, int] = (320, 480, 640),
        hidden: int = 2003,
        dropout: tuple[float, float, float] = (0.2, 0.2, 0.5),
    ) -> None:
        super().__init__(n_tasks, sequence_length)
        c1, c2, c3 = channels
        d1, d2, d3 = dropout
        length = check_length(self, sequence_length, _length_after_convolutions)
        self.convolutions = nn.Sequential(
            *(*_pair(4, c1), nn.Dropout(d1), nn.MaxPool1d(4)),
            *(*_pair(c1, c2), nn.Dropout(d2), nn.MaxPool1d(4)),
            *(*_pair(c2, c3), nn.Dropout(d3)),
        )
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(c3 * length, hidden), nn.ReLU(), nn.Linear(hidden, n_tasks)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to logits (batch, tasks)."""
        logits: Tensor = self.head(self.convolutions(x))
        return logits


def _pair(before: int, after: int) -> list[nn.Module]:
    return [nn.Conv1d(before, after, 8), nn.ReLU(), nn.Conv1d(after, after, 8), nn.ReLU()]


def _length_after_convolutions(length: int) -> int:
    return ((length - 14) // 4 - 14) // 4 - 14
