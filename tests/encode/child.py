"""Downloads in children that a test may end; with everything imported before the first one.

Requests come on standard input, a line each, as JSON [folder, [[name, urls, size, md5], ...]];
answers go to standard output: a line with the child's process id, and one with its exit code
(negative: ended by that signal).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from nucleotides.encode.download import download
from nucleotides.encode.options import Options
from nucleotides.encode.remote import Remote


def child(folder: str, files: list[tuple[str, list[str], int | None, str | None]]) -> None:
    """Download, and end with 0, with 1 if a file failed, with 130 after Ctrl-C."""
    remotes = [Remote(name, tuple(urls), size, md5) for name, urls, size, md5 in files]
    code = 70
    try:
        found = download(
            remotes, Path(folder), Options(n_workers=2, requests_per_second=1e6, back_off=0.0)
        )
        code = 1 if found.failed else 0
    except KeyboardInterrupt:
        code = 130
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Answer requests until there are no more."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            child(*json.loads(line))
        for answer in (pid, None):
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if answer is None else answer
            sys.stdout.write(f"{code}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
