"""The model bundle: a folder with all that is needed to use a model, and no pickle."""

from nucleotides.bundle.bundle import Bundle, Knowledge
from nucleotides.bundle.read_bundle import read_bundle, read_weights
from nucleotides.bundle.write_bundle import write_bundle

__all__ = ["Bundle", "Knowledge", "read_bundle", "read_weights", "write_bundle"]
