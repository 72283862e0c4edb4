"""What simple methods reach on the demo's own split and labels: the bar for its network.

Scored on every 200-bp bin of the test megabase, labels as the package gives them (SPEC 4):

- JASPAR CTCF scan, for the tasks whose target is CTCF: the best log-odds of the CTCF matrix,
  either strand, within the bin; and within the bin and 50 bp on either side. Nothing is fitted.
- 6-mer logistic regression, for every task: counts of the 2,080 canonical 6-mers in the 600 bp
  around the bin's centre, standardised on the training bins; fitted to all training bins, the
  classes unweighted; the L2 penalty chosen task by task by AUROC on the validation bins.

python benchmarks/demo_baselines.py [--json FILE] [--markdown FILE] [--compact FILE]
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import demo_data
import numpy as np
import pandas as pd
import torch
from common import Row, configuration, parser, progress, report, row
from demo_data import Bins
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import average_precision_score, roc_auc_score

from nucleotides.genome import GenomeStore, reverse_complement
from nucleotides.model.motifnet import SHIPPED_MOTIFS
from nucleotides.model.motifs import Motif, read_meme

Scores = dict[str, float]
ByTask = dict[str, Scores]

SCAN, WIDE_SCAN, REGRESSION = (
    "JASPAR CTCF scan",
    "JASPAR CTCF scan ±50 bp",
    "6-mer logistic regression",
)
K, REACH = 6, 300
PENALTIES = tuple(10.0**e for e in (1, 0.5, 0, -0.5, -1, -1.5, -2))
GRADIENT = 1e-4
COLUMNS = ("AUROC", "AP", "AP/prev.")
UNITS = {"auroc": "", "average_precision": "", "lift": "times prevalence"}


def main() -> None:
    """Fit, score, print."""
    options = parser(__doc__)
    options.add_argument("--compact", type=Path, help="write {baselines: {name: {task: scores}}}")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        genome, targets = demo_data.build_stores(Path(folder))
        bins = demo_data.split_bins(genome, targets)
        motif = ctcf_motif()
        scores = {
            SCAN: scan(genome, targets.tasks, bins["test"], motif, 0),
            WIDE_SCAN: scan(genome, targets.tasks, bins["test"], motif, 50),
            REGRESSION: regression(genome, list(targets.tasks["task"]), bins),
        }
    config = configuration(
        ("numpy", "scipy", "torch", "scikit-learn"),
        split=demo_data.SPLIT,
        bins={part: len(b.centres) for part, b in bins.items()},
        matrix=f"{motif.name} (JASPAR 2024), {len(motif.probabilities)} bp, log2 odds over uniform",
        features=f"{n_canonical(K):,} canonical {K}-mers in {2 * REACH} bp, standardised",
        penalties=[f"{p:.3g}" for p in PENALTIES],
        chosen="penalty by validation AUROC, task by task",
        classes="all training bins, unweighted",
    )
    report(
        arguments,
        *table(targets.tasks, bins["test"].labels, scores),
        rows(targets.tasks, scores, config),
        config,
    )
    if arguments.compact:
        arguments.compact.write_text(json.dumps(compact(scores), indent=1) + "\n")


# --- the scan


def ctcf_motif() -> Motif:
    """JASPAR's core CTCF matrix (MA0139), of whichever version the demo ships."""
    return next(m for m in read_meme(SHIPPED_MOTIFS) if m.name.startswith("MA0139."))


