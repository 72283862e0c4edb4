"""Numbers as text, and a dash where there is none."""

from __future__ import annotations

import math
from typing import Any

DASH = "—"


def known(value: Any) -> bool:
    """Whether `value` is a finite number."""
    return isinstance(value, (int, float)) and math.isfinite(value)


def fixed(value: Any, digits: int = 3) -> str:
    """0.8371 as 0.837."""
    return f"{value:,.{digits}f}" if known(value) else DASH


def signed(value: Any, digits: int = 3) -> str:
    """A difference: 0.0123 as +0.012, and what rounds to nothing as 0.000."""
    if not known(value):
        return DASH
    rounded = round(value, digits)
    return f"{rounded:+,.{digits}f}" if rounded else f"{0:.{digits}f}"


def chance(value: Any) -> str:
    """A p or q: 0.0312 as 0.031, 0.00000012 as 1.2e-07."""
    return f"{value:.2g}" if known(value) else DASH


def times(value: Any) -> str:
    """A ratio: 10.73 as 10.7×, 0.042 as 0.04×, 213.4 as 213×."""
    if not known(value):
        return DASH
    return f"{value:,.{0 if value >= 100 else 1 if value >= 1 else 2}f}×"


def percent(value: Any) -> str:
    """A share: 0.00712 as 0.71%."""
    if not known(value):
        return DASH
    return f"{100 * value:.{2 if value < 0.1 else 1}f}%"


def whole(value: Any) -> str:
    """12345.0 as 12,345."""
    return f"{value:,.0f}" if known(value) else DASH


def large(value: Any) -> str:
    """12,345 in full, and 12,345,678 as 12.3 M."""
    return f"{value / 1e6:,.1f} M" if known(value) and value >= 1e7 else whole(value)


def duration(seconds: Any) -> str:
    """252.3 as 4 min 12 s."""
    if not known(seconds):
        return DASH
    total = round(seconds)
    hours, minutes = divmod(total // 60, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {total % 60} s" if minutes else f"{total} s"


def counted(number: int, noun: str) -> str:
    """3, "task" as 3 tasks; 1, "task" as 1 task."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(parts: list[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
