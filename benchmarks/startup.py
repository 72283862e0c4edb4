"""How long the command line takes to answer, beside the imports that it avoids.

python benchmarks/startup.py [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import subprocess

from common import configuration, parser, progress, python, report, row, seconds

REPEATS = 5
WHAT = {
    "python -c pass": ["-c", "pass"],
    "nucleotides --version": ["-m", "nucleotides", "--version"],
    "nucleotides --help": ["-m", "nucleotides", "--help"],
    "nucleotides settings": ["-m", "nucleotides", "settings"],
    "import torch": ["-c", "import torch"],
    "import lightning": ["-c", "import lightning"],
}


def main() -> None:
    """Print the fastest of a few runs of each, after one that fills the disk cache."""
    arguments = parser(__doc__).parse_args()
    config = configuration(("torch", "lightning"), repeats=REPEATS, statistic="fastest")
    rows = []
    for name, command in WHAT.items():
        progress(name)
        rows.append(row(name, fastest(command), "s", config))
    report(arguments, ["", "s"], [(r["name"], r["value"]) for r in rows], rows, config)


def fastest(command: list[str]) -> float:
    """Seconds of the fastest of REPEATS runs of Python with these arguments."""
    return min([seconds(lambda: run(command)) for _ in range(REPEATS + 1)][1:])


def run(command: list[str]) -> None:
    """One run."""
    python(*command, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
