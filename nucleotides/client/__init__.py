"""A client of the REST API: the same requests, as functions, with the same errors."""

from nucleotides.client.client import Client

__all__ = ["Client"]
