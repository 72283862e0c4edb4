"""What TensorBoard shows beside the losses: metrics by assay, and how they spread over tasks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from numpy.typing import NDArray

from nucleotides.model.lightning_model import FunctionalModel

_CURVES = {"auroc": "auroc", "average_precision": "ap"}
_BINS = np.linspace(0, 1, 51)
_DRAWN = ("precision", "recall")


class Curves(Callback):
    """After each validation, at its step: to every TensorBoard logger

    - `auroc_by_assay/ASSAY` and `ap_by_assay/ASSAY`, medians over the tasks that have both classes;
    - `tasks/auroc` and `tasks/ap`, histograms over those tasks;
    - `tasks/precision_recall`, a figure with a dot for each task that is predicted at all.

    Args:
        tasks: a row a task, in the model's order; columns task and assay.
    """

    def __init__(self, tasks: pd.DataFrame) -> None:
        self.assays = tasks["assay"].replace("", "unknown assay").to_numpy(str)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draw, in the first process."""
        if trainer.sanity_checking:
            return
        assert isinstance(pl_module, FunctionalModel)
        computed = pl_module.scores.compute()  # by all processes: it sums over them
        boards = [log for log in trainer.loggers if isinstance(log, TensorBoardLogger)]
        if not trainer.is_global_zero or not boards:
            return
        metrics = {name: computed[name].cpu().numpy() for name in (*_CURVES, *_DRAWN)}
        image = draw_precision_recall(metrics["precision"], metrics["recall"], self.assays)
        for board in boards:
            self._write(board.experiment, metrics, image, trainer.global_step)

    def _write(
        self,
        board: Any,
        metrics: dict[str, NDArray[np.float64]],
        image: NDArray[np.uint8],
        step: int,
    ) -> None:
        scored = ~np.isnan(metrics["auroc"])
        for metric, name in _CURVES.items():
            for assay in np.unique(self.assays[scored]):
                median = np.median(metrics[metric][scored & (self.assays == assay)])
                board.add_scalar(f"{name}_by_assay/{assay}", median, step)
            if scored.any():
                board.add_histogram(f"tasks/{name}", metrics[metric][scored], step, bins=_BINS)
        board.add_image("tasks/precision_recall", image, step, dataformats="HWC")


def draw_precision_recall(
    precision: NDArray[np.float64], recall: NDArray[np.float64], assays: NDArray[np.str_]
) -> NDArray[np.uint8]:
    """A dot a task at probability 0.5, coloured by assay, as pixels (height, width, 3).

    Tasks that are nowhere predicted have no precision, and no dot.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), dpi=100, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    drawn = ~(np.isnan(precision) | np.isnan(recall))
    for assay in np.unique(assays):
        of = drawn & (assays == assay)
        axes.scatter(recall[of], precision[of], s=12, alpha=0.6, label=f"{assay} ({of.sum()})")
    title = f"at probability 0.5; {drawn.sum()} of {len(drawn)} tasks are predicted anywhere"
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="recall", ylabel="precision")
    axes.set_title(title, fontsize=9)
    axes.legend(fontsize=8)
    canvas.draw()  # type: ignore[no-untyped-call]
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()  # type: ignore[no-untyped-call]
