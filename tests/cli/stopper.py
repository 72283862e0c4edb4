"""Runs pre-process in children that send themselves a signal at their n-th step.

A step is a call of a function or an operation on files: a random step is a random moment that
does not depend on how fast the machine is. Requests come on standard input, a line each, as JSON
[kind of step, step to stop at (0: never), signal]; answers go to standard output. The kind "here"
runs in this very process, which makes children start with everything loaded and compiled. The
arguments are those of pre-process.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import httpx2  # noqa: F401 (loaded once, before children are made)

import nucleotides.cli.main
import nucleotides.cli.preprocess
import nucleotides.data.weights
import nucleotides.preprocess.run

ARGUMENTS = sys.argv[1:]
FILE_OPERATIONS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"}


def child(kind: str, stop_at: int, number: int, report: int) -> None:
    """Run the command, write the number of steps to the file descriptor `report`, and end."""
    steps = 0

    def step(*_: Any) -> None:
        nonlocal steps
        steps += 1
        if steps == stop_at:
            os.kill(os.getpid(), number)

    def audit(event: str, _: Any) -> None:
        if event in FILE_OPERATIONS:
            step()

    if kind == "files":
        sys.addaudithook(audit)
    else:
        sys.setprofile(step)
    code = run()
    sys.setprofile(None)
    os.write(report, str(steps).encode())
    os._exit(code)


def run() -> int:
    """The command's exit code."""
    sys.argv = ["nucleotides", "pre-process", *ARGUMENTS]
    try:
        nucleotides.cli.main.main()
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


def run_child(kind: str, stop_at: int, number: int) -> dict[str, int]:
    """Exit code of a child (negative: killed by that signal) and the steps that it took."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        child(kind, stop_at, number, writer)
    os.close(writer)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    steps = int(os.read(reader, 20) or 0)
    os.close(reader)
    return {"code": code, "steps": steps}


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        kind, *stop = json.loads(line)
        answer = {"code": run()} if kind == "here" else run_child(kind, *stop)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
