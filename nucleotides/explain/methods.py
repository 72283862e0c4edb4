"""The ways to explain, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from nucleotides.errors import InputError, UnknownNameError
from nucleotides.explain.deep_lift_shap import deep_lift_shap
from nucleotides.explain.gradients import input_x_gradient, saliency
from nucleotides.explain.integrated_gradients import integrated_gradients
from nucleotides.explain.mutagenesis import saturation_mutagenesis

if TYPE_CHECKING:
    from nucleotides.explain.explained import Explained

Method = Literal[
    "mutagenesis", "saliency", "input_x_gradient", "integrated_gradients", "deep_lift_shap"
]
METHODS = get_args(Method)
Scale = Literal["logit", "probability"]
_CONTRIBUTION = {
    "mutagenesis": "what the {scale} loses, on average, when another base takes its place",
    "saliency": "the derivative of the logit with respect to it",
    "input_x_gradient": "the derivative of the logit with respect to it, less the mean of those of "
    "all four",
    "integrated_gradients": "its part of the difference between the logit and that of a sequence "
    "with a quarter of each base everywhere (integrated gradients)",
    "deep_lift_shap": "its part of the difference between the logit and the mean of those of "
    "dinucleotide shuffles (DeepLIFT/SHAP)",
}
"""Of a base, in words."""


@dataclass(frozen=True)
class How:
    """How windows are explained.

    Attributes:
        method: one of `METHODS`.
        scale: of mutagenesis, differences of logits or of probabilities.
        precision: of mutagenesis, float32 or bfloat16.
        seed: of the shuffles that DeepLIFT/SHAP compares with.

    Raises:
        UnknownNameError: a method, scale or precision that there is not.
        InputError: probabilities or reduced precision of another method than mutagenesis.
    """

    method: str = "mutagenesis"
    scale: str = "logit"
    precision: str = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        for kind, known in (
            ("method", METHODS),
            ("scale", get_args(Scale)),
            ("precision", ("float32", "bfloat16")),
        ):
            if getattr(self, kind) not in known:
                raise UnknownNameError(kind, getattr(self, kind), known)
        if self.scale == "probability" and not self.exchanges:
            raise InputError(
                f"{self.method} is of logits: probabilities are for mutagenesis, whose values are "
                "differences of predictions"
            )
        if self.precision != "float32" and not self.exchanges:
            raise InputError(
                f"{self.method} is computed in float32: {self.precision} is for mutagenesis"
            )

    @property
    def exchanges(self) -> bool:
        """Whether values are what exchanges of bases do, not what bases contribute."""
        return self.method == "mutagenesis"

    @property
    def contribution(self) -> str:
        """What the contribution of a base is, in words."""
        return _CONTRIBUTION[self.method].format(scale=self.scale)

    @property
    def at_once(self) -> int:
        """Windows that are explained in some seconds."""
        return 4 if self.exchanges else 32


class Values(NamedTuple):
    """What is found of windows: float32 (n, tasks, 4, length), and gaps (n, tasks) where known."""

    values: NDArray[np.float32]
    gap: NDArray[np.float64] | None


def explain_windows(
    model: Explained,
    codes: NDArray[np.uint8],
    tasks: list[str],
    how: How,
    positions: tuple[int, int] | None = None,
) -> Values:
    """Explain windows (n, length): of the positions first to end - 1, or of all.

    Raises:
        InputError, UnknownNameError: see `saturation_mutagenesis`.
    """
    if how.exchanges:
        return Values(_exchange(model, codes, tasks, how, positions), None)
    if how.method == "saliency":
        found = saliency(model, codes, tasks)
    elif how.method == "input_x_gradient":
        found = input_x_gradient(model, codes, tasks)
    elif how.method == "integrated_gradients":
        found = integrated_gradients(model, codes, tasks)
    else:
        found = deep_lift_shap(model, codes, tasks, seed=how.seed)
    return Values(found.values[..., slice(*(positions or (None,)))], found.gap)


def _exchange(
    model: Explained,
    codes: NDArray[np.uint8],
    tasks: list[str],
    how: How,
    positions: tuple[int, int] | None,
) -> NDArray[np.float32]:
    """Differences of predictions, mutant less wild type, on the scale that is wanted."""
    change = saturation_mutagenesis(
        model, codes, tasks, precision=how.precision, positions=positions
    )
    if how.scale == "logit":
        return change
    names = list(model.tasks["task"])
    wild = model.logits(codes)[:, [names.index(task) for task in tasks]].astype(np.float64)
    wild = wild[:, :, None, None]
    return np.asarray(expit(wild + change) - expit(wild), np.float32)
