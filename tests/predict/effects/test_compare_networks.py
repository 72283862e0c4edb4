"""Standard deviations over passes of dropout and over members."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import expit
from torch import nn

from nucleotides.errors import InputError
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.predict import Ensemble, Model
from nucleotides.predict.effects.compare_networks import networks_of, spread
from nucleotides.predict.effects.thin_network import dropouts, thinned
from tests.predict.effects.test_variant_effects import own

LENGTH = 40
RNG = np.random.default_rng(3)
REF = RNG.integers(0, 4, (20, LENGTH)).astype(np.uint8)
ALT = np.where(RNG.random(REF.shape) < 0.1, 3 - REF, REF).astype(np.uint8)
ALT[5] = REF[5]


class Dropped(FunctionalModel):
    """A network with dropout of units, of channels and of nothing, and batch normalisation."""

    def __init__(self) -> None:
        super().__init__(2, LENGTH)
        self.conv = nn.Conv1d(4, 6, 5)
        self.channels, self.norm = nn.Dropout1d(0.4), nn.BatchNorm1d(6)
        self.units, self.none = nn.Dropout(0.5), nn.Dropout(0.0)
        self.linear = nn.Linear(6 * (LENGTH - 4), 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.channels(self.conv(x).relu()))
        return self.linear(self.none(self.units(x.flatten(1))))


@pytest.fixture(scope="module")
def model() -> Model:
    torch.manual_seed(0)
    return Model(Dropped().eval(), pd.DataFrame({"task": ["a", "b"]}), step=20)


def test_a_thinned_network_is_one_network(model: Model) -> None:
    plain, before = model.logits(REF), {k: v.clone() for k, v in model.network.state_dict().items()}
    with thinned(model.network, 7):
        at_once = model.logits(REF)
        one_by_one = np.concatenate([model.logits(REF[i : i + 1]) for i in range(len(REF))])
    with thinned(model.network, 8):
        other = model.logits(REF)
    np.testing.assert_allclose(at_once, one_by_one, atol=1e-6)
    assert not np.allclose(at_once, other, atol=1e-3)
    assert not np.allclose(at_once, plain, atol=1e-3)
    np.testing.assert_array_equal(model.logits(REF), plain)
    assert all(torch.equal(v, before[k]) for k, v in model.network.state_dict().items())
    assert dropouts(model.network) == [model.network.channels, model.network.units]


def test_masks_leave_out_and_scale_as_torch_does() -> None:
    network = nn.Sequential(nn.Dropout(0.25), nn.Dropout1d(0.5)).eval()
    ones = torch.ones(2, 4000, 3)
    with thinned(network[:1], 0):
        units = network[:1](ones)
    with thinned(network[1:], 0):
        channels = network[1:](ones)
    assert units.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert float((units == 0).float().mean()) == pytest.approx(0.25, abs=0.02)
    assert channels.unique().tolist() == [0, 2]
    assert float((channels == 0).float().mean()) == pytest.approx(0.5, abs=0.04)
    assert bool((channels == channels[:1, :, :1]).all())
    assert bool((units == units[:1]).all())


def test_the_mean_of_passes_nears_that_of_dropout(model: Model) -> None:
    model.network.eval()
    passes = []
    for number in range(300):
        with thinned(model.network, number):
            passes.append(model.logits(REF[:3]))
    torch.manual_seed(0)
    model.network.units.train(), model.network.channels.train()
    drawn = [model.logits(REF[:3]) for _ in range(300)]
    model.network.eval()
    error = np.std(drawn, axis=0) / np.sqrt(300)
    assert (np.abs(np.mean(passes, axis=0) - np.mean(drawn, axis=0)) < 6 * error).all()
    np.testing.assert_allclose(np.std(passes, axis=0), np.std(drawn, axis=0), rtol=0.3)


def test_the_spread_is_of_differences_in_one_network(model: Model) -> None:
    networks = networks_of(model, 5, both_strands=False)
    found = spread(networks, [(REF, ALT)])
    wanted = []
    for number in range(5):
        with thinned(model.network, number):
            wanted.append(expit(model.logits(ALT)) - expit(model.logits(REF)))
    np.testing.assert_allclose(found, np.std(wanted, axis=0), atol=1e-6)
    assert (found[5] == 0).all()
    assert ((found > 0) == (REF != ALT).any(axis=1, keepdims=True)).all()
    np.testing.assert_array_equal(found, spread(networks, [(ALT, REF)]))


def test_members() -> None:
    members = {"one": own(1, LENGTH), "two": own(2, LENGTH)}
    found = spread(networks_of(Ensemble(members), 0, both_strands=False), [(REF, ALT)])
    one, two = (expit(m.logits(ALT)) - expit(m.logits(REF)) for m in members.values())
    np.testing.assert_allclose(found, np.abs(one - two) / 2, atol=1e-6)


def test_what_cannot_be_compared(model: Model) -> None:
    assert networks_of(model, 0, both_strands=False) == []
    with pytest.raises(InputError, match="Own has no dropout"):
        networks_of(own(1), 3, both_strands=False)
    with pytest.raises(InputError, match="2 or more"):
        networks_of(model, 1, both_strands=False)
    with pytest.raises(InputError, match="leave out --dropout-passes"):
        networks_of(Ensemble({"one": own(1), "two": own(2)}), 3, both_strands=False)
