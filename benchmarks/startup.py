"""How long the command line takes to answer, beside the imports that it avoids.

python benchmarks/startup.py [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write rows of name, value, unit, config here")
    arguments = parser.parse_args()
    rows = [
        {"name": name, "value": fastest(command), "unit": "s", "config": {"repeats": REPEATS}}
        for name, command in WHAT.items()
    ]
    for row in rows:
        sys.stdout.write(f"{row['name']:<24} {row['value']:.3f} s\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


def fastest(command: list[str]) -> float:
    """Seconds of the fastest of REPEATS runs of Python with these arguments."""
    return min([run(command) for _ in range(REPEATS + 1)][1:])


def run(command: list[str]) -> float:
    """Seconds of one run."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
