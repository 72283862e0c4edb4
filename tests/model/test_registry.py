"""Models by name and by import path."""

import pytest
import torch

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.model.registry import MODELS, create_model, find_model


class Own(FunctionalModel):
    def __init__(self, n_tasks, sequence_length=1000, width=3):
        super().__init__(n_tasks, sequence_length)
        self.linear = torch.nn.Linear(4 * sequence_length, n_tasks)
        self.width = width

    def forward(self, x):
        return self.linear(x.flatten(1))


@pytest.mark.parametrize("name", MODELS)
def test_every_name_leads_to_a_model(name):
    assert issubclass(find_model(name), FunctionalModel)


def test_a_model_of_ones_own_by_import_path():
    model = create_model("tests.model.test_registry.Own", 2, 50, {"width": 7})
    assert (model.width, model.n_tasks, model.sequence_length) == (7, 2, 50)


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("deepse", UnknownNameError, "did you mean 'deepsea'"),
        ("no_such_module.Net", InputError, "no_such_module"),
        ("tests.model.test_registry.Missing", InputError, "Missing"),
        ("torch.nn.Linear", InputError, "no FunctionalModel"),
    ],
)
def test_what_is_no_model_is_refused(name, error, says):
    with pytest.raises(error, match=says):
        find_model(name)


def test_an_argument_that_the_model_does_not_take_is_refused():
    with pytest.raises(InputError, match="depth"):
        create_model("deepsea", 2, 200, {"depth": 3})


def test_averaging_strands_gives_both_strands_the_same_logits():
    model = create_model("tests.model.test_registry.Own", 2, 50, {}).eval()
    codes = torch.randint(0, 4, (5, 50), dtype=torch.uint8)
    other = 3 - codes.flip(1)
    assert not torch.allclose(model.logits(codes), model.logits(other))
    model.both_strands = True
    torch.testing.assert_close(model.logits(codes), model.logits(other))
