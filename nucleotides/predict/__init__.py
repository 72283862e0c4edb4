"""Predictions of a trained model."""

from nucleotides.predict.ensemble import Ensemble
from nucleotides.predict.model import Model
from nucleotides.predict.open_model import load
from nucleotides.predict.variant_effects import VariantEffects

__all__ = ["Ensemble", "Model", "VariantEffects", "load"]
