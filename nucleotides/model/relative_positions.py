"""How far apart two positions are, as features, and attention that sees it."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, scaled_dot_product_attention

_SHORTEST_HALF_LIFE = 3  # as a power of 2
_TINY = 1e-8


def relative_features(positions: int, features: int, device: torch.device | None = None) -> Tensor:
    """Basis functions of the distance (Avsec et al. 2021, 10.1038/s41592-021-01252-x, Methods).

    A third of them decay exponentially, their half-lives spread from 8 to `positions` on a log
    scale; a third are 1 at distances below 1, 3, 7, 15, ... and else 0; a third are densities of
    gamma distributions of one deviation, their means spread evenly up to `positions`. Half of the
    features depend on the distance alone, half are the same times its sign. The constants are those
    of the published code.

    Args:
        positions: along the sequence.
        features: a multiple of 6.
        device: where they are wanted.

    Returns:
        (2 * positions - 1, features), for distances from 1 - positions to positions - 1.
    """
    n = features // 6
    signed = torch.arange(1 - positions, positions, dtype=torch.float32, device=device)[:, None]
    distance = signed.abs()
    longest = math.log2(positions)
    half_lives = 2 ** torch.linspace(_SHORTEST_HALF_LIFE, longest, n, device=device)
    widths = 2 ** torch.arange(1, n + 1, dtype=torch.float32, device=device) - 1
    means = torch.linspace(positions / n, positions, n, device=device)
    densities = _gamma_density(distance, means, positions / (2 * n)) + _TINY
    exponential, central = 2 ** (-distance / half_lives), (widths > distance).float()
    symmetric = torch.cat([exponential, central, densities / densities.max()], 1)
    return torch.cat([symmetric, signed.sign() * symmetric], 1)


def _gamma_density(x: Tensor, mean: Tensor, deviation: float) -> Tensor:
    shape, rate = (mean / deviation) ** 2, mean / deviation**2
    log_scale = shape * rate.log() - shape.lgamma()
    return (torch.xlogy(shape - 1, x) - rate * x + log_scale).exp()


def by_distance(x: Tensor) -> Tensor:
    """From a column a distance to a column a position: (..., n, 2 n - 1) to (..., n, n).

    Entry (i, j) of the result is that of row i for the distance j - i, which stands in column
    j - i + n - 1. Rows are moved against one another by reading them one entry longer than they
    are (Dai et al. 2019, arXiv 1901.02860, appendix B).
    """
    n = x.shape[-2]
    return pad(x, (1, 0)).flatten(-2)[..., n:].reshape(x.shape)[..., :n]


class RelativeAttention(nn.Module):
    """Attention in which also the distance of two positions is liked or disliked.

    With query q, key k, features f of the distance, and learned u and v by head, the weight of
    position j at position i is the softmax of (q_i + u) k_j + (q_i + v) W f_(j - i).

    Args:
        width: of what comes in and goes out; values share it among the heads.
        heads: their number.
        key_size: width of a query or key in each head.
        dropout: on attention weights.
        positional_dropout: on features of the distance.
    """

    def __init__(
        self, width: int, heads: int, key_size: int, dropout: float, positional_dropout: float
    ) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.n_features = max(1, width // heads // 6) * 6
        self.query = nn.Linear(width, heads * key_size, bias=False)
        self.key = nn.Linear(width, heads * key_size, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.distance = nn.Linear(self.n_features, heads * key_size, bias=False)
        self.likes_content = nn.Parameter(torch.randn(heads, 1, key_size) * (2 / heads) ** 0.5)
        self.likes_distance = nn.Parameter(torch.randn(heads, 1, key_size) * (2 / heads) ** 0.5)
        self.out = nn.Linear(width, width)
        self.positional_dropout = nn.Dropout(positional_dropout)
        for layer in (self.query, self.key, self.value, self.distance):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, positions, width) to the same."""
        query, key, value = (self._by_head(layer(x)) for layer in self._projections())
        query = query * query.shape[-1] ** -0.5
        features = relative_features(x.shape[1], self.n_features, x.device).to(x.dtype)
        distance = self._by_head(self.distance(self.positional_dropout(features)))
        liked = by_distance((query + self.likes_distance) @ distance.transpose(-1, -2))
        query = query + self.likes_content
        dropout = self.dropout if self.training else 0.0
        seen = scaled_dot_product_attention(query, key, value, liked, dropout, scale=1.0)
        out: Tensor = self.out(seen.transpose(-2, -3).flatten(-2))
        return out

    def _projections(self) -> tuple[nn.Module, nn.Module, nn.Module]:
        return self.query, self.key, self.value

    def _by_head(self, x: Tensor) -> Tensor:
        """(..., positions, heads * n) to (..., heads, positions, n)."""
        return x.reshape(*x.shape[:-1], self.heads, -1).transpose(-2, -3)
