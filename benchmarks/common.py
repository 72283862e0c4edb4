"""What the benchmarks share: arguments, rows, tables, and what they ran on."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Cells = Sequence[Sequence[Any]]
PACKAGES = ("numpy", "torch")
LOAD_AT_START = round(os.getloadavg()[0], 1)


def parser(description: str | None) -> argparse.ArgumentParser:
    """Arguments of every benchmark: --json and --markdown."""
    out = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    out.add_argument("--json", type=Path, help="write rows of name, value, unit, config here")
    out.add_argument("--markdown", type=Path, help="write the table and the configuration here")
    return out


def row(name: str, value: float, unit: str, config: Mapping[str, Any]) -> Row:
    """One measured value."""
    return {"name": name, "value": value, "unit": unit, "config": dict(config)}


def configuration(packages: Sequence[str] = PACKAGES, **facts: Any) -> dict[str, Any]:
    """What a figure depends on: facts of the benchmark, versions, machine."""
    from nucleotides import __version__

    versions = {name: version(name) for name in packages}
    return {
        **facts,
        "versions": {"nucleotides": __version__, "python": platform.python_version(), **versions},
        "machine": machine(),
    }


def machine() -> dict[str, Any]:
    """Processor, cores that this process may use, memory, system."""
    return {
        "processor": _first("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}, {' '.join(platform.libc_ver())}",
        "load_at_start": LOAD_AT_START,
    }


def _first(path: str, key: str) -> str:
    """The value of the first line `key : value` of a file of /proc."""
    lines = Path(path).read_text().splitlines() if Path(path).exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith(key)), "")


def report(
    arguments: argparse.Namespace,
    head: Sequence[str],
    cells: Cells,
    rows: Sequence[Row],
    config: Mapping[str, Any],
) -> None:
    """Print the table and the configuration; write the files that were asked for."""
    say(f"{aligned(head, cells)}\n\n{described(config)}")
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        lines = ",\n ".join(json.dumps(row) for row in rows)
        arguments.json.write_text(f"[{lines}]\n")
    if arguments.markdown:
        arguments.markdown.parent.mkdir(parents=True, exist_ok=True)
        arguments.markdown.write_text(f"{markdown(head, cells)}\n\n{described(config, '- ')}\n")


def say(text: str) -> None:
    """Print, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def progress(text: str) -> None:
    """A line for who is waiting, apart from the table."""
    sys.stderr.write(text + "\n")


def aligned(head: Sequence[str], cells: Cells) -> str:
    """A table for the screen: the first column left, the others right."""
    lines = [list(head), *([shown(cell) for cell in line] for line in cells)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip()
        for line in lines
    )


def markdown(head: Sequence[str], cells: Cells) -> str:
    """The same table in Markdown."""
    lines = [list(head), ["---", *["---:"] * (len(head) - 1)], *cells]
    return "\n".join("| " + " | ".join(shown(cell) for cell in line) + " |" for line in lines)


def shown(value: Any) -> str:
    """A cell: three significant digits for a fraction, thousands separated, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def described(config: Mapping[str, Any], bullet: str = "") -> str:
    """The configuration, a line an entry."""
    return "\n".join(f"{bullet}{key}: {_flat(value)}" for key, value in config.items())


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {inner}" for key, inner in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median and range."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def ranged(values: Sequence[float]) -> str:
    """Median and range as a cell: 1.52 (1.48-1.61)."""
    s = spread(values)
    return f"{shown(s['median'])} ({shown(s['min'])}-{shown(s['max'])})"


def seconds(work: Callable[[], Any]) -> float:
    """Seconds that a call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def python(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run this interpreter; an error there is an error here."""
    return subprocess.run([sys.executable, *arguments], check=True, text=True, **options)
