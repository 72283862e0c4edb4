"""The model bundle: a folder with all that is needed to use a model, and no pickle."""

from nucleotides.bundle.bundle import Bundle, read_bundle, write_bundle

__all__ = ["Bundle", "read_bundle", "write_bundle"]
