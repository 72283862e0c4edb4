"""MotifNet: known motifs, where they lie, and a committee of small perceptrons."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, max_pool2d, relu

from nucleotides.errors import InputError
from nucleotides.model.encoding import one_hot
from nucleotides.model.kmers import merge_strands
from nucleotides.model.lengths import check_length
from nucleotides.model.motifs import SHIPPED_MOTIFS, centred, read_meme
from nucleotides.model.network import Network, Start

_CELL = 8
_NEAR, _AROUND = 12, 20
_STRONG = (2.0, 3.0)
_POOLS = 5 + len(_STRONG)
_REACHES = (100, 250, 500)
_CHUNK = 440


class MotifNet(Network):
    """A network that learns much from little data, since it need not learn the motifs.

    A first layer of known motifs stems from DanQ-JASPAR (Quang and Xie 2016, 10.1093/nar/gkw226).
    Here it is not trained, so neither its weights nor its input need gradients:

    1. Every motif is a convolution filter of log2 odds. Both strands are scanned, the better one
       is kept, and scores are reduced to their maximum in cells of 8 bp and standardised.
    2. By motif: the best score within 100 bp of the centre, within 164 bp, and anywhere; by how
       much the first exceeds two and three standard deviations, since what binds is rare and
       strong; the mean excess over one standard deviation within 100 bp, and anywhere.
    3. Frequencies of all 1- to 4-mers, strands merged, within 100, 250 and 500 bp of the centre.
    4. Batch normalisation, then `n_heads` independent two-layer perceptrons, each with a loss of
       its own in training; the prediction is the mean of their logits.

    Steps 1 to 3 are blind to the strand: a window of even length and its reverse complement have
    the same logits.

    Args:
        n_tasks: number of tasks.
        sequence_length: bases of a window, 336 or more.
        n_motifs: number of filters: as many as the motif file holds. By default that file is
            JASPAR 2024, vertebrates (10.1093/nar/gkad1059); `--init_motifs` gives another.
        motif_width: bases of a filter, odd; of a wider motif the most informative part is kept.
        hidden: width of each perceptron's hidden layer.
        n_heads: number of perceptrons.
        feature_dropout: dropout on what the perceptrons see.
        hidden_dropout: dropout on their hidden layers.

    Raises:
        InputError: a sequence too short, or an even motif width.
    """

    filters: Tensor
    kmers: Tensor
    score_mean: Tensor
    score_std: Tensor

    def __init__(
        self,
        n_tasks: int,
        sequence_length: int = 1000,
        n_motifs: int = 879,
        motif_width: int = 21,
        hidden: int = 128,
        n_heads: int = 4,
        feature_dropout: float = 0.5,
        hidden_dropout: float = 0.3,
    ) -> None:
        super().__init__(n_tasks, sequence_length)
        check_length(self, sequence_length, lambda length: length - 2 * _CELL * (_AROUND + 1) + 1)
        if motif_width % 2 == 0:
            raise InputError(f"--model.motif_width {motif_width}: give an odd width")
        merged = merge_strands(4)
        n_features = _POOLS * n_motifs + len(_REACHES) * merged.shape[1]
        self.n_heads = n_heads
        self.register_buffer("filters", torch.zeros(n_motifs, 4, motif_width))
        self.register_buffer("score_mean", torch.zeros(n_motifs))
        self.register_buffer("score_std", torch.ones(n_motifs))
        self.register_buffer("kmers", torch.from_numpy(merged), persistent=False)
        self.norm = nn.BatchNorm1d(n_features)
        self.heads = nn.ModuleList(
            nn.Sequential(
                nn.Dropout(feature_dropout),
                nn.Linear(n_features, hidden),
                nn.ReLU(),
                nn.Dropout(hidden_dropout),
                nn.Linear(hidden, n_tasks),
            )
            for _ in range(n_heads)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to logits (batch, tasks)."""
        return self.logits_by_head(x).mean(1)

    def logits_by_head(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to the logits of each perceptron (batch, heads, tasks)."""
        seen = self.norm(self.features(x))
        return torch.stack([head(seen) for head in self.heads], 1)

    def training_logits(self, codes: Tensor) -> Tensor:
        """Those of every perceptron: each has a loss of its own."""
        return self.logits_by_head(one_hot(codes)).flatten(0, 1)

    def initialise(self, start: Start) -> None:
        """Take over the motifs, standardise their scores, start from the tasks' prevalence."""
        motifs = start.motifs or read_meme(SHIPPED_MOTIFS)
        if len(motifs) != len(self.filters):
            raise InputError(
                f"the motif file holds {len(motifs)} motifs: "
                f"say --model.n_motifs {len(motifs)} (it is {len(self.filters)})"
            )
        width = self.filters.shape[2]
        filters = np.stack([centred(motif, width) for motif in motifs])
        self.filters.copy_(torch.from_numpy(filters))
        self._standardise(one_hot(start.codes))
        rates = start.rates.clamp(1e-4, 1 - 1e-4)
        for head in self.heads:
            head[-1].bias.data.copy_(rates.logit())  # type: ignore[index]

    def features(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to what the perceptrons see (batch, features)."""
        cells, middle = self._cells_about_the_centre(x)
        excess = relu(cells - 1)
        near, around = (slice(middle - k, middle + k + 1) for k in (_NEAR, _AROUND))
        best = cells[:, :, near].amax(2)
        pooled = [best, *(relu(best - strong) for strong in _STRONG)]
        pooled += [cells[:, :, around].amax(2), cells.amax(2)]
        pooled += [excess[:, :, near].mean(2), excess.mean(2)]
        return torch.cat([*pooled, *self._kmer_frequencies(x)], 1)

    def _cells_about_the_centre(self, x: Tensor) -> tuple[Tensor, int]:
        """Scores (batch, motifs, cells), as many cells on either side of the middle one."""
        left = x.shape[2] // 2 - _CELL // 2
        middle = left // _CELL
        begin = left - middle * _CELL
        scores = self._scan(x[:, :, begin : begin + (2 * middle + 1) * _CELL])
        return (scores - self.score_mean[:, None]) / self.score_std[:, None], middle

    def _scan(self, x: Tensor) -> Tensor:
        """Best score by motif and cell, over both strands: (batch, motifs, cells).

        As a 2-d convolution with channels last, which is the faster layout on CPUs.
        """
        x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)
        padding = (0, self.filters.shape[2] // 2)
        out = []
        for part in torch.split(self.filters, _CHUNK):
            both = torch.cat([part, part.flip(1, 2)]).unsqueeze(2)
            scores = conv2d(x, both.contiguous(memory_format=torch.channels_last), padding=padding)
            best = max_pool2d(scores, (1, _CELL))[:, :, 0]
            out.append(torch.maximum(best[:, : len(part)], best[:, len(part) :]))
        return torch.cat(out, 1)

    def _kmer_frequencies(self, x: Tensor) -> list[Tensor]:
        """4-mers as pairs of 2-mers two bases apart, counted by a matrix product."""
        pairs = (x[:, :, None, :-1] * x[:, None, :, 1:]).flatten(1, 2)
        centre = x.shape[2] // 2
        out = []
        for reach in _REACHES:
            low, high = max(0, centre - reach), min(x.shape[2], centre + reach)
            inside = pairs[:, :, low : high - 1]
            counts = inside[:, :, :-2] @ inside[:, :, 2:].transpose(1, 2)
            out.append((counts / (high - low - 3)).flatten(1) @ self.kmers)
        return out

    @torch.no_grad()
    def _standardise(self, x: Tensor) -> None:
        self.score_mean.zero_()
        self.score_std.fill_(1)
        cells = torch.cat([self._cells_about_the_centre(part)[0] for part in torch.split(x, 64)])
        self.score_mean.copy_(cells.double().mean((0, 2)))
        self.score_std.copy_(cells.double().std((0, 2)).clamp(min=1e-3))
