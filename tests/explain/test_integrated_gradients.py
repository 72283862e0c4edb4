import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients
from torch import nn

from nucleotides.explain import integrated_gradients, shuffle_dinucleotides
from nucleotides.explain.attributions import bases_of
from tests.explain.nets import LENGTH, Held, Net, convolutional, windows


def captums(body, codes, baseline, task, steps, method):
    x = torch.from_numpy(bases_of(codes)).requires_grad_()
    found = IntegratedGradients(body).attribute(
        x, torch.from_numpy(baseline), target=task, n_steps=steps, method=method
    )
    return found.detach().numpy().sum(axis=1)


@pytest.mark.parametrize(("kind", "value"), [("uniform", 0.25), ("zeros", 0)])
def test_as_captum_finds_them(kind, value):
    model, codes = Held(Net(convolutional())), windows(2, unknown=True)
    base = np.full((1, 4, LENGTH), value, np.float32)
    found = integrated_gradients(model, codes, ["t1"], baseline=kind, steps=20)
    wanted = captums(model.network.body, codes, base, 1, 20, "riemann_middle")
    np.testing.assert_allclose(found.actual()[:, 0], wanted, atol=1e-5)
    found = integrated_gradients(model, codes, ["t1"], baseline=kind, steps=20, rule="trapezoid")
    wanted = captums(model.network.body, codes, base, 1, 20, "riemann_trapezoid") * 20 / 19
    np.testing.assert_allclose(found.actual()[:, 0], wanted, atol=1e-5)  # its weights lack 1/20


def test_shuffles_are_averaged():
    model, codes = Held(Net(convolutional())), windows(1)
    found = integrated_gradients(model, codes, baseline="shuffles", copies=3, steps=90, seed=5)
    others = bases_of(shuffle_dinucleotides(codes, 3, seed=5)[0])
    wanted = [captums(model.network.body, codes, o[None], 2, 90, "riemann_middle") for o in others]
    np.testing.assert_allclose(found.actual()[:, 2], np.mean(wanted, axis=0), atol=1e-5)


@pytest.mark.parametrize("baseline", ["uniform", "zeros", "shuffles"])
def test_contributions_add_up(baseline, capsys):
    model, codes = Held(Net(convolutional()), both_strands=True), windows(2, unknown=True)
    found = integrated_gradients(model, codes, baseline=baseline, steps=300, copies=2)
    assert np.abs(found.gap).max() < 1e-3
    change = found.actual().sum(axis=2) - found.gap
    if baseline != "shuffles":
        value = 0.25 if baseline == "uniform" else 0
        start = model.logits(np.full((2, 4, LENGTH), value, np.float32))
        np.testing.assert_allclose(change, model.logits(codes) - start, atol=1e-5)
    assert "add up" not in capsys.readouterr().err


def test_too_few_steps_are_told(capsys):
    model = Held(Net(nn.Sequential(nn.Flatten(), nn.Linear(200, 3), Cubed())))
    found = integrated_gradients(model, windows(), steps=1, baseline="zeros")
    assert np.abs(found.gap).max() > 0.1
    assert "contributions do not add up" in capsys.readouterr().err


class Cubed(nn.Module):
    def forward(self, x):
        return (5 * x) ** 3
