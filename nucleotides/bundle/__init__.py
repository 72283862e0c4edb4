"""The model bundle: a folder with all that is needed to use a model, and no pickle."""

from nucleotides.bundle.bundle import Bundle, Knowledge, read_bundle, write_bundle

__all__ = ["Bundle", "Knowledge", "read_bundle", "write_bundle"]
