"""Deployed models: how they lie in a store, and how they are read from it, checked to the byte.

    latest.json            which version is the latest; replaced at once
    versions/NAME.json     which manifest a version has
    objects/SHA256         manifests, and pieces of files, by what is in them; never changed

Objects are written before the version that needs them, and that before `latest.json`: a reader sees
an old version or a new one, never a mixture.
"""

from nucleotides.deployed.fetch_deployed import (
    fetch_deployed,
    fetch_known,
    has_changed,
    version_of,
)

__all__ = ["fetch_deployed", "fetch_known", "has_changed", "version_of"]
