"""Why a model predicts what it predicts."""

from nucleotides.explain.mutagenesis import saturation_mutagenesis

__all__ = ["saturation_mutagenesis"]
