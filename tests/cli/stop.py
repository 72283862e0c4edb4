"""A process that runs pre-process and stops it at its n-th step; see tests/cli/stopper.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Stopper:
    """Runs it in `folder` with these arguments, as often as asked."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        root = str(Path(__file__).parents[2])
        environment = dict(os.environ) | {"PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.stopper", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, kind: str = "calls", stop_at: int = 0, signal: int = 0) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([kind, stop_at, signal]) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        """End it; an error in it is an error here."""
        _, errors = self.process.communicate()
        assert "Traceback" not in errors, errors
