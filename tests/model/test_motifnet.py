"""MotifNet: blind to the strand, standardised, one loss a head."""

import numpy as np
import pytest
import torch

from nucleotides.errors import InputError
from nucleotides.model.encoding import one_hot
from nucleotides.model.kmers import merge_strands
from nucleotides.model.lightning_model import Start, trainable
from nucleotides.model.motifnet import MotifNet
from nucleotides.model.motifs import Motif

RNG = np.random.default_rng(0)


def some_motifs(n=6, widths=(3, 8, 15)):
    return [
        Motif(f"m{i}", RNG.dirichlet(np.full(4, 0.3), size=widths[i % len(widths)]))
        for i in range(n)
    ]


def some_codes(n, length=400):
    return torch.from_numpy(RNG.integers(0, 4, (n, length)).astype(np.uint8))


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = trainable(MotifNet)(3, 400, n_motifs=6, motif_width=11, hidden=8, n_heads=2)
    rates = torch.tensor([0.01, 0.1, 0.5])
    model.initialise(Start(rates, some_codes(64), some_motifs()))
    return model.eval()


def test_both_strands_have_the_same_logits(model):
    codes = some_codes(5)
    torch.testing.assert_close(model.logits(codes), model.logits(3 - codes.flip(1)))


def test_batch_of_one_equals_batch_of_many(model):
    codes = some_codes(7)
    alone = torch.cat([model.logits(row[None]) for row in codes])
    torch.testing.assert_close(model.logits(codes), alone)


def test_scores_are_those_of_a_plain_scan(model):
    """The best cell of a motif is the best log-odds score over all positions and strands."""
    codes = some_codes(1)
    x = one_hot(codes)
    cells, _ = model._cells_about_the_centre(x)
    raw = cells * model.score_std[:, None] + model.score_mean[:, None]
    filters, width = model.filters.numpy(), 11
    padded = np.pad(x[0].numpy(), ((0, 0), (width // 2, width // 2)))
    begin = (400 // 2 - 4) % 8
    for number, motif in enumerate(filters):
        scores = [
            max((padded[:, i : i + width] * f).sum() for f in (motif, motif[::-1, ::-1]))
            for i in range(400)
        ]
        for cell in range(2, 46):
            first = begin + 8 * cell
            expected = max(scores[first : first + 8])
            assert raw[0, number, cell].item() == pytest.approx(expected, abs=1e-4)


def test_training_windows_have_standard_scores(model):
    cells, _ = model._cells_about_the_centre(one_hot(some_codes(512)))
    torch.testing.assert_close(cells.mean((0, 2)), torch.zeros(6), atol=0.1, rtol=0)
    torch.testing.assert_close(cells.std((0, 2)), torch.ones(6), atol=0.1, rtol=0)


def test_it_starts_from_the_prevalence(model):
    bias = torch.stack([head[-1].bias for head in model.heads])
    torch.testing.assert_close(bias.sigmoid(), torch.tensor([[0.01, 0.1, 0.5]] * 2))


def test_the_prediction_is_the_mean_of_the_heads_and_each_has_its_own_loss(model):
    codes = some_codes(9)
    labels = torch.randint(0, 2, (9, 3), dtype=torch.uint8)
    by_head = model.logits_by_head(one_hot(codes))
    torch.testing.assert_close(model(one_hot(codes)), by_head.mean(1))
    model.log = lambda *args, **kwargs: None
    loss = model.training_step({"codes": codes, "labels": labels}, 0)
    expected = sum(model.loss(by_head[:, h], labels) for h in range(2)) / 2
    torch.testing.assert_close(loss, expected)


def test_only_the_perceptrons_are_trained(model):
    model.log = lambda *args, **kwargs: None
    labels = torch.zeros(4, 3, dtype=torch.uint8)
    model.train().training_step({"codes": some_codes(4), "labels": labels}, 0).backward()
    trained = {name.split(".")[0] for name, p in model.named_parameters() if p.grad is not None}
    assert trained == {"norm", "heads"}


def test_what_it_cannot_start_from_is_refused():
    model = MotifNet(3, 400, n_motifs=5, motif_width=11)
    start = Start(torch.full((3,), 0.1), some_codes(2), some_motifs(6))
    with pytest.raises(InputError, match=r"--model\.n_motifs 6"):
        model.initialise(start)
    with pytest.raises(InputError, match="odd width"):
        MotifNet(3, 400, motif_width=10)
    with pytest.raises(InputError, match="shortest that does is 336"):
        MotifNet(3, 335, n_motifs=2)
    assert MotifNet(3, 336, n_motifs=2).eval().logits(some_codes(2, 336)).shape == (2, 3)


def test_kmers_are_counted_alike_on_both_strands():
    merged = merge_strands(4)
    assert merged.shape == (256, 2 + 10 + 32 + 136)
    np.testing.assert_allclose(merged.sum(1), 4)
    other = np.arange(256)
    reverse = sum((3 - (other >> 2 * i & 3)) << 2 * (3 - i) for i in range(4))
    np.testing.assert_array_equal(merged, merged[reverse])


def test_kmer_frequencies_are_counts(model):
    """Against counting words in a string, on the whole window."""
    codes = RNG.integers(0, 4, 400).astype(np.uint8)
    last = model._kmer_frequencies(one_hot(torch.from_numpy(codes[None])))[-1][0].numpy()
    counts = np.zeros(256)
    for i in range(397):
        counts[int("".join(map(str, codes[i : i + 4])), 4)] += 1
    np.testing.assert_allclose(last, counts / 397 @ merge_strands(4), atol=1e-5)
