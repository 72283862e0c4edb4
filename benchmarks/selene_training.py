"""DeepSEA-like networks trained by Selene's own trainer and by ours, on the demo's peaks.

Same network (channels 80, 120, 240, hidden 231), same peaks and genome, the same number of samples
from the same intervals, batch 64, and the same held-out megabase. The demo's one contig is cut at
the borders of its split into contigs of their own, since Selene holds out whole contigs. Selene
trains as its tutorials do (SGD with momentum, learning rate lowered on a plateau), and once more
with AdamW. The rate of AdamW is chosen for each of the two, by a run of another seed at every rate
of RATES: that of the best median average precision on every bin of validation. Of each run both
keep the weights that were best in the trainer's own validations. Seconds are processor seconds of
the whole process, validations included, less the predictions for these figures.

python benchmarks/selene_training.py --peers FOLDER [--samples N] [--seeds 0 1 2] ...
(FOLDER/venv-selene is what peers.sh makes)
"""

from __future__ import annotations

import functools
import gzip
import itertools
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import demo_data
import numpy as np
import pandas as pd
import pysam
import torch
from common import configuration, parser, progress, ranged, report, row
from sklearn.metrics import average_precision_score, roc_auc_score

from nucleotides.data.positions import tile
from nucleotides.data.splits import Split
from nucleotides.demo.files import FASTA
from nucleotides.genome import GenomeStore
from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.targets import TargetStore
from nucleotides.targets.export import write_intervals, write_target_bed

PEER = Path(__file__).with_name("selene_training_peer.py")
BORDERS = [0, 3_000_000, 4_000_000, 5_000_000, 6_000_000, 10_000_000]
TEST, VALIDATION = "chr2", "chr4"  # the second and the fourth part
PARTS = {"test": TEST, "validation": VALIDATION}
BATCH, EPOCHS = 64, 10
NETWORK = ["--model.channels", "[80,120,240]", "--model.hidden", "231"]
RATES, PILOT_SEED = [0.001, 0.002, 0.004], 100
OURS, SGD, ADAMW = "nucleotides, AdamW", "Selene, SGD as in its tutorials", "Selene, AdamW"
MEASURES = ("AUROC, median", "AP, median", "AP/prevalence, median", "processor seconds")


