"""Is this installation, this machine and this data fit for work? Each check says so in one row."""

from __future__ import annotations

from collections.abc import Callable

from nucleotides.doctor.check import Check, State
from nucleotides.doctor.data import check_data, check_runs
from nucleotides.doctor.machine import check_machine
from nucleotides.doctor.parts import check_parts
from nucleotides.doctor.settings import check_settings
from nucleotides.settings import Settings

__all__ = ["Check", "State", "examine"]


def examine(settings: Settings) -> list[Check]:
    """Every check, in the order in which to mend things; reads files, changes none."""
    groups: dict[str, Callable[[], list[Check]]] = {
        "machine": lambda: check_machine(settings),
        "settings": check_settings,
        "data": lambda: check_data(settings),
        "runs": lambda: check_runs(settings),
        "parts": check_parts,
    }
    return [check for name, look in groups.items() for check in _guarded(name, look)]


def _guarded(group: str, look: Callable[[], list[Check]]) -> list[Check]:
    """The group's checks; what cannot be looked at (remote, unreadable) is a finding too."""
    try:
        return look()
    except (OSError, ImportError, UnicodeDecodeError) as error:
        return [Check(group, "all", State.ERROR, f"cannot look: {error}")]
