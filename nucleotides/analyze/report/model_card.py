"""The model card: what the model is, was trained on, is for, and how good it is, in Markdown.

Sections as by Mitchell et al. 2019 (10.1145/3287560.3287596).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined

from nucleotides import __version__
from nucleotides.analyze.attempt import by_reason
from nucleotides.analyze.report import numbers, words
from nucleotides.analyze.report.evaluation import Evaluation, RunFacts
from nucleotides.analyze.report.provenance import accessions, unnamed_sources

NO_LICENCE = (
    "Not stated by who trained it: `nucleotides post-process --licence` says under which terms "
    "the weights may be used."
)
ENCODE_LICENCE = (
    "Data of the ENCODE Project may be used without restriction; please cite it "
    "(10.1038/nature11247, 10.1038/s41586-020-2493-4) and the accessions used. Peak files of "
    "one's own stand under their own terms."
)


def model_card(
    evaluation: Evaluation,
    facts: RunFacts,
    *,
    window: int,
    licence: str | None = None,
    limits: Sequence[str] = (),
    calibration: str = "",
    absent: Mapping[str, str] | None = None,
) -> str:
    """The card of a model.

    Args:
        evaluation: the held-out set, scored.
        facts: what was run, and how it went.
        window: bases that the model reads.
        licence: of the weights.
        limits: more of them, a sentence each.
        calibration: how far probabilities are from frequencies, in a sentence or two.
        absent: what could not be found out, and why.
    """
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    found = accessions(evaluation.tasks)
    without, sources = unnamed_sources(evaluation.tasks)
    text = environment.from_string(_template()).render(
        title=facts.title,
        version=__version__,
        opening=" ".join(words.opening(evaluation, facts)[:2]),
        provenance=[(_cell(name), _cell(value)) for name, value in facts.provenance.items()],
        tasks=evaluation.tasks,
        assays=words.assay_counts(evaluation),
        accessions=found,
        without=without,
        sources=sources,
        data_licence=ENCODE_LICENCE,
        licence=licence or NO_LICENCE,
        window=f"{window:,}",
        limits=limits,
        verdict=" ".join(words.opening(evaluation, facts)[2:]),
        scores=_scores(facts.summary),
        calibration=calibration,
        absent=by_reason(dict(absent or {})),
    )
    return text.rstrip() + "\n"


def _scores(summary: Mapping[str, Any]) -> list[list[str]]:
    groups = [*summary.get("by_assay", {}).items(), ("all", summary.get("all", {}))]
    return [
        [
            _cell(name or "no assay named"),
            numbers.whole(group.get("n_tasks")),
            numbers.whole(group.get("n_scored")),
            _spread(group.get("auroc", {}), numbers.fixed),
            _spread(group.get("lift", {}), numbers.times),
        ]
        for name, group in groups
    ]


def _spread(values: Mapping[str, Any], written: Any) -> str:
    median, low, high = (written(values.get(name)) for name in ("median", "q1", "q3"))
    return median if numbers.DASH in (low, high) else f"{median} ({low}–{high})"


def _cell(text: str) -> str:
    """Text that may stand in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def _template() -> str:
    return resources.files(__package__).joinpath("model_card.md.j2").read_text(encoding="utf-8")
