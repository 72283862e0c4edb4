"""The REST API: `nucleotides.api.main:app`."""
