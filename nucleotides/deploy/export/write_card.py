"""The card of a bundle: its licence put in, or all of it where `post-process` wrote none."""

from __future__ import annotations

import re
from collections import Counter

from nucleotides.deploy.export.gather import Gathered

LICENCE = "## Licence of the weights"
NO_LICENCE = "Not stated by who trained it: `nucleotides export --licence` says it."
_SECTION = re.compile(rf"{LICENCE}\n.*?(?=\n## |\Z)", re.DOTALL)


def write_card(of: Gathered, licence: str | None) -> str:
    """The card, Markdown; with a licence, that of the weights is it.

    Args:
        of: the model.
        licence: a name or a text, of which the first line is told.
    """
    card = of.known.card or _brief(of)
    if licence is None:
        return card
    name, _, rest = licence.strip().partition("\n")
    told = f"{LICENCE}\n\n{name}{' (see LICENSE)' if rest else ''}\n"
    if not _SECTION.search(card):
        return f"{card.rstrip()}\n\n{told}"
    return _SECTION.sub(lambda _: told, card, count=1)


def _brief(of: Gathered) -> str:
    facts = of.checkpoint.hyperparameters
    n_weights = sum(p.numel() for p in of.checkpoint.model.parameters())
    return f"""# Model card: {of.name}

Written by `nucleotides export`. `nucleotides post-process` on the run finds out more: how good the
model is on the held-out test part, its scores over the genome, and the map of its tasks.

## What it is

{facts["model_class"]}, {n_weights:,} parameters. It reads {facts["sequence_length"]:,} bases of DNA
and predicts, for each of {len(of.tasks):,} tasks, whether the middle {facts["bin"]} bases lie in a
peak (at least {facts["threshold"]:.0%} of them).

## Training data

{_data(of)}

{LICENCE}

{NO_LICENCE}

## How good it is

{_scores(of)}

## Limits

It knows the biosamples and the species that it was trained on. It is made for research, and must
not be used for diagnosis or decisions on the treatment of people.
"""


def _data(of: Gathered) -> str:
    assays = Counter(of.tasks.get("assay", ()))
    told = ", ".join(f"{name or 'no assay named'} {n}" for name, n in assays.most_common())
    tasks = f"{len(of.tasks):,} tasks" + (f": {told}" if told else "")
    lock = " `lock.json` has the checksums of the stores." if of.known.lock else ""
    return f"{tasks}. `tasks.tsv` names them.{lock}"


def _scores(of: Gathered) -> str:
    every = of.metrics.get("summary", {}).get("all", {})
    medians = {name: every.get(name, {}).get("median") for name in ("auroc", "lift")}
    if None in medians.values():
        return "Not known: it was exported from a checkpoint that was not scored."
    part = f" on the {of.part} part" if of.part else ""
    return (
        f"Median over {every['n_scored']:,} scored tasks{part}: AUROC {medians['auroc']:.3f}, "
        f"average precision {medians['lift']:.1f} times the prevalence. `metrics.json` has all."
    )
