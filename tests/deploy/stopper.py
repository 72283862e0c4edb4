"""Calls functions in children that are killed at their n-th operation on files.

Requests come on standard input, a line each, as JSON [module, function, arguments, step to stop at
(0: never), whether the file last written to is cut to half first]; answers go to standard output.
A child's operations are counted by Python's audit hooks, which are called before each of them.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.storage.s3 import VARIABLES

OPERATIONS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.symlink"}
OPERATIONS |= {"os.link", "os.truncate", "shutil.rmtree", "os.utime"}


class Stopper:
    """A process that does so, as often as asked."""

    def __init__(self) -> None:
        root = str(Path(__file__).parents[2])
        environment = dict(os.environ) | {"PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1"}
        environment |= VARIABLES
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.deploy.stopper"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(
        self, module: str, function: str, *arguments: Any, stop_at: int = 0, half: bool = False
    ) -> tuple[int, int]:
        """Exit code (negative: killed by that signal) and the steps that were taken."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = [module, function, arguments, stop_at, half]
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        code, steps = json.loads(self.process.stdout.readline())
        return code, steps

    def close(self) -> None:
        """End it."""
        self.process.communicate()


def child(
    module: str, function: str, arguments: list[Any], stop_at: int, half: bool, report: int
) -> None:
    """Call the function, write the number of steps to the file descriptor `report`, and end."""
    run = getattr(importlib.import_module(module), function)
    steps, written = 0, ""

    def audit(event: str, values: tuple[Any, ...]) -> None:
        nonlocal steps, written
        if event not in OPERATIONS:
            return
        steps += 1
        if steps == stop_at:
            with suppress(FileNotFoundError):  # another thread has given it its name
                if half and os.path.isfile(written):  # noqa: PTH113
                    os.truncate(written, os.stat(written).st_size // 2)  # noqa: PTH116
            os.kill(os.getpid(), signal.SIGKILL)
        writes = isinstance(values[-1], int) and values[-1] & (os.O_WRONLY | os.O_RDWR)
        if event == "open" and writes and isinstance(values[0], str):
            written = values[0]

    sys.addaudithook(audit)
    code = 0
    try:
        run(*arguments)
    except BaseException:
        traceback.print_exc()
        code = 1
    os.write(report, str(steps).encode())
    os._exit(code)


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        module, *request = json.loads(line)
        importlib.import_module(module)
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            child(module, *request, writer)
        os.close(writer)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        answers.write(json.dumps([code, int(os.read(reader, 20) or 0)]) + "\n")
        answers.flush()
        os.close(reader)


if __name__ == "__main__":
    main()
