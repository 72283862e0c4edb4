import numpy as np
import pytest
import torch
from torch import nn

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.explain import input_x_gradient, saliency
from nucleotides.explain.attributions import bases_of
from nucleotides.model.encoding import reverse_complement
from nucleotides.model.motifnet import MotifNet
from tests.explain.nets import LENGTH, Held, Net, convolutional, windows


def test_saliency_is_the_slope_of_finite_differences():
    network, codes = Net(convolutional()).eval().double(), windows(2, unknown=True)
    found = saliency(Held(Net(convolutional())), codes, ["t2", "t0"])
    x, rng = torch.from_numpy(bases_of(codes)).double(), np.random.default_rng(0)
    for _ in range(10):
        row, base, at = (int(rng.integers(k)) for k in (2, 4, LENGTH))
        step = torch.zeros_like(x)
        step[row, base, at] = 1e-6
        with torch.no_grad():
            rise = (network(x + step) - network(x - step))[row] / 2e-6
        np.testing.assert_allclose(found.values[row, :, base, at], rise[[2, 0]], atol=1e-5)
    assert found.tasks == ["t2", "t0"]


def test_a_linear_model_has_its_weights():
    layer = nn.Linear(4 * LENGTH, 3)
    model = Held(Net(nn.Sequential(nn.Flatten(), layer)))
    codes, weight = windows(), layer.weight.detach().numpy().reshape(3, 4, LENGTH)
    np.testing.assert_allclose(saliency(model, codes).values[1], weight, rtol=1e-6)
    plain = input_x_gradient(model, codes, simplex=False)
    np.testing.assert_allclose(plain.actual(), np.einsum("tbl,nbl->ntl", weight, bases_of(codes)))
    corrected = input_x_gradient(model, codes).values
    np.testing.assert_allclose(corrected[0], weight - weight.mean(1, keepdims=True), atol=1e-7)
    unknown = np.full((1, LENGTH), 4, np.uint8)
    np.testing.assert_allclose(input_x_gradient(model, unknown).actual(), 0, atol=1e-7)


def test_both_strands_have_mirrored_slopes():
    model, codes = Held(Net(convolutional()), both_strands=True), windows()
    other = np.ascontiguousarray(3 - codes[:, ::-1])
    one, two = (saliency(model, some).values for some in (codes, other))
    np.testing.assert_allclose(one, two[:, :, ::-1, ::-1], atol=1e-6)


def test_gradients_pass_through_motifs():
    torch.manual_seed(0)
    network = MotifNet(3, 400, n_motifs=6).eval()
    network.filters.normal_()
    x = torch.from_numpy(bases_of(windows(2, 400))).requires_grad_()
    (wanted,) = torch.autograd.grad(network(x)[:, 1].sum(), x)
    found = saliency(Held(network), windows(2, 400), ["t1"]).values[:, 0]
    assert wanted.abs().max() > 0
    np.testing.assert_allclose(found, wanted.numpy(), atol=1e-6)
    assert not network.features(x.detach()).requires_grad
    flipped = network.features(reverse_complement(x.detach()))
    torch.testing.assert_close(flipped, network.features(x.detach()), atol=1e-4, rtol=1e-4)


def test_what_is_no_window_is_refused():
    model = Held(Net(convolutional()))
    for wrong in (windows(2, 49), windows()[0], windows().astype(float), windows() + 2):
        with pytest.raises(InputError, match=r"50|code"):
            saliency(model, wrong)
    with pytest.raises(UnknownNameError):
        saliency(model, windows(), ["t9"])
