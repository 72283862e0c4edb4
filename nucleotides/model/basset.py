"""Basset: three convolutions with batch normalisation, and three linear layers."""

from __future__ import annotations

from torch import Tensor, nn

from nucleotides.model.lengths import check_length
from nucleotides.model.network import Network


class Basset(Network):
    """The network of Kelley, Snoek and Rinn 2016 (10.1101/gr.200535.115, Figure 1 and Methods).

    conv 4-300 k19, pool 3; conv 300-200 k11, pool 4; conv 200-200 k7, pool 4; linear 1000, dropout
    0.3; linear 1000, dropout 0.3; linear to the tasks; each but the last with batch normalisation
    and ReLU. 4.1 M parameters at the paper's 600 bp and 164 tasks.

    Args:
        n_tasks: number of tasks.
        sequence_length: bases of a window.
        channels: output channels of the three convolutions.
        hidden: width of the two linear layers.
        dropout: after each of these.

    Raises:
        InputError: a sequence too short for the layers; the message names the shortest.
    """

    def __init__(
        self,
        n_tasks: int,
        sequence_length: int = 1000,
        channels: tuple[int, int, int] = (300, 200, 200),
        hidden: int = 1000,
        dropout: float = 0.3,
    ) -> None:
        super().__init__(n_tasks, sequence_length)
        c1, c2, c3 = channels
        length = check_length(self, sequence_length, _length_after_convolutions)
        self.convolutions = nn.Sequential(
            *_convolution(4, c1, 19, 3), *_convolution(c1, c2, 11, 4), *_convolution(c2, c3, 7, 4)
        )
        self.head = nn.Sequential(
            nn.Flatten(),
            *_linear(c3 * length, hidden, dropout),
            *_linear(hidden, hidden, dropout),
            nn.Linear(hidden, n_tasks),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to logits (batch, tasks)."""
        logits: Tensor = self.head(self.convolutions(x))
        return logits


def _convolution(before: int, after: int, kernel: int, pool: int) -> list[nn.Module]:
    convolution = nn.Conv1d(before, after, kernel)
    return [convolution, nn.BatchNorm1d(after), nn.ReLU(), nn.MaxPool1d(pool)]


def _linear(before: int, after: int, dropout: float) -> list[nn.Module]:
    return [nn.Linear(before, after), nn.BatchNorm1d(after), nn.ReLU(), nn.Dropout(dropout)]


def _length_after_convolutions(length: int) -> int:
    return (((length - 18) // 3 - 10) // 4 - 6) // 4
