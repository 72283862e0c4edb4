"""Variables that look like settings but are none."""

from __future__ import annotations

from nucleotides.doctor.check import Check, State
from nucleotides.load_settings import unknown_variables


def check_settings() -> list[Check]:
    """One warning for each unknown NUCLEOTIDES_* variable, or one row that says there is none."""
    unknown = unknown_variables()
    if not unknown:
        return [Check("settings", "variables", State.OK, "all NUCLEOTIDES_* names are known")]
    return [
        Check(
            "settings",
            variable.name,
            State.WARNING,
            f"no such setting ({variable.where})",
            f"did you mean {variable.suggestion}?" if variable.suggestion else "remove it",
        )
        for variable in unknown
    ]
