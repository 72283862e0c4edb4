"""DeepSEA: three convolutions and two linear layers."""

from __future__ import annotations

from torch import Tensor, nn

from nucleotides.model.lengths import check_length
from nucleotides.model.network import Network


class DeepSEA(Network):
    """The network of Zhou and Troyanskaya 2015 (10.1038/nmeth.3547, Supplementary Note).

    conv 4-320 k8, ReLU, max-pool 4, dropout 0.2; conv 320-480 k8, ReLU, max-pool 4, dropout 0.2;
    conv 480-960 k8, ReLU, dropout 0.5; linear 925, ReLU; linear to the tasks. 52.8 M parameters
    at 1000 bp and 919 tasks.

    Args:
        n_tasks: number of tasks.
        sequence_length: bases of a window.
        channels: output channels of the three convolutions.
        hidden: width of the first linear layer.
        dropout: after each convolution.

    Raises:
        InputError: a sequence too short for the layers; the message names the shortest.
    """

    def __init__(
        self,
        n_tasks: int,
        sequence_length: int = 1000,
        channels: tuple[int, int, int] = (320, 480, 960),
        hidden: int = 925,
        dropout: tuple[float, float, float] = (0.2, 0.2, 0.5),
    ) -> None:
        super().__init__(n_tasks, sequence_length)
        c1, c2, c3 = channels
        d1, d2, d3 = dropout
        length = check_length(self, sequence_length, _length_after_convolutions)
        self.convolutions = nn.Sequential(
            *(nn.Conv1d(4, c1, 8), nn.ReLU(), nn.MaxPool1d(4), nn.Dropout(d1)),
            *(nn.Conv1d(c1, c2, 8), nn.ReLU(), nn.MaxPool1d(4), nn.Dropout(d2)),
            *(nn.Conv1d(c2, c3, 8), nn.ReLU(), nn.Dropout(d3)),
        )
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(c3 * length, hidden), nn.ReLU(), nn.Linear(hidden, n_tasks)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to logits (batch, tasks)."""
        logits: Tensor = self.head(self.convolutions(x))
        return logits


def _length_after_convolutions(length: int) -> int:
    return ((length - 7) // 4 - 7) // 4 - 7
