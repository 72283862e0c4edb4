"""Pinkpanther: four convolutions and four linear layers, with dropout alone."""

from __future__ import annotations

from torch import Tensor, nn

from nucleotides.model.lengths import check_length
from nucleotides.model.network import Network
from nucleotides.model.woodpecker import length_after_convolutions


class Pinkpanther(Network):
    """A deeper DeepSEA without batch normalisation.

    Four conv k8 to 480, 480, 480 and 960 channels, each with ELU, the first three with max-pool 4
    and dropout 0.2, the last with dropout 0.5; three linear 512 with ELU; linear to the tasks.

    Args:
        n_tasks: number of tasks.
        sequence_length: bases of a window.
        channels: output channels of the four convolutions.
        hidden: width of the three linear layers.
        dropout: after each convolution.

    Raises:
        InputError: a sequence too short for the layers; the message names the shortest.
    """

    def __init__(
        self,
        n_tasks: int,
        sequence_length: int = 1000,
        channels: tuple[int, int, int, int] = (480, 480, 480, 960),
        hidden: int = 512,
        dropout: tuple[float, float, float, float] = (0.2, 0.2, 0.2, 0.5),
    ) -> None:
        super().__init__(n_tasks, sequence_length)
        c1, c2, c3, c4 = channels
        d1, d2, d3, d4 = dropout
        length = check_length(self, sequence_length, length_after_convolutions)
        self.convolutions = nn.Sequential(
            *(nn.Conv1d(4, c1, 8), nn.ELU(), nn.MaxPool1d(4), nn.Dropout(d1)),
            *(nn.Conv1d(c1, c2, 8), nn.ELU(), nn.MaxPool1d(4), nn.Dropout(d2)),
            *(nn.Conv1d(c2, c3, 8), nn.ELU(), nn.MaxPool1d(4), nn.Dropout(d3)),
            *(nn.Conv1d(c3, c4, 8), nn.ELU(), nn.Dropout(d4)),
        )
        self.head = nn.Sequential(
            *(nn.Flatten(), nn.Linear(c4 * length, hidden), nn.ELU()),
            *(nn.Linear(hidden, hidden), nn.ELU()),
            *(nn.Linear(hidden, hidden), nn.ELU()),
            nn.Linear(hidden, n_tasks),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to logits (batch, tasks)."""
        logits: Tensor = self.head(self.convolutions(x))
        return logits
