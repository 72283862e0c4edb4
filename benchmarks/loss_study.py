"""Which loss to train with: all of them on 216 tasks of a few to thousands of positives.

The tasks and the genome of --data (a folder with genome.fa.gz and peaks/TASK.narrowPeak.gz);
test chr20:3-4 Mb, validation chr20:5-6 Mb, training all the rest. MotifNet, the default network:
what it sees of a window is not trained, so it is computed once for 39,936 training windows (half
from peaks, half from anywhere) and all bins of the held-out megabases; then one of its
perceptrons is trained on that with each loss and seed, everything else the same. Scores of the
epoch that is best on validation (median average precision), on the test megabase, tasks in thirds
by how many positives they have in training: tail, medium, head.

Every run is kept in --folder, and not done again.

python benchmarks/loss_study.py --data DATA --folder SCRATCH [--seeds 0 1 2] [--epochs 5]
    [--only LOSS...] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import configuration, parser, progress, report, row, shown
from torch import Tensor

from nucleotides.data.datamodule import DataModule
from nucleotides.loss import LossOptions, create_loss
from nucleotides.metrics import ScoreRanks
from nucleotides.metrics.calibration import calibration_error, fit_recalibration
from nucleotides.model.encoding import one_hot
from nucleotides.model.lightning_model import Start
from nucleotides.model.motifnet import MotifNet
from nucleotides.model.optimisation import Optimisation, create_optimizer
from nucleotides.preprocess.local import pre_process_local

TRAINING, BATCH = 312 * 128, 128
VALIDATION, TEST = "chr20:5000000-6000000", "chr20:3000000-4000000"
CHOICE = Optimisation(learning_rate=0.002, weight_decay=0.3, beta2=0.99)
NONE = LossOptions()
LOSSES: dict[str, tuple[str, LossOptions, dict[str, Any]]] = {
    "bce": ("bce", NONE, {}),
    "weighted_bce": ("weighted_bce", NONE, {}),
    "task_balanced": ("task_balanced", NONE, {}),
    "focal": ("focal", NONE, {}),
    "class_balanced": ("class_balanced", NONE, {}),
    "class_balanced, beta 0.99": ("class_balanced", NONE, {"beta": 0.99}),
    "distribution_balanced": ("distribution_balanced", NONE, {}),
    "distribution_balanced, plus": ("distribution_balanced", NONE, {"sign": "plus"}),
    "bce, random weights": ("bce", LossOptions(task_weighting="rlw"), {}),
    "bce, logit adjustment": ("bce", LossOptions(logit_adjustment=1.0), {}),
    "bce, label smoothing 0.01": ("bce", NONE, {"label_smoothing": 0.01}),
    "task_balanced after 2 epochs": ("task_balanced", LossOptions(reweight_after=2), {}),
}
THIRDS = ("tail", "medium", "head")


def main() -> None:
    """Prepare, train what is not there yet, print."""
    options = parser(__doc__)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options.add_argument("--epochs", type=int, default=5)
    options.add_argument("--only", nargs="+", choices=LOSSES, default=list(LOSSES))
    arguments = options.parse_args()
    known = prepare(arguments.data, arguments.folder)
    for seed in arguments.seeds:
        for name in arguments.only:
            path = arguments.folder / f"{name.replace(' ', '_')}-{seed}-{arguments.epochs}.json"
            if not path.exists():
                progress(f"seed {seed}: {name}")
                path.write_text(json.dumps(run(name, seed, arguments.epochs, known)))
    summarise(arguments, known)


def prepare(data: Path, folder: Path) -> dict[str, Any]:
    """What the network sees, labels, counts; computed once."""
    stores = folder / "stores"
    if not (stores / "targets").exists():
        pre_process_local(data / "genome.fa.gz", data / "peaks", stores, VALIDATION, TEST)
    module = DataModule(
        stores / "genome",
        stores / "targets",
        validation=VALIDATION,
        test=TEST,
        background=0.5,
        both_strands=False,
        batch_size=BATCH,
        samples_per_epoch=TRAINING,
    )
    positives, samples = module.positive_rates()
    tasks = len(module.tasks)
    seen = folder / "seen.npz"
    if not seen.exists():
        torch.manual_seed(0)
        network = MotifNet(tasks)
        rates = torch.from_numpy(positives / samples).float()
        network.initialise(Start(rates, torch.from_numpy(module.some_training_codes(512))))
        loaders = {
            "training": module.train_dataloader(),
            "validation": module.val_dataloader(),
            "test": module.test_dataloader(),
        }
        arrays: dict[str, Any] = {}
        for part, loader in loaders.items():
            features, labels = [], []
            for number, batch in enumerate(loader):
                progress(f"{part}: batch {number}")
                features.append(network.features(one_hot(batch["codes"])).half().numpy())
                labels.append(batch["labels"].numpy())
            arrays |= {part: np.concatenate(features), f"{part} labels": np.concatenate(labels)}
        np.savez(seen, **arrays)  # type: ignore[arg-type]
    arrays = dict(np.load(seen))
    return {**arrays, "counts": torch.from_numpy(positives), "samples": samples}


def run(name: str, seed: int, epochs: int, known: dict[str, Any]) -> dict[str, Any]:
    """Train with one loss and seed; metrics of the best epoch by task."""
    torch.manual_seed(seed)
    kind, around, parameters = LOSSES[name]
    loss = create_loss(kind, known["counts"], known["samples"], around, **parameters)
    network = MotifNet(len(known["counts"]), n_heads=1)
    prior = known["counts"] / known["samples"]
    adjusted = (1 - around.logit_adjustment) * prior.clamp(1e-4).logit()
    for head in network.heads:
        head[-1].bias.data.copy_(adjusted)  # type: ignore[index]
    optimizer = create_optimizer(network, CHOICE)
    total = epochs * (TRAINING // BATCH)
    step, best, begin = 0, {"validation": -1.0}, time.perf_counter()
    for epoch in range(epochs):
        order = np.random.default_rng((seed, epoch)).permutation(TRAINING)
        network.train()
        loss.train()
        for first in range(0, TRAINING - BATCH + 1, BATCH):
            index = np.sort(order[first : first + BATCH])
            x = network.norm(torch.from_numpy(known["training"][index]).float())
            labels = torch.from_numpy(known["training labels"][index])
            logits = torch.stack([head(x) for head in network.heads], 1).flatten(0, 1)
            set_rate(optimizer, step, total)
            loss.start_step(epoch, step)
            optimizer.zero_grad()
            loss(logits, labels.repeat_interleave(len(network.heads), 0)).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            step += 1
        found = scores(network, known)
        if found["validation"] > best["validation"]:
            best = {**found, "epoch": epoch + 1}
    return {**best, "seconds": time.perf_counter() - begin}


def set_rate(optimizer: torch.optim.Optimizer, step: int, total: int) -> None:
    """A tenth of warm-up, then half a cosine, as the demo's recipe has it."""
    rise = total // 10
    done = (step - rise) / (total - rise)
    factor = (step + 1) / (rise + 1) if step < rise else 0.5 * (1 + np.cos(np.pi * done))
    for group in optimizer.param_groups:
        group["lr"] = CHOICE.learning_rate * factor


