"""Losses from the command line: each trains, and what stands around it reaches the model."""

import pytest
import torch

from nucleotides.data.datamodule import DataModule
from nucleotides.errors import InputError
from nucleotides.loss import LOSSES, DeferredLoss, LogitAdjustedLoss, RandomLossWeighting
from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.train import run as running
from nucleotides.train.arguments import parse
from nucleotides.train.prepare import prepare_model
from nucleotides.train.run import train

QUICK = ["--max_epochs", "1", "--leakage", "false"]
PARAMETERS = {
    "bce": ["--loss.label_smoothing", "0.1"],
    "weighted_bce": ["--loss.max_weight", "20.0"],
    "task_balanced": ["--loss.exponent", "0.3", "--loss.rescale", "true"],
    "focal": ["--loss.alpha", "0.4", "--loss.gamma", "1.5"],
    "class_balanced": ["--loss.base", "focal", "--loss.mode", "average_weight"],
    "distribution_balanced": ["--loss.lambda_", "2.0", "--loss.sign", "plus"],
}


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_trains(short_run, name):
    arguments, defaults = short_run
    run = train(parse([*arguments, *QUICK, "--loss_type", name, *PARAMETERS[name]], defaults))
    chosen = load_checkpoint(run.best).hyperparameters
    assert chosen["loss_type"] == name
    for flag, value in zip(PARAMETERS[name][::2], PARAMETERS[name][1::2], strict=True):
        assert str(chosen["loss"][flag.removeprefix("--loss.")]).lower() == value


def test_what_stands_around_reaches_the_model(short_run, monkeypatch):
    arguments, defaults = short_run
    around = ["--task_weighting", "rlw", "--rlw_distribution", "uniform"]
    around += ["--logit_adjustment", "0.5", "--reweight_after", "1"]
    seen = []

    def fit(*arguments):
        seen.append(arguments[1])
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "_fit", fit)
    with pytest.raises(KeyboardInterrupt):
        train(parse([*arguments, *QUICK, *around, "--loss_type", "task_balanced"], defaults))
    (model,) = seen
    assert isinstance(model.loss, RandomLossWeighting)
    assert isinstance(model.loss.base, LogitAdjustedLoss)
    assert isinstance(model.loss.base.base, DeferredLoss)
    step = {"codes": torch.zeros(2, 1000, dtype=torch.uint8), "labels": torch.zeros(2, 40)}
    model.log = lambda *_, **__: None
    assert model.training_step(step, 0) > 0


@pytest.mark.parametrize("prior", ["counts", "0.01", "none"])
def test_where_the_last_biases_start(short_run, prior):
    arguments, defaults = short_run
    config = parse([*arguments, *QUICK, "--prior_bias", prior], defaults)
    data = DataModule(**config.data)
    model = prepare_model(config, data)
    bias = model.layers[-1].bias if hasattr(model, "layers") else list(model.parameters())[-1]
    positives, samples = data.positive_rates()
    rates = torch.from_numpy(positives / samples).float()
    if prior == "counts":
        torch.testing.assert_close(bias.sigmoid(), rates, rtol=1e-4, atol=1e-6)
    elif prior == "none":
        assert bias.abs().max() < 1
    else:
        torch.testing.assert_close(bias.sigmoid(), torch.full_like(rates, 0.01))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--loss_type", "focal", "--loss.alpha", "2"], "alpha 2.0 is not within"),
        (["--loss_type", "class_balanced", "--loss.beta", "1"], "beta 1.0"),
        (["--loss_type", "focal", "--loss.beta", "1"], "loss.beta"),
        (["--reweight_after", "0"], "--reweight_after 0"),
        (["--prior_bias", "2"], "--prior_bias 2.0"),
        (["--prior_bias", "often"], "prior_bias"),
    ],
)
def test_what_cannot_be_is_an_error_that_names_it(short_run, arguments, says):
    given, defaults = short_run
    with pytest.raises(InputError, match=says):
        train(parse([*given, *QUICK, *arguments], defaults))


def test_labels_that_are_missing_have_no_part():
    from tests.model.test_registry import Own

    torch.manual_seed(0)
    model = Own(3, 50)
    codes = torch.randint(0, 4, (4, 50), dtype=torch.uint8)
    labels = torch.randint(0, 2, (4, 3), dtype=torch.uint8)
    mask = torch.ones(4, 3)
    mask[1:, 2] = 0
    loss = model.batch_loss({"codes": codes, "labels": labels, "mask": mask})
    other = torch.where(mask.bool(), labels, 1 - labels)
    assert loss == model.batch_loss({"codes": codes, "labels": other, "mask": mask})
    assert loss != model.batch_loss({"codes": codes, "labels": labels})
