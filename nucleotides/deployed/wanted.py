"""Which files of a version are wanted."""

from __future__ import annotations

from dataclasses import dataclass

from nucleotides.deployed.manifest import File, Manifest, digest
from nucleotides.errors import InputError


@dataclass(frozen=True)
class Wanted:
    """Files of a version.

    Attributes:
        parts: paths below which they are; all of them if it is empty.
        without: files among them that are not wanted.
    """

    parts: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """What a copy of them adds to its version's name."""
        if self == Wanted():
            return ""
        words = [*sorted(self.parts), *(f"-{path}" for path in sorted(self.without))]
        return f"-{digest(' '.join(words).encode())[:16]}"

    def has(self, path: str) -> bool:
        """Whether a file of this path is wanted."""
        below = any(path == part or path.startswith(f"{part}/") for part in self.parts or (path,))
        return below and path not in self.without

    def choose(self, manifest: Manifest) -> list[File]:
        """The files.

        Raises:
            InputError: there is nothing below a part.
        """
        for part in self.parts:
            if not any(Wanted((part,)).has(file.path) for file in manifest.files):
                raise InputError(f"the deployed version {manifest.name} has no {part}")
        return [file for file in manifest.files if self.has(file.path)]
