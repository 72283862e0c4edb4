"""What pre-processing did, with the time, in a file that grows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from nucleotides import __version__
from nucleotides.progress import say


class Log:
    """Lines for the user and for PREPROCESSING_LOG; without a path, for the user only."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._begun = False

    def say(self, text: str) -> None:
        """Show a line and keep it."""
        say(text)
        self.note(text)

    def note(self, text: str) -> None:
        """Keep a line."""
        if self.path is None:
            return
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            if not self._begun:
                file.write(f"{now} pre-process, nucleotides {__version__}\n")
                self._begun = True
            file.write(f"{now} {text}\n")
