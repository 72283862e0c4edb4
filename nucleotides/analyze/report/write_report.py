"""One HTML file that shows what was trained on what, and how good it is.

It holds its own style, script and figures and asks nothing of the network. Example:

    write_report(Path("report.html"), evaluation, facts)
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from nucleotides import __version__
from nucleotides.analyze.attempt import by_reason
from nucleotides.analyze.report import scores, sections, tables, theme, tracks, words
from nucleotides.analyze.report.evaluation import Evaluation, RunFacts
from nucleotides.analyze.report.gallery import Gallery
from nucleotides.analyze.report.insights import NOTHING, Insights
from nucleotides.files import replacing

__all__ = ["Evaluation", "RunFacts", "render", "write_report"]


def write_report(
    path: Path,
    evaluation: Evaluation,
    facts: RunFacts,
    insights: Insights = NOTHING,
    gallery: Gallery | None = None,
) -> Path:
    """Writes the report of an evaluation as one HTML file, whole or not at all.

    Args:
        path: the file to write or replace; its folder is made if missing.
        evaluation: the held-out set, scored.
        facts: what was run, and how it went.
        insights: the sections of post-processing.
        gallery: where figures go.

    Returns:
        `path`.

    Raises:
        OutOfSpaceError: the disk is full; what was at `path` is unchanged.
    """
    text = render(evaluation, facts, insights, gallery)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def render(
    evaluation: Evaluation,
    facts: RunFacts,
    insights: Insights = NOTHING,
    gallery: Gallery | None = None,
) -> str:
    """The report as HTML."""
    gallery = gallery or Gallery()
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(_shipped),
    )
    drawn, left_out = sections.genome(evaluation, gallery)
    return environment.get_template("report.html.j2").render(
        title=facts.title,
        version=__version__,
        css=Markup(_shipped("report.css")),
        js=Markup(_shipped("report.js")),
        map_css=Markup(_shipped("report_map.css") if insights.map else ""),
        map_js=Markup(_shipped("report_map.js") if insights.map else ""),
        light=theme.LIGHT,
        dark=theme.DARK,
        contents=_contents(facts, insights),
        opening=words.opening(evaluation, facts),
        cards=words.cards(evaluation, facts),
        provenance=words.provenance(evaluation, facts),
        best_epoch=facts.best_epoch,
        learning=sections.learning(facts, gallery),
        merits=sections.merits(evaluation, facts, gallery),
        in_rows=len(evaluation.tasks) <= scores.MOST_ROWS,
        baselines=list(zip(facts.baselines or {}, scores.MARKERS, strict=False)),
        assays=tables.by_assay(evaluation, facts),
        tasks=tables.by_task(evaluation, facts),
        unscored=int(evaluation.tasks["auroc"].isna().sum()),
        curves=sections.curves(evaluation, gallery),
        tracks=drawn,
        left_out=left_out,
        zoom=tracks.ZOOM,
        insights=insights,
        absent=by_reason(insights.absent),
        map_told=facts.map_told,
        next_steps=facts.next_steps,
    )


def _contents(facts: RunFacts, insights: Insights) -> list[tuple[str, str]]:
    """Ids and names of the sections that are there."""
    known = [
        ("data", "Data", True),
        ("learning", "Learning", True),
        ("scores", "Scores", True),
        ("rare", "Common and rare", insights.long_tail),
        ("curves", "Curves", True),
        ("calibration", "Calibration", insights.calibration),
        ("map", "Map of the tasks", insights.map),
        ("similarity", "Likeness", insights.similarity),
        ("comparison", "Comparison", insights.comparison),
        ("tracks", "Along the genome", True),
        ("next", "Next", facts.next_steps),
    ]
    return [(where, name) for where, name, there in known if there]


def _shipped(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
