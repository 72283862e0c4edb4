"""One scorer of variants in a process, perhaps an environment, of its own; driven by variants.py.

SCORER FOLDER THREADS: sets up, then reads lines `N` and answers each with a line of JSON: how long
the next N variants of FOLDER/variants.vcf took. FOLDER also holds genome.fa, network.pt (DeepSEA's
state), tasks.txt and first.vcf, the first 64 variants. FOLDER/<scorer>.npy gets their differences
of probabilities, FOLDER/moved.npy ours for windows one base further right. Needs the scorer's own
packages and torch, not this package, except for ours.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")
import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402

LENGTH, BATCH, CHECKED = 1000, 64, 64
Score = Callable[[list[list[str]]], Any]


class DeepSEA(nn.Module):
    """The network of every scorer but ours, which has the same weights by the same names."""

    def __init__(self, n_tasks: int, *, probabilities: bool) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            *(nn.Conv1d(4, 320, 8), nn.ReLU(), nn.MaxPool1d(4), nn.Dropout(0.2)),
            *(nn.Conv1d(320, 480, 8), nn.ReLU(), nn.MaxPool1d(4), nn.Dropout(0.2)),
            *(nn.Conv1d(480, 960, 8), nn.ReLU(), nn.Dropout(0.5)),
        )
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(960 * 53, 925), nn.ReLU(), nn.Linear(925, n_tasks)
        )
        self.last = nn.Sigmoid() if probabilities else nn.Identity()

    def forward(self, x: torch.Tensor, *_: Any) -> torch.Tensor:
        return self.last(self.head(self.convolutions(x.float())))


def main() -> None:
    """Set up, answer."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what peers print is no answer
    logging.disable(logging.WARNING)
    name, folder, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    lines = (folder / "variants.vcf").read_text().splitlines()
    variants = [line.split("\t") for line in lines if line[0] != "#"]
    score = SCORERS[name](folder, (folder / "tasks.txt").read_text().split())
    differences = _quiet(score, variants[:CHECKED])
    np.save(folder / f"{name}.npy", np.asarray(differences, np.float64))
    say(answers, peak_gb=peak())
    done = CHECKED
    for line in sys.stdin:
        n = int(line)
        some = [variants[i % len(variants)] for i in range(done, done + n)]
        begin, worked = time.perf_counter(), time.process_time()
        _quiet(score, some)
        wall, worked = time.perf_counter() - begin, time.process_time() - worked
        say(answers, wall=n / wall, processor=n / worked, peak_gb=peak())
        done += n
    os._exit(0)


def _quiet(score: Score, variants: list[list[str]]) -> Any:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return score(variants)


def say(answers: Any, **facts: float) -> None:
    """A line of JSON."""
    answers.write(json.dumps(facts) + "\n")
    answers.flush()


