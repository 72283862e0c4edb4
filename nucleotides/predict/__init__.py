"""Predictions of a trained model."""

from nucleotides.predict.effects.variant_effects import VariantEffects
from nucleotides.predict.ensemble import Ensemble
from nucleotides.predict.model import Model
from nucleotides.predict.open_model import load

__all__ = ["Ensemble", "Model", "VariantEffects", "load"]
