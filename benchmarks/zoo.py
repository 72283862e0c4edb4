"""Every network of the zoo, each trained for the same time on the demo's split, from its recipe.

A pilot of a few batches finds a network's speed; its learning-rate schedule is then laid over as
many samples as fit in the time, in EPOCHS parts, each followed by a validation (outside of the
time), of which the best counts. Half of the samples from peaks, half from anywhere, for all. The
test is every 200-bp bin of the held-out megabase. Sei and Enformer, whose recipes want a GPU, are
narrowed.

python benchmarks/zoo.py [--seconds S] [--models NAME...] [--work FOLDER] [--json FILE] ...
(with --work, what is finished there is not run again)
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import demo_data
import yaml
from common import configuration, parser, progress, report, row

from nucleotides.model.checkpoint import load_checkpoint
from nucleotides.model.registry import DEFAULT_MODEL, MODELS

RECIPES = Path(__file__).parents[1] / "recipes"
EPOCHS, VALIDATION_SIZE = 4, 500
ASSAYS = {"DNase-seq": "DNase", "Histone ChIP-seq": "histone", "TF ChIP-seq": "TF"}
NARROWED = {
    "sei": ["--model.channels", "[120,160,240]", "--model.hidden", "256"],
    "enformer": ["--model.channels", "192", "--model.depth", "4"],
}
METRICS = {"auroc": "AUROC", "average_precision": "AP", "lift": "AP/prevalence"}


def main() -> None:
    """Train, test, print."""
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=180)
    options.add_argument("--models", nargs="+", default=list(MODELS))
    options.add_argument("--work", type=Path, help="folder for stores and runs [default: none]")
    arguments = options.parse_args()
    config = configuration(
        ("torch", "lightning"),
        seconds=arguments.seconds,
        split=demo_data.SPLIT,
        epochs=EPOCHS,
        default=DEFAULT_MODEL,
        narrowed={name: " ".join(words) for name, words in NARROWED.items()},
    )
    with tempfile.TemporaryDirectory() as name:
        work = arguments.work or Path(name)
        if not (work / "targets").exists():
            demo_data.build_stores(work)
        found = {model: run(model, work, arguments.seconds) for model in arguments.models}
    best = sorted(found, key=lambda model: -found[model]["lift, all"])
    head = ["network", "parameters", "window, bp", "samples/s", "samples", *_columns()]
    cells = [[model, *_cells(found[model])] for model in best]
    rows = [
        row(f"{model}: {name}", value, "", config)
        for model in best
        for name, value in found[model].items()
    ]
    report(arguments, head, cells, rows, config)


def _columns() -> list[str]:
    by_assay = [f"AP/prev., {short}" for short in ASSAYS.values()]
    return [*METRICS.values(), *by_assay]


def _cells(values: dict[str, Any]) -> list[str]:
    counts = [f"{values[name]:,.0f}" for name in ("parameters", "window")]
    counts += [f"{values['rate']:,.3g}", f"{values['samples']:,.0f}"]
    scores = [f"{values['auroc, all']:.3f}", f"{values['average_precision, all']:.3f}"]
    lifts = [f"{values[f'lift, {part}']:.1f}" for part in ("all", *ASSAYS)]
    return [*counts, *scores, *lifts]


def run(model: str, work: Path, seconds: float) -> dict[str, float]:
    """What a network reaches, and how fast."""
    batch = next(each for each in map(_batch_size, reversed(recipes(model))) if each)
    progress(f"{model}: pilot")
    pilot = work / "runs" / f"{model}-pilot"
    if not (pilot / "validation.json").exists():
        train(model, work, pilot.name, batch, samples=2 * batch, epochs=3, validation=batch)
    times = [float(line["seconds"]) for line in _epochs(pilot)]
    rate = 2 * batch / min(times[1:])
    samples = max(1, round(rate * seconds / EPOCHS / batch)) * batch
    progress(f"{model}: {rate:,.3g} samples/s, {EPOCHS} x {samples:,} samples")
    folder = work / "runs" / model
    if not (folder / "validation.json").exists():
        train(model, work, model, batch, samples, EPOCHS, VALIDATION_SIZE)
    best = folder / "checkpoints" / "best.ckpt"
    if not (folder / "test.json").exists():
        call("test", "--checkpoint", best, "--device", "cpu")
    summary = json.loads((folder / "test.json").read_text())["summary"]
    groups = {"all": summary["all"]} | {name: summary["by_assay"][name] for name in ASSAYS}
    lines = _epochs(folder)
    network = load_checkpoint(best).model
    return {
        "parameters": sum(p.numel() for p in network.parameters()),
        "window": network.sequence_length,
        "rate": samples * EPOCHS / sum(float(line["seconds"]) for line in lines),
        "samples": samples * EPOCHS,
        "seconds": sum(float(line["seconds"]) for line in lines),
        **{
            f"{metric}, {name}": group[metric]["median"]
            for metric in METRICS
            for name, group in groups.items()
        },
    }


def train(
    model: str, work: Path, name: str, batch: int, samples: int, epochs: int, validation: int
) -> None:
    """`nucleotides train` with the network's recipe, on the demo's data, from the beginning."""
    shutil.rmtree(work / "runs" / name, ignore_errors=True)
    call(
        *("train", *(word for path in recipes(model) for word in ("--config", path))),
        *("--accelerator", "cpu", *NARROWED.get(model, [])),
        *("--genome", work / "genome", "--targets", work / "targets", "--logs", work / "runs"),
        *("--validation", demo_data.VALIDATION, "--test", demo_data.TEST, "--run_name", name),
        *("--batch_size", batch, "--samples_per_epoch", samples, "--max_epochs", epochs),
        *("--validation_size", validation, "--background", 0.5, "--leakage", "false"),
    )


def recipes(model: str) -> list[Path]:
    """The network's own, which may go on top of DeepSEA's."""
    names = [model] if model == "motifnet" else dict.fromkeys(["deepsea", model])
    return [RECIPES / f"{name}.yaml" for name in names]


def _batch_size(recipe: Path) -> int | None:
    return yaml.safe_load(recipe.read_text()).get("batch_size")


def call(*words: object) -> None:
    """Run the command line; what it says goes to whoever waits."""
    command = [sys.executable, "-m", "nucleotides", *map(str, words)]
    subprocess.run(command, check=True, stdout=sys.stderr)


def _epochs(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