def peak() -> float:
    """The most memory so far, GB."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1e6


def network(folder: Path, n_tasks: int, *, probabilities: bool = True) -> DeepSEA:
    """With the weights of network.pt."""
    made = DeepSEA(n_tasks, probabilities=probabilities)
    made.load_state_dict(torch.load(folder / "network.pt", weights_only=True))
    return made.eval()


def as_vcf(variants: list[list[str]]) -> str:
    """The text of a VCF."""
    head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    return head + "".join("\t".join(fields) + "\n" for fields in variants)


def ours(precision: str | None) -> Callable[[Path, list[str]], Score]:
    """This package; without a precision, both windows of each variant are read as a whole."""

    def set_up(folder: Path, tasks: list[str]) -> Score:
        import pandas as pd

        from nucleotides.genome import GenomeStore
        from nucleotides.model.deepsea import DeepSEA as OurDeepSEA
        from nucleotides.predict import Model
        from nucleotides.train.allocator import keep_freed_memory

        keep_freed_memory()
        made = OurDeepSEA(len(tasks), LENGTH)
        made.load_state_dict(torch.load(folder / "network.pt", weights_only=True))
        model = Model(made.eval(), pd.DataFrame({"task": tasks}), 200)
        if precision is None:
            model._evaluators["float32"] = None
        genome = GenomeStore.open_or_build(folder / "genome.fa", folder / "genome")
        path = Path(tempfile.mkdtemp()) / "some.vcf"
        if precision is None:
            moved = model.variant_effects(folder / "first.vcf", genome, shifts=[1]).diff
            np.save(folder / "moved.npy", moved.to_numpy(np.float64))

        def score(variants: list[list[str]]) -> Any:
            path.write_text(as_vcf(variants))
            return model.variant_effects(path, genome, precision=precision or "float32").diff

        return score

    return set_up


def selene(folder: Path, tasks: list[str]) -> Score:
    """Selene's variant_effect_prediction, differences to HDF5."""
    import h5py
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

    def score(variants: list[list[str]]) -> Any:
        (out / "some.vcf").write_text(as_vcf(variants))
        analyze.variant_effect_prediction(
            str(out / "some.vcf"), ["diffs"], output_dir=str(out / "result"), output_format="hdf5"
        )
        with h5py.File(next((out / "result").glob("*diffs.h5"))) as file:
            return file["data"][:]

    return score


def grelu(folder: Path, tasks: list[str]) -> Score:
    """gReLU's predict_variant_effects, into an AnnData."""
    import grelu.variant
    import pandas as pd
    from grelu.lightning import LightningModel

    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
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
    train = {"seq_len": LENGTH, "genome": str(folder / "genome.fa"), "bin_size": 1}
    model.data_params = {"train": train, "tasks": {"name": tasks}, "train_seq_len": LENGTH}
    model.eval()

    def score(variants: list[list[str]]) -> Any:
        fields = [{"chrom": v[0], "pos": int(v[1]), "ref": v[3], "alt": v[4]} for v in variants]
        found = grelu.variant.predict_variant_effects(
            pd.DataFrame(fields),
            model,
            devices="cpu",
            seq_len=LENGTH,
            batch_size=BATCH,
            num_workers=0,
            genome=str(folder / "genome.fa"),
            compare_func="subtract",
        )
        return found.X

    return score


def tangermeme(folder: Path, tasks: list[str]) -> Score:
    """tangermeme's substitution_effect; the windows are read from the genome by pyfaidx."""
    import pyfaidx
    from tangermeme.variant_effect import substitution_effect

    made = network(folder, len(tasks))
    genome = pyfaidx.Fasta(str(folder / "genome.fa"), sequence_always_upper=True)
    letters = np.full(256, 4, np.uint8)
    letters[[ord(base) for base in "ACGT"]] = range(4)
    one_hot = np.eye(5, 4, dtype=np.int8)

    def score(variants: list[list[str]]) -> Any:
        starts = [int(v[1]) - 1 - LENGTH // 2 for v in variants]
        texts = (
            str(genome[v[0]][start : start + LENGTH])
            for v, start in zip(variants, starts, strict=True)
        )
        codes = letters[np.stack([np.frombuffer(text.encode(), np.uint8) for text in texts])]
        x = torch.from_numpy(one_hot[codes]).transpose(1, 2).contiguous()
        changes = [[i, LENGTH // 2, "ACGT".index(v[4])] for i, v in enumerate(variants)]
        ref, alt = substitution_effect(
            made, x, torch.tensor(changes), batch_size=BATCH, device="cpu"
        )
        return (alt - ref).numpy()

    return score


SCORERS: dict[str, Callable[[Path, list[str]], Score]] = {
    "ours": ours("float32"),
    "ours_bfloat16": ours("bfloat16"),
    "ours_whole": ours(None),
    "selene": selene,
    "grelu": grelu,
    "tangermeme": tangermeme,
}

if __name__ == "__main__":
    main()
