"""Woodpecker: four convolutions and four linear layers, with batch normalisation."""

from __future__ import annotations

from torch import Tensor, nn

from nucleotides.model.lengths import check_length
from nucleotides.model.network import Network


class Woodpecker(Network):
    """A deeper DeepSEA.

    Four conv k8 to 480, 480, 480 and 960 channels, each with batch normalisation and ELU, the first
    three with max-pool 4, all with dropout 0.1; three linear 512 likewise; linear to the tasks.

    Args:
        n_tasks: number of tasks.
        sequence_length: bases of a window.
        channels: output channels of the four convolutions.
        hidden: width of the three linear layers.
        dropout: after every layer but the last.

    Raises:
        InputError: a sequence too short for the layers; the message names the shortest.
    """

    def __init__(
        self,
        n_tasks: int,
        sequence_length: int = 1000,
        channels: tuple[int, int, int, int] = (480, 480, 480, 960),
        hidden: int = 512,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(n_tasks, sequence_length)
        length = check_length(self, sequence_length, length_after_convolutions)
        widths = [4, *channels]
        convolutions: list[nn.Module] = []
        for i, (before, after) in enumerate(zip(widths, channels, strict=False)):
            convolutions += [nn.Conv1d(before, after, 8), nn.BatchNorm1d(after), nn.ELU()]
            convolutions += [nn.MaxPool1d(4)] if i < 3 else []
            convolutions += [nn.Dropout(dropout)]
        self.convolutions = nn.Sequential(*convolutions)
        linear: list[nn.Module] = []
        for before in (channels[-1] * length, hidden, hidden):
            linear += [nn.Linear(before, hidden), nn.BatchNorm1d(hidden), nn.ELU()]
            linear += [nn.Dropout(dropout)]
        self.head = nn.Sequential(nn.Flatten(), *linear, nn.Linear(hidden, n_tasks))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to logits (batch, tasks)."""
        logits: Tensor = self.head(self.convolutions(x))
        return logits


def length_after_convolutions(length: int) -> int:
    """Positions left of so many bases by four convolutions of 8, three of them pooled by 4."""
    return (((length - 7) // 4 - 7) // 4 - 7) // 4 - 7
