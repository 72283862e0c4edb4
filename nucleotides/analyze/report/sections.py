"""The report's figures as inline SVG, with what its legends and captions need to say."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from nucleotides.analyze.report import choose, figures, numbers, scores, tracks
from nucleotides.analyze.report.choose import Pick
from nucleotides.analyze.report.evaluation import Evaluation, RunFacts
from nucleotides.analyze.report.gallery import Gallery, Pair, file_name
from nucleotides.analyze.report.theme import assay_colours
from nucleotides.analyze.stretches import Stretch

_MOST_STRETCHES = 3


@dataclass(frozen=True)
class Curves:
    """The curves of one assay: its colour, the two figures, and (role, task, scores, dashes)."""

    assay: str
    colour: str
    figures: list[str]
    legend: list[tuple[str, str, str, str]]


@dataclass(frozen=True)
class Tracks:
    """A stretch of the genome: its coordinates and the figure for wide and narrow screens."""

    where: str
    is_zoom: bool
    wide: str
    narrow: str


def learning(facts: RunFacts, gallery: Gallery) -> list[str]:
    """Loss, AUROC and lift by epoch; fewer, or none, where the history is silent."""
    panels = {
        "loss": {"train_loss": "muted", "val_loss": "assay0"},
        "median AUROC on validation": {"val_auroc": "assay0"},
        "median lift on validation": {"val_lift": "assay0"},
    }
    drawn = []
    for label, lines in panels.items():
        figure = figures.learning_curve(facts.history, lines, label, facts.best_epoch)
        if figure is not None:
            drawn.append(gallery.one(figure, file_name("learning", label), f"{label} by epoch"))
    return drawn


def merits(evaluation: Evaluation, facts: RunFacts, gallery: Gallery) -> Pair:
    """AUROC and lift of every task, for wide and for narrow screens."""
    text = "AUROC and average precision over prevalence by task and assay; the table has the values"
    return gallery.both(
        lambda width: scores.score_figure(evaluation, facts.baselines, width), "scores", text
    )


def curves(evaluation: Evaluation, gallery: Gallery) -> list[Curves]:
    """Precision-recall and ROC of the best, median and worst task of the main assays."""
    colours = assay_colours(choose.by_assay(evaluation.tasks))
    made = []
    for assay, picks in choose.for_curves(evaluation.tasks).items():
        colour = colours[assay]
        drawn = {
            "Precision-recall": figures.precision_recall_curves(evaluation, picks, colour),
            "ROC": figures.roc_curves(evaluation, picks, colour),
        }
        svgs = [
            gallery.one(figure, file_name(what, assay), f"{what} curves of {assay} tasks")
            for what, figure in drawn.items()
        ]
        made.append(Curves(assay, colour, svgs, _legend(evaluation, picks)))
    return made


def _legend(evaluation: Evaluation, picks: list[Pick]) -> list[tuple[str, str, str, str]]:
    names = choose.short_names(evaluation.tasks)
    lines = []
    for pick, dashes in zip(picks, figures.DASHES, strict=False):
        row = evaluation.tasks.iloc[pick.task]
        text = (
            f"AUROC {numbers.fixed(float(row['auroc']), 2)}, "
            f"AP {numbers.fixed(float(row['average_precision']))}, "
            f"prevalence {numbers.percent(float(row['prevalence']))}"
        )
        lines.append((pick.role, names[pick.task], text, " ".join(map(str, dashes))))
    return lines


def genome(evaluation: Evaluation, gallery: Gallery) -> tuple[list[Tracks], int]:
    """Tracks along the longest stretches with a zoom into the first; how many are not drawn."""
    picks = choose.for_tracks(evaluation.tasks)
    found = evaluation.stretches
    if not picks:
        return [], len(found)
    zoom = tracks.densest(evaluation, found[0], picks)
    made = []
    for i, stretch in enumerate(found[:_MOST_STRETCHES]):
        mark = zoom if i == 0 else None
        made.append(_tracks(evaluation, gallery, stretch, picks, mark=mark))
        if mark is not None:
            made.append(_tracks(evaluation, gallery, mark, picks, scale_to=stretch))
    return made, len(found) - _MOST_STRETCHES


def _tracks(
    evaluation: Evaluation,
    gallery: Gallery,
    stretch: Stretch,
    picks: list[Pick],
    mark: Stretch | None = None,
    scale_to: Stretch | None = None,
) -> Tracks:
    def draw(width: float) -> Figure:
        return tracks.track_figure(evaluation, stretch, picks, width, scale_to, mark)

    name = file_name("zoom" if scale_to else "tracks", stretch.contig, str(stretch.start))
    text = f"predicted probability and measured peaks along {stretch}"
    return Tracks(str(stretch), scale_to is not None, *gallery.both(draw, name, text))
