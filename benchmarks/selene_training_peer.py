"""Selene's TrainModel on FOLDER; runs in Selene's environment; prints JSON.

selene_training_peer.py FOLDER SAMPLES SEED sgd|adamw RATE: writes FOLDER/selene-logits.npz, those
of the bins in FOLDER/test.npz and validation.npz by the weights that were best in its validations.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")
import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402

LENGTH, BIN, BATCH, VALIDATIONS = 1000, 200, 64, 10
TEST, VALIDATION = "chr2", "chr4"
PARTS = {"test": TEST, "validation": VALIDATION}
OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {"momentum": 0.9, "weight_decay": 1e-6}),
    "adamw": (torch.optim.AdamW, {"weight_decay": 0.01}),
}


def network(tasks: int) -> nn.Module:
    """DeepSEA's layers, narrow, with the sigmoid that Selene's loss wants."""
    return nn.Sequential(
        *(nn.Conv1d(4, 80, 8), nn.ReLU(), nn.MaxPool1d(4), nn.Dropout(0.2)),
        *(nn.Conv1d(80, 120, 8), nn.ReLU(), nn.MaxPool1d(4), nn.Dropout(0.2)),
        *(nn.Conv1d(120, 240, 8), nn.ReLU(), nn.Dropout(0.5), nn.Flatten()),
        *(nn.Linear(240 * 53, 231), nn.ReLU(), nn.Linear(231, tasks), nn.Sigmoid()),
    )


def main() -> None:
    """Train, predict."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from selene_sdk.samplers import IntervalsSampler
    from selene_sdk.sequences import Genome
    from selene_sdk.train_model import TrainModel

    folder, samples, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    optimizer, arguments = OPTIMIZERS[sys.argv[4]]
    arguments["lr"] = float(sys.argv[5])
    torch.manual_seed(seed)
    tasks = (folder / "tasks.txt").read_text().split()
    genome = Genome(str(folder / "genome.fa"))
    sampler = IntervalsSampler(
        reference_sequence=genome,
        target_path=str(folder / "targets.bed.gz"),
        features=tasks,
        intervals_path=str(folder / "intervals.bed"),
        seed=seed,
        validation_holdout=[VALIDATION],
        test_holdout=[TEST],
        sequence_length=LENGTH,
        center_bin_to_predict=BIN,
        feature_thresholds=0.5,
        save_datasets=[],
    )
    steps = samples // BATCH
    out = folder / f"selene-{'-'.join(sys.argv[3:])}"
    trainer = TrainModel(
        model=network(len(tasks)),
        data_sampler=sampler,
        loss_criterion=nn.BCELoss(),
        optimizer_class=optimizer,
        optimizer_kwargs=arguments,
        batch_size=BATCH,
        max_steps=steps,
        report_stats_every_n_steps=steps // VALIDATIONS,
        output_dir=str(out),
        save_checkpoint_every_n_steps=steps,
        n_validation_samples=1000,
        cpu_n_threads=len(os.sched_getaffinity(0)),
        logging_verbosity=0,
        scheduler_kwargs={"patience": 16, "factor": 0.8},  # its own, less what torch has dropped
    )
    trainer.train_and_validate()
    begin = time.process_time()
    best = next(out.rglob("best_model.pth.tar"))
    state = torch.load(best, map_location="cpu", weights_only=False)["state_dict"]
    model = network(len(tasks))
    model.load_state_dict({name.removeprefix("module."): x for name, x in state.items()})
    logits = {part: predict(model[:-1].eval(), genome, folder, part) for part in PARTS}
    np.savez(folder / "selene-logits.npz", **logits)
    told = {"predicting": time.process_time() - begin}
    answers.write(json.dumps(told))
    answers.flush()
    os._exit(0)


def predict(logits: nn.Module, genome: Any, folder: Path, part: str) -> np.ndarray:
    """Logits of a held-out megabase's bins, their windows made by Selene."""
    out = []
    for centres in np.array_split(np.load(folder / f"{part}.npz")["centres"], 20):
        windows = []
        for centre in centres.tolist():
            low, high = centre - LENGTH // 2, centre + LENGTH // 2
            inside = genome.get_encoding_from_coords(PARTS[part], max(low, 0), min(high, 1_000_000))
            window = np.full((LENGTH, 4), 0.25, np.float32)
            window[max(-low, 0) : max(-low, 0) + len(inside)] = inside
            windows.append(window)
        with torch.inference_mode():
            out.append(logits(torch.from_numpy(np.stack(windows).transpose(0, 2, 1))).numpy())
    return np.concatenate(out)


if __name__ == "__main__":
    main()