def main() -> None:
    """Measure, print."""
    options = parser(__doc__)
    options.add_argument("--peers", type=Path, required=True)
    options.add_argument("--samples", type=int, default=19_200)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = options.parse_args()
    found: dict[str, list[dict[str, float]]] = {OURS: [], SGD: [], ADAMW: []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_input(folder)
        run = functools.partial(train, folder, arguments)
        pilots = {
            who: {rate: run(who, PILOT_SEED, rate)["validation"] for rate in RATES}
            for who in (OURS, ADAMW)
        }
        rates = {who: max(each, key=each.__getitem__) for who, each in pilots.items()}
        for seed in arguments.seeds:
            for who, runs in found.items():
                runs.append(run(who, seed, rates.get(who, 0.01)))
    config = configuration(
        ("torch", "lightning", "scikit-learn"),
        samples=arguments.samples,
        seeds=arguments.seeds,
        batch=BATCH,
        selene="0.6.0, torch 2.13.0",
        network="DeepSEA of channels 80, 120, 240 and 231 hidden units, 40 tasks",
        schedule="ours cosine, Selene its own; validated 10 times",
        validation_ap_by_rate={who: _told(each) for who, each in pilots.items()},
        rates=rates,
    )
    cells, rows = [], []
    for who, runs in found.items():
        values = {name: [run[name] for run in runs] for name in MEASURES}
        cells.append([who, *(ranged(each) for each in values.values())])
        for name, each in values.items():
            unit = "s" if name == MEASURES[-1] else ""
            rows += [row(f"{who}: {name}", value, unit, config) for value in each]
    report(arguments, ["trained by", *MEASURES], cells, rows, config)


def _told(scores: dict[float, float]) -> str:
    return ", ".join(f"{score:.4f} at {rate}" for rate, score in scores.items())


def train(folder: Path, arguments: Any, who: str, seed: int, rate: float) -> dict[str, float]:
    """One run: metrics on the test, average precision on validation, processor seconds."""
    begin = _processor_seconds()
    if who == OURS:
        parts, aside = ours(folder, arguments.samples, seed, rate)
    else:
        optimizer = "sgd" if who == SGD else "adamw"
        parts, aside = theirs(folder, arguments, seed, optimizer, rate)
    total = _processor_seconds() - begin - aside
    test, validation = (scored(logits, labels) for logits, labels in parts)
    progress(f"{who}, seed {seed}, rate {rate}: {test}, {validation[MEASURES[1]]}, {total:.0f} s")
    return {**test, "validation": validation[MEASURES[1]], MEASURES[-1]: total}


def _processor_seconds() -> float:
    """Of the processes started from here that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write_input(folder: Path) -> None:
    """genome.fa, intervals.bed, targets.bed.gz, tasks.txt, the stores, test.npz, validation.npz."""
    _, targets = demo_data.build_stores(folder / "demo")
    parts = {f"chr{k + 1}": at for k, at in enumerate(itertools.pairwise(BORDERS))}
    sequence = "".join(gzip.decompress(FASTA.read_bytes()).decode().split("\n")[1:])
    lines = (f">{part}\n{sequence[low:high]}\n" for part, (low, high) in parts.items())
    (folder / "genome.fa").write_text("".join(lines))
    pysam.faidx(str(folder / "genome.fa"))
    cut = GenomeStore.build(folder / "genome.fa", folder / "genome")
    tables = {task: _cut(targets.peaks(task), parts) for task in targets.tasks["task"]}
    store = TargetStore.build(tables, cut.contigs, folder / "targets")
    write_target_bed(store, folder / "targets.bed.gz")
    write_intervals(store, folder / "intervals.bed")
    (folder / "tasks.txt").write_text("\n".join(tables) + "\n")
    split = Split.parse(cut.contigs, VALIDATION, TEST)
    for part in PARTS:
        at = tile(cut, split.held_out(part), sequence_length=1000, bin=200)
        labels = store.labels_at(at.contigs, at.centres, 200)
        np.savez(folder / f"{part}.npz", centres=at.centres, labels=labels)


def _cut(table: pd.DataFrame, parts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Peaks in the coordinates of the parts, clipped to them."""
    out = []
    for name, (low, high) in parts.items():
        start, end = table["start"].clip(low, high) - low, table["end"].clip(low, high) - low
        out.append(pd.DataFrame({"chrom": name, "start": start, "end": end})[start < end])
    return pd.concat(out, ignore_index=True)


Parts = list[tuple[np.ndarray, np.ndarray]]  # logits and labels of test and of validation


def ours(folder: Path, samples: int, seed: int, rate: float) -> tuple[Parts, float]:
    """Logits by `nucleotides train`; its processor seconds are all those of the process."""
    name = f"seed{seed}-{rate}"
    command = [
        *(sys.executable, "-m", "nucleotides", "train", "--model_class", "deepsea", *NETWORK),
        *("--genome", str(folder / "genome"), "--targets", str(folder / "targets")),
        *("--validation", VALIDATION, "--test", TEST, "--batch_size", str(BATCH)),
        *("--samples_per_epoch", str(samples // EPOCHS), "--max_epochs", str(EPOCHS)),
        *("--validation_size", "1000", "--schedule", "cosine", "--warmup", "0.05"),
        *("--optimizer", "adamw", "--learning_rate", str(rate), "--weight_decay", "0.01"),
        *("--seed", str(seed), "--data_seed", str(seed), "--logs", str(folder / "logs")),
        *("--run_name", name, "--leakage", "false", "--accelerator", "cpu"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    best = folder / "logs" / name / "checkpoints" / "best.ckpt"
    model = load_checkpoint(best).model.eval()
    out = []
    for part, contig in PARTS.items():
        held = np.load(folder / f"{part}.npz")
        out.append((_predict(model, folder, contig, held["centres"]), held["labels"]))
    return out, 0.0


def _predict(model: Any, folder: Path, contig: str, centres: np.ndarray) -> np.ndarray:
    genome = GenomeStore.open(folder / "genome")
    contigs = np.full(centres.size, list(genome.contigs).index(contig))
    codes = torch.from_numpy(genome.windows(contigs, centres - 500, 1000))
    with torch.inference_mode():
        return np.concatenate([model.logits(part).numpy() for part in codes.split(250)])


def theirs(
    folder: Path, arguments: Any, seed: int, optimizer: str, rate: float
) -> tuple[Parts, float]:
    """Logits by Selene's TrainModel, and the seconds that they took."""
    python = arguments.peers / "venv-selene" / "bin" / "python"
    words = (folder, arguments.samples, seed, optimizer, rate)
    command = [str(python), str(PEER), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    logits = np.load(folder / "selene-logits.npz")
    parts = [(logits[part], np.load(folder / f"{part}.npz")["labels"]) for part in PARTS]
    return parts, json.loads(done.stdout)["predicting"]


def scored(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Medians over the tasks that have both classes in the test."""
    tasks = [k for k in range(labels.shape[1]) if 0 < labels[:, k].sum() < len(labels)]
    auroc = [roc_auc_score(labels[:, k], logits[:, k]) for k in tasks]
    ap = np.array([average_precision_score(labels[:, k], logits[:, k]) for k in tasks])
    lift = ap / labels[:, tasks].mean(0)
    values = (auroc, ap, lift)
    return {name: float(np.median(each)) for name, each in zip(MEASURES, values, strict=False)}


if __name__ == "__main__":
    main()
