"""A new model, ready to be trained."""

from __future__ import annotations

import torch

from nucleotides.data.datamodule import DataModule
from nucleotides.errors import MotifFileError
from nucleotides.loss import LossOptions, create_loss
from nucleotides.model.heads import start_at_prior
from nucleotides.model.lightning_model import FunctionalModel, Start
from nucleotides.model.motifs import SHIPPED_MOTIFS, Motif, read_meme
from nucleotides.model.registry import create_model
from nucleotides.train.arguments import TrainConfig


def prepare_model(config: TrainConfig, data: DataModule) -> FunctionalModel:
    """The network, its loss and where its weights start.

    Raises:
        NucleotidesError: a model, a loss or motifs that cannot be.
    """
    model = create_model(config.model_class, len(data.tasks), data.sequence_length, config.model)
    positives, samples = data.positive_rates()
    around = config.loss_options
    loss = create_loss(
        config.loss_type, torch.from_numpy(positives), samples, around, **config.loss
    )
    model.prepare_training(loss, config.optimisation)
    path = config.options.init_motifs
    motifs = _read_motifs(path) if path else None
    rates = torch.from_numpy(positives / max(samples, 1)).float()
    codes = torch.from_numpy(data.some_training_codes(512))
    model.initialise(Start(rates, codes, motifs))
    model.both_strands = config.options.average_strands
    model.save_hyperparameters(
        {
            "model_class": config.model_class,
            "model": config.model,
            "loss_type": config.loss_type,
            "loss": config.loss,
            "tasks": data.tasks,
            "sequence_length": data.sequence_length,
            "bin": data.bin,
            "threshold": data.threshold,
            "average_strands": config.options.average_strands,
            "config": config.plain,
        }
    )
    if around.prior_bias != "none":
        start_at_prior(model, _prior(around, rates))
    return model


def _read_motifs(path: str) -> list[Motif]:
    try:
        return read_meme(SHIPPED_MOTIFS if path == "jaspar" else path)
    except MotifFileError as error:
        raise MotifFileError(
            f"--init_motifs: {error} (`jaspar` stands for the motifs that are shipped)"
        ) from error


def _prior(options: LossOptions, rates: torch.Tensor) -> torch.Tensor:
    """Probabilities (tasks,) that training is to start from.

    Adjusted logits are compared with the labels in place of the network's own: what is added to
    them is not learned.
    """
    if options.prior_bias != "counts":
        return torch.full_like(rates, float(options.prior_bias))
    logit = rates.clamp(1e-4, 1 - 1e-4).logit()
    return ((1 - options.logit_adjustment) * logit).sigmoid()
