"""Networks with random layers, from a seed: what users write, in many ways of writing it."""

from collections.abc import Callable
from itertools import count

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as f

Layer = Callable[[Tensor], Tensor]


def random_network(seed: int, length: int) -> Layer:
    """A network (n, 4, length) -> (n, 3) in evaluation mode, of 2 to 7 layers and a head."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    layers: list[Layer] = []
    x = torch.rand(2, 4, length)
    wanted = int(rng.integers(2, 8))
    with torch.no_grad():
        for _ in count():
            if len(layers) == wanted:
                break
            make = LAYERS[rng.integers(len(LAYERS))]
            try:
                layer = make(rng, x.shape[1], x.shape[2])
                new = layer(x.clone())
            except (RuntimeError, ValueError):  # too short for it, or channels that do not fit
                continue
            if new.ndim == 3 and new.shape[2] > 0 and new.shape[1] <= 24:
                layers.append(layer)
                x = new
    head = HEADS[rng.integers(len(HEADS))](rng, x.shape[1], x.shape[2])

    def network(x: Tensor) -> Tensor:
        for layer in layers:
            x = layer(x)
        return head(x)

    return network


def _pick(rng: np.random.Generator, *some: object) -> object:
    return some[rng.integers(len(some))]


def convolution(rng: np.random.Generator, channels: int, length: int) -> Layer:
    size = int(rng.integers(1, min(9, length + 1)))
    groups = _pick(rng, 1, 1, channels, 2 if channels % 2 == 0 else 1)
    out = groups * int(rng.integers(1, 1 + 12 // groups)) if groups <= 12 else groups
    stride = int(_pick(rng, 1, 1, 2, 3))
    padding = _pick(rng, 0, size // 2, size, "same" if stride == 1 else 1, "valid")
    mode = str(_pick(rng, "zeros", "zeros", "zeros", "circular"))
    return nn.Conv1d(
        *(channels, out, size, stride, padding),
        dilation=int(_pick(rng, 1, 1, 2, 4)),
        groups=groups,
        bias=bool(rng.integers(2)),
        padding_mode=mode if isinstance(padding, int) else "zeros",
    ).requires_grad_(False)


def called_convolution(rng: np.random.Generator, channels: int, _: int) -> Layer:
    weight = torch.randn(6, channels, 3) / channels
    return _pick(
        rng,
        lambda x: f.conv1d(input=x, weight=weight, padding=1),
        lambda x: torch.conv1d(x, weight, None, 2, 1),
        lambda x: f.conv1d(x, weight, padding=(2,), dilation=(2,)),
        lambda x: f.conv_transpose1d(x, weight.transpose(0, 1), stride=2),
    )


def image_convolution(rng: np.random.Generator, channels: int, _: int) -> Layer:
    size, stride = int(rng.integers(1, 8)), int(_pick(rng, 1, 2))
    padding = _pick(rng, 0, (0, size // 2), (0, 1), "same" if stride == 1 else 0)
    conv = nn.Conv2d(channels, 6, (1, size), (1, stride), padding, bias=bool(rng.integers(2)))
    conv.requires_grad_(False)
    pool = nn.MaxPool2d((1, int(rng.integers(1, 4))), (1, int(rng.integers(1, 4))))
    if rng.integers(2):
        return lambda x: pool(torch.relu(conv(x.unsqueeze(2)))).squeeze(2)
    return lambda x: conv(x[:, :, None, :])[:, :, 0]


def high_image(rng: np.random.Generator, channels: int, _: int) -> Layer:
    conv = nn.Conv2d(1, 3, (channels, 5), padding=(0, 2)).requires_grad_(False)
    padded = nn.Conv2d(channels, 3, (1, 3), padding=1).requires_grad_(False)
    return _pick(rng, lambda x: conv(x[:, None])[:, :, 0], lambda x: padded(x[:, :, None])[:, :, 0])


def pooling(rng: np.random.Generator, channels: int, length: int) -> Layer:
    size, stride = int(rng.integers(1, 6)), _pick(rng, None, 1, 2, 3, 5)
    padding, ceil = int(rng.integers(0, size // 2 + 1)), bool(rng.integers(0, 4) == 0)
    if rng.integers(2):
        return nn.AvgPool1d(size, stride, padding, ceil, bool(rng.integers(2)))
    dilation = int(_pick(rng, 1, 1, 1, 2))
    activation = activations(rng, channels, length)
    pool = nn.MaxPool1d(size, stride, padding, dilation, ceil_mode=ceil)
    return _pick(
        rng,
        pool,
        lambda x: pool(activation(x)),
        lambda x: torch.max_pool1d(x, size, stride or size, padding, dilation, ceil),
        lambda x: f.avg_pool1d(x, size, stride, padding, ceil),
    )


def activations(rng: np.random.Generator, channels: int, _: int) -> Layer:
    slopes = torch.linspace(-0.5, 0.5, channels)[:, None]
    return _pick(
        rng,
        *(nn.ReLU(inplace=True), nn.ELU(0.7, inplace=True), nn.GELU(), nn.GELU("tanh"), nn.SiLU()),
        *(nn.LeakyReLU(-0.3), nn.LeakyReLU(0.1), nn.Softplus(2), nn.Tanh(), nn.Hardswish()),
        lambda x: f.elu(x, alpha=-0.6),
        lambda x: f.leaky_relu(x, negative_slope=-0.2),
        lambda x: f.celu(input=x),
        lambda x: torch.clamp(x, min=-0.2, max=0.7),
        lambda x: x.clamp(max=slopes),
        lambda x: torch.sigmoid(1.702 * x) * x,
        lambda x: torch.relu(input=x),
        lambda x: torch.exp(-(x**2)),
        lambda x: 1 - 2 / (1 + x.square()),
        lambda x: torch.where(x > 0, x, slopes * x),
        lambda x: f.softmax(x, dim=1),
        lambda x: x.log_softmax(1),
        lambda x: f.softmax(x, dim=-1) * x.shape[-1],
        lambda x: f.glu(torch.cat([x, -x], 1), 1),
        lambda x: f.prelu(x, torch.linspace(-0.5, 0.5, x.shape[1])),
        lambda x: f.threshold(x, 0.1137, 0.1),
        lambda x: f.relu(x) - f.relu(-x) * 0.5,
        lambda x: x.clone().relu_(),
        lambda x: f.dropout(x, 0.5, training=False),
        lambda x: torch.dropout(x, 0.5, False).neg(),
    )


def normalisation(rng: np.random.Generator, channels: int, _: int) -> Layer:
    batch, instance = nn.BatchNorm1d(channels), nn.InstanceNorm1d(channels, affine=True)
    for tensor in (batch.running_var, batch.weight, batch.bias, batch.running_mean):
        nn.init.uniform_(tensor, 0.5, 1.5)
    group, layer = nn.GroupNorm(_pick(rng, 1, channels), channels), nn.LayerNorm(channels)
    nn.init.uniform_(layer.weight)
    root = torch.rand(channels, 1)
    bare = nn.BatchNorm1d(channels, affine=False)
    args = batch.weight, batch.bias, batch.running_mean, batch.running_var
    return _pick(
        rng,
        *(module.eval().requires_grad_(False) for module in (batch, bare, instance, group)),
        lambda x: layer(x.transpose(1, 2)).transpose(1, 2),
        lambda x: f.layer_norm(x, x.shape[1:]),
        lambda x: x * torch.rsqrt(x.square().mean(1, keepdim=True) + 0.1) * root,
        lambda x: (x - x.mean(dim=1, keepdims=True)) / (x.std(1, keepdim=True, correction=0) + 1),
        lambda x: torch.batch_norm(x, *args, False, 0.1, 1e-5, False),
    )


def branches(rng: np.random.Generator, channels: int, _: int) -> Layer:
    one, two = (nn.Conv1d(channels, channels, 3, padding=1).requires_grad_(False) for _ in range(2))
    wide = nn.Conv1d(channels, 2 * channels, 5, padding=2).requires_grad_(False)
    squeeze = nn.Linear(channels, channels).requires_grad_(False)

    def split_and_write(x: Tensor) -> Tensor:
        y = one(x)
        y += x
        y *= torch.sigmoid(two(x))
        return y.sub_(0.1)

    return _pick(
        rng,
        lambda x: x + f.relu(one(x)),
        lambda x: torch.add(one(x), x, alpha=0.5),
        lambda x: one(x) * two(x),
        lambda x: torch.tanh(one(x)) * torch.sigmoid(input=two(x)),
        lambda x: torch.cat([x, one(x)], 1),
        lambda x: torch.cat(tensors=(one(x), two(x)), dim=-2),
        lambda x: torch.cat([one(x), two(x)], axis=2),
        lambda x: torch.maximum(one(x), two(x)),
        lambda x: torch.max(one(x), two(x)),
        lambda x: torch.stack([one(x), two(x)], 1).sum(1),
        lambda x: one(x) + two(x.flip(1, 2)).flip(dims=(-1,)),
        lambda x: x * torch.sigmoid(squeeze(x.mean(2)))[:, :, None],
        lambda x: x * torch.sigmoid(squeeze(f.adaptive_avg_pool1d(x, 1).squeeze(-1))).unsqueeze(2),
        lambda x: one(x) + x.mean(dim=(1, 2), keepdim=True),
        lambda x: (lambda a, b: a * b.sigmoid())(*wide(x).chunk(2, 1)),
        lambda x: (lambda a, b: a * b.sigmoid())(*wide(x).chunk(chunks=2, dim=1)),
        lambda x: torch.mul(*torch.split(wide(x), x.shape[1], dim=1)),
        lambda x: (lambda y: y + y)(one(x)),
        lambda x: (lambda y: f.relu(y) - f.max_pool1d(f.relu(y), 3, 1, 1))(one(x)),
        lambda x: (lambda y: f.max_pool1d(y, 3, 1, 1) + y)(f.relu(one(x))),
        split_and_write,
        lambda x: torch.where(one(x) > two(x) + 0.0137, x, one(x)),
        lambda x: torch.addcmul(x, one(x), two(x)),
        lambda x: x * f.conv1d(x, x.new_ones(x.shape[1], 1, 1), groups=x.shape[1]),
    )


def places(rng: np.random.Generator, channels: int, length: int) -> Layer:
    line, column = torch.rand(length), torch.rand(channels, 1)
    table, ids = torch.rand(length, channels), torch.arange(length)
    chosen = torch.from_numpy(rng.permutation(length)[: max(1, length // 2)])
    start, stop = (int(i) for i in np.sort(rng.integers(0, length + 1, 2)))
    return _pick(
        rng,
        lambda x: x + line,
        lambda x: x * line,
        lambda x: column - x,
        lambda x: column / (2 + x.abs()),
        lambda x: x + f.embedding(ids, table).T,
        lambda x: x + f.embedding(ids.expand(len(x), -1), table).transpose(1, 2),
        lambda x: x * torch.linspace(0, 1, x.shape[-1]),
        lambda x: x + torch.zeros(x.shape[0], 1, x.size(2)).add_(0.5),
        lambda x: x[:, :, start:stop],
        lambda x: x[..., 1:-1],
        lambda x: x[:, :, ::2],
        lambda x: x[:, :, chosen],
        lambda x: x.index_select(2, chosen),
        lambda x: x[:, ::2],
        lambda x: x.narrow(2, start, stop - start),
        lambda x: f.pad(x, (2, 3)),
        lambda x: f.pad(x, (3, -1), value=0.3),
        lambda x: f.pad(x, (1, 1), mode="replicate"),
        lambda x: x.roll(3, 2),
        lambda x: x.flip(2),
        lambda x: torch.flip(x, dims=[1]),
        lambda x: f.interpolate(x, scale_factor=2),
        lambda x: x.cumsum(2) / x.shape[2],
        lambda x: x.repeat_interleave(2, 2),
        lambda x: x.float().contiguous().type_as(x).to(torch.float32),
        lambda x: x.double().mul(2).float(),
        lambda x: x.to(torch.float64).sin().to(torch.float32),
        lambda x: (x * torch.linspace(0.5, 1, channels).double()[:, None]).float(),
        lambda x: torch.fft.rfft(x).abs() / x.shape[2],
        lambda x: x.detach(),
        lambda x: x.data * 2,
    )


def layouts(rng: np.random.Generator, channels: int, length: int) -> Layer:
    linear = nn.Linear(channels, 6).requires_grad_(False)
    mixing = nn.Linear(length, length).requires_grad_(False)
    gru = nn.GRU(channels, 4, batch_first=True, bidirectional=True).requires_grad_(False)
    lstm = nn.LSTM(channels, 4).requires_grad_(False)
    heads = next(h for h in (3, 2, 1) if channels % h == 0)
    attention = nn.MultiheadAttention(channels, heads, batch_first=True).eval()
    attention.requires_grad_(False)
    matrix, k = torch.rand(channels, 5), next(k for k in (4, 3, 2, 1) if length % k == 0)

    def attend(x: Tensor) -> Tensor:
        y = x.transpose(1, 2)
        y = y.reshape(x.shape[0], -1, heads, channels // heads).transpose(1, 2)
        return f.scaled_dot_product_attention(y, y, y).transpose(1, 2).flatten(2).mT

    return _pick(
        rng,
        lambda x: linear(x.transpose(1, 2)).transpose(-1, -2),
        lambda x: f.linear(input=x.permute(0, 2, 1), weight=linear.weight).permute(dims=(0, 2, 1)),
        lambda x: f.relu(linear(x.swapaxes(1, 2))).swapdims(1, 2),
        lambda x: x.transpose(dim0=1, dim1=2).matmul(matrix).transpose(2, 1),
        lambda x: (x.mT @ matrix).mT,
        lambda x: torch.einsum("ncl,co->nol", x, matrix),
        lambda x: matrix.T @ x,
        lambda x: x + mixing(x) / length,
        lambda x: gru(x.transpose(1, 2))[0].transpose(1, 2),
        lambda x: lstm(x.permute(2, 0, 1))[0].permute(1, 2, 0),
        lambda x: x + attention(*[x.transpose(1, 2)] * 3, need_weights=False)[0].transpose(1, 2),
        attend,
        lambda x: x.reshape(x.shape[0], x.shape[1], -1, k).amax(-1),
        lambda x: x.unflatten(2, (-1, k)).mean(3),
        lambda x: x.view(len(x), channels, length // k, k).permute(0, 1, 3, 2).flatten(1, 2),
        lambda x: x.contiguous().view(-1, channels * length).view(-1, channels, length),
        lambda x: x.flatten(0, 1).view(-1, channels, length),
        lambda x: x.flatten(0, 1).unsqueeze(1).expand(-1, 2, -1).reshape(-1, 2 * channels, length),
        lambda x: x.unsqueeze(dim=1).squeeze(1),
        lambda x: x.unsqueeze(-1).squeeze(3),
        lambda x: x[:, None].sum(dim=1),
        lambda x: torch.cat([x, x.flip(1, 2)], 0).sin().unflatten(0, (2, -1)).mean(0),
    )


def lookups(rng: np.random.Generator, channels: int, _: int) -> Layer:
    """Functions that jump, elsewhere than at usual values: there a rounding makes them jump."""
    table, tilt = torch.rand(channels, 5), torch.linspace(0, 0.03, channels)[:, None]
    return _pick(
        rng,
        lambda x: x + table[(x + tilt).argmax(1)].transpose(1, 2)[:, :1],
        lambda x: f.embedding((x + tilt).argmax(1), table).mT,
        lambda x: torch.cat([x, (x > 0.2137).float()], 1),
        lambda x: x * (x > x.mean(1, keepdim=True) + 0.0137),
        lambda x: x.masked_fill(x < 0.0137, 0.1),
        lambda x: x.sort(1).values,
        lambda x: x.topk(1, dim=1)[0],
        lambda x: f.one_hot((x + tilt).argmax(1), channels).float().mT,
    )


def _flat(rng: np.random.Generator, channels: int, length: int) -> Layer:
    linear = nn.Linear(channels * length, 3).requires_grad_(False)
    return _pick(
        rng,
        lambda x: linear(x.flatten(1)),
        lambda x: linear(torch.flatten(x, start_dim=1)),
        lambda x: linear(x.reshape(x.shape[0], -1)),
        lambda x: linear(x.contiguous().view(-1, channels * length)),
        lambda x: linear(x.transpose(1, 2).flatten(1)),
        lambda x: f.linear(x.flatten(1), weight=linear.weight, bias=linear.bias),
        lambda x: (lambda flat: linear(flat) + flat.mean(1, keepdim=True))(x.flatten(1)),
    )


def _pooled(rng: np.random.Generator, channels: int, length: int) -> Layer:
    linear, line = nn.Linear(channels, 3).requires_grad_(False), torch.rand(length, 1)
    return _pick(
        rng,
        lambda x: linear(x.mean(2)),
        lambda x: linear(x.sum(-1)) / 7,
        lambda x: linear(x.amax(dim=-1)),
        lambda x: linear(x.max(2).values),
        lambda x: linear(x.max(2)[0]),
        lambda x: linear(f.adaptive_max_pool1d(x, 1).squeeze(-1)),
        lambda x: linear(torch.logsumexp(x, 2)),
        lambda x: linear((x @ line)[..., 0]),
        lambda x: linear(x.matmul(other=line).flatten(1)),
        lambda x: linear(x[:, :, x.shape[2] // 2]),
        lambda x: linear(x.transpose(1, 2)).mean(1),
        lambda x: linear(x.transpose(1, 2)).amax(1),
        lambda x: x.mean(1)[:, :1].expand(-1, 3),
    )


LAYERS = (
    *(convolution, convolution, convolution, called_convolution, image_convolution, high_image),
    *(pooling, pooling, activations, activations, normalisation, branches, branches),
    *(places, layouts, lookups),
)
HEADS = _flat, _pooled
