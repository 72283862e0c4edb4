"""One way to do saturation mutagenesis, in a process of its own; driven by mutagenesis.py.

WAY FOLDER THREADS: sets up, then reads numbers of sequences of FOLDER/sequences.txt, and answers
each with a line of JSON: seconds. FOLDER also holds network.pt (DeepSEA's state), tasks.txt, and
genome.fa for who asks for one. FOLDER/<way>.npy gets what ours found for the first sequence.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from variants_peer import BATCH, LENGTH, _quiet, network, peak, say

Mutate = Callable[[str], Any]


def main() -> None:
    """Set up, answer."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what peers print is no answer
    logging.disable(logging.WARNING)
    name, folder, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    sequences = (folder / "sequences.txt").read_text().split()
    mutate = WAYS[name](folder, (folder / "tasks.txt").read_text().split())
    say(answers, peak_gb=peak())
    for line in sys.stdin:
        begin, worked = time.perf_counter(), time.process_time()
        found = _quiet(mutate, sequences[int(line)])
        wall, worked = time.perf_counter() - begin, time.process_time() - worked
        if name.startswith("ours") and int(line) == 0:
            np.save(folder / f"{name}.npy", found)
        say(answers, wall=wall, processor=worked, peak_gb=peak())
    os._exit(0)


def ours(precision: str | None) -> Callable[[Path, list[str]], Mutate]:
    """This package; without a precision, every mutant is read as a whole."""

    def set_up(folder: Path, tasks: list[str]) -> Mutate:
        import pandas as pd

        from nucleotides.explain import saturation_mutagenesis
        from nucleotides.genome import encode
        from nucleotides.model.deepsea import DeepSEA
        from nucleotides.predict import Model
        from nucleotides.train.allocator import keep_freed_memory

        keep_freed_memory()
        made = DeepSEA(len(tasks), LENGTH)
        made.load_state_dict(torch.load(folder / "network.pt", weights_only=True))
        model = Model(made.eval(), pd.DataFrame({"task": tasks}), 200)
        if precision is None:
            model._evaluators["float32"] = None
        chosen = precision or "float32"
        model.evaluator(chosen)
        return lambda text: saturation_mutagenesis(model, encode(text)[None], precision=chosen)[0]

    return set_up


def selene(folder: Path, tasks: list[str]) -> Mutate:
    """Selene's in_silico_mutagenesis, predictions and differences to HDF5."""
    from selene_sdk.predict import AnalyzeSequences
    from selene_sdk.sequences import Genome

    made = network(folder, len(tasks))
    out = Path(tempfile.mkdtemp())
    torch.save(made.state_dict(), out / "weights.pt")
    analyze = AnalyzeSequences(
        made,
        str(out / "weights.pt"),
        LENGTH,
        tasks,
        batch_size=BATCH,
        use_cuda=False,
        reference_sequence=Genome(str(folder / "genome.fa")),
    )
    kinds = ["predictions", "abs_diffs"]
    return lambda text: analyze.in_silico_mutagenesis(
        text, kinds, output_path_prefix=str(out / "result"), output_format="hdf5"
    )


def grelu(folder: Path, tasks: list[str]) -> Mutate:
    """gReLU's ISM_predict, all tasks, an array."""
    import grelu.interpret.score
    from grelu.lightning import LightningModel
    from torch import nn

    small = {"model_type": "ConvModel", "n_tasks": len(tasks), "stem_channels": 8, "n_conv": 0}
    model = LightningModel(small, {"task": "binary", "loss": "bce"})
    made = network(folder, len(tasks))

    class Unsqueezed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.made = made
            self.__dict__["head"] = type("Head", (), {"n_tasks": len(tasks)})()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.made(x).unsqueeze(-1)

    model.model, model.activation = Unsqueezed(), nn.Identity()
    train = {"seq_len": LENGTH, "bin_size": 1}
    model.data_params = {"train": train, "tasks": {"name": tasks}, "train_seq_len": LENGTH}
    model.eval()
    options = {"batch_size": BATCH, "num_workers": 0, "return_df": False}
    return lambda text: grelu.interpret.score.ISM_predict(
        [text], model, compare_func="subtract", **options
    )


def tangermeme(folder: Path, tasks: list[str]) -> Mutate:
    """tangermeme's saturation_mutagenesis, raw outputs."""
    from tangermeme.saturation_mutagenesis import saturation_mutagenesis

    made = network(folder, len(tasks))

    def mutate(text: str) -> Any:
        codes = np.array(["ACGT".index(base) for base in text])
        x = torch.from_numpy(np.eye(4, dtype=np.float32)[codes].T.copy())[None]
        return saturation_mutagenesis(made, x, batch_size=BATCH, device="cpu", raw_outputs=True)

    return mutate


WAYS: dict[str, Callable[[Path, list[str]], Mutate]] = {
    "ours": ours("float32"),
    "ours_bfloat16": ours("bfloat16"),
    "ours_whole": ours(None),
    "selene": selene,
    "grelu": grelu,
    "tangermeme": tangermeme,
}

if __name__ == "__main__":
    main()
