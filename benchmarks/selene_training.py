"""DeepSEA-like networks trained by Selene's own trainer and by ours, on the demo's peaks.

Same network (channels 80, 120, 240, hidden 231), same peaks and genome, the same number of samples
from the same intervals, batch 64, and the same held-out megabase. The demo's one contig is cut at
the borders of its split into contigs of their own, since Selene holds out whole contigs. Selene
trains as its tutorials do (SGD with momentum, learning rate lowered on a plateau), and once more
with our optimiser's kind and rate; of each run both keep the weights that were best on validation.
Seconds are those of the whole process, validations included, less Selene's prediction of the test.

python benchmarks/selene_training.py --peers FOLDER [--samples N] [--seeds 0 1 2] ...
(FOLDER/venv-selene is what loader_peers.sh makes)
"""

from __future__ import annotations

import gzip
import itertools
import json
import subprocess
import sys
import tempfile
import time
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
BATCH, EPOCHS = 64, 10
NETWORK = ["--model.channels", "[80,120,240]", "--model.hidden", "231"]
OURS = {"optimizer": "adamw", "learning_rate": "0.001", "weight_decay": "0.01"}
THEIRS = {"Selene, SGD as in its tutorials": "sgd", "Selene, AdamW at our rate": "adamw"}
MEASURES = ("AUROC, median", "AP, median", "AP/prevalence, median", "seconds in all")


def main() -> None:
    """Measure, print."""
    options = parser(__doc__)
    options.add_argument("--peers", type=Path, required=True)
    options.add_argument("--samples", type=int, default=32_000)
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = options.parse_args()
    config = configuration(
        ("torch", "lightning", "scikit-learn"),
        samples=arguments.samples,
        seeds=arguments.seeds,
        batch=BATCH,
        selene="0.6.0, torch 2.13.0",
        network="DeepSEA of channels 80, 120, 240 and 231 hidden units, 40 tasks",
        ours=OURS | {"schedule": "cosine", "validation": f"{EPOCHS} times"},
    )
    found: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_input(folder)
        for seed in arguments.seeds:
            progress(f"seed {seed}: nucleotides")
            found.setdefault("nucleotides", []).append(ours(folder, arguments.samples, seed))
            for peer, optimizer in THEIRS.items():
                progress(f"seed {seed}: {peer}")
                run = theirs(folder, arguments, seed, optimizer)
                found.setdefault(peer, []).append(run)
    cells, rows = [], []
    for peer, runs in found.items():
        values = {name: [run[name] for run in runs] for name in MEASURES}
        cells.append([peer, *(ranged(each) for each in values.values())])
        for name, each in values.items():
            unit = "s" if name == MEASURES[-1] else ""
            rows += [row(f"{peer}: {name}", value, unit, config) for value in each]
    report(arguments, ["trained by", *MEASURES], cells, rows, config)


def write_input(folder: Path) -> None:
    """genome.fa, intervals.bed, targets.bed.gz, tasks.txt, the stores, and test.npz."""
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
    held_out = Split.parse(cut.contigs, VALIDATION, TEST).held_out("test")
    at = tile(cut, held_out, sequence_length=1000, bin=200)
    labels = store.labels_at(at.contigs, at.centres, 200)
    np.savez(folder / "test.npz", centres=at.centres, labels=labels)


def _cut(table: pd.DataFrame, parts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Peaks in the coordinates of the parts, clipped to them."""
    out = []
    for name, (low, high) in parts.items():
        start, end = table["start"].clip(low, high) - low, table["end"].clip(low, high) - low
        out.append(pd.DataFrame({"chrom": name, "start": start, "end": end})[start < end])
    return pd.concat(out, ignore_index=True)


def ours(folder: Path, samples: int, seed: int) -> dict[str, float]:
    """Metrics and seconds of `nucleotides train`."""
    begin = time.monotonic()
    command = [
        *(sys.executable, "-m", "nucleotides", "train", "--model_class", "deepsea", *NETWORK),
        *("--genome", str(folder / "genome"), "--targets", str(folder / "targets")),
        *("--validation", VALIDATION, "--test", TEST, "--batch_size", str(BATCH)),
        *("--samples_per_epoch", str(samples // EPOCHS), "--max_epochs", str(EPOCHS)),
        *("--validation_size", "1000", "--schedule", "cosine", "--warmup", "0.05"),
        *("--seed", str(seed), "--data_seed", str(seed), "--logs", str(folder / "logs")),
        *("--run_name", f"seed{seed}", "--leakage", "false", "--accelerator", "cpu"),
        *(word for name, value in OURS.items() for word in (f"--{name}", value)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    total = time.monotonic() - begin
    run = folder / "logs" / f"seed{seed}"
    test = np.load(folder / "test.npz")
    model = load_checkpoint(run / "checkpoints" / "best.ckpt").model.eval()
    metrics = scored(_predict(model, folder, test["centres"]), test["labels"])
    return {**metrics, "seconds in all": total}


def _predict(model: Any, folder: Path, centres: np.ndarray) -> np.ndarray:
    genome = GenomeStore.open(folder / "genome")
    contig = np.full(centres.size, list(genome.contigs).index(TEST))
    codes = torch.from_numpy(genome.windows(contig, centres - 500, 1000))
    with torch.inference_mode():
        return np.concatenate([model.logits(part).numpy() for part in codes.split(250)])


def theirs(folder: Path, arguments: Any, seed: int, optimizer: str) -> dict[str, float]:
    """Metrics and seconds of Selene's TrainModel."""
    begin = time.monotonic()
    python = arguments.peers / "venv-selene" / "bin" / "python"
    command = [str(python), str(PEER), str(folder), str(arguments.samples), str(seed), optimizer]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    told = json.loads(done.stdout)
    total = time.monotonic() - begin - told["predicting"]
    logits = np.load(folder / "selene-logits.npy")
    metrics = scored(logits, np.load(folder / "test.npz")["labels"])
    return {**metrics, "seconds in all": total}


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
