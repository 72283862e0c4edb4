"""Where files are kept for others to read: a folder, or an object store."""

from nucleotides.storage.address import as_url, check_address, is_web
from nucleotides.storage.open_storage import Tries, open_storage
from nucleotides.storage.storage import Storage, Stored

__all__ = ["Storage", "Stored", "Tries", "as_url", "check_address", "is_web", "open_storage"]