def scan(genome: GenomeStore, tasks: pd.DataFrame, bins: Bins, motif: Motif, margin: int) -> ByTask:
    """Scores of the best match in each bin, for the CTCF tasks."""
    width = demo_data.BIN + 2 * margin
    codes = genome.codes("chr20", bins.centres - width // 2, width)
    weights = motif.log_odds()
    best = np.maximum(best_match(codes, weights), best_match(reverse_complement(codes), weights))
    ctcf = np.flatnonzero(tasks["target"] == "CTCF")
    return {tasks["task"][i]: score(bins.labels[:, i], best) for i in ctcf}


def best_match(codes: NDArray[np.uint8], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """The best log-odds among all placements within each window: (n,). An N never matches."""
    width = weights.shape[1]
    by_code = np.concatenate([weights, np.full((1, width), -100, np.float32)])
    placements = sliding_window_view(codes, width, axis=1)
    total = np.zeros(placements.shape[:2], np.float32)
    for position in range(width):
        total += by_code[placements[:, :, position], position]
    return total.max(1)


def score(labels: NDArray[np.uint8], values: NDArray[Any]) -> Scores:
    """Exact AUROC and average precision, and the latter over prevalence."""
    precision = float(average_precision_score(labels, values))
    return {
        "auroc": float(roc_auc_score(labels, values)),
        "average_precision": precision,
        "lift": precision / float(labels.mean()),
    }


# --- the regression


def regression(genome: GenomeStore, tasks: list[str], bins: dict[str, Bins]) -> ByTask:
    """Fit all tasks at once for each penalty; keep for each task the best on validation."""
    x = {part: counts(genome, b.centres) for part, b in bins.items()}
    mean, sd = x["training"].mean(0), x["training"].std(0)
    for values in x.values():
        values -= mean
        values /= np.where(sd > 0, sd, 1)
    best: dict[str, Scores] = {}
    on_validation = dict.fromkeys(tasks, -1.0)
    for penalty, predict in path(x["training"], bins["training"].labels):
        seen, held_out = predict(x["validation"]), predict(x["test"])
        for i, task in enumerate(tasks):
            auroc = roc_auc_score(bins["validation"].labels[:, i], seen[:, i])
            if auroc > on_validation[task]:
                on_validation[task] = auroc
                best[task] = {
                    **score(bins["test"].labels[:, i], held_out[:, i]),
                    "penalty": penalty,
                    "validation_auroc": float(auroc),
                }
        median = statistics.median(on_validation.values())
        progress(f"penalty {penalty:.3g}: best validation AUROC so far, median {median:.4f}")
    return best


def path(
    x: NDArray[np.float32], labels: NDArray[np.uint8]
) -> Iterator[tuple[float, Callable[[NDArray[np.float32]], NDArray[np.float32]]]]:
    """Logistic regressions of every task, from the strongest penalty down, each from the last.

    Minimises mean log-loss + penalty / 2 * |w|^2, the intercept free. The tasks share no
    parameter, so solving them together by L-BFGS is solving each. Weights are rotated to the
    principal axes of the features (a ridge penalty does not notice) and there scaled by the
    curvature to be expected, without which rare tasks and weak penalties take thousands of steps.
    """
    curvature, axes = np.linalg.eigh(x.T.astype(np.float64) @ x / len(x))
    rotated = torch.from_numpy(x @ axes.astype(np.float32))
    y = torch.from_numpy(labels).float()
    rate = labels.mean(0)
    at = np.concatenate([np.zeros((x.shape[1], rate.size)), [np.log(rate / (1 - rate))]])
    for penalty in PENALTIES:
        expected = np.append(np.maximum(curvature, 0), 1)[:, None] * (rate * (1 - rate))
        expected[:-1] += penalty
        scale = 1 / np.sqrt(expected)
        found = minimize(
            loss_and_gradient,
            (at / scale).ravel(),
            (rotated, y, penalty, torch.from_numpy(scale)),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 300, "maxcor": 20, "gtol": GRADIENT, "ftol": 0},
        )
        at = found.x.reshape(at.shape) * scale
        w = np.concatenate([axes @ at[:-1], at[-1:]]).astype(np.float32)
        largest = np.abs(found.jac).max()
        progress(f"penalty {penalty:.3g}: {found.nit} steps, largest gradient {largest:.1e}")
        yield penalty, lambda inputs, w=w: inputs @ w[:-1] + w[-1]


def loss_and_gradient(
    flat: NDArray[np.float64],
    x: torch.Tensor,
    y: torch.Tensor,
    penalty: float,
    scale: torch.Tensor,
) -> tuple[float, NDArray[np.float64]]:
    """Summed over tasks; weights and gradient in units of `scale`."""
    w = torch.from_numpy(flat).view(-1, y.shape[1]) * scale
    z = torch.addmm(w[-1].float(), x, w[:-1].float())
    loss = torch.nn.functional.softplus(z).sub_(z * y).double().mean(0).sum()
    error = (z.sigmoid_() - y) / len(y)
    gradient = torch.cat([x.T @ error, error.sum(0, keepdim=True)]).double()
    gradient[:-1] += penalty * w[:-1]
    gradient *= scale
    return float(loss + penalty / 2 * w[:-1].square().sum()), gradient.numpy().ravel()


def counts(genome: GenomeStore, centres: NDArray[np.int64]) -> NDArray[np.float32]:
    """Canonical 6-mers around each centre: float32 (n, 2080). Those with an N are not counted."""
    number = canonical_numbers(K)
    n_kinds = n_canonical(K)
    out = np.empty((centres.size, n_kinds), np.float32)
    for first in range(0, centres.size, 2000):
        some = centres[first : first + 2000]
        codes = genome.codes("chr20", some - REACH, 2 * REACH)
        kinds = number[kmers(codes, K)]
        cells = kinds + np.arange(some.size)[:, None] * (n_kinds + 1)
        table = np.bincount(cells.ravel(), minlength=some.size * (n_kinds + 1))
        out[first : first + some.size] = table.reshape(some.size, -1)[:, :n_kinds]
    return out


def kmers(codes: NDArray[np.uint8], k: int) -> NDArray[np.int64]:
    """The k-mer at each position as a number, 4**k where it holds an N: (n, length - k + 1)."""
    n = codes.shape[1] - k + 1
    out = np.zeros((len(codes), n), np.int64)
    unknown = np.zeros((len(codes), n), bool)
    for i in range(k):
        letters = codes[:, i : i + n]
        out = out * 4 + (letters & 3)
        unknown |= letters == 4
    out[unknown] = 4**k
    return out


def canonical_numbers(k: int) -> NDArray[np.int64]:
    """Each k-mer and its reverse complement under one number; the last entry is for N."""
    kmer = np.arange(4**k)
    other = np.zeros_like(kmer)
    for i in range(k):
        other = other * 4 + (3 - (kmer >> (2 * i) & 3))
    smaller = np.minimum(kmer, other)
    kinds, number = np.unique(smaller, return_inverse=True)
    return np.append(number, kinds.size)


def n_canonical(k: int) -> int:
    """How many k-mers there are, a k-mer and its reverse complement being one; k even."""
    return (4**k + 4 ** (k // 2)) // 2


# --- what is printed and written


def table(
    tasks: pd.DataFrame, labels: NDArray[np.uint8], scores: dict[str, ByTask]
) -> tuple[list[str], list[list[Any]]]:
    """A line a task, then medians: over all, over the CTCF tasks, by assay."""
    heads = {SCAN: "scan", WIDE_SCAN: "scan ±50 bp", REGRESSION: "6-mers"}
    head = ["task", "assay", "positives"]
    head += [f"{heads[name]} {column}" for name in scores for column in COLUMNS]
    cells = [
        [task, assay, int(labels[:, i].sum()), *figures(scores, [task])]
        for i, (task, assay) in enumerate(zip(tasks["task"], tasks["assay"], strict=True))
    ]
    for name, group in groups(tasks).items():
        cells.append([f"median of {name}", f"{len(group)} tasks", None, *figures(scores, group)])
    return head, cells


def groups(tasks: pd.DataFrame) -> dict[str, list[str]]:
    """Tasks over which medians are taken."""
    by_assay = {str(assay): list(some) for assay, some in tasks.groupby("assay")["task"]}
    ctcf = list(tasks["task"][tasks["target"] == "CTCF"])
    return {"all": list(tasks["task"]), "CTCF": ctcf, **by_assay}


def figures(scores: dict[str, ByTask], group: list[str]) -> list[float | None]:
    """Medians over a group, for each baseline that was scored on all of it."""
    out: list[float | None] = []
    for by_task in scores.values():
        whole = all(task in by_task for task in group)
        out += medians(by_task, group).values() if whole else [None] * len(UNITS)
    return out


def medians(by_task: ByTask, group: list[str]) -> Scores:
    """Each metric's median over some tasks."""
    return {key: statistics.median(by_task[task][key] for task in group) for key in UNITS}


def rows(tasks: pd.DataFrame, scores: dict[str, ByTask], config: dict[str, Any]) -> list[Row]:
    """Medians with the whole configuration; then a row a task, with what concerns the task."""
    out = []
    for group, members in groups(tasks).items():
        for name, by_task in scores.items():
            if all(task in by_task for task in members):
                out += [
                    row(f"{name}: median of {group}: {key}", value, UNITS[key], config)
                    for key, value in medians(by_task, members).items()
                ]
    for name, by_task in scores.items():
        for task, by_key in by_task.items():
            own = {key: value for key, value in by_key.items() if key not in UNITS}
            out += [row(f"{name}: {task}: {key}", by_key[key], UNITS[key], own) for key in UNITS]
    return out


def compact(scores: dict[str, ByTask]) -> dict[str, Any]:
    """What the demo's report shows beside the network: of the two scans the better one."""
    return {
        "baselines": {
            name: {
                task: {key: round(by_key[key], 4) for key in ("auroc", "average_precision")}
                for task, by_key in scores[name].items()
            }
            for name in (WIDE_SCAN, REGRESSION)
        }
    }


if __name__ == "__main__":
    main()
