"""Output made part by part, so that a command that was killed goes on where it was."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nucleotides.files import replacing, write_json
from nucleotides.hold import alone_in
from nucleotides.progress import say


class Parts:
    """The finished parts of an output, in a hidden folder beside it.

    A part is known by its number and by a digest of what it was made from, so that none is taken
    for a part of another input.

    Attributes:
        folder: where they are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names: list[str] = []

    def has(self, digest: str) -> bool:
        """Whether the next part is there; if so, it counts as made."""
        if (self.folder / self._name(digest)).exists():
            self._names.append(self._name(digest))
            return True
        return False

    @contextmanager
    def writing(self, digest: str) -> Iterator[Path]:
        """A path to write the next part to; it counts as made if the block ends well."""
        name = self._name(digest)
        with replacing(self.folder / name) as path:
            yield path
        self._names.append(name)

    def paths(self) -> list[Path]:
        """The parts made, in order."""
        return [self.folder / name for name in self._names]

    def _name(self, digest: str) -> str:
        return f"{len(self._names):06d}.{digest}"


@contextmanager
def keep_parts(out: Path, recipe: Mapping[str, Any]) -> Iterator[Parts]:
    """The parts of the output `out`; they are removed if the block ends well, else kept.

    Args:
        out: the output, which the block makes of the parts.
        recipe: what decides its bytes besides the input, JSON-plain. Parts made by another are
            thrown away.

    Raises:
        BusyError: another process is making `out`.
    """
    folder = out.with_name(f".{out.name}.parts")
    with alone_in(folder):
        _start(folder, json.loads(json.dumps(recipe)))
        try:
            yield Parts(folder)
        except BaseException:
            if not _made(folder):
                shutil.rmtree(folder)
            raise
        shutil.rmtree(folder)


def _made(folder: Path) -> int:
    """How many parts are there."""
    return len({path.name[:6] for path in folder.glob("[0-9]" * 6 + ".*")})


def _start(folder: Path, recipe: Any) -> None:
    """Keep what is there if it was made by `recipe`, else begin with nothing."""
    kept = folder / "recipe.json"
    if kept.exists() and json.loads(kept.read_text()) == recipe:
        if n := _made(folder):
            kept_parts = f"{n:,} part{'s' * (n != 1)} of it {'is' if n == 1 else 'are'} there"
            say(f"{folder.name[1:-6]} was begun: {kept_parts}, for as far as the input is the same")
        return
    if n := _made(folder):
        say(
            f"{folder.name[1:-6]} was begun with other options, another model or another version: "
            f"{n:,} part{'s' * (n != 1)} of it {'is' if n == 1 else 'are'} thrown away"
        )
    for path in folder.iterdir():
        path.unlink()
    write_json(kept, recipe)


def digest_of(*pieces: bytes) -> str:
    """A name for the input of a part: 16 hexadecimal digits of SHA-256."""
    whole = hashlib.sha256()
    for piece in pieces:
        whole.update(len(piece).to_bytes(8, "little") + piece)
    return whole.hexdigest()[:16]
