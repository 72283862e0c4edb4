"""DanQ: a convolution and a recurrent layer that reads both ways."""

from __future__ import annotations

from torch import Tensor, nn

from nucleotides.model.lengths import check_length
from nucleotides.model.network import Network


class DanQ(Network):
    """The network of Quang and Xie 2016 (10.1093/nar/gkw226, Methods, "DanQ").

    conv 4-320 k26, ReLU, max-pool 13, dropout 0.2; bidirectional LSTM 320, dropout 0.5; linear 925,
    ReLU; linear to the tasks. 46.9 M parameters at 1000 bp and 919 tasks.

    Args:
        n_tasks: number of tasks.
        sequence_length: bases of a window.
        channels: output channels of the convolution, and width of the LSTM in each direction.
        kernel: bases of a filter.
        pool: positions that are pooled.
        hidden: width of the first linear layer.
        dropout: after the convolution, and after the LSTM.

    Raises:
        InputError: a sequence too short for the layers; the message names the shortest.
    """

    def __init__(
        self,
        n_tasks: int,
        sequence_length: int = 1000,
        channels: int = 320,
        kernel: int = 26,
        pool: int = 13,
        hidden: int = 925,
        dropout: tuple[float, float] = (0.2, 0.5),
    ) -> None:
        super().__init__(n_tasks, sequence_length)
        length = check_length(self, sequence_length, lambda bases: (bases - kernel + 1) // pool)
        self.convolution = nn.Sequential(
            nn.Conv1d(4, channels, kernel), nn.ReLU(), nn.MaxPool1d(pool), nn.Dropout(dropout[0])
        )
        self.lstm = nn.LSTM(channels, channels, batch_first=True, bidirectional=True)
        self.head = nn.Sequential(
            nn.Dropout(dropout[1]),
            nn.Flatten(),
            nn.Linear(2 * channels * length, hidden),
            nn.ReLU(),
            nn.Linear(hidden, n_tasks),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to logits (batch, tasks)."""
        read, _ = self.lstm(self.convolution(x).transpose(1, 2))
        logits: Tensor = self.head(read)
        return logits
