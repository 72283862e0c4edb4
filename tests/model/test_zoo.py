"""Every network of the zoo: its size, the lengths it takes, that it learns, and comes back."""

import numpy as np
import pytest
import torch

from nucleotides.errors import InputError
from nucleotides.loss import BCELoss
from nucleotides.model.heads import task_dimensions
from nucleotides.model.lightning_model import Start
from nucleotides.model.motifs import Motif
from nucleotides.model.registry import create_model

SMALL = {
    "danq": {"channels": 8, "hidden": 12},
    "basset": {"channels": [8, 8, 8], "hidden": 12},
    "beluga": {"channels": [8, 8, 8], "hidden": 12},
    "woodpecker": {"channels": [8, 8, 8, 8], "hidden": 12},
    "pinkpanther": {"channels": [8, 8, 8, 8], "hidden": 12},
    "sei": {"channels": [8, 8, 8], "hidden": 12},
    "enformer": {"channels": 24, "depth": 1, "heads": 2, "stages": 4},
    "albert": {"filters": 16, "embedding": 8, "hidden": 16, "depth": 2, "heads": 2},
}
PUBLISHED = {  # tasks, bases, parameters
    "danq": (919, 1000, 46_929_039),  # the paper's one bias a gate: 46,926,479
    "basset": (164, 600, 4_135_064),
    "beluga": (2002, 2000, 149_536_251),
    "sei": (21907, 4096, 889_979_983),
}
SHORTEST = {
    "danq": 38,
    "basset": 168,
    "beluga": 310,
    "woodpecker": 659,
    "pinkpanther": 659,
    "sei": 256,
    "albert": 8,
    "enformer": 16,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_has_the_published_number_of_parameters(name):
    tasks, length, expected = PUBLISHED[name]
    with torch.device("meta"):
        model = create_model(name, tasks, length, {})
    assert sum(p.numel() for p in model.parameters()) == expected


@pytest.mark.parametrize("name", SMALL)
def test_takes_any_length_that_fits_and_names_the_shortest(name):
    shortest = SHORTEST[name]
    for length in (shortest, 1000, 1501):
        model = create_model(name, 3, length, SMALL[name]).eval()
        assert model(torch.rand(2, 4, length)).shape == (2, 3)
    with pytest.raises(InputError, match=f"the shortest that does is {shortest}"):
        create_model(name, 3, shortest - 1, SMALL[name])


@pytest.mark.parametrize("name", SMALL)
def test_learns_whether_a_motif_is_there(name):
    torch.manual_seed(0)
    model = create_model(name, 1, 700, SMALL[name])
    model.prepare_training(BCELoss(), model.optimisation)
    codes = torch.randint(0, 4, (64, 700), dtype=torch.uint8)
    labels = (torch.arange(64) % 2)[:, None]
    motif = torch.tensor([0, 2, 2, 1, 3, 0, 1, 1], dtype=torch.uint8).repeat(12)
    codes[1::2, 300:396] = motif
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = model.batch_loss({"codes": codes, "labels": labels})
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])


@pytest.mark.parametrize("name", SMALL)
def test_comes_back_from_its_state(name, tmp_path):
    model = create_model(name, 3, 700, SMALL[name]).eval()
    torch.save(model.state_dict(), tmp_path / "state")
    again = create_model(name, 3, 700, SMALL[name]).eval()
    again.load_state_dict(torch.load(tmp_path / "state", weights_only=True))
    x = torch.rand(2, 4, 700)
    assert torch.equal(model(x), again(x))


@pytest.mark.parametrize("name", SMALL)
def test_only_the_last_layer_belongs_to_tasks(name):
    model = create_model(name, 3, 700, SMALL[name])
    model.save_hyperparameters({"model_class": name, "model": SMALL[name]})
    last = list(dict(model.named_parameters()))[-2:]
    assert task_dimensions(model) == dict.fromkeys(last, 0)


@pytest.mark.parametrize("name", SMALL)
def test_its_first_filters_can_be_motifs(name, capsys):
    model = create_model(name, 3, 700, SMALL[name])
    before = {name: values.clone() for name, values in model.state_dict().items()}
    motif = Motif("m", np.eye(4)[[0, 2, 2, 3, 1, 1]])
    model.initialise(Start(torch.full((3,), 0.1), torch.zeros(1, 700, dtype=torch.uint8), [motif]))
    changed = [n for n, values in model.state_dict().items() if not torch.equal(values, before[n])]
    assert len(changed) == 1
    assert len(before[changed[0]].shape) == 3
    assert "2 of " in capsys.readouterr().err
