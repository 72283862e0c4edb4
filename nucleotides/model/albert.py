"""ALBERT: a transformer whose layers are one and the same, over tokens from a convolution."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from nucleotides.errors import InputError
from nucleotides.model.centre import central_positions, crop
from nucleotides.model.lengths import check_length
from nucleotides.model.network import Network
from nucleotides.model.rotary import rotate


class ALBERT(Network):
    """A small transformer in the manner of Lan et al. 2020 (arXiv 1909.11942, section 3.1).

    Two ideas of theirs save parameters: all layers share their weights, and the embedding is a
    product of two matrices, words to `embedding` to `hidden`, so that there may be many words. A
    word here is not a piece of text but a filter of a convolution, present as far as it matches:

    1. conv 4-filters, ReLU, max-pool: a token every `pool` bases.
    2. linear to `embedding`, layer normalisation, linear to `hidden`.
    3. `depth` times the one layer: attention, then two linear layers with GELU, 4 times as wide in
       between; each after a layer normalisation and with a residual (Xiong et al. 2020, arXiv
       2002.04745, since that needs no long warm-up). Positions are rotations, so that any length
       will do.
    4. layer normalisation; the mean over the tokens of the central bases, where labels are, beside
       the mean over all; linear to the tasks.

    With `hidden` 768 and 12 heads the layer and the second half of the embedding are those of
    ALBERT-base: 7,087,872 and 99,072 parameters.

    Args:
        n_tasks: number of tasks.
        sequence_length: bases of a window.
        filters: number of words.
        kernel: bases of a filter.
        pool: bases of a token.
        embedding: width between words and layers.
        hidden: width of the layers.
        depth: how often the layer is passed.
        heads: attention heads.
        centre: central bases that the head looks at by themselves.
        dropout: on tokens, attention, and what each layer adds.

    Raises:
        InputError: a sequence too short for a token, the message names the shortest; or a width
            that the heads cannot share.
    """

    def __init__(
        self,
        n_tasks: int,
        sequence_length: int = 1000,
        filters: int = 512,
        kernel: int = 15,
        pool: int = 8,
        embedding: int = 128,
        hidden: int = 512,
        depth: int = 6,
        heads: int = 8,
        centre: int = 200,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(n_tasks, sequence_length)
        if hidden % (2 * heads):
            raise InputError(
                f"--model.hidden {hidden}: give a multiple of {2 * heads}, twice --model.heads"
            )
        reach = kernel // 2
        tokens = check_length(
            self, sequence_length, lambda length: (length + 2 * reach - kernel + 1) // pool
        )
        self.depth, self.central = depth, central_positions(tokens, pool, centre)
        self.words = nn.Sequential(
            nn.Conv1d(4, filters, kernel, padding=reach), nn.ReLU(), nn.MaxPool1d(pool)
        )
        self.embedding = nn.Sequential(
            nn.Linear(filters, embedding, bias=False),
            *(nn.LayerNorm(embedding), nn.Dropout(dropout), nn.Linear(embedding, hidden)),
        )
        self.layer = _Layer(hidden, heads, dropout)
        self.norm = nn.LayerNorm(hidden)
        self.head = nn.Linear(2 * hidden, n_tasks)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 4, length) to logits (batch, tasks)."""
        x = self.embedding(self.words(x).transpose(1, 2))
        for _ in range(self.depth):
            x = self.layer(x)
        x = self.norm(x)
        logits: Tensor = self.head(torch.cat([crop(x, self.central).mean(1), x.mean(1)], 1))
        return logits


class _Layer(nn.Module):
    """(batch, tokens, hidden) to the same."""

    def __init__(self, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.attention_norm = nn.LayerNorm(hidden)
        self.projections = nn.Linear(hidden, 3 * hidden)
        self.attended = nn.Sequential(nn.Linear(hidden, hidden), nn.Dropout(dropout))
        self.feed_forward = nn.Sequential(
            *(nn.LayerNorm(hidden), nn.Linear(hidden, 4 * hidden), nn.GELU()),
            *(nn.Linear(4 * hidden, hidden), nn.Dropout(dropout)),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attended(self._attend(self.attention_norm(x)))
        added: Tensor = x + self.feed_forward(x)
        return added

    def _attend(self, x: Tensor) -> Tensor:
        projected = self.projections(x).unflatten(2, (3, self.heads, -1))
        query, key, value = projected.permute(2, 0, 3, 1, 4)
        dropout = self.dropout if self.training else 0.0
        seen = scaled_dot_product_attention(rotate(query), rotate(key), value, dropout_p=dropout)
        return seen.transpose(1, 2).flatten(2)
