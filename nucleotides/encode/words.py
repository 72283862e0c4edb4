"""Numbers and tables as a terminal of 80 columns shows them."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 80


def as_bytes(number: float) -> str:
    """Bytes in the unit that fits: 1.2 GB."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 999.5:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:,.3g} TB" if number < 1000 else f"{number:,.0f} TB"


def as_time(seconds: float) -> str:
    """Seconds, minutes, or hours and minutes."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"


def cut(text: str, width: int) -> str:
    """A text shortened to a width, its end kept: accessions and file names differ there."""
    if len(text) <= width:
        return text
    head = (width - 3) * 2 // 3
    return f"{text[:head]}...{text[len(text) - (width - 3 - head) :]}"


def table_of(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of at most 80 columns: the first column left, shortened if need be; others right."""
    lines = [head, *rows]
    others = [max(len(line[i]) for line in lines) for i in range(1, len(head))]
    room = max(WIDTH - sum(others) - 2 * len(others), 10)
    first = min(max(len(line[0]) for line in lines), room)
    shown = [
        "  ".join([cut(line[0], first).ljust(first), *map(str.rjust, line[1:], others)]).rstrip()
        for line in lines
    ]
    return [shown[0], "-" * (first + sum(others) + 2 * len(others)), *shown[1:]]


def as_files(n: int) -> str:
    """A number of files: `1 file`, `23 files`."""
    return f"{n:,} file{'s' * (n != 1)}"
