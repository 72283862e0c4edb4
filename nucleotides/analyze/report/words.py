"""The report's first paragraph, its cards, and the facts that follow from the evaluation."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from nucleotides.analyze.report import choose, numbers
from nucleotides.analyze.report.evaluation import Evaluation, RunFacts, text

# A card's value, its name and a note under it.
Card = tuple[str, str, str]


def assay_counts(evaluation: Evaluation) -> str:
    """29 TF ChIP-seq, 8 Histone ChIP-seq and 3 DNase-seq; at most five assays by name."""
    counts = Counter(text(evaluation.tasks, "assay")).most_common()
    parts = [f"{number:,} {assay or 'of no named assay'}" for assay, number in counts[:5]]
    rest = sum(number for _, number in counts[5:])
    return numbers.listed([*parts, f"{rest:,} of other assays"] if rest else parts)


def held_out(evaluation: Evaluation) -> str:
    """The regions of the held-out set; their number where they are many."""
    found = evaluation.judged.regions
    if len(found) > 4:
        contigs = len({stretch.contig for stretch in found})
        return f"{len(found):,} regions of {numbers.counted(contigs, 'contig')}"
    return numbers.listed([str(stretch) for stretch in found]) or "no region"


def opening(evaluation: Evaluation, facts: RunFacts) -> list[str]:
    """What was trained on what and how good it is, sentence by sentence."""
    tasks, bins = len(evaluation.tasks), evaluation.judged.bins
    judged = (
        f"Here it is judged on {numbers.counted(bins, 'bin')} held out of its training, "
        f"{held_out(evaluation)}."
    )
    sentences = [
        f"A network that reads nothing but DNA sequence was trained on "
        f"{numbers.counted(tasks, 'task')} ({assay_counts(evaluation)}) to tell which "
        f"{evaluation.bin:,}-base bins of the genome lie in a measured peak.",
        judged if bins else "Here it is not judged on held-out bins.",
    ]
    if not bins:
        return sentences
    return sentences + _verdict(facts) + _extremes(evaluation) + _rivals(evaluation, facts)


def _verdict(facts: RunFacts) -> list[str]:
    scores = facts.summary.get("all", {})
    auroc = scores.get("auroc", {}).get("median")
    if not numbers.known(auroc):
        return ["No task has bins both in and outside of peaks there, so nothing can be scored."]
    verdict = (
        f"In the median task it ranks a bin in a peak above a bin outside one "
        f"{100 * auroc:.0f}% of the time (AUROC {auroc:.3f}, where chance gives 0.5)"
    )
    lift = scores.get("lift", {}).get("median")
    if numbers.known(lift):
        verdict += f", and its average precision is {numbers.times(lift)} what chance gives"
    return [verdict + "."]


def _extremes(evaluation: Evaluation) -> list[str]:
    order = choose.ranked(evaluation.tasks)
    if len(order) < 2:
        return []
    names = choose.short_names(evaluation.tasks)
    auroc = evaluation.tasks["auroc"].to_numpy(dtype=float)
    best, worst = (f"{names[row]} ({auroc[row]:.2f})" for row in (order[0], order[-1]))
    return [f"It does best on {best} and worst on {worst}."]


def _rivals(evaluation: Evaluation, facts: RunFacts) -> list[str]:
    """Each baseline beside the network on the same tasks, and where it has more precision."""
    table = evaluation.tasks.set_index("task")
    parts = []
    for baseline, scores in (facts.baselines or {}).items():
        both = [
            (row, table.loc[task])
            for task, row in scores.items()
            if task in table.index and numbers.known(row.get("auroc"))
        ]
        ours = [mine["auroc"] for _, mine in both if numbers.known(mine["auroc"])]
        if not ours:
            continue
        theirs = float(np.median([row["auroc"] for row, _ in both]))
        better = sum(
            row.get("average_precision", 0) > mine["average_precision"] for row, mine in both
        )
        parts.append(
            f"{baseline} {theirs:.2f} against {float(np.median(ours)):.2f}"
            f" (higher average precision in {better:,} of {numbers.counted(len(both), 'task')})"
        )
    told = "Median AUROC of baselines on the same bins, against the network on the same tasks: "
    return [f"{told}{numbers.listed(parts)}."] if parts else []


def cards(evaluation: Evaluation, facts: RunFacts) -> list[Card]:
    """The key figures; those nobody gave are left out."""
    every = facts.summary.get("all", {})
    ctcf = facts.summary.get("by_target", {}).get("CTCF", {})
    scored = len(choose.ranked(evaluation.tasks))
    speed = {name: _speed(facts, name) for name in ("seconds", "samples", "samples_per_second")}
    made = [
        (f"{len(evaluation.tasks):,}", "tasks", f"{scored:,} scored"),
        _merit(every, "auroc", "median AUROC", numbers.fixed),
        _merit(ctcf, "auroc", "CTCF median AUROC", numbers.fixed),
        _merit(every, "lift", "median lift (AP ÷ prevalence)", numbers.times),
        _training(speed["seconds"]),
        (numbers.large(speed["samples"]), "samples seen", ""),
        (numbers.large(speed["samples_per_second"]), "samples a second", ""),
    ]
    return [card for card in made if card[0] != numbers.DASH]


def _merit(scores: dict[str, Any], name: str, title: str, written: Any) -> Card:
    found = scores.get(name, {})
    note = f"quartiles {written(found.get('q1'))} to {written(found.get('q3'))}"
    if scores.get("n_scored") == 1:
        note = "1 task"
    return written(found.get("median")), title, note


def _training(seconds: float | None) -> Card:
    long = seconds is not None and seconds >= 60
    value = f"{numbers.whole(seconds)} s" if numbers.known(seconds) else numbers.DASH
    return value, "training time", numbers.duration(seconds) if long else ""


def _speed(facts: RunFacts, name: str) -> float | None:
    given = facts.summary.get("training", {}).get(name)
    return float(given) if numbers.known(given) else None


def provenance(evaluation: Evaluation, facts: RunFacts) -> list[tuple[str, str]]:
    """The given facts, after those that the evaluation itself tells."""
    positives = int(evaluation.tasks["positives"].sum())
    cells = evaluation.judged.bins * len(evaluation.tasks)
    own = {
        "Tasks by assay": assay_counts(evaluation),
        "Held-out set": f"{held_out(evaluation)}: "
        f"{numbers.counted(evaluation.judged.bins, 'bin')} of {evaluation.bin:,} bases",
        "Held-out labels": f"{positives:,} of {cells:,} positive "
        f"({numbers.percent(positives / cells if cells else None)})",
    }
    if facts.best_epoch is not None:
        own["Weights"] = f"of epoch {facts.best_epoch}, the best on validation"
    return list({**own, **facts.provenance}.items())
