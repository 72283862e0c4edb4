"""Whether contributions add up: integrated gradients and DeepLIFT/SHAP of every network of the zoo.

What the contributions of a window's bases add up to, less the difference of its logit to that of
the baseline (a quarter of each base; the mean of dinucleotide shuffles): random windows, two tasks,
initial weights, for which differences are small, and, where a model is given, trained ones. A
network that is longer than a window of 1,000 bases reads its own least number of bases.

python benchmarks/completeness.py [--model BUNDLE] [--windows N] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from common import configuration, parser, progress, report, row

import nucleotides
from nucleotides.errors import InputError
from nucleotides.explain.attributions import Attributions
from nucleotides.explain.deep_lift_shap import deep_lift_shap
from nucleotides.explain.integrated_gradients import integrated_gradients
from nucleotides.model.registry import MODELS, create_model
from nucleotides.predict import Model

LENGTHS, TASKS, STEPS, REFERENCES = (1000, 2000, 4096, 16_384), 2, 50, 20


def main() -> None:
    """Explain with each network, print."""
    options = parser(__doc__)
    options.add_argument("--model", type=Path, help="a trained model beside the zoo")
    options.add_argument("--windows", type=int, default=2)
    arguments = options.parse_args()
    cells, rows = [], []
    config = configuration(("torch",), steps=STEPS, references=REFERENCES, tasks=TASKS)
    for name in (*MODELS, *([arguments.model] if arguments.model else [])):
        model = new_model(name) if name in MODELS else nucleotides.load(name)
        label = name if name in MODELS else f"{type(model.network).__name__}, trained"
        codes = np.random.default_rng(0).integers(0, 4, (arguments.windows, model.sequence_length))
        numbers = measure(model, codes.astype(np.uint8))
        progress(f"{label}: {numbers}")
        cells.append([label, model.sequence_length, *(f"{v:.2g}" for v in numbers.values())])
        rows += [row(f"{label}, {key}", v, "logit", config) for key, v in numbers.items()]
    report(arguments, ["network", "bases", *numbers], cells, rows, config)


def new_model(name: str) -> Model:
    """A network with initial weights that reads the fewest of `LENGTHS`."""
    torch.manual_seed(0)
    tasks = pd.DataFrame({"task": [f"task{i}" for i in range(TASKS)]})
    for length in LENGTHS:
        try:
            return Model(create_model(name, TASKS, length, {}).eval(), tasks, step=200)
        except InputError:
            continue
    raise SystemExit(f"{name} reads none of {LENGTHS}")


def measure(model: Model, codes: np.ndarray) -> dict[str, float]:
    """Largest differences of logits and largest gaps, of both methods."""
    names = list(model.tasks["task"])[:TASKS]
    found: dict[str, Any] = {
        "integrated gradients": integrated_gradients(model, codes, names, steps=STEPS),
        "DeepLIFT/SHAP": deep_lift_shap(model, codes, names, references=REFERENCES),
    }
    return {
        f"{method}: {what}": value
        for method, attributions in found.items()
        for what, value in zip(("difference", "gap"), sizes(attributions), strict=True)
    }


def sizes(found: Attributions) -> tuple[float, float]:
    """Of the differences that contributions should add up to, and of what they miss."""
    assert found.gap is not None
    change = found.actual().astype(np.float64).sum(axis=2) - found.gap
    return float(np.abs(change).max()), float(np.abs(found.gap).max())


if __name__ == "__main__":
    main()