def scores(network: MotifNet, known: dict[str, Any]) -> dict[str, Any]:
    """Median average precision on validation; metrics by task on the test megabase."""
    network.eval()
    filled = {part: score(network, known, part) for part in ("validation", "test")}
    validated = filled["validation"].compute()["average_precision"]
    metrics = filled["test"].compute()
    line = fit_recalibration(filled["validation"].ranked())
    errors = {
        "error": calibration_error(filled["test"].ranked()),
        "recalibrated": calibration_error(filled["test"].ranked(), line),
    }
    kept = {"auroc": metrics["auroc"], "ap": metrics["average_precision"], **errors}
    return {
        "validation": float(validated.nanmedian()),
        **{name: values.tolist() for name, values in kept.items()},
    }


@torch.inference_mode()
def score(network: MotifNet, known: dict[str, Any], part: str) -> ScoreRanks:
    """Scores of a held-out part."""
    out = ScoreRanks(len(known["counts"]))
    for first in range(0, len(known[part]), 1000):
        x = network.norm(torch.from_numpy(known[part][first : first + 1000]).float())
        logits: Tensor = torch.stack([head(x) for head in network.heads], 1).mean(1)
        out.update(logits, torch.from_numpy(known[f"{part} labels"][first : first + 1000]))
    return out


def summarise(arguments: argparse.Namespace, known: dict[str, Any]) -> None:
    """Medians over the tasks of each third, mean and range over seeds."""
    counts = known["counts"].numpy()
    third = np.argsort(np.argsort(counts, kind="stable")) * 3 // len(counts)
    config = configuration(
        ("torch",),
        tasks=len(counts),
        windows=TRAINING,
        epochs=arguments.epochs,
        seeds=arguments.seeds,
        positives={
            name: f"{counts[third == i].min():,} to {counts[third == i].max():,}"
            for i, name in enumerate(THIRDS)
        },
        of_positions=f"{known['samples']:,}",
        statistic="median over tasks with both classes; mean (min-max) over seeds",
    )
    head = ["", *(f"{m}, {t}" for m in ("AUROC", "AP") for t in THIRDS), "AUROC, all", "AP, all"]
    head += ["calibration error", "recalibrated", "training, s"]
    cells, rows = [], []
    for name in arguments.only:
        paths = [
            arguments.folder / f"{name.replace(' ', '_')}-{seed}-{arguments.epochs}.json"
            for seed in arguments.seeds
        ]
        runs = [json.loads(path.read_text()) for path in paths]
        line: list[Any] = [name]
        line += [
            over_seeds([median(r[metric], third == i) for r in runs])
            for metric in ("auroc", "ap")
            for i in range(3)
        ]
        everything = np.full(len(counts), True)
        for metric in ("auroc", "ap", "error", "recalibrated"):
            values = [median(r[metric], everything) for r in runs]
            line.append(over_seeds(values))
            rows.append(row(f"{name}: {metric}", statistics.mean(values), "", config))
        line.append(over_seeds([r["seconds"] for r in runs]))
        cells.append(line)
    report(arguments, head, cells, rows, config)


def median(values: Sequence[float], of: np.ndarray[Any, Any]) -> float:
    """Over the tasks chosen for which there is a value."""
    return float(np.nanmedian(np.array(values, float)[of]))


def over_seeds(values: Sequence[float]) -> str:
    """Mean (min-max)."""
    return f"{shown(statistics.mean(values))} ({shown(min(values))}-{shown(max(values))})"


if __name__ == "__main__":
    main()
