"""Enformer: a tower of convolutions with attention pooling, then a transformer."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from nucleotides.errors import InputError
from nucleotides.model.centre import central_positions, crop
from nucleotides.model.lengths import check_length
from nucleotides.model.network import Network
from nucleotides.model.relative_positions import RelativeAttention

_KEY_SIZE = 64
_WIDTH_STEPS = 12  # 1536 channels grow by multiples of 128


class Enformer(Network):
    """The network of Avsec et al. 2021 (10.1038/s41592-021-01252-x, Extended Data Figure 1).

    The published one reads 196,608 bp and says for each of the central 896 bins of 128 bp what
    thousands of tracks measure there: a linear layer on its trunk, bin by bin. Labels here are of
    the window's centre, so the head is that linear layer on the bins that cover the central
    `centre` bases, averaged; bins aside of them reach it by attention. 230 M parameters in the
    trunk at the published size, which is that of the default arguments.

    A window of 1000 bp has 7 bins of 128 bp, but 62 of 16 bp with 4 `stages`.

    Args:
        n_tasks: number of tasks.
        sequence_length: bases of a window.
        channels: width of the transformer, a multiple of 2 and of `heads`.
        depth: transformer layers.
        heads: attention heads.
        stages: how often the sequence is halved, 2 or more.
        centre: central bases that the head looks at.
        dropout: in the transformer; an eighth of it after the last convolution.
        attention_dropout: on attention weights.
        positional_dropout: on features of the distance.

    Raises:
        InputError: a sequence too short for the stages, the message names the shortest; or widths
            that cannot be.
    """

    def __init__(
        self,
        n_tasks: int,
        sequence_length: int = 1000,
        channels: int = 1536,
        depth: int = 11,
        heads: int = 8,
        stages: int = 7,
        centre: int = 200,
        dropout: float = 0.4,
        attention_dropout: float = 0.05,
        positional_dropout: float = 0.01,
    ) -> None:
        super().__init__(n_tasks, sequence_length)
        if stages < 2:
            raise InputError(f"--model.stages {stages}: give 2 or more")
        if channels % 2 or channels % heads:
            raise InputError(
                f"--model.channels {channels}: give an even multiple of --model.heads {heads}"
            )
        bins = check_length(self, sequence_length, lambda length: length >> stages)
        self.trunk = EnformerTrunk(
            *(channels, depth, heads, stages, central_positions(bins, 2**stages, centre)),
            *(dropout, attention_dropout, positional_dropout),
        )
        self.head = nn.Linear(2 * channels, n_tasks)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to logits (batch, tasks)."""
        logits: Tensor = self.head(self.trunk(x)).mean(1)
        return logits


class EnformerTrunk(nn.Module):
    """From sequence to what its bins are like.

    conv k15 to half of the channels, and a residual conv k1, attention pooling: the stem; conv k5,
    a residual conv k1 and attention pooling, with widths that grow exponentially: each stage of the
    tower; the transformer's layers; the central bins; conv k1 to twice the channels, GELU.

    Args:
        channels, depth, heads, stages, dropout, attention_dropout, positional_dropout: see
            `Enformer`.
        bins: how many central bins are kept; the published number is 896.
    """

    def __init__(
        self,
        channels: int = 1536,
        depth: int = 11,
        heads: int = 8,
        stages: int = 7,
        bins: int = 896,
        dropout: float = 0.4,
        attention_dropout: float = 0.05,
        positional_dropout: float = 0.01,
    ) -> None:
        super().__init__()
        self.bins = bins
        widths = [channels // 2, *_widths(channels, stages - 1)]
        stem = nn.Conv1d(4, widths[0], 15, padding=7)
        tower = [_stage(nn.Identity(), widths[0])]
        for before, after in pairwise(widths):
            tower.append(_stage(_convolution(before, after, 5), after))
        self.tower = nn.Sequential(stem, *tower)
        self.transformer = nn.Sequential(
            *(
                nn.Sequential(
                    _attention(channels, heads, dropout, attention_dropout, positional_dropout),
                    _feed_forward(channels, dropout),
                )
                for _ in range(depth)
            )
        )
        self.last = _convolution(channels, 2 * channels, 1)
        self.activation = nn.Sequential(nn.Dropout(dropout / 8), _GELU())

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to (batch, bins, 2 * channels)."""
        x = self.transformer(self.tower(x).transpose(1, 2))
        x = self.activation(self.last(crop(x, self.bins).transpose(1, 2)))
        return x.transpose(1, 2)


def _widths(channels: int, n: int) -> list[int]:
    """Exponential growth from half of the channels to all, in multiples of a twelfth of them."""
    step = max(1, channels // _WIDTH_STEPS)
    grown = [channels * 0.5 ** (1 - i / max(1, n - 1)) for i in range(n - 1)]
    return [*(round(width / step) * step for width in grown), channels]


def _stage(convolution: nn.Module, channels: int) -> nn.Module:
    pointwise = _Residual(_convolution(channels, channels, 1))
    return nn.Sequential(convolution, pointwise, AttentionPool(channels))


def _convolution(before: int, after: int, kernel: int) -> nn.Module:
    convolution = nn.Conv1d(before, after, kernel, padding=kernel // 2)
    return nn.Sequential(nn.BatchNorm1d(before), _GELU(), convolution)


def _attention(
    channels: int, heads: int, dropout: float, attention: float, positional: float
) -> nn.Module:
    attend = RelativeAttention(channels, heads, _KEY_SIZE, attention, positional)
    return _Residual(nn.LayerNorm(channels), attend, nn.Dropout(dropout))


def _feed_forward(channels: int, dropout: float) -> nn.Module:
    return _Residual(
        *(nn.LayerNorm(channels), nn.Linear(channels, 2 * channels), nn.Dropout(dropout)),
        *(nn.ReLU(), nn.Linear(2 * channels, channels), nn.Dropout(dropout)),
    )


class AttentionPool(nn.Module):
    """Halve a sequence: the mean of every two positions, weighted channel by channel.

    Weights are the softmax of a linear layer, which begins as twice the identity: close to the
    larger of the two.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weigh = nn.Linear(channels, channels, bias=False)
        self.weigh.weight.data.copy_(2 * torch.eye(channels))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, n) to (batch, channels, n // 2); a last odd position is left out."""
        n, channels, length = x.shape
        pairs = x[:, :, : length // 2 * 2].transpose(1, 2).reshape(n, length // 2, 2, channels)
        weights: Tensor = self.weigh(pairs).softmax(2)
        return (pairs * weights).sum(2).transpose(1, 2)


class _Residual(nn.Module):
    """What its layers make of x, added to x."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = x + self.layers(x)
        return added


class _GELU(nn.Module):
    """x sigmoid(1.702 x), an approximation (Hendrycks and Gimpel 2016, arXiv 1606.08415)."""

    def forward(self, x: Tensor) -> Tensor:
        return x * (1.702 * x).sigmoid()
