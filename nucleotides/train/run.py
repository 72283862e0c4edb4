"""A training run, from top to bottom."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
import warnings
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Callback, Trainer, seed_everything
from lightning.pytorch.callbacks import (
    EarlyStopping,
    EMAWeightAveraging,
    ModelCheckpoint,
    ProgressBar,
)
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.plugins import CheckpointIO

from nucleotides.data.datamodule import DataModule
from nucleotides.data.leakage import leakage, leakage_line
from nucleotides.errors import InputError, MismatchError
from nucleotides.hold import alone_in
from nucleotides.metrics.calibrate import calibrate
from nucleotides.model.checkpoint import check_tasks, load_checkpoint, read_checkpoint
from nucleotides.model.lightning_model import FunctionalModel
from nucleotides.processes import rank
from nucleotides.progress import say
from nucleotides.train.allocator import keep_freed_memory
from nucleotides.train.arguments import TrainConfig
from nucleotides.train.callbacks import EpochTable, StopAtBatchEnd
from nucleotides.train.checkpoints import AtomicCheckpointIO
from nucleotides.train.draw_curves import Curves
from nucleotides.train.evaluate import Scored, evaluate, pick_device, write_scores
from nucleotides.train.explain_run import explain_run
from nucleotides.train.finished import why_finished
from nucleotides.train.folders import find_checkpoint, new_folder, run_of
from nucleotides.train.freeze import FrozenTrunk
from nucleotides.train.keep_calibration import CALIBRATION, N_FOLDS
from nucleotides.train.keep_task_metrics import TaskMetrics
from nucleotides.train.plateau import Plateau
from nucleotides.train.prepare import prepare_model
from nucleotides.train.show_progress import TrainingBar
from nucleotides.train.warm_start import warm_start

SCORED = "validation.json"
"""Written last: a run that has it is finished."""
_COMPILERS = ("c++", "g++", "clang++")


@dataclass(frozen=True)
class Run:
    """What a run leaves.

    Attributes:
        folder: its configuration, task table, metrics and checkpoints.
        best: the checkpoint that is best by the monitored metric.
        validation: the best checkpoint's scores on the validation part.
        seconds: training time, validation after each epoch included.
    """

    folder: Path
    best: Path
    validation: Scored
    seconds: float


def train(config: TrainConfig) -> Run | None:
    """Train, keep best and last checkpoint, score the best on the validation part.

    Returns:
        What the run leaves; None if `--ckpt_path auto` finds it finished, and in all processes of a
        distributed run but the first, which alone scores and writes.

    Raises:
        NucleotidesError: data, model or arguments that cannot be used; nothing is started.
        BusyError: another process trains in that folder.
        KeyboardInterrupt: Ctrl-C; `last.ckpt` is saved and `--ckpt_path last` goes on from it.
    """
    keep_freed_memory()
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    options = config.options
    if config.trainer.get("max_epochs") == 0:
        raise InputError("--max_epochs 0 trains nothing: give 1 or more")
    seed_everything(options.seed, verbose=False)
    data = DataModule(**config.data)
    resumed = find_checkpoint(options)
    model = prepare_model(config, data)
    if resumed:
        _check_resumed(resumed, data)
        if finished := why_finished(resumed, config):
            return _take_up_finished(resumed, finished, config)
    elif options.init_from:
        taken = warm_start(model, data.tasks, options.init_from)
        say(f"from {options.init_from}: {taken}; the rest is new")
    if options.compile:
        _check_compiler()
        model.compile()
    folder = (run_of(resumed) if resumed else None) or new_folder(options)
    checkpoints = folder / "checkpoints"
    best = ModelCheckpoint(
        checkpoints,
        filename="best",
        monitor=options.monitor,
        mode=options.better,
        enable_version_counter=False,
    )
    # save_last=True of Lightning 2.6 passes over every epoch that is not the best so far.
    last = ModelCheckpoint(checkpoints, filename="last", enable_version_counter=False)
    wanted = _trainer_arguments(config, folder)
    wanted["callbacks"] = [
        best,
        last,
        *_callbacks(config, folder, wanted, data.targets.tasks),
        *_given(wanted["callbacks"]),
    ]
    trainer = _create_trainer(wanted)
    with alone_in(folder) if trainer.is_global_zero else nullcontext():
        if trainer.is_global_zero:
            explain_run(folder, config, data, trainer.strategy.root_device)
            (folder / SCORED).unlink(missing_ok=True)  # of before, if it is gone on with
            say(f"run: {folder}" + (f", goes on from {resumed}" if resumed else ""))
            trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
            say(f"model: {config.model_class}, {trained:,} parameters, {len(data.tasks):,} tasks")
            if options.leakage and not resumed:
                say(leakage_line(leakage(data.plan)))
        begin = time.monotonic()
        _fit(trainer, model, data, resumed, checkpoints / "last.ckpt")
        seconds = time.monotonic() - begin
        if not trainer.is_global_zero:
            return None
        return _finish(folder, Path(best.best_model_path), seconds, config)


def _take_up_finished(last: Path, why: str, config: TrainConfig) -> Run | None:
    """Score a run that was killed when it had only that left to do; leave one that is whole.

    Raises:
        InputError: it is whole, and was to be gone on with in any case.
    """
    folder = run_of(last)
    if folder and not (folder / SCORED).exists():
        if rank() != 0:
            return None
        say(f"run: {folder}: {why}; it is scored now")
        with alone_in(folder):
            return _finish(folder, folder / "checkpoints" / "best.ckpt", 0.0, config)
    if config.options.ckpt_path != "auto":
        raise InputError(f"{last}: nothing is left to train: {why}")
    say(f"run: {folder} is finished: {why}")
    return None


def _check_resumed(checkpoint: Path, data: DataModule) -> None:
    try:
        check_tasks(read_checkpoint(checkpoint)[0]["tasks"], data.tasks, str(data.targets.path))
    except MismatchError as error:
        raise MismatchError(
            f"--ckpt_path {checkpoint}: {error}; --init_from starts from its weights nonetheless"
        ) from error


def _check_compiler() -> None:
    """Refuse --compile on a CPU without a C++ compiler, before torch stumbles over it."""
    if not torch.cuda.is_available() and not any(map(shutil.which, _COMPILERS)):
        raise InputError(
            f"--compile needs a C++ compiler, and there is no {' or '.join(_COMPILERS)}: "
            "install one, or leave --compile out"
        )


def _trainer_arguments(config: TrainConfig, folder: Path) -> dict[str, Any]:
    """What was asked for; a progress bar only where a terminal shows it, and our own logger."""
    wanted = {"callbacks": None, **config.trainer}
    if wanted.get("enable_progress_bar") is None:
        wanted["enable_progress_bar"] = sys.stderr.isatty()
    if wanted.get("logger") in (None, True):
        wanted["logger"] = TensorBoardLogger(folder.parent, name="", version=folder.name)
    plugins = _given(wanted.get("plugins"))
    if not any(isinstance(plugin, CheckpointIO) for plugin in plugins):
        wanted["plugins"] = [*plugins, AtomicCheckpointIO()]
    return wanted


def _create_trainer(wanted: dict[str, Any]) -> Trainer:
    devices, processors = str(wanted.get("devices")), os.cpu_count() or 1
    accelerator = wanted.get("accelerator")
    on_cpu = accelerator == "cpu" or (accelerator in (None, "auto") and pick_device() == "cpu")
    if on_cpu and devices.isdigit() and int(devices) > processors:
        raise InputError(f"--devices {devices}: this machine has {processors} processors")
    try:
        return Trainer(**wanted)
    except MisconfigurationException as error:
        flags = [f"--{name} {wanted[name]}" for name in ("accelerator", "devices", "strategy")]
        raise InputError(f"Lightning cannot do that: {error} ({', '.join(flags)})") from error


def _callbacks(
    config: TrainConfig, folder: Path, trainer: dict[str, Any], tasks: pd.DataFrame
) -> list[Callback]:
    options = config.options
    samples = config.data["samples_per_epoch"]
    echo = not trainer["enable_progress_bar"]
    callbacks: list[Callback] = [
        EpochTable(folder / "metrics.csv", samples, echo),
        TaskMetrics(folder / "task_metrics", tasks["task"].tolist()),
        Curves(tasks),
    ]
    theirs = any(isinstance(one, ProgressBar) for one in _given(trainer["callbacks"]))
    if trainer["enable_progress_bar"] and not theirs:
        callbacks.append(TrainingBar(config.data["batch_size"]))
    if options.freeze_trunk or options.unfreeze_at is not None:
        callbacks.append(FrozenTrunk(options.unfreeze_at))
    if options.ema_decay is not None:
        callbacks.append(EMAWeightAveraging(decay=options.ema_decay))
    choice = config.optimisation
    if choice.schedule == "plateau":
        factor, patience = choice.plateau_factor, choice.plateau_patience
        callbacks.append(Plateau(options.monitor, options.better, factor, patience))
    if options.patience is not None:
        patience = options.patience
        callbacks.append(EarlyStopping(options.monitor, patience=patience, mode=options.better))
    # What saves comes last: a checkpoint holds what the others did in this batch.
    last = folder / "checkpoints" / "last.ckpt"
    callbacks.append(StopAtBatchEnd(last, options.save_every_steps))
    return callbacks


def _given(one_or_many: Any) -> list[Any]:
    if one_or_many is None:
        return []
    return list(one_or_many) if isinstance(one_or_many, (list, tuple)) else [one_or_many]


def _fit(
    trainer: Trainer, model: FunctionalModel, data: DataModule, resumed: Path | None, last: Path
) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*does not have many workers.*")
        warnings.filterwarnings("ignore", message=".*smaller than the logging interval.*")
        warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists and is not.*")
        warnings.filterwarnings("ignore", message=".*dirpath has changed.*")
        warnings.filterwarnings("ignore", message=".*treespec, LeafSpec.*")
        # Metrics are summed over all processes before they are logged.
        warnings.filterwarnings("ignore", message=".*when logging on epoch level in distributed.*")
        try:
            trainer.fit(model, datamodule=data, ckpt_path=resumed, weights_only=True)
        except MisconfigurationException as error:
            raise InputError(f"Lightning cannot do that: {error}") from error
        except SystemExit as stopped:
            kept = f"; {last} is saved: go on with --ckpt_path last" if last.exists() else ""
            raise KeyboardInterrupt(f"training stopped{kept}") from stopped


def _finish(folder: Path, best: Path, seconds: float, config: TrainConfig) -> Run:
    path = best if best.is_file() else folder / "checkpoints" / "last.ckpt"
    checkpoint = load_checkpoint(path, trust_code=True)
    data = DataModule(**config.data)  # that of the training gives each process its share
    tasks = checkpoint.tasks
    scored = evaluate(
        checkpoint.model, tasks, data, "validation", device=pick_device(), n_folds=N_FOLDS
    )
    calibrate(scored.folds, tasks).save(folder / CALIBRATION)
    write_scores(scored, folder, {**config.plain, "checkpoint": str(path)})
    return Run(folder, path, scored, seconds)
