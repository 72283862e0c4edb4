"""Sei: every block twice, linear and not, then dilated convolutions and smooth pooling."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nucleotides.errors import InputError
from nucleotides.model.lengths import check_length
from nucleotides.model.network import Network
from nucleotides.model.splines import b_spline_basis

_DILATIONS = (2, 4, 8, 16, 25)


class Sei(Network):
    """The network of Chen et al. 2022 (10.1038/s41588-022-01102-2, Methods).

    Three blocks to 480, 640 and 960 channels; max-pool 4 and dropout 0.2 before the second and the
    third. In each, two conv k9 without anything between make the linear path; two more with ReLU,
    on top of it, the nonlinear one; the block gives their sum. Then five residual conv k5 with
    ReLU and dropout 0.1, dilated by 2, 4, 8, 16 and 25; dropout 0.5; each channel's product with
    16 B-splines over the positions; linear, ReLU; linear to the tasks. The sizes are those of the
    published code, where the first of the dilated layers is added to the nonlinear path alone.
    890 M parameters at the paper's 4096 bp and 21,907 tasks.

    Args:
        n_tasks: number of tasks.
        sequence_length: bases of a window.
        channels: output channels of the three blocks.
        splines: number of B-splines, 4 or more.
        hidden: width of the first linear layer; the paper's is its number of tasks.
        dropout: before each block's convolutions, before each dilated one, and before the splines.

    Raises:
        InputError: a sequence too short for the layers, the message names the shortest; or fewer
            than 4 splines.
    """

    basis: Tensor

    def __init__(
        self,
        n_tasks: int,
        sequence_length: int = 4096,
        channels: tuple[int, int, int] = (480, 640, 960),
        splines: int = 16,
        hidden: int = 21907,
        dropout: tuple[float, float, float] = (0.2, 0.1, 0.5),
    ) -> None:
        super().__init__(n_tasks, sequence_length)
        if splines < 4:
            raise InputError(f"--model.splines {splines}: give 4 or more, they are cubic")
        c1, c2, c3 = channels
        check_length(self, sequence_length, lambda length: length // 4 // 4 - splines + 1)
        self.blocks = nn.ModuleList(
            [_Block(4, c1), _Block(c1, c2, dropout[0], 4), _Block(c2, c3, dropout[0], 4)]
        )
        self.dilated = nn.ModuleList(_dilated(c3, d, dropout[1]) for d in _DILATIONS)
        self.dropout = nn.Dropout(dropout[2])
        basis = torch.from_numpy(b_spline_basis(sequence_length // 4 // 4, splines))
        self.register_buffer("basis", basis, persistent=False)
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(c3 * splines, hidden), nn.ReLU(), nn.Linear(hidden, n_tasks)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to logits (batch, tasks)."""
        for block in self.blocks:
            linear, nonlinear = block(x)
            x = linear + nonlinear
        out = nonlinear + self.dilated[0](x)
        for layer in self.dilated[1:]:
            out = out + layer(out)
        logits: Tensor = self.head(self.dropout(out) @ self.basis)
        return logits


class _Block(nn.Module):
    """(batch, before, n) to both paths, each (batch, after, n // pool)."""

    def __init__(self, before: int, after: int, dropout: float = 0.0, pool: int = 1) -> None:
        super().__init__()
        self.linear = nn.Sequential(
            *((nn.MaxPool1d(pool), nn.Dropout(dropout)) if pool > 1 else ()),
            *(_convolution(before, after), _convolution(after, after)),
        )
        self.nonlinear = nn.Sequential(
            nn.Dropout(dropout),
            *(_convolution(after, after), nn.ReLU()),
            *(_convolution(after, after), nn.ReLU()),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        linear = self.linear(x)
        return linear, self.nonlinear(linear)


def _convolution(before: int, after: int) -> nn.Module:
    return nn.Conv1d(before, after, 9, padding="same")


def _dilated(channels: int, dilation: int, dropout: float) -> nn.Module:
    convolution = nn.Conv1d(channels, channels, 5, dilation=dilation, padding="same")
    return nn.Sequential(nn.Dropout(dropout), convolution, nn.ReLU())
