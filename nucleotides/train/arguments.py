"""The arguments of `nucleotides train`: every one of the Trainer's, flat, and our own."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import yaml
from jsonargparse import ArgumentParser, Namespace
from lightning.pytorch import Trainer

from nucleotides.data.datamodule import DataModule
from nucleotides.errors import InputError, UnknownNameError, nearest
from nucleotides.loss import LOSSES, LossOptions
from nucleotides.model.optimisation import Optimisation
from nucleotides.model.registry import DEFAULT_MODEL, MODELS, find_model
from nucleotides.train.better import better

DEFAULT_LOSS = "bce"
_KNOWN = "in --monitor; this model logs"
TRAINER_DEFAULTS = {
    "max_epochs": 10,
    "use_distributed_sampler": False,
    "log_every_n_steps": 10,
    "num_sanity_val_steps": 0,
    "enable_model_summary": False,
}


@dataclass(frozen=True)
class RunOptions:
    """How a run is kept and watched.

    Args:
        logs: folder that holds a folder for each run.
        run_name: name of this run's folder; by default the next free version_N.
        ckpt_path: checkpoint to go on from; `last` is that of the newest run, or of run_name;
            `auto` begins run_name, or goes on with it where it was begun, or leaves it where it is
            finished.
        save_every_steps: write `last.ckpt` every so many optimiser steps, not only before and after
            each validation.
        seed: seed of initial weights and dropout.
        init_motifs: MEME file of known motifs that filters of the first convolution start from,
            or jaspar for JASPAR 2024, vertebrates, in the package; motifnet takes them as they are.
        monitor: logged metric that the best checkpoint is best by: val_loss, val_auroc, val_ap,
            val_lift, or what else the model logs; also that of plateau and of stopping early.
        monitor_mode: whether less or more of it is better; by default min for a loss, else max.
        ema_decay: keep an exponential moving average of the weights with this decay, and evaluate
            that.
        average_strands: evaluate the mean of a window's and its reverse complement's logits.
        patience: stop early after so many epochs without improvement.
        init_from: checkpoint or bundle, of other tasks too, to start the weights from: all that
            agree in name and shape, and of the last layer the rows of tasks of the same name.
        freeze_trunk: train the last layer only.
        unfreeze_at: the trunk is trained too from this epoch on, counted from 1.
        compile: compile the network's forward pass by torch.compile.
        find: instead of training, look for a learning_rate or a batch_size by a few steps.
        leakage: say at the start how much held-out sequence training shares; it reads the genome
            once.
    """

    logs: str = "lightning_logs"
    run_name: str | None = None
    ckpt_path: str | None = None
    save_every_steps: int | None = None
    seed: int = 0
    init_motifs: str | None = None
    monitor: str = "val_ap"
    monitor_mode: Literal["min", "max"] | None = None
    ema_decay: float | None = None
    average_strands: bool = False
    patience: int | None = None
    init_from: str | None = None
    freeze_trunk: bool = False
    unfreeze_at: int | None = None
    compile: bool = False
    find: Literal["learning_rate", "batch_size"] | None = None
    leakage: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**32:
            raise InputError(f"--seed {self.seed} is not within 0 and {2**32 - 1}")
        if self.ema_decay is not None and not 0 <= self.ema_decay < 1:
            raise InputError(f"--ema_decay {self.ema_decay} is not within 0 <= ema_decay < 1")
        for name, least in (("patience", 1), ("save_every_steps", 1), ("unfreeze_at", 2)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise InputError(f"--{name} {value} is too low: give {least} or more")

    @property
    def better(self) -> Literal["min", "max"]:
        """Whether less or more of the monitored metric is better."""
        return better(self.monitor, self.monitor_mode)


@dataclass(frozen=True)
class TrainConfig:
    """All that a run is made from; `plain` is the same as the YAML file it can be repeated with."""

    model_class: str
    model: dict[str, Any]
    loss_type: str
    loss: dict[str, Any]
    loss_options: LossOptions
    data: dict[str, Any]
    optimisation: Optimisation
    options: RunOptions
    trainer: dict[str, Any]
    plain: dict[str, Any]


def build_parser(model_class: str = DEFAULT_MODEL, loss_type: str = DEFAULT_LOSS) -> ArgumentParser:
    """The parser, with the arguments of one model and one loss."""
    parser = ArgumentParser(
        prog="nucleotides train",
        description="Train a network on the target store and keep its best and last checkpoints.",
        epilog=(
            "--help shows the arguments of the chosen model and loss: "
            "nucleotides train --model_class deepsea --help"
        ),
        allow_abbrev=False,
        exit_on_error=False,
    )
    parser.add_argument("--config", action="config", help="YAML file of arguments; may be repeated")
    names = ", ".join(MODELS)
    parser.add_argument(
        "--model_class",
        type=str,
        default=DEFAULT_MODEL,
        help=f"{names}, or an import path such as my_module.MyNet",
    )
    parser.add_argument(
        "--loss_type",
        type=Literal[tuple(LOSSES)],
        default=DEFAULT_LOSS,
        help="what is minimised",
    )
    network, loss = find_model(model_class), LOSSES[loss_type]
    skipped = {"n_tasks", "sequence_length"}
    parser.add_class_arguments(network, "model", skip=skipped, instantiate=False)
    skipped = {"counts", "n_samples", "reduction"} & set(inspect.signature(loss).parameters)
    parser.add_class_arguments(loss, "loss", skip=skipped, instantiate=False)
    parser.add_class_arguments(LossOptions, None, instantiate=False)
    parser.add_class_arguments(DataModule, None, instantiate=False)
    parser.add_class_arguments(Optimisation, None, instantiate=False)
    parser.add_class_arguments(RunOptions, None, instantiate=False)
    parser.add_class_arguments(Trainer, None, instantiate=False)
    parser.set_defaults(TRAINER_DEFAULTS)
    return parser


def parse(arguments: Sequence[str], defaults: dict[str, Any]) -> TrainConfig:
    """Parse the command line; `--help` and `--print_config` print and exit.

    Args:
        arguments: what follows `nucleotides train`.
        defaults: paths from the settings, which arguments and YAML files override.

    Raises:
        InputError: an argument or YAML file that is wrong; the message names the flag.
        UnknownNameError: no such model or loss.
    """
    chosen = {
        name: _peek(arguments, name) or default
        for name, default in (("model_class", DEFAULT_MODEL), ("loss_type", DEFAULT_LOSS))
    }
    if chosen["loss_type"] not in LOSSES:
        raise UnknownNameError("loss", chosen["loss_type"], LOSSES, "(in --loss_type)")
    parser = build_parser(**chosen)
    parser.set_defaults(defaults)
    try:
        parsed = parser.parse_args(list(arguments))
    except Exception as error:
        if isinstance(error, SystemExit):
            raise
        raise InputError(_explain(error, parser)) from error
    return _config(parser, parsed)


def _config(parser: ArgumentParser, parsed: Namespace) -> TrainConfig:
    logged = find_model(parsed.model_class).logged
    if parsed.monitor not in logged:
        raise UnknownNameError("metric", parsed.monitor, logged, f"({_KNOWN}: {', '.join(logged)})")
    plain = yaml.safe_load(parser.dump(parsed))
    made = parser.instantiate(parsed)

    def part(of: type) -> dict[str, Any]:
        names = inspect.signature(of).parameters
        return {name: made[name] for name in names if name in made}

    return TrainConfig(
        model_class=parsed.model_class,
        model=plain.get("model") or {},
        loss_type=parsed.loss_type,
        loss=plain.get("loss") or {},
        loss_options=LossOptions(**part(LossOptions)),
        data=part(DataModule),
        optimisation=Optimisation(**part(Optimisation)),
        options=RunOptions(**{f.name: made[f.name] for f in fields(RunOptions)}),
        trainer=part(Trainer),
        plain=plain,
    )


def _peek(arguments: Sequence[str], name: str) -> str | None:
    """The value of `--name`, looked for on the command line, then in the YAML files."""
    values = _values(arguments, name)
    if values:
        return values[-1]
    for path in reversed(_values(arguments, "config")):
        try:
            content = yaml.safe_load(Path(path).read_text())
        except (OSError, yaml.YAMLError):
            return None
        if isinstance(content, dict) and content.get(name):
            return str(content[name])
    return None


def _values(arguments: Sequence[str], name: str) -> list[str]:
    pairs = itertools.zip_longest(arguments, arguments[1:], fillvalue="")
    found = [
        after if word == f"--{name}" else word.partition("=")[2]
        for word, after in pairs
        if word == f"--{name}" or word.startswith(f"--{name}=")
    ]
    return [value for value in found if value]


def _explain(error: Exception, parser: ArgumentParser) -> str:
    """The parser's message, and the nearest argument where it names one that there is not."""
    text = str(error).strip()
    known = [action.dest for action in parser._actions]
    named = re.search(r"(?:unrecognized arguments: --|Option ')([\w.-]+)", text)
    near = nearest(named[1], known) if named else None
    hint = f"Did you mean --{near}?\n" if near else ""
    return f"{text}\n{hint}See `nucleotides train --help`."
