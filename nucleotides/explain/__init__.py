"""Why a model predicts what it predicts."""

from nucleotides.explain.ablate import Tiles, ablate, tile_deletions
from nucleotides.explain.attributions import Attributions
from nucleotides.explain.deep_lift_shap import deep_lift_shap
from nucleotides.explain.effects import Effects
from nucleotides.explain.explain_sequences import explain
from nucleotides.explain.explanation import Explanation
from nucleotides.explain.gradients import input_x_gradient, saliency
from nucleotides.explain.integrated_gradients import integrated_gradients
from nucleotides.explain.marginalise import marginalise
from nucleotides.explain.mutagenesis import saturation_mutagenesis
from nucleotides.explain.shuffle import shuffle_dinucleotides
from nucleotides.explain.space import space

__all__ = [
    "Attributions",
    "Effects",
    "Explanation",
    "Tiles",
    "ablate",
    "deep_lift_shap",
    "explain",
    "input_x_gradient",
    "integrated_gradients",
    "marginalise",
    "saliency",
    "saturation_mutagenesis",
    "shuffle_dinucleotides",
    "space",
    "tile_deletions",
]
