"""Predictions of a trained model."""

from nucleotides.predict.model import Model, load

__all__ = ["Model", "load"]
