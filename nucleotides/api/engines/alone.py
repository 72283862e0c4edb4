"""Two engines: one for windows that come together, one for a window that comes alone."""

from __future__ import annotations

from nucleotides.api.engine import Codes, Engine, Scores


class TwoEngines:
    """What reads many at once best need not be what reads one best.

    Args:
        together: reads windows.
        alone: reads a single one.
    """

    def __init__(self, together: Engine, alone: Engine) -> None:
        self._together, self._alone = together, alone
        self.name = f"{together.name}; one window: {alone.name}"
        self.batch_size, self.coalesces = together.batch_size, together.coalesces
        self.error = max(together.error, alone.error)

    def scores(self, windows: Codes, recalibrated: bool) -> Scores:
        """As `Engine.scores`."""
        engine = self._alone if len(windows) == 1 else self._together
        return engine.scores(windows, recalibrated)
